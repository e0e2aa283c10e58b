// The memory of an asynchronous job: one block that holds copies of the inputs, and the results
// until they are delivered.
#pragma once

#include <stdlib.h>

#include "addon/transfer.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nadir {

// Hands out parts of one block, each on a cache line of its own; without a block it only counts.
struct Layout {
  char* block;
  size_t used;

  char* take(size_t bytes) noexcept {
    char* const part = block == nullptr ? nullptr : block + used;
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

// Room for the predictors' columns, the offsets and every part. Called twice: to count, and to hand
// it out.
inline void place(const FitArguments& arguments, Layout& layout, Column*& x, uint32_t*& offsets,
                  Transfer& inputs, Transfer& results) noexcept {
  x = reinterpret_cast<Column*>(layout.take(sizeof(Column) * (arguments.count - firstPredictor)));
  offsets = nullptr;
  if (arguments.isPresent[offsetsArgument])
    offsets = reinterpret_cast<uint32_t*>(layout.take(arguments.arrays[offsetsArgument].bytes()));
  for (Transfer* const transfer : {&inputs, &results})
    for (int i = 0; i < transfer->count; i++)
      transfer->parts[i].own = layout.take(transfer->parts[i].bytes());
}

}  // namespace nadir
