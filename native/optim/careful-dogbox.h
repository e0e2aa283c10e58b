// Dogleg steps in a rectangular trust region. Twin and exposition: portable/optim/careful-dogbox.ts.
#pragma once

#include "optim/careful-rank.h"
#include "optim/careful-step.h"

namespace {
namespace careful {

struct DogboxStep : StepKind {
  double radius;
  CarefulPoint* point;
  Decomposition* parts;
  Factor factor;
  uint8_t* isFixed;
  // The Gauss–Newton step, and the direction of steepest descent.
  double* newton;
  double* descent;
  double* u;
  // How far along `descent` the local model falls.
  double stride;
  bool hitsRegion;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at, Decomposition& shared) {
    point = &at;
    parts = &shared;
    const int n = at.n;
    factor.layout(arena, n, false);
    isFixed = arena.template take<uint8_t>(n);
    step = arena.template take<double>(n);
    trial = arena.template take<double>(n);
    newton = arena.template take<double>(n);
    descent = arena.template take<double>(n);
    u = arena.template take<double>(n);
  }

  void start() {
    double largest = 0;
    for (int j = 0; j < point->n; j++) {
      const double size = point->sizeOf(j) * __builtin_fabs(point->x[j]);
      if (size > largest) largest = size;
    }
    radius = largest > 0 ? largest : 1;
    hitsRegion = false;
  }

  NADIR_NOINLINE void arrive() {
    const int n = point->n;
    for (int j = 0; j < n; j++) isFixed[j] = point->active[j] != 0;
    factor.build(*point, isFixed, point->rhs, nullptr, nullptr);
    possible = factor.possible;
    cosine = factor.cosine;
    if (factor.rank < factor.size) parts->pseudoSolveInto(factor, u);
    else factor.solveInto(u);
    fill(newton, 0, n);
    for (int k = 0; k < factor.size; k++) newton[factor.variable[k]] = u[k] / factor.norm[k];
    double slope = 0, curvature = 0;
    for (int j = 0; j < n; j++) {
      const double d = point->sizeOf(j), g = point->gradient[j];
      descent[j] = isFixed[j] != 0 || point->norm[j] == 0 ? 0 : g / d / d;
      slope += g * descent[j];
    }
    point->multiplyInto(descent, u);
    for (int i = 0; i < n; i++) curvature += u[i] * u[i];
    stride = curvature > 0 ? slope / curvature : __builtin_inf();
  }

  NADIR_NOINLINE bool propose() {
    const int n = point->n;
    isUndamped = true;
    hitsRegion = false;
    for (int j = 0; j < n; j++)
      if (!(newton[j] >= low(j) && newton[j] <= high(j))) isUndamped = false;
    if (isUndamped) {
      copy(step, newton, n);
    } else {
      double room = stride;
      for (int j = 0; j < n; j++) {
        const double t = descent[j] > 0 ? high(j) / descent[j] : descent[j] < 0 ? low(j) / descent[j] : __builtin_inf();
        if (t < room) room = t;
      }
      if (!(room < __builtin_inf())) return false;
      double part = 1;
      int cut = -1;
      for (int j = 0; j < n; j++) {
        step[j] = room * descent[j];
        const double rest = newton[j] - step[j];
        const double t = rest > 0 ? (high(j) - step[j]) / rest : rest < 0 ? (low(j) - step[j]) / rest : __builtin_inf();
        if (t < part) {
          part = t > 0 ? t : 0;
          cut = j;
        }
      }
      for (int j = 0; j < n; j++) step[j] = step[j] + part * (newton[j] - step[j]);
      if (cut >= 0) {
        // Exactly on the side that stopped it.
        const double end = newton[cut] > step[cut] ? high(cut) : low(cut);
        step[cut] = end;
        const double limit = radius / point->sizeOf(cut);
        hitsRegion = __builtin_fabs(end) >= limit;
      }
    }
    for (int j = 0; j < n; j++) {
      const double lower = point->lowerOf(j), upper = point->upperOf(j), to = point->x[j] + step[j];
      trial[j] = to < lower || step[j] == lower - point->x[j] ? lower
               : to > upper || step[j] == upper - point->x[j] ? upper : to;
    }
    predicted = point->reductionOf(step);
    length = point->scaledNorm(step);
    return length > 0;
  }

  void judge(double, double ratio) {
    double longest = 0;
    for (int j = 0; j < point->n; j++) {
      const double size = point->sizeOf(j) * __builtin_fabs(step[j]);
      if (size > longest) longest = size;
    }
    if (!(ratio >= 0.25)) radius = 0.25 * (longest < radius ? longest : radius);
    else if (ratio > 0.75 && hitsRegion) radius = 2 * radius;
  }

 private:
  // Sides of the box around x, as steps.
  double low(int j) const {
    const double side = -radius / point->sizeOf(j), bound = point->lowerOf(j) - point->x[j];
    return side > bound ? side : bound;
  }
  double high(int j) const {
    const double side = radius / point->sizeOf(j), bound = point->upperOf(j) - point->x[j];
    return side < bound ? side : bound;
  }
};

}  // namespace careful
}  // namespace
