// The closed list of outcomes; the value is the code in result arrays. Twin: portable/optim/status.ts.
#pragma once

#include <stdint.h>

namespace nadir {

enum class Status : uint8_t {
  ftol,
  xtol,
  gtol,
  exact,
  maxIter,
  maxEval,
  maxSeconds,
  aborted,
  stoppedByCallback,
  diverged,
  notFinite,
  lineSearchFailed,
  singular,
  noProgress,
};

}  // namespace nadir
