// Levenberg–Marquardt on the normal equations, one fit per lane, asked for one evaluation at a
// time. Twin and exposition: portable/optim/least-squares-solver.ts; every lane does its arithmetic.
#pragma once

#include "optim/normal-equations-step.h"
#include "optim/status.h"

namespace {

using nadir::Status;

constexpr double initialDamping = 1e-3, minDamping = 1e-12, maxDampingDrop = 0.1, minRatio = 1e-4,
                 testDamping = 1, maxDamping = 1e40, polishTolerance = 1e-22, polishSlack = 0x1p-30,
                 carefulPivot = 1e-7, farCurvature = 1, nearCurvature = 0x1p-10,
                 nearReduction = 0.1;
constexpr double polishFall = 0.25, roundingShare = 0x1p-96;
constexpr int maxPolish = 12, mostFastSteps = 50;

constexpr int64_t running = -1;

NADIR_INLINE I64 code(Status status) { return splatInt(static_cast<int64_t>(status)); }

struct LeastSquaresOptions {
  double ftol, xtol, gtol;
  int32_t maxIter;
  bool polish, isRobust;
  int32_t handOver;
};

struct LeastSquaresSolver {
  int params, n, width;
  const int32_t* varying;
  LeastSquaresOptions options;
  NormalEquationsStep step;
  // The point to evaluate, the best so far, and the one before: params vectors each.
  F64* x;
  F64* base;
  F64* previous;
  // Sums at each: width vectors.
  F64* sums;
  F64* baseSums;
  I64 iteration;
  F64 damping, growth, predicted;
  Mask stepIsSmall, isFirst;
  // For a loss: least share of ρ′ that s² keeps at the next evaluation.
  F64 leastCurvature, baseCurvature;
  // The status to end with while steps of polish are taken, else `running`.
  I64 polished, polishLeft;

  static constexpr int widthOf(int n, bool hasLoss) { return (n + 1) * (n + 2) / 2 + (hasLoss ? 3 : 0); }

  template <class Arena>
  void layout(Arena& arena) {
    x = arena.template take<F64>(params);
    base = arena.template take<F64>(params);
    previous = arena.template take<F64>(params);
    sums = arena.template take<F64>(width);
    baseSums = arena.template take<F64>(width);
    step.layout(arena);
  }

  void begin() {
    iteration = polishLeft = splatInt(0);
    polished = splatInt(running);
    damping = growth = predicted = splat(1);
    leastCurvature = baseCurvature = splat(farCurvature);
    stepIsSmall = isFirst = splatInt(0);
    for (int k = 0; k < params; k++) x[k] = base[k] = previous[k] = splat(0);
    for (int k = 0; k < width; k++) sums[k] = baseSums[k] = splat(0);
    step.begin();
  }

  // Begins a fit in one lane.
  void start(int lane, const double* init) {
    for (int k = 0; k < params; k++) x[k][lane] = base[k][lane] = init[k];
    for (int j = 0; j < n; j++) step.scale[j][lane] = 0;
    for (int k = 0; k < width; k++) baseSums[k][lane] = __builtin_nan("");
    iteration[lane] = 0;
    damping[lane] = initialDamping;
    growth[lane] = 2;
    leastCurvature[lane] = baseCurvature[lane] = farCurvature;
    isFirst[lane] = -1;
    polished[lane] = running;
  }

  // Consumes the sums at x; status code per lane, or `running` with the next point in x. Lanes
  // outside `active` keep their x.
  NADIR_NOINLINE I64 advance(Mask active) {
    if (!options.polish && !options.isRobust) return advancePlain(active);
    const Mask polishing = active & (polished != splatInt(running));
    I64 status = splatInt(running);
    if (any(polishing)) status = advancePolish(polishing);
    const Mask plain = active & ~polishing;
    if (!any(plain)) return status;
    status = select(plain, advancePlain(plain), status);
    const Mask met = plain & (status >= splatInt(0)) & (status < code(Status::exact));
    if (!any(met)) return status;
    const Mask isStale = options.isRobust ? met & (baseCurvature == splat(farCurvature)) &
                                                (iteration < splatInt(options.maxIter))
                                          : splatInt(0);
    const Mask going = options.polish ? met : isStale;
    polished = select(going, status, polished);
    polishLeft = select(going, splatInt(maxPolish), polishLeft);
    predicted = select(going, splat(__builtin_inf()), predicted);
    leastCurvature = select(isStale, splat(nearCurvature), leastCurvature);
    for (int k = 0; k < params; k++) x[k] = select(isStale, base[k], x[k]);
    status = select(isStale, splatInt(running), status);
    const Mask fresh = met & ~isStale;
    if (!options.polish || !any(fresh)) return status;
    return select(fresh & polishFrom(baseSums, fresh), splatInt(running), status);
  }

  // The lanes of `done` whose numbers at the best point ask for the careful path.
  NADIR_NOINLINE Mask needsCare(Mask done, I64 status) {
    const Mask failed = done & ((status == code(Status::maxIter)) | (status == code(Status::noProgress)) |
                                (status == code(Status::singular)));
    const Mask met = done & (status < code(Status::exact));
    Mask care = failed & (iteration < splatInt(options.maxIter));
    if (any(met)) {
      step.computeUndamped(base, baseSums, carefulPivot, x, met);
      care |= met & step.isIllConditioned;
      if (options.polish)
        care |= met & (step.predicted > splat(polishTolerance) * baseSums[n * (n + 3) / 2]) &
                (step.predicted > splat(roundingShare) * step.modelNorm) &
                (iteration < splatInt(options.maxIter));
    }
    return care;
  }

 private:
  I64 advancePlain(Mask active) {
    const int triangle = n * (n + 1) / 2, last = triangle + n;
    F64* const scale = step.scale;
    const F64 curvatureHere = leastCurvature;
    const F64 value = sums[last], baseValue = baseSums[last];
    F64 size = value;
    for (int j = 0; j < n; j++) size = size + sums[j * (j + 3) / 2];
    const Mask isFinite = size < splat(__builtin_inf());

    const F64 actual = baseValue - value;
    const F64 ratio = actual / predicted;
    const Mask accepted = active & isFinite & (isFirst | (ratio > splat(minRatio)));
    const Mask tried = ~isFirst;
    iteration -= tried & active;
    Mask undamped = splatInt(-1);
    for (int j = 0; j < n; j++) {
      const F64 curvature = baseSums[j * (j + 3) / 2];
      undamped &= step.isFixed[j] | ~(curvature > splat(0)) |
                  (damping * scale[j] <= splat(testDamping) * curvature);
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

    const Mask isNear = tried & accepted & (actual <= splat(nearReduction) * baseValue);
    leastCurvature = select(isNear, splat(nearCurvature), leastCurvature);

    baseCurvature = select(accepted, curvatureHere, baseCurvature);

    Mask gtolMet = accepted;
    Mask isFlat = n > 0 ? accepted : splatInt(0);
    const F64 cosineLimit = splat(options.gtol) * splat(options.gtol);
    for (int k = 0; k < params; k++) base[k] = select(accepted, x[k], base[k]);
    const Mask keepsSums = accepted | (isFirst & active);
    for (int k = 0; k < width; k++) baseSums[k] = select(keepsSums, sums[k], baseSums[k]);
    step.markActive(base, baseSums, accepted);
    for (int j = 0; j < n; j++) {
      const F64 curvature = sums[j * (j + 3) / 2], gradient = sums[triangle + j];
      scale[j] = select(accepted & (curvature > scale[j]), curvature, scale[j]);
      isFlat &= ~((curvature > splat(0)) | step.isFixed[j]);
      const F64 cosine2 = (gradient / curvature) * (gradient / value);
      gtolMet &= (gradient == splat(0)) | step.isFixed[j] | (cosine2 <= cosineLimit);
    }

    I64 status = splatInt(running);
    status = select((iteration >= splatInt(options.maxIter)) | (iteration >= splatInt(options.handOver)),
                    code(Status::maxIter), status);
    status = select(gtolMet, code(Status::gtol), status);
    status = select(stalled, code(Status::noProgress), status);
    status = select(xtolMet, code(Status::xtol), status);
    status = select(ftolMet, code(Status::ftol), status);
    status = select(accepted & (value == splat(0)), code(Status::exact), status);
    status = select(isFlat, code(Status::singular), status);
    status = select(isFirst & ~isFinite, code(Status::notFinite), status);
    isFirst &= ~active;

    const Mask pending = active & (status == splatInt(running));
    return any(pending) ? propose(pending, status) : status;
  }

  NADIR_NOINLINE I64 propose(Mask pending, I64 status) {
    for (;;) {
      const Mask lost = pending & ~(damping < splat(maxDamping));
      status = select(lost, code(Status::noProgress), status);
      pending &= ~lost;
      const Mask failed = pending & ~step.compute(base, baseSums, damping, x, pending);
      if (!any(failed)) break;
      damping = select(failed, damping * splat(10), damping);
    }
    predicted = select(pending, step.predicted, predicted);
    const F64 xtol = splat(options.xtol);
    stepIsSmall = select(pending, static_cast<I64>(step.stepNorm <= xtol * xtol * step.baseNorm), stepIsSmall);
    return status;
  }

  // Proposes a step of polish from `at` in the lanes of `wanted`; those in which there is one.
  Mask polishFrom(const F64* at, Mask wanted) {
    const int last = n * (n + 3) / 2;
    const Mask isRegular = step.computeUndamped(base, at, carefulPivot, x, wanted);
    const Mask isCloser = step.predicted < splat(polishFall) * predicted;
    predicted = select(wanted, step.predicted, predicted);
    if (!options.polish) return splatInt(0);
    return isRegular & isCloser & (step.predicted > splat(polishTolerance) * at[last]) &
           (polishLeft > splatInt(0)) & (iteration < splatInt(options.maxIter));
  }

  NADIR_NOINLINE I64 advancePolish(Mask polishing) {
    const int last = n * (n + 3) / 2;
    iteration -= polishing;
    polishLeft += polishing;
    F64 size = sums[last];
    for (int j = 0; j < n; j++) size = size + sums[j * (j + 3) / 2];
    const Mask isNoWorse = polishing & (size < splat(__builtin_inf())) &
                           (sums[last] <= baseSums[last] + splat(polishSlack) * baseSums[last]);
    const F64 before = predicted;
    for (int k = 0; k < params; k++) {
      previous[k] = base[k];
      base[k] = select(isNoWorse, x[k], base[k]);
    }
    const Mask goesOn = isNoWorse & polishFrom(sums, isNoWorse);
    const Mask kept = isNoWorse & (predicted < before);
    for (int k = 0; k < params; k++) base[k] = select(isNoWorse & ~kept, previous[k], base[k]);
    for (int k = 0; k < width; k++) baseSums[k] = select(kept, sums[k], baseSums[k]);
    return select(goesOn & kept, splatInt(running), polished);
  }
};

}  // namespace
