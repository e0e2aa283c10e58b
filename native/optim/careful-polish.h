// Undamped Gauss–Newton steps from a point that has converged, with Anderson acceleration. Twin and
// exposition: portable/optim/careful-polish.ts.
#pragma once

#include "optim/careful-box.h"

namespace {
namespace careful {

struct Polisher {
  // Differences remembered.
  static constexpr int depth = 5;
  // Directions of Δδ below this part of the first are rounding.
  static constexpr double leastPivot = 1e-8;
  // A step must promise at most this part of the best so far, or it is one in vain …
  static constexpr double fall = 0.9;
  // … of which so many end it, as do so many steps.
  static constexpr int maxVain = 2, maxSteps = 40;
  // On the way the sum of squares may rise by so many times what the first step promises.
  static constexpr double rise = 4;
  // Else so small a part of the step is taken, to learn how steps change: twice at most.
  static constexpr double shortPart = 0.1;
  static constexpr int maxShort = 2;

  CarefulPoint* point;
  BoxStep box;
  // Point and step before, differences (the i-th at i·n), and the small problem for γ.
  double* lastX;
  double* lastStep;
  double* dx;
  double* dstep;
  double* matrix;
  double* rhs;
  int32_t* order;
  double* gamma;
  double* work;
  int steps, vain;
  // Differences held, and where the next one goes.
  int held, next;
  // The most that the sum of squares may be, at the end and on the way.
  double limit, wideLimit;
  double best;
  bool hasLast;
  int cuts;

  template <class Arena>
  void layout(Arena& arena, CarefulPoint& at, Decomposition& shared) {
    point = &at;
    const int n = at.n;
    box.layout(arena, at, shared);
    lastX = arena.template take<double>(n);
    lastStep = arena.template take<double>(n);
    dx = arena.template take<double>(depth * n);
    dstep = arena.template take<double>(depth * n);
    matrix = arena.template take<double>(depth * n);
    rhs = arena.template take<double>(n);
    order = arena.template take<int32_t>(depth);
    gamma = arena.template take<double>(depth);
    work = arena.template take<double>(n);
  }

  // What a whole step from the point promises, and the largest cosine; active bounds respected.
  const Factor& look() {
    box.arrive();
    return box.factor;
  }

  // Begins at the point; false when there is nothing to be done. Fills `trial`.
  bool start(double* trial) {
    const double noise = point->valueNoise();
    steps = vain = held = next = cuts = 0;
    hasLast = false;
    box.arrive();
    best = box.factor.possible;
    limit = point->value + noise;
    wideLimit = limit + rise * best;
    return propose(trial);
  }

  // Whether the sum of squares at a trial allows going on from there.
  bool allows(double value) const { return value <= wideLimit; }

  // Takes in the trial, which is the point now; true when it is the best so far.
  bool arrive() {
    steps++;
    box.arrive();
    const double possible = box.factor.possible;
    const bool isBetter = point->value <= limit && possible < fall * best;
    if (isBetter) {
      best = possible;
      vain = 0;
    } else {
      vain++;
    }
    return isBetter;
  }

  // Fills `trial` with the next point; false when this is the end.
  bool proceed(double* trial) {
    const double noise = point->noise();
    // At the level of rounding one step in vain is enough; where steps are cut, it takes several to
    // learn from.
    const int most = best <= noise * noise ? 1 : cuts > 0 ? maxVain + depth : maxVain;
    if (vain >= most || steps >= maxSteps) return false;
    return propose(trial);
  }

  // Fills `trial` with a part of the step from the best point, which is the point again.
  NADIR_NOINLINE bool shorten(double* trial) {
    const int n = point->n;
    const double* const x = point->x;
    steps++;
    cuts++;
    if (cuts > maxShort || steps >= maxSteps) return false;
    box.arrive();
    box.solve(__builtin_inf(), 0);
    const double part = cuts == 1 ? shortPart : shortPart * shortPart;
    for (int j = 0; j < n; j++) {
      trial[j] = x[j] + part * (box.trial[j] - x[j]);
      lastX[j] = x[j];
      lastStep[j] = box.step[j];
    }
    hasLast = !box.isCut;
    return true;
  }

 private:
  NADIR_NOINLINE bool propose(double* trial) {
    const int n = point->n;
    box.solve(__builtin_inf(), 0);
    const double* const step = box.step;
    if (!(point->scaledNorm(step) > epsilon * point->scaledNorm(point->x))) return false;
    copy(trial, box.trial, n);
    // What was learnt with other variables at their bounds does not count.
    if (box.isCut) held = next = 0;
    else if (hasLast) remember();
    if (held > 0) accelerate(trial);
    hasLast = !box.isCut;
    copy(lastX, point->x, n);
    copy(lastStep, step, n);
    return true;
  }

  void remember() {
    const int n = point->n, at = next * n;
    for (int j = 0; j < n; j++) {
      dx[at + j] = point->x[j] - lastX[j];
      dstep[at + j] = box.step[j] - lastStep[j];
    }
    next = next + 1 < depth ? next + 1 : 0;
    if (held < depth) held++;
  }

  // Where the difference stands that came `age` before the newest.
  int placeOf(int age) const { return ((next - 1 - age + 2 * depth) % depth) * point->n; }

  NADIR_NOINLINE void accelerate(double* trial) {
    const int n = point->n, most = held < n ? held : n;
    const double* const step = box.step;
    // The newest first, where there are more than n.
    for (int k = 0; k < most; k++) point->multiplyInto(dstep + placeOf(k), matrix + k * n);
    point->multiplyInto(step, rhs);
    factorPivoted(matrix, n, most, n, order, rhs);
    const double least = leastPivot * __builtin_fabs(matrix[0]);
    for (int k = most - 1; k >= 0; k--) {
      const double pivot = matrix[k * n + k];
      double sum = rhs[k];
      for (int i = k + 1; i < most; i++) sum -= matrix[i * n + k] * gamma[i];
      gamma[k] = __builtin_fabs(pivot) > least ? sum / pivot : 0;
    }
    for (int j = 0; j < n; j++) {
      double to = point->x[j] + step[j];
      for (int k = 0; k < most; k++) {
        const int at = placeOf(order[k]);
        to -= (dx[at + j] + dstep[at + j]) * gamma[k];
      }
      work[j] = to;
      // A bound in the way: the plain step.
      if (!(to >= point->lowerOf(j) && to <= point->upperOf(j))) return;
    }
    for (int j = 0; j < n; j++)
      if (point->active[j] == 0) trial[j] = work[j];
  }
};

}  // namespace careful
}  // namespace
