// The closed lists of least-squares methods and of losses; the value is the number that crosses the
// boundary. Twins: portable/optim/methods.ts and portable/optim/losses.ts.
#pragma once

#include <stdint.h>

namespace nadir {

enum class LeastSquaresMethod : uint8_t {
  automatic,
  lm,
  trf,
  dogbox,
  gaussNewton,
};

constexpr int leastSquaresMethods = 5;

enum class Loss : uint8_t {
  linear,
  softL1,
  huber,
  cauchy,
  arctan,
  tukey,
  welsch,
  poisson,
};

constexpr int lossCount = 8;

}  // namespace nadir
