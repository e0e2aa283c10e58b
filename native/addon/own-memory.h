// The memory of an asynchronous job: one block that holds copies of the inputs, and the results
// until they are delivered. Inputs that are laid out per fit are copied while the first fits run.
#pragma once

#include <stdlib.h>
#include <string.h>

#include "addon/fit-arguments.h"
#include "jobs/pool.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nadir {

// In the status column: this fit was not run. Not the code of any status.
constexpr uint8_t untouched = 255;

// Hands out parts of one block, each on a cache line of its own; without a block it only counts.
struct Layout {
  char* block;
  size_t used;

  void* take(size_t bytes) noexcept {
    void* const part = block == nullptr ? nullptr : block + used;
    used += (bytes + 63) & ~size_t{63};
    return part;
  }
};

// Memory for large batches: with pages of 2 MB, filling it costs half as much.
inline void* allocate(size_t bytes) noexcept {
  void* const block = malloc(bytes + 64);
#if defined(__linux__)
  constexpr uintptr_t largePage = uintptr_t{2} << 20;
  if (block != nullptr && bytes >= 4 * largePage) {
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + largePage - 1) & ~(largePage - 1);
    const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + bytes) & ~(largePage - 1);
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
#endif
  return block;
}

// An input that is laid out per fit, and the job's own copy of it.
struct Copy {
  char* target;
  const char* source;
  size_t elementSize;
  size_t width;  // elements per fit; 0 when the offsets tell
};

// What is still to be copied when the job begins: its threads need not wait for all of it.
struct Copies {
  Copy list[mostFitArguments];
  int count = 0;

  void run(const uint32_t* offsets, int64_t begin, int64_t end) const noexcept {
    for (int i = 0; i < count; i++) {
      const Copy& copy = list[i];
      const bool isRagged = copy.width == 0;
      const size_t first = isRagged ? offsets[begin] : copy.width * static_cast<size_t>(begin);
      const size_t last = isRagged ? offsets[end] : copy.width * static_cast<size_t>(end);
      if (last > first)
        memcpy(copy.target + first * copy.elementSize, copy.source + first * copy.elementSize,
               (last - first) * copy.elementSize);
    }
  }
};

// The job's own memory for its arguments. Called twice: to count, and to hand it out. What is
// shared by all fits is copied at once, the rest is noted in `copies`.
inline void place(FitArguments& arguments, const bool* shared, void** results, Layout& layout,
                  Column*& x, uint32_t*& offsets, Copies& copies) noexcept {
  const bool counts = layout.block == nullptr;
  const size_t fits = static_cast<size_t>(arguments.fits);
  const bool isRagged = arguments.isPresent[offsetsArgument];
  const double* const numbers = arguments.numbers;
  x = static_cast<Column*>(layout.take(sizeof(Column) * (arguments.count - firstPredictor)));
  for (int k = yArgument; k < arguments.count; k++) {
    Array& array = arguments.arrays[k];
    const bool isOutput = k >= firstOutput && k < firstPredictor;
    // Offsets are addresses: nobody else may be able to change them once they are checked. And the
    // status tells which fits were run, so it starts from a value of our own.
    const bool isPrivate = k == offsetsArgument || k == statusArgument;
    if (!arguments.isPresent[k] || (shared[k] && !isPrivate)) continue;
    void* const own = layout.take(array.bytes());
    if (counts) continue;
    const bool isForAll = k == offsetsArgument ||
                          (k == sigmaArgument && numbers[sigmaSharedField] != 0) ||
                          (k == initArgument && numbers[initSharedField] != 0) ||
                          (k >= firstPredictor && numbers[xSharedField] != 0);
    if (isOutput)
      results[k - firstOutput] = own;
    else if (isForAll && array.length > 0)
      memcpy(own, array.data, array.bytes());
    else if (array.length > 0 && fits > 0)
      copies.list[copies.count++] = {static_cast<char*>(own), static_cast<const char*>(array.data),
                                     array.elementSize,
                                     isRagged && k != initArgument ? 0 : array.length / fits};
    if (k == statusArgument) memset(own, untouched, array.length);
    array.data = own;
    if (k == offsetsArgument) offsets = static_cast<uint32_t*>(own);
  }
}

// Brings the data of all fits, about a megabyte at a time. Copying is several times faster than
// fitting, so the threads that have begun hardly ever wait.
inline void bring(Job& job, const Copies& copies, const FitArguments& arguments) noexcept {
  constexpr int64_t pieceBytes = 1 << 20;
  const int64_t bytes = static_cast<int64_t>(arguments.arrays[yArgument].bytes()) * copies.count;
  const int64_t fits = arguments.fits, pieces = bytes / pieceBytes + 1;
  const int64_t size = (fits + pieces - 1) / pieces;
  for (int64_t begin = 0; begin < fits; begin += size) {
    const int64_t end = fits - begin < size ? fits : begin + size;
    copies.run(job.batch.offsets, begin, end);
    job.ready.store(end, std::memory_order_release);
  }
}

}  // namespace nadir
