// Losses over lanes: what a residual contributes to the sum that is minimised, to the gradient and to
// the Hessian. Twin and exposition: portable/optim/losses.ts.
#pragma once

#include "math/exp.h"
#include "math/inverse-trigonometric.h"
#include "math/log.h"
#include "optim/methods.h"

namespace {

using nadir::Loss;

constexpr double mostScales = 1e75, leastSquare = 0x1p-200;

// Sums that are kept with a loss behind the triangle: Σψ², Σs², Σr².
constexpr int lossSums = 3;

// The sum's share C²ρ, ψ = ρ′·r and s².
struct LossPoint {
  F64 cost, influence, square;
};

template <Loss loss>
NADIR_INLINE LossPoint applyRobust(F64 r, F64 c, F64 leastCurvature) {
  const F64 one = splat(1), zero = splat(0);
  const F64 size = absolute(r);
  if constexpr (loss == Loss::huber) {
    const Mask isInside = ~(size > c);
    const F64 slope = select(isInside, one, c / size);
    const F64 cost = select(isInside, r * r, c * (splat(2) * size - c));
    return {cost, select(isInside, r, copySign(c, r)), select(isInside, one, leastCurvature * slope)};
  }
  const F64 ratio = size / c;
  const Mask isFar = ratio > splat(mostScales);
  const F64 a = select(isFar, splat(mostScales), ratio);
  const F64 bounded = select(isFar, copySign(splat(mostScales) * c, r), r);
  const F64 z = a * a;
  F64 rho, slope, square;
  if constexpr (loss == Loss::softL1) {
    const F64 q = squareRoot(one + z);
    const F64 t = one / (q * (one + q));
    rho = splat(2) * z * t * q;
    slope = t * (one + q);
    square = slope * slope * slope;
  } else if constexpr (loss == Loss::cauchy) {
    rho = log1p(z);
    slope = one / (one + z);
    square = (one - z) * (slope * slope);
  } else if constexpr (loss == Loss::arctan) {
    rho = atan(z);
    slope = one / (one + z * z);
    square = (one - splat(3) * (z * z)) * (slope * slope);
  } else if constexpr (loss == Loss::tukey) {
    const Mask isInside = a < one;
    const F64 t = one - z;
    rho = select(isInside, z * (one - z * (one - z / splat(3))), one / splat(3));
    slope = select(isInside, t * t, zero);
    square = select(isInside, t * (one - splat(5) * z), zero);
  } else {
    rho = -expm1(-z);
    slope = exp(-z);
    square = slope * (one - splat(2) * z);
  }
  const F64 least = leastCurvature * slope;
  square = select(square > least, square, least);
  square = select(square > splat(leastSquare), square, splat(leastSquare));
  const Mask isNumber = absolute(r) < splat(__builtin_inf());
  return {select(isNumber, c * c * rho, splat(__builtin_nan(""))), bounded * slope, square};
}

NADIR_INLINE LossPoint applyPoisson(F64 y, F64 f) {
  const F64 d = y - f, inverse = splat(1) / f;
  const F64 t = d * inverse;
  const Mask isNear = t > splat(-0.5);
  F64 logarithm = log1p(t);
  if (any(~isNear)) logarithm = select(isNear, logarithm, log(y) - log(f));
  const F64 deviance = select(y == splat(0), splat(2) * f, splat(2) * (y * logarithm - d));
  return {select(f > splat(0), deviance, splat(__builtin_inf())), t, inverse};
}

// Sums that no product of columns gives.
struct LossTotals {
  F64 cost, influence, square, plain;
};

// A chunk of rows: residuals (y − f)·w become ψ, and squares are filled with s². `weights` is null
// where all are 1; where one is zero there is no point. Returns false where s² is 1 everywhere, so
// that rows are what they were.
template <Loss loss>
static bool transformRows(F64* residuals, const F64* y, const F64* value, int valueStride,
                          const F64* weights, F64 scale, F64 leastCurvature, F64* squares,
                          LossTotals* totals, int count) {
  LossTotals sums = *totals;
  const F64 zero = splat(0);
  if constexpr (loss == Loss::huber) {
    Mask isOutside = splatInt(0);
    for (int i = 0; i < count; i++) isOutside |= ~(absolute(residuals[i]) <= scale);
    if (!any(isOutside)) {
      for (int i = 0; i < count; i++) {
        const F64 square = residuals[i] * residuals[i];
        const F64 one = weights ? select(weights[i] == zero, zero, splat(1)) : splat(1);
        sums.cost = sums.cost + square;
        sums.influence = sums.influence + square;
        sums.square = sums.square + one;
        sums.plain = sums.plain + square;
      }
      *totals = sums;
      return false;
    }
  }
  for (int i = 0; i < count; i++) {
    const F64 r = residuals[i];
    LossPoint point;
    if constexpr (loss == Loss::poisson) point = applyPoisson(y[i], value[i * valueStride]);
    else point = applyRobust<loss>(r, scale, leastCurvature);
    F64 plain = r * r;
    if (weights) {
      const Mask isNone = weights[i] == zero;
      point.cost = select(isNone, zero, point.cost);
      point.influence = select(isNone, zero, point.influence);
      point.square = select(isNone, zero, point.square);
      plain = select(isNone, zero, plain);
    }
    sums.cost = sums.cost + point.cost;
    sums.influence = sums.influence + point.influence * point.influence;
    sums.square = sums.square + point.square;
    sums.plain = sums.plain + plain;
    squares[i] = point.square;
    residuals[i] = point.influence;
  }
  *totals = sums;
  return true;
}

using TransformRows = bool (*)(F64*, const F64*, const F64*, int, const F64*, F64, F64, F64*,
                               LossTotals*, int);

static constexpr TransformRows lossRows[nadir::lossCount] = {
    nullptr,
    transformRows<Loss::softL1>,
    transformRows<Loss::huber>,
    transformRows<Loss::cauchy>,
    transformRows<Loss::arctan>,
    transformRows<Loss::tukey>,
    transformRows<Loss::welsch>,
    transformRows<Loss::poisson>,
};

}  // namespace
