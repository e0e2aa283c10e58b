// Evaluation of the fits at hand: sums of products over the points of every lane, or of one long
// data set with a block of 128 points in each lane. The order of additions is that of
// linalg/pairwise-sum.h either way.
#pragma once

#include "jobs/lane-data.h"
#include "linalg/normal-equations.h"
#include "linalg/vector.h"
#include "optim/losses.h"

namespace {

struct LaneSums {
  const FitBatch& batch;
  const Program& program;
  // Columns, sums, and where S stands among them.
  int n, width, last;
  LaneData data;
  Interpreter interpreter;
  PairwiseSum pairwise;
  // Sums of the blocks at hand, where lanes hold blocks.
  F64* laneBlocks;
  // Columns of [J, r] for the chunk at hand, and room for those that need their own.
  const F64** products;
  F64* ownColumns;
  // With a loss: its scale and least curvature in each lane, s² of the rows at hand, their columns
  // times it, its sums.
  TransformRows transformRows;
  F64 lossScale, leastCurvature;
  F64* lossSquares;
  F64* lossColumns;
  const F64** lossProducts;
  LossTotals lossTotals;
  // The fit of each lane. -1: none yet; -2: works along on another's data.
  int64_t fit[lanes];
  // Lanes that are evaluated at the best point, for the residuals.
  Mask isEnding;

  explicit LaneSums(const FitBatch& b) : batch(b), program(*b.program), data(b) {
    n = program.columns;
    transformRows = lossRows[batch.loss];
    last = n * (n + 3) / 2;
    width = last + 1 + (transformRows ? lossSums : 0);
    interpreter.program = &program;
    interpreter.chunk = chunkPoints(data.rows, program.pointSlots + 1 + (data.isWeighted ? n : 0) +
                                                   (transformRows ? n + 1 : 0));
  }

  void layout(Arena& arena, bool isMeasuring) {
    interpreter.layout(arena);
    pairwise.block = arena.take<F64>(width);
    pairwise.levels = arena.take<F64>(static_cast<int64_t>(width) * pairwiseLevels(data.mostPoints));
    laneBlocks = arena.take<F64>(width);
    data.layout(arena, interpreter.chunk, isMeasuring);
    products = arena.take<const F64*>(n + 1);
    ownColumns = arena.take<F64>(static_cast<int64_t>(interpreter.chunk) * (n + 1));
    const int64_t chunk = transformRows ? interpreter.chunk : 0;
    lossSquares = arena.take<F64>(chunk);
    lossColumns = arena.take<F64>(chunk * n);
    lossProducts = arena.take<const F64*>(n + 1);
  }

  void begin() {
    interpreter.decode();
    lossScale = leastCurvature = splat(1);
    pairwise.width = width;
    isEnding = splatInt(0);
    for (int lane = 0; lane < lanes; lane++) fit[lane] = -1, data.place(lane, 0, 0, 0);
    for (int k = 0; k < program.dataSlots; k++)
      interpreter.data[k] = interpreter.derived[k] = data.columns[k];
    placeUniformColumns(true);
    fillShared();
  }

  // Predictors that all fits share, and what follows from them alone, once per thread.
  void fillShared() {
    if (!data.sharesX) return;
    for (int k = 0; k < program.predictors; k++)
      for (int64_t i = 0; i < data.rows; i++) data.columns[k][i] = splat(valueAt(batch.x[k], i));
    for (int64_t row = 0; row < data.rows; row += interpreter.chunk) {
      const int64_t left = data.rows - row;
      enterRow(row, true);
      interpreter.computeData(static_cast<int>(left < interpreter.chunk ? left : interpreter.chunk));
    }
  }

  // Points the interpreter at a row of the columns.
  void enterRow(int64_t row, bool withDerived) {
    for (int k = 0; k < program.dataSlots; k++) {
      interpreter.data[k] = data.columns[k] + row;
      if (withDerived) interpreter.derived[k] = data.columns[k] + row;
    }
    interpreter.enterChunk();
  }

  // Sums at x, one fit per lane. Returns the points of the longest lane at work.
  NADIR_NOINLINE int64_t evaluateLanes(const F64* x, F64* sums, Mask isWorking) {
    int64_t most = 0;
    for (int lane = 0; lane < lanes; lane++)
      if (data.points[lane] > most && isWorking[lane]) most = data.points[lane];
    const bool isOneBlock = most <= blockPoints;
    F64* const block = isOneBlock ? sums : pairwise.block;
    beginEvaluation(x);
    for (int64_t start = 0; start < most || start == 0; start += blockPoints) {
      addBlock(start, start + blockPoints < most ? start + blockPoints : most, start, block);
      if (!isOneBlock) pairwise.push();
    }
    if (!isOneBlock) pairwise.totalInto(sums);
    return most;
  }

  // Sums at x of one fit, a block of its points in each lane. Returns its points.
  NADIR_NOINLINE int64_t evaluateWide(int64_t k, const F64* x, F64* sums) {
    const int64_t count = data.countOf(k);
    beginEvaluation(x);
    for (int64_t start = 0, row = 0; start < count; start += lanes * blockPoints, row += blockPoints) {
      placeBlocks(k, start);
      addBlock(0, blockPoints, row, laneBlocks);
      for (int lane = 0; lane < lanes && data.points[lane] > 0; lane++) {
        for (int s = 0; s < width; s++) pairwise.block[s] = splat(laneBlocks[s][lane]);
        pairwise.push();
      }
    }
    pairwise.totalInto(sums);
    return count;
  }

  void placeBlocks(int64_t k, int64_t start) {
    const int64_t count = data.countOf(k);
    for (int lane = 0; lane < lanes; lane++) {
      const int64_t from = start + lane * blockPoints < count ? start + lane * blockPoints : count;
      data.place(lane, k, from, count - from < blockPoints ? count - from : blockPoints);
    }
  }

  void beginEvaluation(const F64* x) {
    interpreter.computeFit(x);
    placeUniformColumns(false);
    pairwise.clear();
  }

  // Sums over the points [from, to) of every lane; `row` is where these stand when all are held.
  void addBlock(int64_t from, int64_t to, int64_t row, F64* block) {
    for (int s = 0; s < width; s++) block[s] = splat(0);
    lossTotals = {splat(0), splat(0), splat(0), splat(0)};
    for (int64_t at = from; at < to; at += interpreter.chunk) {
      const int64_t left = to - at;
      const int count = static_cast<int>(left < interpreter.chunk ? left : interpreter.chunk);
      addChunk(at, count, data.isBuffered ? row + at - from : 0, block);
    }
    if (!transformRows) return;
    block[last] = lossTotals.cost;
    block[last + 1] = lossTotals.influence;
    block[last + 2] = lossTotals.square;
    block[last + 3] = lossTotals.plain;
  }

  NADIR_NOINLINE void addChunk(int64_t from, int count, int64_t row, F64* block) {
    if (!data.isBuffered)
      for (int lane = 0; lane < lanes; lane++) data.fill(lane, from, from + count, 0);
    const bool derivesHere = !data.sharesX && program.dataInstructions > 0;
    enterRow(row, derivesHere);
    if (derivesHere) interpreter.computeData(count);
    interpreter.computePoints(count);

    const F64* const observed = data.y + row;
    const F64* const value = interpreter.at(program.value);
    const bool valueVaries = Interpreter::variesOverPoints(program.value);
    F64* const residual = ownColumns + static_cast<int64_t>(n) * interpreter.chunk;
    products[n] = residual;
    for (int i = 0; i < count; i++) residual[i] = observed[i] - value[valueVaries ? i : 0];
    if (batch.residuals && any(isEnding)) writeResiduals(from, count, residual);
    if (data.isWeighted) {
      const F64* const w = data.weights + row;
      for (int i = 0; i < count; i++) residual[i] = weighted(residual[i], w[i]);
      for (int j = 0; j < n; j++) {
        const F64* const column = interpreter.at(program.jacobian[j]);
        const bool varies = Interpreter::variesOverPoints(program.jacobian[j]);
        F64* const own = ownColumns + static_cast<int64_t>(j) * interpreter.chunk;
        products[j] = own;
        for (int i = 0; i < count; i++) own[i] = weighted(column[varies ? i : 0], w[i]);
      }
    } else {
      for (int j = 0; j < n; j++)
        if (Interpreter::variesOverPoints(program.jacobian[j]))
          products[j] = interpreter.at(program.jacobian[j]);
    }
    const F64* const* left = products;
    if (transformRows && transformRows(residual, observed, value, valueVaries,
                                       data.isWeighted ? data.weights + row : nullptr, lossScale,
                                       leastCurvature, lossSquares, &lossTotals, count)) {
      for (int j = 0; j < n; j++) {
        F64* const scaled = lossColumns + static_cast<int64_t>(j) * interpreter.chunk;
        lossProducts[j] = scaled;
        for (int i = 0; i < count; i++) scaled[i] = products[j][i] * lossSquares[i];
      }
      lossProducts[n] = residual;
      left = lossProducts;
    }
    addProducts(left, products, n + 1, block, count);
  }

  // Where a lane has no point the weight is zero, and 0·∞ must not leave its mark.
  NADIR_INLINE F64 weighted(F64 v, F64 w) { return select(w == splat(0), splat(0), v * w); }

  // Columns that are one value for all points are spread over a chunk: constants once, what follows
  // from the parameters once per evaluation.
  void placeUniformColumns(bool areConstants) {
    if (data.isWeighted) return;
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
      const int64_t own = batch.yShared ? fit[lane] * batch.points : 0;
      double* const target = batch.residuals + own + data.first[lane] + from;
      const int64_t left = data.points[lane] - from;
      for (int i = 0; i < count && i < left; i++) target[i] = residual[i][lane];
    }
  }
};

}  // namespace
