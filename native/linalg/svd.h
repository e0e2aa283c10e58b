// Singular values by one-sided Jacobi rotations. Twin and exposition: portable/linalg/svd.ts.
#pragma once

#include "simd/vec.h"

namespace {

static double dot(const double* a, const double* b, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static void rotate(double* p, double* q, int n, double cos, double sin) {
  for (int i = 0; i < n; i++) {
    const double x = p[i], y = q[i];
    p[i] = cos * x - sin * y;
    q[i] = sin * x + cos * y;
  }
}

static void swapColumns(double* p, double* q, int n) {
  for (int i = 0; i < n; i++) {
    const double t = p[i];
    p[i] = q[i];
    q[i] = t;
  }
}

// G = U·Σ·Vᵀ of the n × n matrix in `g` (column j at j·n), Σ descending. On return the columns of
// `g` are those of U (zero where σ is zero), `sigma` holds Σ and the columns of `v` are those of V.
static NADIR_NOINLINE void jacobiSvd(double* g, int n, double* v, double* sigma) {
  constexpr int maxSweeps = 40;
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++) v[j * n + i] = i == j ? 1 : 0;
  // Columns are orthogonal when their cosine is at most this.
  const double limit = n * 0x1p-52;
  bool isDone = n < 2;
  for (int sweep = 0; sweep < maxSweeps && !isDone; sweep++) {
    isDone = true;
    for (int p = 0; p < n - 1; p++) {
      double* const left = g + p * n;
      int longest = p;
      double square = dot(left, left, n);
      for (int j = p + 1; j < n; j++) {
        const double candidate = dot(g + j * n, g + j * n, n);
        if (candidate > square) {
          square = candidate;
          longest = j;
        }
      }
      if (longest != p) {
        swapColumns(left, g + longest * n, n);
        swapColumns(v + p * n, v + longest * n, n);
      }
      for (int q = p + 1; q < n; q++) {
        double* const right = g + q * n;
        const double alpha = dot(left, left, n), beta = dot(right, right, n);
        const double gamma = dot(left, right, n);
        if (!(__builtin_fabs(gamma) > limit * __builtin_sqrt(alpha) * __builtin_sqrt(beta))) continue;
        isDone = false;
        // tan 2θ = 2γ/(β − α); the smaller of the two angles (Golub & Van Loan 2013, 8.5.2)
        const double zeta = (beta - alpha) / (2 * gamma);
        const double size = __builtin_fabs(zeta);
        const double root = size > 0x1p500 ? size : __builtin_sqrt(1 + size * size);
        const double tangent = zeta >= 0 ? 1 / (size + root) : -1 / (size + root);
        const double cos = 1 / __builtin_sqrt(1 + tangent * tangent), sin = cos * tangent;
        rotate(left, right, n, cos, sin);
        rotate(v + p * n, v + q * n, n, cos, sin);
      }
    }
  }
  for (int j = 0; j < n; j++) {
    double* const column = g + j * n;
    const double norm = __builtin_sqrt(dot(column, column, n));
    sigma[j] = norm;
    if (norm > 0)
      for (int i = 0; i < n; i++) column[i] = column[i] / norm;
  }
}

}  // namespace
