// What every kind of step offers to the careful solver, which chooses between them by the method:
// no virtual functions, whose tables would be shared between instruction sets. Twin:
// portable/optim/careful-step.ts.
#pragma once

#include "simd/vec.h"

namespace {
namespace careful {

// Least ratio of actual to predicted reduction at which a step is accepted (MINPACK: 1e-4).
constexpr double minRatio = 1e-4;

struct StepKind {
  // δ, and x + δ within the bounds.
  double* step;
  double* trial;
  // Reduction by a whole Gauss–Newton step, and the largest cosine, at the point.
  double possible, cosine;
  // Reduction of the local model by the step, and ‖D·δ‖.
  double predicted, length;
  // Whether no radius, damping or line search shortened the step.
  bool isUndamped;
};

}  // namespace careful
}  // namespace
