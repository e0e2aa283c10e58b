// One fit of a batch by the careful path, its points in the lanes. Twin and exposition:
// portable/jobs/careful-fit.ts; what a point adds has its bits, and points are summed one after
// another.
#pragma once

#include "jobs/lane-data.h"
#include "optim/careful-search.h"
#include "optim/losses.h"
#include "program/evaluate.h"

namespace {

using nadir::WorkSource;

struct CarefulFit {
  const FitBatch& batch;
  const Program& program;
  // Columns, and where the minimised number stands among the sums.
  int n, last;
  // Where the points of each fit stand.
  LaneData data;
  // Results. The best point: all parameters, what is minimised there, and how that came about.
  // NaN where the start cannot be evaluated.
  double* params;
  double value;
  int status, iterations;
  // Of all parameters, 0 where fixed; n × n, scaled; NaN where not estimable.
  double* stdErr;
  double* covariance;
  // As the sums of LaneFitter.
  double* sums;

  PointEvaluator evaluator;
  careful::CarefulSearch search;
  RowTriangle rows;
  PairwiseSum pairwise;
  F64* totals;
  TransformRows transformRows;
  double lossScale;
  // Bounds and scales of the varying parameters.
  double* lower;
  double* upper;
  double* xScale;
  const double* init;
  double* start;
  double* from;
  double* point;
  // A block of points: model, at the probe too, Jacobian, and what a loss works on.
  double* f;
  double* probed;
  double* jacobian;
  double* observed;
  double* residual;
  double* factors;
  // Of the fit at hand: the first point in predictors and observations, and in sigma.
  int64_t first, observedFirst, sigmaFirst, points;

  // First trust radius against the size of the start (MINPACK: 100).
  static constexpr double firstRadius = 100;
  // Least share of ρ′ that the curvature of a loss keeps: a radius guards the step.
  static constexpr double leastCurvature = 0x1p-10;

  explicit CarefulFit(const FitBatch& b)
      : batch(b), program(*b.program), n(b.program->columns), data(b), evaluator(*b.program) {
    transformRows = lossRows[batch.loss];
    last = n * (n + 3) / 2;
    search.n = n;
    rows.columns = n + 1;
    pairwise.width = 1 + lossSums;
  }

  void layout(Arena& arena, bool isMeasuring) {
    params = arena.take<double>(program.params);
    stdErr = arena.take<double>(program.params);
    covariance = arena.take<double>(n * n);
    sums = arena.take<double>((n + 1) * (n + 2) / 2 + lossSums);
    evaluator.layout(arena, isMeasuring);
    lower = batch.lower ? arena.take<double>(n) : nullptr;
    upper = batch.upper ? arena.take<double>(n) : nullptr;
    xScale = batch.xScale ? arena.take<double>(n) : nullptr;
    search.options = {batch.method, batch.ftol, batch.xtol, batch.gtol, lower, upper, xScale,
                      batch.geodesic, batch.polish, firstRadius};
    search.maxIter = batch.maxIter;
    search.layout(arena);
    rows.layout(arena);
    pairwise.block = arena.take<F64>(pairwise.width);
    pairwise.levels = arena.take<F64>(static_cast<int64_t>(pairwise.width) * pairwiseLevels(data.mostPoints));
    totals = arena.take<F64>(pairwise.width);
    start = arena.take<double>(n);
    from = arena.take<double>(n);
    point = arena.take<double>(program.params);
    f = arena.take<double>(blockPoints);
    probed = arena.take<double>(blockPoints);
    jacobian = arena.take<double>(blockPoints * n);
    observed = arena.take<double>(blockPoints);
    residual = arena.take<double>(blockPoints);
    factors = arena.take<double>(blockPoints);
  }

  void begin() {
    evaluator.begin();
    pick(batch.lower, lower);
    pick(batch.upper, upper);
    pick(batch.xScale, xScale);
    // A loss sees whole vectors.
    for (int i = 0; i < blockPoints; i++) f[i] = observed[i] = residual[i] = 0;
  }

  // Runs fit k from `initial` (all parameters). `base` is the fast path's best point after
  // `iterationsDone` steps, null where it was not run. Returns the status; with the code that
  // `source` wants to stop with, the best point so far is the result.
  NADIR_NOINLINE int run(int64_t k, const double* initial, const double* base, int iterationsDone,
                         const WorkSource& source) {
    init = initial;
    points = data.countOf(k);
    observedFirst = data.observedFirst(k);
    first = batch.xShared ? 0 : observedFirst;
    sigmaFirst = batch.sigmaShared ? 0 : observedFirst;
    lossScale = batch.lossScale ? batch.lossScale[batch.lossScaleShared ? 0 : k] : 1;
    for (int p = 0; p < program.params; p++) point[p] = init[p];
    pick(init, start);
    pick(base ? base : init, from);
    search.points = points;
    search.start(from, start, iterationsDone);
    for (;;) {
      status = search.advance(evaluate());
      if (status != careful::running) break;
      const int stopped = source.stop(source.context, points);
      if (stopped < 0) continue;
      search.keep(stopped);
      status = stopped;
      break;
    }
    finish();
    return status;
  }

 private:
  // The values of the varying parameters.
  void pick(const double* values, double* to) const {
    for (int j = 0; values && j < n; j++) to[j] = values[program.varying[j]];
  }

  // ------------------------------------------------------------------ evaluation

  // Fills what the search wants; returns the minimised number at its point.
  double evaluate() {
    auto& solver = search.solver;
    const bool isProbe = (solver.want & careful::wantCurvature) != 0;
    sumUp(isProbe ? solver.point.x : solver.x, true, isProbe);
    careful::copy(solver.triangle, rows.triangle, solver.point.triangleSize());
    return totals[0][0];
  }

  // Sums at `x` and, if wanted, the triangle: of [J, r], or of [J, a] with a probe at solver.x.
  NADIR_NOINLINE void sumUp(const double* x, bool withTriangle, bool isProbe) {
    rows.clear();
    pairwise.clear();
    if (!isProbe) enter(x);
    for (int64_t at = 0; at < points; at += blockPoints) {
      const int count = static_cast<int>(points - at < blockPoints ? points - at : blockPoints);
      if (isProbe) {
        enter(search.solver.x);
        evaluator.evaluate(batch.x, first + at, count, probed, nullptr);
        enter(x);
      }
      evaluator.evaluate(batch.x, first + at, count, f, withTriangle ? jacobian : nullptr);
      addBlock(at, count, withTriangle, isProbe);
    }
    pairwise.totalInto(totals);
  }

  void enter(const double* x) {
    for (int j = 0; j < n; j++) point[program.varying[j]] = x[j];
    evaluator.enter(point);
  }

  double weightAt(int64_t i) const {
    return batch.sigma.data ? 1 / valueAt(batch.sigma, sigmaFirst + i) : 1;
  }

  NADIR_NOINLINE void addBlock(int64_t at, int count, bool withTriangle, bool isProbe) {
    for (int i = 0; i < count; i++) {
      observed[i] = valueAt(batch.y, observedFirst + at + i);
      residual[i] = (observed[i] - f[i]) * weightAt(at + i);
    }
    double sum[1 + lossSums] = {0, 0, 0, 0};
    if (transformRows) {
      addLoss(count, sum);
    } else {
      for (int i = 0; i < count; i++) sum[0] = sum[0] + residual[i] * residual[i];
    }
    for (int s = 0; s <= lossSums; s++) pairwise.block[s] = splat(sum[s]);
    pairwise.push();
    if (!withTriangle) return;

    double* const block = rows.block;
    const int last = n * blockRows;
    const double h = careful::probe;
    const double* const velocity = search.solver.velocity;
    for (int i = 0; i < count; i++) {
      const double w = weightAt(at + i), s = transformRows ? factors[i] : 1;
      double along = 0;
      for (int j = 0; j < n; j++) {
        const double slope = jacobian[i * n + j];
        block[j * blockRows + i] = slope * w * s;
        if (isProbe) along += slope * velocity[j];
      }
      block[last + i] = isProbe ? (2 / h) * ((probed[i] - f[i]) / h - along) * w * s : residual[i];
    }
    rows.push(count);
  }

  // Residuals become those of the loss, a vector at a time; what they add, point after point.
  void addLoss(int count, double* sum) {
    for (int i = 0; i < count; i += lanes) {
      F64 square = splat(1);
      F64& r = *reinterpret_cast<F64*>(residual + i);
      LossTotals of = {splat(0), splat(0), splat(0), splat(0)};
      transformRows(&r, reinterpret_cast<F64*>(observed + i), reinterpret_cast<F64*>(f + i), 1, nullptr,
                    splat(lossScale), splat(leastCurvature), &square, &of, 1);
      const F64 factor = squareRoot(square);
      r = r / factor;
      store(factors + i, factor);
      for (int lane = 0; lane < lanes && i + lane < count; lane++) {
        sum[0] = sum[0] + of.cost[lane];
        sum[1] = sum[1] + of.influence[lane];
        sum[2] = sum[2] + of.square[lane];
        sum[3] = sum[3] + of.plain[lane];
      }
    }
  }

  // ------------------------------------------------------------------ the end

  NADIR_NOINLINE void finish() {
    const auto& best = search.bestPoint();
    value = best.value;
    iterations = search.iteration();
    for (int p = 0; p < program.params; p++) params[p] = init[p], stdErr[p] = 0;
    careful::fill(covariance, __builtin_nan(""), n * n);
    careful::fill(sums, __builtin_nan(""), (n + 1) * (n + 2) / 2 + lossSums);
    // Unless it was stopped before anything was told, or the start cannot be evaluated.
    if (__builtin_fabs(value) < __builtin_inf()) {
      for (int j = 0; j < n; j++) params[program.varying[j]] = best.x[j];
      search.finish().covarianceInto(covariance, batch.pseudoInverse);
      fillSums(best);
    }
    value = sums[last];
    const double scale = covarianceScale();
    for (int k = 0; k < n * n; k++) covariance[k] = covariance[k] * scale;
    for (int j = 0; j < n; j++) stdErr[program.varying[j]] = __builtin_sqrt(covariance[j * n + j]);
  }

  // AᵀA = RᵀR; the sums of a loss need the residuals themselves.
  void fillSums(const careful::CarefulPoint& best) {
    for (int i = 0, k = 0; i <= n; i++)
      for (int j = 0; j <= i; j++, k++) {
        double sum = 0;
        for (int l = 0; l <= j; l++)
          sum += best.triangle[i * (i + 1) / 2 + l] * best.triangle[j * (j + 1) / 2 + l];
        sums[k] = sum;
      }
    sums[last] = value;
    if (!transformRows) return;
    sumUp(best.x, false, false);
    for (int k = 1; k <= lossSums; k++) sums[last + k] = totals[k][0];
  }

  // What (JᵀJ)⁻¹ is multiplied by. With a loss as Huber 1981, section 7.6, has it.
  double covarianceScale() const {
    if (batch.covarianceFactor != 0) return batch.covarianceFactor;
    const double degrees = static_cast<double>(points - n);
    if (!(degrees > 0)) return __builtin_nan("");
    if (!transformRows) return sums[last] / degrees;
    return sums[last + 1] / degrees / (sums[last + 2] / static_cast<double>(points));
  }
};

}  // namespace
