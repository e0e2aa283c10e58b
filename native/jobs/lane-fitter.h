// A batch of fits, one per lane, in lock step: every round evaluates all lanes at their trial
// points, then every lane decides for itself. A finished lane is refilled at once. Each lane does
// exactly the arithmetic that its fit alone would do (twin: portable/jobs/fit-batch.ts).
//
// A few long data sets are fitted one after another instead, with a block of 128 points in each
// lane: the block totals are combined in the same order, so this shows in the time alone.
#pragma once

#include "jobs/careful-fit.h"
#include "jobs/lane-sums.h"
#include "optim/least-squares-solver.h"

namespace {

using nadir::WorkSource;

// Where Σs² is not above this there is no point left that a robust loss lets count.
constexpr double leastWeight = 1e-4;

struct LaneFitter : LaneSums {
  LeastSquaresSolver solver;
  F64* covarianceColumn;

  // The path that a fit goes on by where its own numbers ask for it, or all do.
  CarefulFit careful;
  bool isDirect;
  double* fastBase;
  // Lanes whose covariance it has written.
  Mask isCareful;

  // Lanes in which the solver works.
  Mask isRunning;
  I64 endStatus;
  int64_t next, end;
  bool isExhausted;

  explicit LaneFitter(const FitBatch& b) : LaneSums(b), careful(b) {
    // Methods and options that the fast path does not know.
    isDirect = batch.method > nadir::LeastSquaresMethod::lm || batch.xScale || batch.geodesic;
    solver.params = program.params;
    solver.n = solver.step.n = n;
    solver.width = width;
    solver.varying = solver.step.varying = program.varying;
    solver.step.lower = batch.lower;
    solver.step.upper = batch.upper;
    solver.options = {batch.ftol, batch.xtol, batch.gtol, batch.maxIter, batch.polish,
                      transformRows && batch.loss != static_cast<uint8_t>(nadir::Loss::poisson),
                      batch.careful ? mostFastSteps : INT32_MAX};
  }

  // All memory of a thread, from one block.
  void layout(Arena& arena, bool isMeasuring) {
    LaneSums::layout(arena, isMeasuring);
    solver.layout(arena);
    covarianceColumn = arena.take<F64>(n);
    fastBase = arena.take<double>(program.params);
    if (batch.careful || isDirect) careful.layout(arena, isMeasuring);
  }

  void begin() {
    LaneSums::begin();
    solver.begin();
    isRunning = endStatus = isCareful = splatInt(0);
    if (batch.careful || isDirect) careful.begin();
    next = end = 0;
    isExhausted = false;
  }

  void run(const WorkSource& source) {
    if (data.isWide) runWide(source);
    else if (isDirect) runDirect(source);
    else runLanes(source);
  }

 private:
  int64_t evaluate() {
    leastCurvature = solver.leastCurvature;
    return evaluateLanes(solver.x, solver.sums, isRunning | isEnding);
  }
  int64_t evaluateAll(int64_t k) {
    leastCurvature = solver.leastCurvature;
    return evaluateWide(k, solver.x, solver.sums);
  }

  double lossScaleOf(int64_t k) const {
    return batch.lossScale ? batch.lossScale[batch.lossScaleShared ? 0 : k] : 1;
  }
  int64_t startOf(int64_t k) const { return batch.initShared ? 0 : k * program.params; }

  // ------------------------------------------------------------------ fits in and out

  // The next fit, or -1.
  int64_t take(const WorkSource& source) {
    if (next >= end && !isExhausted) isExhausted = !source.claim(source.context, &next, &end);
    return isExhausted ? -1 : next++;
  }

  NADIR_NOINLINE bool startLane(int lane, const WorkSource& source) {
    const int64_t k = take(source);
    if (k < 0) return false;
    fit[lane] = k;
    data.place(lane, k, 0, data.countOf(k));
    data.prefetch(k + 1);
    solver.start(lane, batch.init + startOf(k));
    lossScale[lane] = lossScaleOf(k);
    if (data.isBuffered) data.fill(lane, 0, data.rows, 0);
    isRunning[lane] = -1;
    isCareful[lane] = 0;
    return true;
  }

  // An idle lane works along on another's data, so that it never takes slower paths than lanes
  // with work.
  void copyLane(int from, int to) {
    fit[to] = -2;
    data.first[to] = data.first[from];
    data.points[to] = data.points[from];
    for (int k = 0; k < program.params; k++) solver.x[k][to] = solver.x[k][from];
    lossScale[to] = lossScale[from];
    if (data.isBuffered) data.fill(to, 0, data.rows, 0);
  }

  NADIR_NOINLINE void refill(const WorkSource& source) {
    int filled = -1;
    for (int lane = 0; lane < lanes; lane++) {
      if (isRunning[lane] | isEnding[lane]) continue;
      if (startLane(lane, source)) filled = lane;
      else if (fit[lane] == -1 && filled >= 0) copyLane(filled, lane);
    }
  }

  // No fit has succeeded whose loss takes every point for an outlier.
  I64 honest(I64 status) const {
    if (!transformRows || batch.loss == static_cast<uint8_t>(nadir::Loss::poisson)) return status;
    const Mask isMet = (status >= splatInt(0)) & (status <= code(Status::exact));
    return select(isMet & ~(solver.baseSums[last + 2] > splat(leastWeight)), code(Status::singular), status);
  }

  // Fits the lanes of `chosen` by the careful path, from the best point of the fast one if that was
  // run. What it found stands where the fast path would have left it; the status is returned.
  NADIR_NOINLINE I64 runCareful(Mask chosen, bool hasBase, I64 status, const WorkSource& source) {
    for (int lane = 0; lane < lanes; lane++) {
      if (!chosen[lane]) continue;
      const int64_t k = fit[lane];
      for (int p = 0; p < program.params; p++) fastBase[p] = solver.base[p][lane];
      status[lane] = careful.run(k, batch.init + startOf(k), hasBase ? fastBase : nullptr,
                                 hasBase ? static_cast<int>(solver.iteration[lane]) : 0, source);
      for (int p = 0; p < program.params; p++) solver.base[p][lane] = careful.params[p];
      for (int s = 0; s < width; s++) solver.baseSums[s][lane] = careful.sums[s];
      solver.iteration[lane] = careful.iterations;
      for (int p = 0; batch.stdErr && p < program.params; p++)
        batch.stdErr[k * program.params + p] = careful.stdErr[p];
      for (int i = 0; batch.covariance && i < n * n; i++)
        batch.covariance[k * n * n + i] = careful.covariance[i];
      isCareful[lane] = -1;
    }
    return select(chosen, honest(status), status);
  }

  // The solver is done with `done`: write, or evaluate once more where residuals are wanted.
  void endLanes(Mask done, I64 status, const WorkSource& source) {
    if (batch.careful) {
      const Mask care = solver.needsCare(done, status);
      if (any(care)) status = runCareful(care, true, status, source);
    }
    if (!batch.residuals) return finish(done, status, source);
    endStatus = select(done, status, endStatus);
    isRunning &= ~done;
    isEnding |= done;
    for (int k = 0; k < program.params; k++) solver.x[k] = select(done, solver.base[k], solver.x[k]);
  }

  NADIR_NOINLINE void finish(Mask done, I64 status, const WorkSource& source) {
    const Mask isPlain = done & ~isCareful;
    if ((batch.stdErr || batch.covariance) && any(isPlain)) writeCovariance(isPlain, status);
    int64_t count = 0;
    const F64 ssr = solver.baseSums[last], squares = solver.baseSums[transformRows ? last + 3 : last];
    for (int lane = 0; lane < lanes; lane++) {
      if (!done[lane]) continue;
      count++;
      const int64_t k = fit[lane];
      for (int p = 0; p < program.params; p++) batch.params[k * program.params + p] = solver.base[p][lane];
      batch.ssr[k] = ssr[lane];
      batch.status[k] = static_cast<uint8_t>(status[lane]);
      batch.iterations[k] = static_cast<uint16_t>(solver.iteration[lane]);
      if (batch.r2) writeR2(k, squares[lane]);
      for (int s = 0; batch.sums && s < width; s++) batch.sums[k * width + s] = solver.baseSums[s][lane];
      isRunning[lane] = isEnding[lane] = 0;
    }
    source.finished(source.context, count);
  }

  void writeR2(int64_t k, double ssr) {
    const int64_t first = data.observedFirst(k), sigmaFirst = batch.sigmaShared ? 0 : first;
    const double total = totalSumOfSquares(
        data.countOf(k),
        [&](int64_t i) { return batch.sigma.data ? 1 / valueAt(batch.sigma, sigmaFirst + i) : 1.0; },
        [&](int64_t i) { return valueAt(batch.y, first + i); });
    batch.r2[k] = 1 - ssr / total;
  }

  // What (JᵀJ)⁻¹ is multiplied by. With a loss as Huber 1981, section 7.6, has it.
  double covarianceScale(int lane, int64_t points) const {
    const F64* const sums = solver.baseSums;
    const double degrees = static_cast<double>(points - n);
    if (!(degrees > 0)) return __builtin_nan("");
    if (!transformRows) return sums[last][lane] / degrees;
    return sums[last + 1][lane] / degrees / (sums[last + 2][lane] / static_cast<double>(points));
  }

  NADIR_NOINLINE void writeCovariance(Mask done, I64 status) {
    const int triangle = n * (n + 1) / 2;
    F64* const factors = solver.step.matrix;
    const Mask* const isFixed = solver.step.isFixed;
    for (int s = 0; s < triangle; s++) factors[s] = solver.baseSums[s];
    solver.step.markActive(solver.base, solver.baseSums, done);
    if (batch.lower) solver.step.isolate(splat(0));
    const Mask isRegular = factor(factors, n, pivotRank) & (status != code(Status::notFinite));
    F64 scale = splat(batch.covarianceFactor);
    if (batch.covarianceFactor == 0)
      for (int lane = 0; lane < lanes; lane++)
        scale[lane] = covarianceScale(lane, done[lane] ? data.countOf(fit[lane]) : 0);
    scale = select(isRegular, scale, splat(__builtin_nan("")));
    F64* const column = covarianceColumn;
    for (int lane = 0; batch.stdErr && lane < lanes; lane++)
      if (done[lane])
        for (int p = 0; p < program.params; p++) batch.stdErr[fit[lane] * program.params + p] = 0;
    for (int j = 0; j < n; j++) {
      inverseColumn(factors, n, j, column);
      const F64 error = squareRoot(column[j] * scale);
      for (int i = 0; i < n; i++) column[i] = column[i] * scale;
      for (int lane = 0; lane < lanes; lane++) {
        if (!done[lane]) continue;
        if (batch.stdErr)
          batch.stdErr[fit[lane] * program.params + program.varying[j]] =
              isFixed[j][lane] ? __builtin_nan("") : error[lane];
        if (batch.covariance)
          for (int i = 0; i < n; i++)
            batch.covariance[(fit[lane] * n + j) * n + i] =
                isFixed[i][lane] | isFixed[j][lane] ? __builtin_nan("") : column[i][lane];
      }
    }
  }

  // All fits by the careful path, one after another.
  void runDirect(const WorkSource& source) {
    while (startLane(0, source)) {
      Mask firstLane = splatInt(0);
      firstLane[0] = -1;
      I64 status = runCareful(firstLane, false, splatInt(0), source);
      if (batch.residuals) {
        isEnding = firstLane;
        for (int p = 0; p < program.params; p++) solver.x[p] = splat(solver.base[p][0]);
        evaluate();
      }
      finish(firstLane, status, source);
      if (source.stop(source.context, 0) >= 0) return;
    }
  }

  void runLanes(const WorkSource& source) {
    for (;;) {
      refill(source);
      if (!any(isRunning | isEnding)) return;
      const int64_t evaluated = evaluate();
      const Mask ended = isEnding;
      if (any(ended)) finish(ended, endStatus, source);
      if (any(isRunning)) {
        const I64 status = honest(solver.advance(isRunning));
        const Mask done = isRunning & (status != splatInt(running));
        if (any(done)) endLanes(done, status, source);
      }
      const int stopped = source.stop(source.context, evaluated * lanes);
      if (stopped >= 0) {
        if (any(isRunning)) finish(isRunning, splatInt(stopped), source);
        if (any(isEnding)) finish(isEnding, endStatus, source);
        return;
      }
    }
  }

  // All lanes carry the same fit and the same sums; the first one reports.
  void runWide(const WorkSource& source) {
    const Mask everyLane = splatInt(-1);
    for (int64_t k; (k = take(source)) >= 0;) {
      for (int lane = 0; lane < lanes; lane++) {
        solver.start(lane, batch.init + startOf(k));
        fit[lane] = k;
      }
      lossScale = splat(lossScaleOf(k));
      for (int64_t start = 0, row = 0; data.isBuffered && start < data.countOf(k);
           start += lanes * blockPoints, row += blockPoints) {
        placeBlocks(k, start);
        for (int lane = 0; lane < lanes; lane++) data.fill(lane, 0, blockPoints, row);
      }
      Mask firstLane = splatInt(0);
      firstLane[0] = -1;
      I64 status = splatInt(running);
      int stopped = -1;
      isCareful = splatInt(0);
      if (isDirect) status = runCareful(firstLane, false, status, source);
      while (status[0] == running && stopped < 0) {
        const int64_t evaluated = evaluateAll(k);
        status = honest(solver.advance(everyLane));
        stopped = source.stop(source.context, evaluated);
      }
      if (batch.careful && !isDirect && status[0] != running && any(solver.needsCare(firstLane, status)))
        status = runCareful(firstLane, true, status, source);
      if (batch.residuals && status[0] != running) {
        for (int p = 0; p < program.params; p++) solver.x[p] = splat(solver.base[p][0]);
        isEnding = everyLane;
        evaluateAll(k);
        isEnding = splatInt(0);
      }
      finish(firstLane, status[0] == running ? splatInt(stopped) : status, source);
      if (stopped >= 0 || source.stop(source.context, 0) >= 0) return;
    }
  }
};

}  // namespace
