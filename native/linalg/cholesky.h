// LDLᵀ factorisation of symmetric positive definite matrices, one matrix per lane. Twin and
// exposition: portable/linalg/cholesky.ts.
#pragma once

#include "simd/vec.h"

namespace {

// See the twin: a pivot that keeps no more of its diagonal element is called zero.
constexpr double pivotRank = 2e-15;

// Returns the lanes in which every pivot is larger than `tolerance` times its diagonal element.
NADIR_INLINE Mask factor(F64* a, int n, double tolerance) {
  Mask positive = splatInt(-1);
  for (int j = 0; j < n; j++) {
    F64* const row = a + j * (j + 1) / 2;
    for (int k = 0; k < j; k++) {
      const F64* const other = a + k * (k + 1) / 2;
      F64 s = row[k];
      for (int i = 0; i < k; i++) s = negMulAdd(row[i], other[i], s);
      row[k] = s;
    }
    const F64 diagonal = row[j];
    F64 pivot = diagonal;
    for (int k = 0; k < j; k++) {
      const F64 scaled = row[k];
      const F64 l = scaled * a[k * (k + 3) / 2];
      pivot = negMulAdd(scaled, l, pivot);
      row[k] = l;
    }
    positive &= pivot > splat(tolerance) * diagonal;
    row[j] = splat(1) / pivot;
  }
  return positive;
}

NADIR_INLINE void solve(const F64* a, int n, F64* b) {
  for (int i = 1; i < n; i++) {
    const F64* const row = a + i * (i + 1) / 2;
    F64 s = b[i];
    for (int k = 0; k < i; k++) s = negMulAdd(row[k], b[k], s);
    b[i] = s;
  }
  for (int i = 0; i < n; i++) b[i] = b[i] * a[i * (i + 3) / 2];
  for (int i = n - 2; i >= 0; i--) {
    F64 s = b[i];
    for (int k = i + 1; k < n; k++) s = negMulAdd(a[k * (k + 1) / 2 + i], b[k], s);
    b[i] = s;
  }
}

NADIR_INLINE void inverseColumn(const F64* a, int n, int j, F64* column) {
  for (int i = 0; i < n; i++) column[i] = splat(i == j ? 1 : 0);
  solve(a, n, column);
}

}  // namespace
