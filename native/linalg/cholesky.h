// LDLᵀ factorisation of symmetric positive definite matrices, one matrix per lane. Twin and
// exposition: portable/linalg/cholesky.ts.
#pragma once

#include "simd/vec.h"

namespace {

// See the twin: a pivot that keeps no more of its diagonal element is called zero.
constexpr double pivotRank = 2e-15;

// Matrices are no larger than the columns of a program.
constexpr int maxFactorSize = 64;

// Returns the lanes in which every pivot is larger than `tolerance` times its diagonal element.
NADIR_INLINE Mask factor(F64* a, int n, double tolerance) {
  F64 diagonals[maxFactorSize];
  for (int j = 0; j < n; j++) diagonals[j] = a[j * (j + 3) / 2];
  Mask positive = splatInt(-1);
  for (int k = 0; k < n; k++) {
    const F64 pivot = a[k * (k + 3) / 2];
    positive &= pivot > splat(tolerance) * diagonals[k];
    const F64 inverse = splat(1) / pivot;
    a[k * (k + 3) / 2] = inverse;
    for (int i = k + 1; i < n; i++) {
      F64* const row = a + i * (i + 1) / 2;
      const F64 scaled = row[k];
      const F64 l = scaled * inverse;
      for (int j = k + 1; j < i; j++) row[j] = negMulAdd(scaled, a[j * (j + 1) / 2 + k], row[j]);
      row[i] = negMulAdd(scaled, l, row[i]);
      row[k] = l;
    }
  }
  return positive;
}

NADIR_INLINE void solve(const F64* a, int n, F64* b) {
  for (int k = 0; k < n - 1; k++) {
    const F64 known = b[k];
    for (int i = k + 1; i < n; i++) b[i] = negMulAdd(a[i * (i + 1) / 2 + k], known, b[i]);
  }
  for (int i = 0; i < n; i++) b[i] = b[i] * a[i * (i + 3) / 2];
  for (int k = n - 1; k > 0; k--) {
    const F64* const row = a + k * (k + 1) / 2;
    const F64 known = b[k];
    for (int i = 0; i < k; i++) b[i] = negMulAdd(row[i], known, b[i]);
  }
}

NADIR_INLINE void inverseColumn(const F64* a, int n, int j, F64* column) {
  for (int i = 0; i < n; i++) column[i] = splat(i == j ? 1 : 0);
  solve(a, n, column);
}

}  // namespace
