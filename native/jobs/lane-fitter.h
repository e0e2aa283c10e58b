// A batch of fits, one per lane, in lock step: every round evaluates all lanes at their trial
// points, then every lane decides for itself. A finished lane is refilled at once. Each lane does
// exactly the arithmetic that its fit alone would do (twin: portable/jobs/fit-batch.ts).
//
// Data stand in lane-major columns (point i of lane l at i·lanes + l). Data sets of up to
// `bufferBytes` are brought into that layout once per fit; larger ones chunk by chunk as they are
// read, so that memory per thread stays bounded.
#pragma once

#include "jobs/fit-batch.h"
#include "linalg/normal-equations.h"
#include "linalg/pairwise-sum.h"
#include "linalg/vector.h"
#include "optim/least-squares-solver.h"
#include "program/interpreter.h"

namespace {

using nadir::Column;
using nadir::FitBatch;
using nadir::WorkSource;

// Half of a usual second-level cache share; with all else a thread stays under 1 MB.
constexpr int64_t bufferBytes = 512 * 1024;

NADIR_INLINE double valueAt(const Column& column, int64_t i) {
  return column.isSingle ? static_cast<double>(static_cast<const float*>(column.data)[i])
                         : static_cast<const double*>(column.data)[i];
}

struct LaneFitter {
  const FitBatch& batch;
  const Program& program;
  int n, width;
  int64_t mostPoints;
  bool isWeighted, isRagged, isBuffered;

  Interpreter interpreter;
  LeastSquaresSolver solver;
  PairwiseSum pairwise;
  // Lane-major columns: predictors (then derived data), y, weights.
  F64** dataColumns;
  F64* y;
  F64* weights;
  // Columns of [J, r] for the chunk at hand, and room for those that need their own.
  const F64** products;
  F64* ownColumns;
  F64* covarianceColumn;

  // Per lane: the fit it works on, its first point and its number of points.
  int64_t fit[lanes], first[lanes], points[lanes];
  // Running: the solver works. Ending: the last evaluation, at the best point, for the residuals.
  Mask isRunning, isEnding;
  I64 endStatus;
  int64_t next, end;
  bool isExhausted;

  explicit LaneFitter(const FitBatch& b) : batch(b), program(*b.program) {
    n = program.columns;
    width = LeastSquaresSolver::widthOf(n);
    isRagged = batch.offsets != nullptr;
    isWeighted = isRagged || batch.sigma.data != nullptr;
    mostPoints = batch.points;
    if (isRagged) {
      mostPoints = 0;
      for (int64_t k = 0; k < batch.fits; k++) {
        const int64_t count = static_cast<int64_t>(batch.offsets[k + 1]) - batch.offsets[k];
        if (count > mostPoints) mostPoints = count;
      }
    }
    const int64_t columns = program.dataSlots + 2;
    isBuffered = mostPoints * columns * static_cast<int64_t>(sizeof(F64)) <= bufferBytes;
    interpreter.program = &program;
    interpreter.chunk = chunkPoints(mostPoints, program.pointSlots + 1 + (isWeighted ? n : 0));
  }

  // All memory of a thread, from one block.
  void layout(Arena& arena) {
    interpreter.layout(arena);
    const int params = program.params;
    solver.x = arena.take<F64>(params);
    solver.base = arena.take<F64>(params);
    solver.sums = arena.take<F64>(width);
    solver.baseSums = arena.take<F64>(width);
    solver.matrix = arena.take<F64>(n * (n + 1) / 2);
    solver.step = arena.take<F64>(n);
    solver.scale = arena.take<F64>(n);
    pairwise.block = arena.take<F64>(width);
    pairwise.levels = arena.take<F64>(static_cast<int64_t>(width) * pairwiseLevels(mostPoints));
    const int64_t held = isBuffered ? mostPoints : interpreter.chunk;
    dataColumns = arena.take<F64*>(program.dataSlots);
    F64* const block = arena.take<F64>(held * (program.dataSlots + 2));
    if (dataColumns != nullptr && block != nullptr && !isMeasuring) {
      for (int k = 0; k < program.dataSlots; k++) dataColumns[k] = block + held * k;
    }
    y = block + held * program.dataSlots;
    weights = y + held;
    products = arena.take<const F64*>(n + 1);
    ownColumns = arena.take<F64>(static_cast<int64_t>(interpreter.chunk) * (n + 1));
    covarianceColumn = arena.take<F64>(n);
  }
  bool isMeasuring = false;

  void begin() {
    interpreter.decode();
    solver.params = program.params;
    solver.n = n;
    solver.width = width;
    solver.varying = program.varying;
    solver.options = {batch.ftol, batch.xtol, batch.gtol, batch.maxIter};
    solver.iteration = splatInt(0);
    solver.damping = solver.growth = solver.predicted = splat(1);
    solver.stepIsSmall = splatInt(0);
    solver.isFirst = splatInt(0);
    for (int k = 0; k < program.params; k++) solver.x[k] = solver.base[k] = splat(0);
    for (int j = 0; j < n; j++) solver.scale[j] = splat(0);
    for (int k = 0; k < width; k++) solver.baseSums[k] = splat(0);
    pairwise.width = width;
    isRunning = isEnding = splatInt(0);
    endStatus = splatInt(0);
    next = end = 0;
    isExhausted = false;
    for (int lane = 0; lane < lanes; lane++) fit[lane] = -1, first[lane] = points[lane] = 0;
    for (int k = 0; k < program.dataSlots; k++) {
      interpreter.derived[k] = dataColumns[k];
      interpreter.data[k] = dataColumns[k];
    }
    placeUniformColumns(true);
  }

  // ------------------------------------------------------------------ data into lanes

  // Points [from, to) of one lane, written from row `row` on. Beyond its last point a lane repeats
  // it with weight zero, so that nothing new can become infinite there.
  NADIR_NOINLINE void fillLane(int lane, int64_t from, int64_t to, int64_t row) {
    const int64_t m = points[lane], offset = first[lane];
    const int64_t within = to < m ? to : m;
    double* const target = reinterpret_cast<double*>(y) + row * lanes + lane;
    fillColumn(batch.y, offset, from, within, to, target);
    if (!batch.xShared || !isBuffered)
      for (int k = 0; k < program.predictors; k++)
        fillColumn(batch.x[k], batch.xShared ? 0 : offset, from, within, to,
                   reinterpret_cast<double*>(dataColumns[k]) + row * lanes + lane);
    if (!isWeighted) return;
    double* const w = reinterpret_cast<double*>(weights) + row * lanes + lane;
    const int64_t sigmaOffset = batch.sigmaShared ? 0 : offset;
    for (int64_t i = from; i < within; i++)
      w[(i - from) * lanes] = batch.sigma.data ? 1 / valueAt(batch.sigma, sigmaOffset + i) : 1;
    for (int64_t i = within > from ? within : from; i < to; i++) w[(i - from) * lanes] = 0;
  }

  static void fillColumn(const Column& column, int64_t offset, int64_t from, int64_t within,
                         int64_t to, double* target) {
    if (column.isSingle) {
      const float* const source = static_cast<const float*>(column.data) + offset;
      for (int64_t i = from; i < within; i++) target[(i - from) * lanes] = source[i];
    } else {
      const double* const source = static_cast<const double*>(column.data) + offset;
      for (int64_t i = from; i < within; i++) target[(i - from) * lanes] = source[i];
    }
    if (within >= to) return;
    const double filler = within > 0 ? valueAt(column, offset + within - 1) : 0;
    for (int64_t i = within > from ? within : from; i < to; i++) target[(i - from) * lanes] = filler;
  }

  // Predictors that all fits share, and what follows from them alone, once per thread.
  void fillShared() {
    if (!(batch.xShared && isBuffered)) return;
    for (int k = 0; k < program.predictors; k++)
      for (int64_t i = 0; i < mostPoints; i++) dataColumns[k][i] = splat(valueAt(batch.x[k], i));
    for (int64_t from = 0; from < mostPoints; from += interpreter.chunk) {
      const int64_t left = mostPoints - from;
      placeData(from, true);
      interpreter.computeData(static_cast<int>(left < interpreter.chunk ? left : interpreter.chunk));
    }
  }

  // Points the interpreter at row `from` of the buffers.
  void placeData(int64_t from, bool withDerived) {
    for (int k = 0; k < program.dataSlots; k++) {
      F64* const column = dataColumns[k] + (isBuffered ? from : 0);
      interpreter.data[k] = column;
      if (withDerived) interpreter.derived[k] = column;
    }
    interpreter.enterChunk();
  }

  // ------------------------------------------------------------------ one evaluation of all lanes

  // Sums at solver.x; residuals of lanes that are ending. Returns the points of the longest lane.
  NADIR_NOINLINE int64_t evaluate() {
    int64_t most = 0;
    for (int lane = 0; lane < lanes; lane++)
      if (points[lane] > most && (isRunning[lane] | isEnding[lane])) most = points[lane];
    const bool writesResiduals = batch.residuals && any(isEnding);
    const bool isOneBlock = most <= blockPoints;
    F64* const block = isOneBlock ? solver.sums : pairwise.block;
    interpreter.computeFit(solver.x);
    placeUniformColumns(false);
    pairwise.clear();
    for (int k = 0; k < width; k++) block[k] = splat(0);
    for (int64_t start = 0; start < most; start += blockPoints) {
      const int64_t stop = start + blockPoints < most ? start + blockPoints : most;
      for (int64_t from = start; from < stop; from += interpreter.chunk) {
        const int64_t left = stop - from;
        const int count = static_cast<int>(left < interpreter.chunk ? left : interpreter.chunk);
        evaluateChunk(from, count, block, writesResiduals);
      }
      if (isOneBlock) break;
      pairwise.push();
      for (int k = 0; k < width; k++) block[k] = splat(0);
    }
    if (!isOneBlock) pairwise.totalInto(solver.sums);
    return most;
  }

  NADIR_NOINLINE void evaluateChunk(int64_t from, int count, F64* block, bool writesResiduals) {
    if (!isBuffered)
      for (int lane = 0; lane < lanes; lane++) fillLane(lane, from, from + count, 0);
    const bool derivesHere = !(batch.xShared && isBuffered) && program.dataInstructions > 0;
    placeData(from, derivesHere);
    if (derivesHere) interpreter.computeData(count);
    interpreter.computePoints(count);

    const int64_t row = isBuffered ? from : 0;
    const F64* const observed = y + row;
    const F64* const value = interpreter.at(program.value);
    const bool valueVaries = Interpreter::variesOverPoints(program.value);
    F64* const residual = ownColumns + static_cast<int64_t>(n) * interpreter.chunk;
    products[n] = residual;
    for (int i = 0; i < count; i++) residual[i] = observed[i] - value[valueVaries ? i : 0];
    if (writesResiduals) writeResiduals(from, count, residual);
    if (isWeighted) {
      const F64* const w = weights + row;
      for (int i = 0; i < count; i++) residual[i] = residual[i] * w[i];
      for (int j = 0; j < n; j++) {
        const F64* const column = interpreter.at(program.jacobian[j]);
        const bool varies = Interpreter::variesOverPoints(program.jacobian[j]);
        F64* const own = ownColumns + static_cast<int64_t>(j) * interpreter.chunk;
        products[j] = own;
        for (int i = 0; i < count; i++) own[i] = column[varies ? i : 0] * w[i];
      }
    } else {
      for (int j = 0; j < n; j++)
        if (Interpreter::variesOverPoints(program.jacobian[j]))
          products[j] = interpreter.at(program.jacobian[j]);
    }
    addProducts(products, n + 1, block, count);
  }

  // Columns that are one value for all points are spread over a chunk: constants once, what follows
  // from the parameters once per evaluation.
  void placeUniformColumns(bool areConstants) {
    if (isWeighted) return;
    for (int j = 0; j < n; j++) {
      if (Interpreter::variesOverPoints(program.jacobian[j])) continue;
      const int constant = nadir::slotOf(program.jacobian[j]) - program.params;
      if ((constant >= 0 && constant < program.constantCount) != areConstants) continue;
      F64* const own = ownColumns + static_cast<int64_t>(j) * interpreter.chunk;
      const F64 value = *interpreter.at(program.jacobian[j]);
      for (int i = 0; i < interpreter.chunk; i++) own[i] = value;
      products[j] = own;
    }
  }

  void writeResiduals(int64_t from, int count, const F64* residual) {
    for (int lane = 0; lane < lanes; lane++) {
      if (!isEnding[lane]) continue;
      double* const target = batch.residuals + first[lane] + from;
      const int64_t left = points[lane] - from;
      for (int i = 0; i < count && i < left; i++) target[i] = residual[i][lane];
    }
  }

  // ------------------------------------------------------------------ fits in and out

  NADIR_NOINLINE bool take(int lane, const WorkSource& source) {
    if (next >= end) {
      if (isExhausted || !source.claim(source.context, &next, &end)) {
        isExhausted = true;
        return false;
      }
    }
    const int64_t k = next++;
    fit[lane] = k;
    first[lane] = isRagged ? static_cast<int64_t>(batch.offsets[k]) : k * batch.points;
    points[lane] = isRagged ? static_cast<int64_t>(batch.offsets[k + 1]) - first[lane] : batch.points;
    prefetchRow(k + 1);
    solver.start(lane, batch.init + (batch.initShared ? 0 : k * program.params));
    if (isBuffered) fillLane(lane, 0, mostPoints, 0);
    isRunning[lane] = -1;
    return true;
  }

  // The row that the next free lane will read, fetched while the others compute.
  void prefetchRow(int64_t k) const {
    if (k >= batch.fits) return;
    const int64_t start = isRagged ? static_cast<int64_t>(batch.offsets[k]) : k * batch.points;
    const int size = batch.y.isSingle ? 4 : 8;
    const char* const row = static_cast<const char*>(batch.y.data) + start * size;
    const int64_t bytes = points[0] * size < 2048 ? points[0] * size : 2048;
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at);
  }

  // An idle lane works along on the first fit's data, so that it never takes slower paths than
  // lanes with work.
  void copyLane(int from, int to) {
    first[to] = first[from];
    points[to] = points[from];
    for (int k = 0; k < program.params; k++) solver.x[k][to] = solver.x[k][from];
    if (isBuffered) fillLane(to, 0, mostPoints, 0);
  }

  NADIR_NOINLINE void finish(Mask done, I64 status, const WorkSource& source) {
    if (batch.stdErr || batch.covariance) writeCovariance(done, status);
    int64_t count = 0;
    const F64 ssr = solver.baseSums[width - 1];
    for (int lane = 0; lane < lanes; lane++) {
      if (!done[lane]) continue;
      count++;
      const int64_t k = fit[lane];
      for (int p = 0; p < program.params; p++) batch.params[k * program.params + p] = solver.base[p][lane];
      batch.ssr[k] = ssr[lane];
      batch.status[k] = static_cast<uint8_t>(status[lane]);
      batch.iterations[k] = static_cast<uint16_t>(solver.iteration[lane]);
      if (batch.r2) writeR2(lane, ssr[lane]);
      isRunning[lane] = isEnding[lane] = 0;
    }
    source.finished(source.context, count);
  }

  void writeR2(int lane, double ssr) {
    const int64_t offset = first[lane], sigmaOffset = batch.sigmaShared ? 0 : offset;
    const double total = totalSumOfSquares(
        points[lane],
        [&](int64_t i) { return batch.sigma.data ? 1 / valueAt(batch.sigma, sigmaOffset + i) : 1.0; },
        [&](int64_t i) { return valueAt(batch.y, offset + i); });
    batch.r2[fit[lane]] = 1 - ssr / total;
  }

  NADIR_NOINLINE void writeCovariance(Mask done, I64 status) {
    const int triangle = n * (n + 1) / 2;
    F64* const factors = solver.matrix;
    for (int k = 0; k < triangle; k++) factors[k] = solver.baseSums[k];
    const Mask isRegular = factor(factors, n, pivotRank) & (status != code(Status::notFinite));
    const F64 ssr = solver.baseSums[width - 1];
    F64 scale = splat(batch.covarianceFactor);
    if (batch.covarianceFactor == 0)
      for (int lane = 0; lane < lanes; lane++) {
        const double degrees = static_cast<double>(points[lane] - n);
        scale[lane] = degrees > 0 ? ssr[lane] / degrees : __builtin_nan("");
      }
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
        if (batch.stdErr) batch.stdErr[fit[lane] * program.params + program.varying[j]] = error[lane];
        if (batch.covariance)
          for (int i = 0; i < n; i++) batch.covariance[(fit[lane] * n + j) * n + i] = column[i][lane];
      }
    }
  }

  // The solver is done with `done`: write, or evaluate once more where residuals are wanted.
  void endLanes(Mask done, I64 status, const WorkSource& source) {
    if (!batch.residuals) return finish(done, status, source);
    endStatus = select(done, status, endStatus);
    isRunning &= ~done;
    isEnding |= done;
    for (int k = 0; k < program.params; k++) solver.x[k] = select(done, solver.base[k], solver.x[k]);
  }

  NADIR_NOINLINE void refill(const WorkSource& source) {
    int filled = -1;
    for (int lane = 0; lane < lanes; lane++) {
      if (isRunning[lane] | isEnding[lane]) continue;
      if (take(lane, source)) filled = lane;
      else if (fit[lane] < 0 && filled >= 0) copyLane(filled, lane), fit[lane] = -2;
    }
  }

  void run(const WorkSource& source) {
    fillShared();
    for (;;) {
      refill(source);
      if (!any(isRunning | isEnding)) return;
      const int64_t evaluated = evaluate();
      const Mask ended = isEnding;
      if (any(ended)) finish(ended, endStatus, source);
      if (any(isRunning)) {
        const I64 status = solver.advance(isRunning);
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
};

}  // namespace
