// The step of least local sum of squares within a trust region and the bounds, by projection. Twin
// and exposition: portable/optim/careful-box.ts.
#pragma once

#include "optim/careful-rank.h"
#include "optim/careful-region.h"

namespace {
namespace careful {

struct BoxStep {
  CarefulPoint* point;
  Decomposition* parts;
  // Of the variables that are not at an active bound.
  Factor factor;
  double* step;
  double* trial;
  double damping;
  // Whether a bound cut the step.
  bool isCut;
  Region region;
  uint8_t* isFixed;
  // −1 or 1 where the step ends on the lower or upper bound.
  int8_t* side;
  Factor rest;
  double* rhs;
  double* other;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at, Decomposition& shared) {
    point = &at;
    parts = &shared;
    const int n = at.n;
    factor.layout(arena, n, false);
    region.layout(arena, n);
    step = arena.template take<double>(n);
    trial = arena.template take<double>(n);
    isFixed = arena.template take<uint8_t>(n);
    side = arena.template take<int8_t>(n);
    if (isBounded()) rest.layout(arena, n, false);
    rhs = arena.template take<double>(n);
    other = arena.template take<double>(n);
  }

  bool isBounded() const { return point->options->lower || point->options->upper; }

  // To be called at every new point.
  void arrive() {
    markActive();
    factor.build(*point, isFixed, point->rhs, nullptr, nullptr);
  }

  // Fills `step` and `trial`. An infinite radius asks for the Gauss–Newton step.
  NADIR_NOINLINE void solve(double radius, double guess) {
    const int n = point->n;
    fill(step, 0, n);
    for (int j = 0; j < n; j++) side[j] = 0;
    isCut = false;
    damping = inRegion(factor, radius, guess);
    if (isBounded() && cross()) {
      isCut = true;
      do {
        subtractFixed();
        double squares = radius * radius;
        for (int j = 0; j < n; j++) {
          if (isFixed[j] == 0) continue;
          const double t = point->sizeOf(j) * step[j];
          squares -= t * t;
        }
        if (!(squares > 0)) break;
        rest.build(*point, isFixed, rhs, nullptr, nullptr);
        if (rest.size == 0) break;
        damping = inRegion(rest, __builtin_sqrt(squares), damping);
      } while (cross());
      markActive();
      safeguard(radius);
    }
    place();
  }

 private:
  void markActive() {
    for (int j = 0; j < point->n; j++) isFixed[j] = point->active[j] != 0;
  }

  NADIR_NOINLINE double inRegion(const Factor& of, double radius, double guess) {
    constexpr double maxScale = 0x1p400;
    for (int k = 0; k < of.size; k++) {
      const double e = point->sizeOf(of.variable[k]) / of.norm[k];
      region.scale[k] = e < maxScale ? e : maxScale;
    }
    double found = 0;
    if (radius < __builtin_inf()) found = region.solve(of, radius, guess);
    else if (of.rank < of.size) parts->pseudoSolveInto(of, region.u);
    else of.solveInto(region.u);
    for (int j = 0; j < point->n; j++)
      if (isFixed[j] == 0) step[j] = 0;
    for (int k = 0; k < of.size; k++) step[of.variable[k]] = region.u[k] / of.norm[k];
    return found;
  }

  // Puts variables that cross a bound on it; false when none does.
  bool cross() {
    bool any = false;
    for (int j = 0; j < point->n; j++) {
      if (isFixed[j] != 0) continue;
      const double x = point->x[j], to = x + step[j];
      const double low = point->lowerOf(j), high = point->upperOf(j);
      if (to >= low && to <= high) continue;
      side[j] = to < low ? -1 : 1;
      step[j] = (to < low ? low : high) - x;
      isFixed[j] = 1;
      any = true;
    }
    return any;
  }

  void subtractFixed() {
    const int n = point->n;
    for (int i = 0; i < n; i++) rhs[i] = point->rhs[i];
    for (int j = 0; j < n; j++) {
      const double delta = step[j];
      if (isFixed[j] == 0 || delta == 0) continue;
      const double* const column = point->triangle + j * (j + 1) / 2;
      for (int i = 0; i <= j; i++) rhs[i] = rhs[i] - column[i] * delta;
    }
  }

  // The projected gradient step instead, where it promises more by far.
  NADIR_NOINLINE void safeguard(double radius) {
    constexpr double leastPart = 0.1;
    const int n = point->n;
    const double* const gradient = point->gradient;
    double longest = 0;
    // Along D⁻²·gradient: as long as the line is free of bounds in the region, or to its minimum.
    for (int j = 0; j < n; j++) {
      const double d = point->sizeOf(j);
      other[j] = point->active[j] != 0 ? 0 : gradient[j] / d / d;
      const double size = __builtin_fabs(d * other[j]);
      if (size > longest) longest = size;
    }
    if (longest == 0) return;
    point->multiplyInto(other, rhs);
    double curvature = 0, slope = 0;
    for (int i = 0; i < n; i++) curvature += rhs[i] * rhs[i];
    for (int j = 0; j < n; j++) slope += gradient[j] * other[j];
    double length = curvature > 0 ? slope / curvature : __builtin_inf();
    const double reach = radius / longest;
    if (length > reach) length = reach;
    if (!(length < __builtin_inf())) return;
    for (int j = 0; j < n; j++) {
      const double x = point->x[j], to = x + length * other[j];
      const double low = point->lowerOf(j), high = point->upperOf(j);
      other[j] = to < low ? low - x : to > high ? high - x : length * other[j];
    }
    const double most = point->reductionOf(other);
    if (!(point->reductionOf(step) < leastPart * most)) return;
    copy(step, other, n);
    for (int j = 0; j < n; j++) side[j] = 0;
    damping = damping > 0 ? damping : 1;
  }

  void place() {
    for (int j = 0; j < point->n; j++) {
      const double to = point->x[j] + step[j], low = point->lowerOf(j), high = point->upperOf(j);
      trial[j] = to < low || side[j] < 0 ? low : to > high || side[j] > 0 ? high : to;
    }
  }
};

}  // namespace careful
}  // namespace
