// What the careful solver is told and what it asks for. Twin and exposition:
// portable/optim/careful-options.ts. A compiled model gives value and derivatives together, so the
// lazy way of asking is the portable engine's alone.
#pragma once

#include "optim/methods.h"
#include "simd/vec.h"

namespace {
namespace careful {

using nadir::LeastSquaresMethod;

// Bits of CarefulSolver::want.
constexpr int wantValue = 1, wantTriangle = 2, wantCurvature = 4;

constexpr int running = -1;

struct CarefulOptions {
  LeastSquaresMethod method;  // never automatic
  double ftol, xtol, gtol;
  // n values each, ±infinity where there is no bound; null for none at all.
  const double* lower;
  const double* upper;
  // Null: from the columns of J.
  const double* xScale;
  bool geodesic, polish;
  // First trust radius, relative to ‖x‖ in the scaled norm.
  double radius;
};

}  // namespace careful
}  // namespace
