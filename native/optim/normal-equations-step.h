// A step of least squares from sums alone, one fit per lane. Twin and exposition:
// portable/optim/normal-equations-step.ts; every lane does its arithmetic.
#pragma once

#include "linalg/cholesky.h"

namespace {

constexpr double pivotTolerance = 1e-14;

NADIR_INLINE int packed(int i, int j) { return i < j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j; }

struct NormalEquationsStep {
  int n;
  const int32_t* varying;
  // Of all parameters; null without bounds.
  const double* lower;
  const double* upper;
  F64* scale;
  F64* delta;
  F64* trial;
  F64* matrix;
  Mask* isFixed;
  F64 predicted, stepNorm, baseNorm, modelNorm;
  Mask isIllConditioned;

  template <class Arena>
  void layout(Arena& arena) {
    matrix = arena.template take<F64>(n * (n + 1) / 2);
    delta = arena.template take<F64>(n);
    trial = arena.template take<F64>(n);
    scale = arena.template take<F64>(n);
    isFixed = arena.template take<Mask>(n);
  }

  void begin() {
    for (int j = 0; j < n; j++) scale[j] = delta[j] = trial[j] = splat(0), isFixed[j] = splatInt(0);
    predicted = stepNorm = baseNorm = modelNorm = splat(1);
    isIllConditioned = splatInt(0);
  }

  // In the lanes of `wanted`: the others keep what their last step ended on.
  void markActive(const F64* base, const F64* sums, Mask wanted) {
    if (!lower) return;
    const int triangle = n * (n + 1) / 2;
    for (int j = 0; j < n; j++) {
      const int k = varying[j];
      const F64 p = base[k], g = sums[triangle + j];
      const Mask isActive = ((p <= splat(lower[k])) & (g < splat(0))) | ((p >= splat(upper[k])) & (g > splat(0)));
      isFixed[j] = select(wanted, isActive, isFixed[j]);
    }
  }

  // The lanes in which a step was found; x is written in those of `pending`.
  NADIR_NOINLINE Mask compute(const F64* base, const F64* sums, F64 damping, F64* x, Mask pending) {
    if (lower) return computeBounded(base, sums, damping, x, pending);
    const int triangle = n * (n + 1) / 2;
    for (int k = 0; k < triangle; k++) matrix[k] = sums[k];
    for (int j = 0; j < n; j++) {
      const F64 d = select(scale[j] > splat(0), scale[j], splat(1));
      const int k = j * (j + 3) / 2;
      matrix[k] = mulAdd(damping, d, matrix[k]);
    }
    const Mask isRegular = factor(matrix, n, pivotTolerance);
    if (any(pending & ~isRegular)) return isRegular;
    for (int j = 0; j < n; j++) delta[j] = sums[triangle + j];
    solve(matrix, n, delta);
    F64 reduction = splat(0), norm = splat(0), whole = splat(0);
    for (int j = 0; j < n; j++) {
      const F64 d = select(scale[j] > splat(0), scale[j], splat(1));
      const F64 step = delta[j], p = base[varying[j]];
      reduction = reduction + step * (sums[triangle + j] + damping * d * step);
      norm = norm + scale[j] * step * step;
      whole = whole + scale[j] * p * p;
      x[varying[j]] = select(pending, p + step, x[varying[j]]);
    }
    predicted = reduction;
    stepNorm = norm;
    baseNorm = whole;
    return isRegular;
  }

  NADIR_NOINLINE Mask computeUndamped(const F64* base, const F64* sums, double illConditioned, F64* x,
                                      Mask pending) {
    const int triangle = n * (n + 1) / 2;
    markActive(base, sums, pending);
    for (int k = 0; k < triangle; k++) matrix[k] = sums[k];
    if (lower) isolate(splat(0));
    Mask isRegular = factor(matrix, n, pivotTolerance);
    isIllConditioned = ~isRegular;
    for (int j = 0; j < n; j++) {
      const F64 diagonal = select(isFixed[j], splat(1), sums[j * (j + 3) / 2]);
      isIllConditioned |= ~(splat(illConditioned) * diagonal * matrix[j * (j + 3) / 2] <= splat(1));
    }
    for (int j = 0; j < n; j++) delta[j] = select(isFixed[j], splat(0), sums[triangle + j]);
    solve(matrix, n, delta);
    F64 reduction = splat(0), size = splat(0);
    for (int j = 0; j < n; j++) {
      reduction = reduction + delta[j] * sums[triangle + j];
      const int k = varying[j];
      size = size + sums[j * (j + 3) / 2] * (base[k] * base[k]);
      const F64 moved = base[k] + delta[j];
      if (lower) isRegular &= ~((moved < splat(lower[k])) | (moved > splat(upper[k])));
      x[k] = select(pending, moved, x[k]);
    }
    predicted = reduction;
    modelNorm = size;
    return isRegular;
  }

  // Rows and columns of fixed parameters become those of the unit matrix; λD on the others.
  void isolate(F64 damping) {
    for (int i = 0, k = 0; i < n; i++)
      for (int j = 0; j <= i; j++, k++) {
        if (i == j) {
          const F64 d = select(scale[j] > splat(0), scale[j], splat(1));
          matrix[k] = select(isFixed[j], splat(1), mulAdd(damping, d, matrix[k]));
        } else {
          matrix[k] = select(isFixed[i] | isFixed[j], splat(0), matrix[k]);
        }
      }
  }

  NADIR_NOINLINE Mask computeBounded(const F64* base, const F64* sums, F64 damping, F64* x, Mask pending) {
    const int triangle = n * (n + 1) / 2;
    markActive(base, sums, pending);
    for (int j = 0; j < n; j++) {
      delta[j] = splat(0);
      x[varying[j]] = select(pending, base[varying[j]], x[varying[j]]);
    }
    Mask isRegular = splatInt(-1);
    // A lane that is done repeats its last round to the same end.
    for (Mask isOutside = pending; any(isOutside);) {
      for (int k = 0; k < triangle; k++) matrix[k] = sums[k];
      isolate(damping);
      isRegular &= factor(matrix, n, pivotTolerance);
      for (int j = 0; j < n; j++) {
        F64 g = sums[triangle + j];
        for (int i = 0; i < n; i++)
          g = g - select(isFixed[i], sums[packed(i, j)] * delta[i], splat(0));
        trial[j] = select(isFixed[j], delta[j], g);
      }
      solve(matrix, n, trial);
      isOutside = splatInt(0);
      for (int j = 0; j < n; j++) {
        const int k = varying[j];
        const F64 p = base[k], moved = p + trial[j];
        const Mask isBelow = moved < splat(lower[k]), isAbove = moved > splat(upper[k]);
        const F64 bound = select(isBelow, splat(lower[k]), splat(upper[k]));
        const Mask isFree = ~isFixed[j], leaves = pending & isFree & (isBelow | isAbove);
        isOutside |= leaves;
        isFixed[j] |= leaves;
        delta[j] = select(leaves, bound - p, select(isFree, trial[j], delta[j]));
        x[k] = select(pending & leaves, bound, select(pending & isFree, moved, x[k]));
      }
      isOutside &= pending & isRegular;
    }
    F64 reduction = splat(0), norm = splat(0), whole = splat(0);
    for (int j = 0; j < n; j++) {
      const F64 d = scale[j];
      const F64 step = delta[j], p = base[varying[j]];
      F64 curved = splat(0);
      for (int i = 0; i < n; i++) curved = curved + sums[packed(i, j)] * delta[i];
      reduction = reduction + step * (splat(2) * sums[triangle + j] - curved);
      norm = norm + d * step * step;
      whole = whole + d * p * p;
    }
    predicted = reduction;
    stepNorm = norm;
    baseNorm = whole;
    return isRegular & (reduction >= splat(0));
  }
};

}  // namespace
