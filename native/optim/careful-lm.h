// Levenberg–Marquardt as a trust region, optionally with geodesic acceleration. Twin and
// exposition: portable/optim/careful-lm.ts.
#pragma once

#include "optim/careful-box.h"
#include "optim/careful-step.h"

namespace {
namespace careful {

// Length of the probe for the second derivative, relative to the step.
constexpr double probe = 0.1;

struct LmStep : StepKind {
  double radius, damping;
  bool isFirst;
  CarefulPoint* point;
  BoxStep box;
  double* half;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at, Decomposition& shared) {
    point = &at;
    box.layout(arena, at, shared);
    half = arena.template take<double>(at.n);
    step = box.step;
    trial = box.trial;
  }

  void start() {
    const double part = point->options->radius;
    const double size = point->scaledNorm(point->x);
    radius = size > 0 ? part * size : part;
    damping = 0;
    isFirst = true;
  }

  void arrive() {
    box.arrive();
    possible = box.factor.possible;
    cosine = box.factor.cosine;
  }

  bool propose() {
    box.solve(radius, damping);
    damping = box.damping;
    isUndamped = box.damping == 0;
    predicted = point->reductionOf(step);
    length = point->scaledNorm(step);
    // The first radius is an estimate only (MINPACK).
    if (isFirst && length < radius) radius = length;
    return length > 0;
  }

  // Whether the step is one that acceleration can be added to.
  bool isFree() const { return !box.isCut; }

  // Adds −a/2, with J·a = second derivative along the step in the damped least-squares sense.
  NADIR_NOINLINE void accelerate(const double* triangle) {
    constexpr double maxAcceleration = 0.75;
    const int n = point->n;
    Factor& factor = box.factor;
    factor.build(*point, box.isFixed, triangle + n * (n + 1) / 2, nullptr, nullptr);
    box.region.damp(factor, damping);
    fill(half, 0, n);
    for (int k = 0; k < factor.size; k++) half[factor.variable[k]] = box.region.u[k] / factor.norm[k] / 2;
    factor.build(*point, box.isFixed, point->rhs, nullptr, nullptr);
    // 2‖a‖ ≤ α‖v‖ with half = a/2
    if (!(4 * point->scaledNorm(half) <= maxAcceleration * length)) return;
    for (int j = 0; j < n; j++) {
      const double to = point->x[j] + (step[j] - half[j]);
      if (!(to >= point->lowerOf(j) && to <= point->upperOf(j))) return;
    }
    for (int j = 0; j < n; j++) {
      step[j] = step[j] - half[j];
      trial[j] = point->x[j] + step[j];
    }
  }

  void judge(double actual, double ratio) {
    if (ratio <= 0.25) {
      // Where the parabola through both values and the slope has its minimum, within [0.1, 0.5].
      double part = 0.1;
      if (actual >= 0) {
        part = 0.5;
      } else if (actual > -__builtin_inf()) {
        double slope = 0;
        for (int j = 0; j < point->n; j++) slope += point->gradient[j] * step[j];
        slope = 2 * slope;
        part = slope / (2 * (slope - actual));
        if (!(part >= 0.1)) part = 0.1;
        else if (part > 0.5) part = 0.5;
      }
      const double reach = 10 * length;
      radius = part * (radius < reach ? radius : reach);
      damping = damping / part;
    } else if (damping == 0 || ratio >= 0.75) {
      radius = 2 * length;
      damping = 0.5 * damping;
    }
    if (ratio > minRatio) isFirst = false;
  }
};

}  // namespace careful
}  // namespace
