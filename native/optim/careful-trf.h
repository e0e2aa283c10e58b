// Trust region reflective. Twin and exposition: portable/optim/careful-trf.ts.
#pragma once

#include "optim/careful-region.h"
#include "optim/careful-step.h"

namespace {
namespace careful {

struct TrfStep : StepKind {
  double radius, damping;
  CarefulPoint* point;
  Factor factor;
  Region region;
  uint8_t* isFixed;
  // √v/D and √C: x = unit · x̂.
  double* unit;
  double* rootC;
  double* whole;
  double* other;
  double* along;
  double* work;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at) {
    point = &at;
    const int n = at.n;
    factor.layout(arena, n, true);
    region.layout(arena, n);
    isFixed = arena.template take<uint8_t>(n);
    step = arena.template take<double>(n);
    trial = arena.template take<double>(n);
    unit = arena.template take<double>(n);
    rootC = arena.template take<double>(n);
    whole = arena.template take<double>(n);
    other = arena.template take<double>(n);
    along = arena.template take<double>(n);
    work = arena.template take<double>(n);
  }

  // Moves variables that stand on a bound inside.
  static void moveInside(const CarefulPoint& point, double* x) {
    constexpr double insetPart = 1e-10;
    for (int j = 0; j < point.n; j++) {
      const double low = point.lowerOf(j), high = point.upperOf(j), p = x[j];
      if (p > low && p < high) continue;
      const double width = high - low < __builtin_inf() ? high - low : 1;
      const double size = __builtin_fabs(p) > 0 ? __builtin_fabs(p) : width;
      const double inside = p <= low ? low + insetPart * size : high - insetPart * size;
      x[j] = inside > low && inside < high ? inside : low + 0.5 * width;
    }
  }

  void start() {
    const int n = point->n;
    // The memory may have been another kind's.
    for (int j = 0; j < n; j++) isFixed[j] = 0;
    measureUnits();
    for (int j = 0; j < n; j++) work[j] = point->x[j] / unit[j];
    const double size = normOf(work, n);
    radius = size > 0 && size < __builtin_inf() ? size : 1;
    damping = 0;
  }

  void arrive() {
    measureUnits();
    factor.build(*point, isFixed, point->rhs, unit, rootC);
    possible = factor.possible;
    cosine = factor.cosine;
  }

  NADIR_NOINLINE bool propose() {
    const int n = point->n;
    for (int k = 0; k < factor.size; k++) region.scale[k] = 1 / factor.norm[k];
    damping = region.solve(factor, radius, damping);
    fill(whole, 0, n);
    for (int k = 0; k < factor.size; k++) {
      const int j = factor.variable[k];
      whole[j] = unit[j] * (region.u[k] / factor.norm[k]);
    }
    copy(step, whole, n);
    isUndamped = damping == 0;
    if (!(roomAlong(point->x, step) > 1)) {
      isUndamped = false;
      chooseWithin();
    }
    for (int j = 0; j < n; j++) {
      const double low = point->lowerOf(j), high = point->upperOf(j), to = point->x[j] + step[j];
      trial[j] = to;
      if (to <= low) trial[j] = low + (low == 0 ? 0x1p-1000 : epsilon * __builtin_fabs(low));
      else if (to >= high) trial[j] = high - (high == 0 ? 0x1p-1000 : epsilon * __builtin_fabs(high));
      if (!(trial[j] > low && trial[j] < high)) trial[j] = point->x[j];
    }
    predicted = modelOf(step);
    length = point->scaledNorm(step);
    return length > 0;
  }

  void judge(double, double ratio) {
    const int n = point->n;
    for (int j = 0; j < n; j++) work[j] = step[j] / unit[j];
    const double size = normOf(work, n), before = radius;
    if (!(ratio >= 0.25)) radius = 0.25 * (size < before ? size : before);
    else if (ratio > 0.75 && size > 0.95 * before) radius = 2 * before;
    damping = damping * (before / radius);
  }

  // Variables so near to the bound they are pushed to that the rest of the way changes the sum of
  // squares by no more than `tolerance`: on the bound in `x`. False when there are none.
  bool snapInto(double* x, double tolerance) const {
    bool any = false;
    for (int j = 0; j < point->n; j++) {
      const double g = point->gradient[j], bound = g > 0 ? point->upperOf(j) : point->lowerOf(j);
      x[j] = point->x[j];
      const double distance = __builtin_fabs(bound - x[j]);
      if (g == 0 || !(distance < __builtin_inf())) continue;
      const double change = point->norm[j] * distance;
      if (!(2 * __builtin_fabs(g) * distance <= tolerance && change * change <= tolerance)) continue;
      x[j] = bound;
      any = true;
    }
    return any;
  }

 private:
  NADIR_NOINLINE void measureUnits() {
    for (int j = 0; j < point->n; j++) {
      const double d = point->sizeOf(j), g = point->gradient[j], x = point->x[j];
      const double room = g > 0 ? point->upperOf(j) - x : g < 0 ? x - point->lowerOf(j) : __builtin_inf();
      const bool isNear = room < __builtin_inf();
      unit[j] = isNear ? __builtin_sqrt(room * d) / d : 1 / d;
      rootC[j] = isNear ? __builtin_sqrt(__builtin_fabs(g) / d) : 0;
    }
  }

  // How many times `direction` fits between x and the bounds.
  NADIR_NOINLINE double roomAlong(const double* x, const double* direction) const {
    double room = __builtin_inf();
    for (int j = 0; j < point->n; j++) {
      const double t = roomOf(j, x[j], direction[j]);
      if (t < room) room = t;
    }
    return room;
  }

  double roomOf(int j, double x, double d) const {
    return d > 0 ? (point->upperOf(j) - x) / d : d < 0 ? (point->lowerOf(j) - x) / d : __builtin_inf();
  }

  // Reduction by the local model, curvature of the scaling included.
  NADIR_NOINLINE double modelOf(const double* of) {
    double sum = point->reductionOf(of);
    for (int j = 0; j < point->n; j++) {
      const double t = (rootC[j] * of[j]) / unit[j];
      sum -= t * t;
    }
    return sum;
  }

  // The best part in [least, most] of `direction`, to be added to `from`.
  NADIR_NOINLINE double bestPart(const double* from, const double* direction, double least, double most) {
    const int n = point->n;
    double* const product = work;
    double curvature = 0, slope = 0;
    point->multiplyInto(direction, product);
    for (int i = 0; i < n; i++) {
      curvature += product[i] * product[i];
      slope += product[i] * point->rhs[i];
    }
    // (R·from)ᵀ(R·direction), one column of R at a time
    for (int j = 0; j < n; j++) {
      const double* const column = point->triangle + j * (j + 1) / 2;
      double sum = 0;
      for (int i = 0; i <= j; i++) sum += column[i] * product[i];
      slope -= from[j] * sum;
      const double t = rootC[j] / unit[j];
      curvature += t * direction[j] * (t * direction[j]);
      slope -= t * from[j] * (t * direction[j]);
    }
    const double best = curvature > 0 ? slope / curvature : slope > 0 ? most : least;
    return best > least ? (best < most ? best : most) : least;
  }

  NADIR_NOINLINE void chooseWithin() {
    constexpr double leastTheta = 0.995;
    const int n = point->n;
    const double* const x = point->x;
    const double value = point->residualNorm * point->residualNorm;
    const double rest = 1 - possible / value;
    const double theta = rest > leastTheta ? rest : leastTheta;
    const double part = roomAlong(x, whole);
    // The step up to the bound, and its reflection there.
    double square = 0, cross = 0, across = 0;
    for (int j = 0; j < n; j++) {
      const bool hits = roomOf(j, x[j], whole[j]) <= part;
      step[j] = part * whole[j];
      along[j] = hits ? -whole[j] : whole[j];
      other[j] = x[j] + step[j];
      const double s = step[j] / unit[j], a = along[j] / unit[j];
      square += s * s;
      cross += s * a;
      across += a * a;
    }
    // ‖s + t·a‖ = radius
    const double inside = radius * radius - square;
    double toRegion = 0;
    if (inside > 0 && across > 0) {
      const double root = __builtin_sqrt(cross * cross + across * inside);
      toRegion = cross > 0 ? inside / (cross + root) : (root - cross) / across;
    }
    const double toBound = roomAlong(other, along);
    const double reach = toBound < toRegion ? toBound : toRegion;
    double reflected = -__builtin_inf(), stride = 0;
    if (reach > 0) {
      const double least = ((1 - theta) * part) / reach;
      const double most = toBound <= toRegion ? theta * toBound : toRegion;
      if (least <= most) {
        stride = bestPart(step, along, least, most);
        for (int j = 0; j < n; j++) other[j] = step[j] + stride * along[j];
        reflected = modelOf(other);
      }
    }
    for (int j = 0; j < n; j++) step[j] = theta * part * whole[j];
    double best = modelOf(step);
    if (reflected > best) {
      copy(step, other, n);
      best = reflected;
    }
    // Along the scaled gradient.
    double steep = 0;
    for (int j = 0; j < n; j++) {
      const double t = unit[j] * point->gradient[j];
      along[j] = unit[j] * t;
      steep += t * t;
      other[j] = 0;
    }
    if (!(steep > 0)) return;
    const double toEdge = radius / __builtin_sqrt(steep), toWall = roomAlong(x, along);
    const double most = toWall <= toEdge ? theta * toWall : toEdge;
    stride = bestPart(other, along, 0, most);
    for (int j = 0; j < n; j++) other[j] = stride * along[j];
    if (modelOf(other) > best) copy(step, other, n);
  }
};

}  // namespace careful
}  // namespace
