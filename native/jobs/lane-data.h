// The data of the fits at hand in lane-major columns: point i of lane l stands at i·lanes + l.
//
// Data sets of up to `bufferBytes` are brought into that layout once per fit; larger ones chunk by
// chunk as they are read, so that memory per thread stays bounded.
#pragma once

#include "jobs/fit-batch.h"
#include "linalg/pairwise-sum.h"
#include "program/interpreter.h"

namespace {

using nadir::Column;
using nadir::FitBatch;

// A quarter of a usual second-level cache; with all else a thread stays under 1 MB.
constexpr int64_t bufferBytes = 512 * 1024;

NADIR_INLINE double valueAt(const Column& column, int64_t i) {
  return column.isSingle ? static_cast<double>(static_cast<const float*>(column.data)[i])
                         : static_cast<const double*>(column.data)[i];
}

struct LaneData {
  const FitBatch& batch;
  const Program& program;
  int64_t mostPoints;
  bool isRagged, isWeighted;
  // One fit over all lanes, a block of points in each, instead of one fit per lane.
  bool isWide;
  // Whether all points of the lanes' data sets are held, or those of one chunk.
  bool isBuffered;
  // Whether predictors, and what follows from them alone, are filled once for all fits.
  bool sharesX;
  // Rows of a column.
  int64_t rows;
  // Predictors, then derived data.
  F64** columns;
  F64* y;
  F64* weights;
  // First point of each lane in y and where it is laid out as y, in shared columns, and their number.
  int64_t first[lanes], sharedFirst[lanes], points[lanes];

  explicit LaneData(const FitBatch& b) : batch(b), program(*b.program) {
    isRagged = batch.offsets != nullptr;
    mostPoints = batch.points;
    if (isRagged) {
      mostPoints = 0;
      for (int64_t k = 0; k < batch.fits; k++)
        if (countOf(k) > mostPoints) mostPoints = countOf(k);
    }
    const int64_t blocks = (mostPoints + blockPoints - 1) / blockPoints;
    const int64_t wideRows = (blocks + lanes - 1) / lanes * blockPoints;
    // Few long data sets: cheaper one after another over all lanes than side by side.
    isWide = batch.fits < lanes && batch.fits * wideRows < mostPoints;
    isWeighted = isRagged || isWide || batch.sigma.data != nullptr;
    rows = isWide ? wideRows : mostPoints;
    isBuffered = rows * (program.dataSlots + 2) * static_cast<int64_t>(sizeof(F64)) <= bufferBytes;
    sharesX = batch.xShared && isBuffered && !isWide;
  }

  int64_t firstOf(int64_t k) const {
    return isRagged ? static_cast<int64_t>(batch.offsets[k]) : k * batch.points;
  }
  // Where the observations of fit k begin.
  int64_t observedFirst(int64_t k) const { return batch.yShared ? 0 : firstOf(k); }
  int64_t countOf(int64_t k) const {
    return isRagged ? static_cast<int64_t>(batch.offsets[k + 1]) - batch.offsets[k] : batch.points;
  }

  void layout(Arena& arena, int chunk, bool isMeasuring) {
    const int64_t held = isBuffered ? rows : chunk;
    columns = arena.take<F64*>(program.dataSlots);
    F64* const block = arena.take<F64>(held * (program.dataSlots + 2));
    for (int k = 0; k < program.dataSlots && !isMeasuring; k++) columns[k] = block + held * k;
    y = block + held * program.dataSlots;
    weights = y + held;
  }

  // Gives a lane the points [from, from + count) of fit k.
  void place(int lane, int64_t k, int64_t from, int64_t count) {
    first[lane] = observedFirst(k) + from;
    sharedFirst[lane] = from;
    points[lane] = count;
  }

  // Points [from, to) of one lane, written from row `row` on. Beyond its last point a lane repeats
  // it with weight zero, so that nothing new can become infinite there.
  NADIR_NOINLINE void fill(int lane, int64_t from, int64_t to, int64_t row) {
    const int64_t within = to < points[lane] ? to : points[lane];
    const auto start = [&](F64* column) { return reinterpret_cast<double*>(column) + row * lanes + lane; };
    fillColumn(batch.y, first[lane], from, within, to, start(y));
    if (!sharesX)
      for (int k = 0; k < program.predictors; k++)
        fillColumn(batch.x[k], batch.xShared ? sharedFirst[lane] : first[lane], from, within, to,
                   start(columns[k]));
    if (!isWeighted) return;
    double* const w = start(weights);
    const int64_t offset = batch.sigmaShared ? sharedFirst[lane] : first[lane];
    for (int64_t i = from; i < within; i++)
      w[(i - from) * lanes] = batch.sigma.data ? 1 / valueAt(batch.sigma, offset + i) : 1;
    for (int64_t i = within > from ? within : from; i < to; i++) w[(i - from) * lanes] = 0;
  }

  // The row that the next free lane will read, fetched while the others compute.
  void prefetch(int64_t k) const {
    if (k >= batch.fits) return;
    const int size = batch.y.isSingle ? 4 : 8;
    const char* const row = static_cast<const char*>(batch.y.data) + observedFirst(k) * size;
    const int64_t bytes = countOf(k) * size < 2048 ? countOf(k) * size : 2048;
    for (int64_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at);
  }

 private:
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
};

}  // namespace
