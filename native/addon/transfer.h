// Copying between the caller's arrays and a job's own memory, a slice per turn of the event loop:
// 100,000 fits bring 50 MB, which take 25 ms in one go. The caller's arrays may be gone in the next
// turn, so every slice looks at them anew.
#pragma once

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#include "addon/fit-arguments.h"
#include "jobs/fit-batch.h"

namespace nadir {

// Of one turn. Copying it into fresh pages takes 1 to 2 ms.
constexpr size_t sliceBytes = size_t{2} << 20;

// In the status column: this fit was not run. Not the code of any status.
constexpr uint8_t untouched = 255;

// One array of the caller, and the job's own memory for it.
struct Part {
  napi_ref array;
  int position;  // among the arguments
  size_t length;
  size_t elementSize;
  size_t width;    // elements per fit, unless
  bool isRagged;   // the offsets tell where a fit begins, or
  bool isForAll;   // every fit reads all of it: it goes first
  char* own;
  char* theirs;  // in this turn

  size_t bytes() const noexcept { return length * elementSize; }
};

// Parts are copied range of fits by range of fits, so that the first fits may begin while the last
// ones are on their way. A range that is larger than a slice goes over several turns.
struct Transfer {
  enum class Direction { in, out };
  Direction direction;
  Part parts[mostFitArguments];
  int count;
  // The range on its way, the part of it that is next, and the elements of that part that are done.
  int64_t begin, end, most;
  int next;
  size_t copied;

  // The batch has its fits and offsets by now.
  void start(Direction way, const FitBatch& batch) noexcept;

  // Copies a slice; true when another one is needed. Fits before `end` have all their data when
  // `next` is `count`. With `status`, fits that were not run are left out.
  bool copy(const FitBatch& batch, const uint8_t* status) noexcept;

  // Finds the caller's arrays; false with a fault when one is not what it was.
  bool open(napi_env env, Fault& fault) noexcept;

  void dropReferences(napi_env env) noexcept;
};

}  // namespace nadir
