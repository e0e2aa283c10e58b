// QR with column pivoting of the free columns of J, each divided by its norm. Twin and exposition:
// portable/optim/careful-factor.ts.
#pragma once

#include "optim/careful-point.h"

namespace {
namespace careful {

struct Factor {
  int stride;
  // Columns that take part, and the variable that each of them belongs to, in the order of pivoting.
  int size;
  int32_t* variable;
  // Norm that the k-th column was divided by.
  double* norm;
  // R, column k at k·stride, and Qᵀ times the right-hand side.
  double* r;
  double* q;
  int rank;
  // What a whole Gauss–Newton step takes off the sum of squares, by the local model.
  double possible;
  // Largest cosine between the right-hand side and a column.
  double cosine;
  int32_t* order;
  int32_t* variables;
  double* norms;

  template <class Arena>
  void layout(Arena& arena, int n, bool withDiagonal) {
    stride = withDiagonal ? 2 * n : n;
    variable = arena.template take<int32_t>(n);
    norm = arena.template take<double>(n);
    r = arena.template take<double>(n * stride);
    q = arena.template take<double>(stride);
    order = arena.template take<int32_t>(n);
    variables = arena.template take<int32_t>(n);
    norms = arena.template take<double>(n);
  }

  // Factors J·W with √C below, W and C diagonal (null: identity and nothing), over the variables
  // where `isFixed` is 0. Columns of zeros take no part.
  NADIR_NOINLINE void build(const CarefulPoint& point, const uint8_t* isFixed, const double* rhs,
                            const double* weight, const double* rootC) {
    const int n = point.n;
    const int rows = rootC ? 2 * n : n;
    size = 0;
    cosine = 0;
    for (int j = 0; j < n; j++) {
      if (isFixed[j] != 0) continue;
      double* const column = r + size * stride;
      const double* const from = point.triangle + j * (j + 1) / 2;
      const double w = weight ? weight[j] : 1;
      for (int i = 0; i < rows; i++) column[i] = i <= j ? from[i] * w : 0;
      if (rootC) column[n + j] = rootC[j];
      const double length = normOf(column, rows);
      if (length == 0) continue;
      double sum = 0;
      for (int i = 0; i < rows; i++) column[i] = column[i] / length;
      for (int i = 0; i <= j; i++) sum += column[i] * rhs[i];
      const double angle = sum == 0 ? 0 : __builtin_fabs(sum) / point.residualNorm;
      if (!(angle <= cosine)) cosine = angle;
      variables[size] = j;
      norms[size] = length;
      size++;
    }
    for (int i = 0; i < rows; i++) q[i] = i < n ? rhs[i] : 0;
    factorPivoted(r, rows, size, stride, order, q);
    const double tolerance = static_cast<double>(point.points > n ? point.points : n) * epsilon;
    rank = size;
    for (int k = 0; k < size; k++) {
      variable[k] = variables[order[k]];
      norm[k] = norms[order[k]];
    }
    for (int k = size - 1; k >= 0; k--)
      if (!(__builtin_fabs(r[k * stride + k]) > tolerance)) rank = k;
    possible = 0;
    for (int k = 0; k < rank; k++) possible += q[k] * q[k];
  }

  // Solves R·u = q in the first `rank` unknowns; the others are zero.
  void solveInto(double* u) const {
    for (int k = 0; k < size; k++) u[k] = k < rank ? q[k] : 0;
    for (int k = rank - 1; k >= 0; k--) {
      const double* const column = r + k * stride;
      u[k] = u[k] / column[k];
      const double known = u[k];
      for (int i = 0; i < k; i++) u[i] = u[i] - column[i] * known;
    }
  }
};

}  // namespace careful
}  // namespace
