// Undamped Gauss–Newton steps with a backtracking line search. Twin and exposition:
// portable/optim/careful-gauss-newton.ts.
#pragma once

#include "optim/careful-box.h"
#include "optim/careful-step.h"

namespace {
namespace careful {

struct GaussNewtonStep : StepKind {
  // Part of the whole step that is tried; 0 asks for a new one.
  double part;
  CarefulPoint* point;
  BoxStep box;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at, Decomposition& shared) {
    point = &at;
    box.layout(arena, at, shared);
    step = arena.template take<double>(at.n);
    trial = arena.template take<double>(at.n);
  }

  void start() { part = 0; }

  void arrive() {
    box.arrive();
    possible = box.factor.possible;
    cosine = box.factor.cosine;
    part = 0;
  }

  bool propose() {
    const int n = point->n;
    isUndamped = false;
    if (part == 0) {
      box.solve(__builtin_inf(), 0);
      // Not where the projected gradient had to stand in.
      isUndamped = box.damping == 0;
      part = 1;
      copy(step, box.step, n);
      copy(trial, box.trial, n);
    } else {
      // Between two points of a box there is no bound.
      for (int j = 0; j < n; j++) {
        step[j] = part * box.step[j];
        trial[j] = point->x[j] + step[j];
      }
    }
    predicted = point->reductionOf(step);
    length = point->scaledNorm(step);
    return length > 0;
  }

  void judge(double actual, double ratio) {
    if (ratio > minRatio) return;
    double shrink = 0.1;
    if (actual > -__builtin_inf()) {
      double slope = 0;
      for (int j = 0; j < point->n; j++) slope += point->gradient[j] * step[j];
      shrink = slope / (2 * slope - actual);
      if (!(shrink >= 0.1)) shrink = 0.1;
      else if (shrink > 0.5) shrink = 0.5;
    }
    part = shrink * part;
  }
};

}  // namespace careful
}  // namespace
