// Levenberg–Marquardt on the normal equations, one fit per lane, asked for one evaluation at a
// time. Twin and exposition: portable/optim/least-squares-solver.ts; every lane does its arithmetic.
#pragma once

#include "linalg/cholesky.h"
#include "optim/status.h"

namespace {

using nadir::Status;

constexpr double initialDamping = 1e-3, minDamping = 1e-12, maxDampingDrop = 0.1, minRatio = 1e-4,
                 testDamping = 1, pivotTolerance = 1e-14, maxDamping = 1e40;

constexpr int64_t running = -1;

NADIR_INLINE I64 code(Status status) { return splatInt(static_cast<int64_t>(status)); }

struct LeastSquaresOptions {
  double ftol, xtol, gtol;
  int32_t maxIter;
};

struct LeastSquaresSolver {
  int params, n, width;
  const int32_t* varying;
  LeastSquaresOptions options;
  // The point to evaluate, and the best so far: params vectors each.
  F64* x;
  F64* base;
  // Sums at each: width vectors.
  F64* sums;
  F64* baseSums;
  F64* matrix;
  F64* step;
  F64* scale;
  I64 iteration;
  F64 damping, growth, predicted;
  Mask stepIsSmall, isFirst;

  static constexpr int widthOf(int n) { return (n + 1) * (n + 2) / 2; }

  // Begins a fit in one lane.
  void start(int lane, const double* init) {
    for (int k = 0; k < params; k++) x[k][lane] = base[k][lane] = init[k];
    for (int j = 0; j < n; j++) scale[j][lane] = 0;
    for (int k = 0; k < width; k++) baseSums[k][lane] = __builtin_nan("");
    iteration[lane] = 0;
    damping[lane] = initialDamping;
    growth[lane] = 2;
    isFirst[lane] = -1;
  }

  // Consumes the sums at x; status code per lane, or `running` with the next point in x. Lanes
  // outside `active` keep their x.
  NADIR_NOINLINE I64 advance(Mask active) {
    const int last = width - 1, triangle = n * (n + 1) / 2;
    const F64 value = sums[last], baseValue = baseSums[last];
    F64 size = value;
    for (int j = 0; j < n; j++) size = size + sums[j * (j + 3) / 2];
    const Mask isFinite = size < splat(__builtin_inf());

    const F64 actual = baseValue - value;
    const F64 ratio = actual / predicted;
    const Mask accepted = isFinite & (isFirst | (ratio > splat(minRatio)));
    const Mask tried = ~isFirst;
    iteration -= tried;
    Mask undamped = splatInt(-1);
    for (int j = 0; j < n; j++) {
      const F64 curvature = baseSums[j * (j + 3) / 2];
      undamped &= ~(curvature > splat(0)) | (damping * scale[j] <= splat(testDamping) * curvature);
    }
    const F64 limit = splat(options.ftol) * baseValue;
    const Mask ftolMet = tried & undamped & (absolute(actual) <= limit) & (predicted <= limit) &
                         (ratio <= splat(2));
    const Mask xtolMet = tried & undamped & isFinite & stepIsSmall;
    const Mask stalled = tried & ~accepted & stepIsSmall;

    const F64 t = splat(2) * ratio - splat(1);
    const F64 shrink = splat(1) - t * t * t;
    const F64 lowered = damping * select(shrink > splat(maxDampingDrop), shrink, splat(maxDampingDrop));
    const F64 dampingAccepted = select(lowered > splat(minDamping), lowered, splat(minDamping));
    damping = select(isFirst, damping, select(accepted, dampingAccepted, damping * growth));
    growth = select(isFirst, growth, select(accepted, splat(2), growth * splat(2)));

    Mask gtolMet = accepted;
    Mask isFlat = n > 0 ? accepted : splatInt(0);
    const F64 cosineLimit = splat(options.gtol) * splat(options.gtol);
    for (int k = 0; k < params; k++) base[k] = select(accepted, x[k], base[k]);
    const Mask keepsSums = accepted | isFirst;
    for (int k = 0; k < width; k++) baseSums[k] = select(keepsSums, sums[k], baseSums[k]);
    for (int j = 0; j < n; j++) {
      const F64 curvature = sums[j * (j + 3) / 2], gradient = sums[triangle + j];
      scale[j] = select(accepted & (curvature > scale[j]), curvature, scale[j]);
      isFlat &= ~(curvature > splat(0));
      const F64 cosine2 = (gradient / curvature) * (gradient / value);
      gtolMet &= (gradient == splat(0)) | (cosine2 <= cosineLimit);
    }

    I64 status = splatInt(running);
    status = select(iteration >= splatInt(options.maxIter), code(Status::maxIter), status);
    status = select(gtolMet, code(Status::gtol), status);
    status = select(stalled, code(Status::noProgress), status);
    status = select(xtolMet, code(Status::xtol), status);
    status = select(ftolMet, code(Status::ftol), status);
    status = select(accepted & (value == splat(0)), code(Status::exact), status);
    status = select(isFlat, code(Status::singular), status);
    status = select(isFirst & ~isFinite, code(Status::notFinite), status);
    isFirst = splatInt(0);

    const Mask pending = active & (status == splatInt(running));
    return any(pending) ? propose(pending, status) : status;
  }

 private:
  NADIR_NOINLINE I64 propose(Mask pending, I64 status) {
    const int triangle = n * (n + 1) / 2;
    for (;;) {
      const Mask lost = pending & ~(damping < splat(maxDamping));
      status = select(lost, code(Status::noProgress), status);
      pending &= ~lost;
      for (int k = 0; k < triangle; k++) matrix[k] = baseSums[k];
      for (int j = 0; j < n; j++) {
        const F64 d = select(scale[j] > splat(0), scale[j], splat(1));
        const int k = j * (j + 3) / 2;
        matrix[k] = mulAdd(damping, d, matrix[k]);
      }
      const Mask failed = pending & ~factor(matrix, n, pivotTolerance);
      if (!any(failed)) break;
      damping = select(failed, damping * splat(10), damping);
    }
    for (int j = 0; j < n; j++) step[j] = baseSums[triangle + j];
    solve(matrix, n, step);

    F64 reduction = splat(0), stepNorm = splat(0), baseNorm = splat(0);
    for (int j = 0; j < n; j++) {
      const F64 d = select(scale[j] > splat(0), scale[j], splat(1));
      const F64 delta = step[j], p = base[varying[j]];
      reduction = reduction + delta * (baseSums[triangle + j] + damping * d * delta);
      stepNorm = stepNorm + d * delta * delta;
      baseNorm = baseNorm + d * p * p;
      x[varying[j]] = select(pending, p + delta, x[varying[j]]);
    }
    predicted = select(pending, reduction, predicted);
    const F64 xtol = splat(options.xtol);
    stepIsSmall = select(pending, static_cast<I64>(stepNorm <= xtol * xtol * baseNorm), stepIsSmall);
    return status;
  }
};

}  // namespace
