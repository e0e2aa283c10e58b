// Householder QR of one matrix of doubles: by blocks of rows, and with column pivoting. Twin and
// exposition: portable/linalg/qr.ts. The eight running sums of a dot stand in 8/lanes vectors.
#pragma once

#include "simd/vec.h"

namespace {

// Rows of a block: that of the sums over points.
constexpr int blockRows = 128;

// Power of two by which numbers up to `largest` are multiplied before they are squared.
NADIR_INLINE double squaringScale(double largest) {
  return largest > 0x1p500 ? 0x1p-600 : largest < 0x1p-500 ? 0x1p600 : 1;
}

static double largestOf(const double* a, int count) {
  double largest = 0;
  for (int i = 0; i < count; i++) {
    const double size = __builtin_fabs(a[i]);
    if (size > largest) largest = size;
  }
  return largest;
}

// √(Σ a²), one element after another.
static NADIR_NOINLINE double normOf(const double* a, int count) {
  const double largest = largestOf(a, count);
  if (largest == 0) return 0;
  const double scale = squaringScale(largest);
  double sum = 0;
  for (int i = 0; i < count; i++) {
    const double t = a[i] * scale;
    sum += t * t;
  }
  return __builtin_sqrt(sum) / scale;
}

// Σ (a·s)(b·s) over `count` elements, a multiple of 8.
NADIR_INLINE double dot8(const double* a, const double* b, int count, double s) {
  constexpr int parts = 8 / lanes;
  const F64 scale = splat(s);
  F64 sums[parts];
  for (int p = 0; p < parts; p++) sums[p] = splat(0);
  for (int i = 0; i < count; i += 8)
    for (int p = 0; p < parts; p++)
      sums[p] = sums[p] + (load(a + i + p * lanes) * scale) * (load(b + i + p * lanes) * scale);
  double r[8];
  for (int p = 0; p < parts; p++) store(r + p * lanes, sums[p]);
  return ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
}

// The triangle of a matrix whose rows come in blocks.
struct RowTriangle {
  int columns;
  // Rows to be added: column j stands at j·blockRows. `push` overwrites it.
  double* block;
  // R so far, packed by columns: (i, j), i ≤ j, at j(j + 1)/2 + i.
  double* triangle;
  uint8_t* isUsed;

  template <class Arena>
  void layout(Arena& arena) {
    block = arena.template take<double>(columns * blockRows);
    triangle = arena.template take<double>(columns * (columns + 1) / 2);
    isUsed = arena.template take<uint8_t>(columns);
  }

  void clear() {
    for (int k = 0; k < columns * (columns + 1) / 2; k++) triangle[k] = 0;
  }

  // Folds the first `rows` rows of the block into the triangle.
  NADIR_NOINLINE void push(int rows) {
    // Dots run over eights: rows of zeros follow.
    const int count = (rows + 7) & ~7;
    for (int j = 0; j < columns; j++) {
      double* const column = block + j * blockRows;
      for (int i = rows; i < count; i++) column[i] = 0;
      isUsed[j] = largestOf(column, count) != 0;
    }
    for (int k = 0; k < columns; k++) {
      double* const v = block + k * blockRows;
      double& diagonal = triangle[k * (k + 3) / 2];
      const double alpha = diagonal, below = largestOf(v, count);
      if (below == 0) continue;
      const double size = __builtin_fabs(alpha);
      const double scale = squaringScale(size > below ? size : below);
      const double t = alpha * scale;
      const double norm = __builtin_sqrt(t * t + dot8(v, v, count, scale)) / scale;
      const double beta = alpha >= 0 ? -norm : norm;
      const double first = alpha - beta;
      const double tau = -first / beta;
      for (int i = 0; i < count; i++) v[i] = v[i] / first;
      diagonal = beta;
      for (int j = k + 1; j < columns; j++) {
        double* const to = block + j * blockRows;
        double& cell = triangle[j * (j + 1) / 2 + k];
        const double above = cell;
        // Columns of zeros, as a banded matrix has: nothing to add, often nothing to do.
        const double w = tau * (isUsed[j] ? above + dot8(v, to, count, 1) : above);
        if (w == 0) continue;
        isUsed[j] = 1;
        cell = above - w;
        const F64 factor = splat(w);
        for (int i = 0; i < count; i += lanes) store(to + i, load(to + i) - factor * load(v + i));
      }
    }
  }
};

// Applies the reflector that stands in the column `v` below row k to the vector `target`.
static void reflect(const double* v, double* target, int k, int rows, double tau) {
  double sum = target[k];
  for (int i = k + 1; i < rows; i++) sum += v[i] * target[i];
  const double w = tau * sum;
  target[k] = target[k] - w;
  for (int i = k + 1; i < rows; i++) target[i] = target[i] - w * v[i];
}

// QR with column pivoting of the `rows` × `columns` matrix in `a` (column j at j·stride), applied
// to the vector `b` as well. On return R stands in the upper triangle, `order[k]` says which
// column came k-th, and b holds Qᵀb. What stands below the diagonal is of no use.
// `columns` ≤ `rows` is not required.
static NADIR_NOINLINE void factorPivoted(double* a, int rows, int columns, int stride, int32_t* order,
                                         double* b) {
  for (int k = 0; k < columns; k++) order[k] = k;
  const int steps = rows < columns ? rows : columns;
  for (int k = 0; k < steps; k++) {
    int pivot = k;
    double norm = normOf(a + k * stride + k, rows - k);
    for (int j = k + 1; j < columns; j++) {
      const double candidate = normOf(a + j * stride + k, rows - k);
      if (candidate > norm) {
        norm = candidate;
        pivot = j;
      }
    }
    if (norm == 0) return;
    double* const v = a + k * stride;
    if (pivot != k) {
      const int32_t swapped = order[k];
      order[k] = order[pivot];
      order[pivot] = swapped;
      double* const other = a + pivot * stride;
      for (int i = 0; i < rows; i++) {
        const double t = v[i];
        v[i] = other[i];
        other[i] = t;
      }
    }
    const double alpha = v[k];
    const double beta = alpha >= 0 ? -norm : norm;
    const double first = alpha - beta;
    const double tau = -first / beta;
    for (int i = k + 1; i < rows; i++) v[i] = v[i] / first;
    v[k] = beta;
    for (int j = k + 1; j < columns; j++) reflect(v, a + j * stride, k, rows, tau);
    reflect(v, b, k, rows, tau);
  }
}

}  // namespace
