// What the triangle at the end of a run says: rank and covariance. Twin and exposition:
// portable/optim/careful-final.ts.
#pragma once

#include "optim/careful-rank.h"

namespace {
namespace careful {

struct FinalFactor {
  // Number of free directions that the data resolve; full: `free`.
  int rank;
  // Variables not at an active bound.
  int free;
  const CarefulPoint* point;
  Decomposition* parts;
  Factor factor;
  uint8_t* isFixed;
  double* inverse;

  template <class Arena>
  void layout(Arena& arena, int n, Decomposition& shared) {
    parts = &shared;
    factor.layout(arena, n, false);
    isFixed = arena.template take<uint8_t>(n);
    inverse = arena.template take<double>(n * n);
  }

  void build(const CarefulPoint& at) {
    point = &at;
    free = 0;
    for (int j = 0; j < at.n; j++) {
      isFixed[j] = at.active[j] != 0;
      if (isFixed[j] == 0) free++;
    }
    factor.build(at, isFixed, at.rhs, nullptr, nullptr);
    rank = factor.rank;
  }

  // σ₁/σₙ of the free columns of J, each divided by its norm; infinite with a column of zeros.
  NADIR_NOINLINE double conditionNumber() {
    const int size = factor.size;
    if (free == 0) return 1;
    if (size < free) return __builtin_inf();
    parts->decompose(factor);
    const double* const sigma = parts->sigma;
    return sigma[size - 1] == 0 ? __builtin_inf() : sigma[0] / sigma[size - 1];
  }

  // (JᵀJ)⁻¹ over the free variables, n × n; NaN in rows and columns of variables at an active
  // bound. Without full rank: false and NaN throughout, or with `pseudo` the Moore–Penrose inverse
  // in the metric of the column norms.
  NADIR_NOINLINE bool covarianceInto(double* out, bool pseudo) {
    const int n = point->n, size = factor.size, stride = factor.stride;
    const double* const r = factor.r;
    const int32_t* const variable = factor.variable;
    fill(out, __builtin_nan(""), n * n);
    const bool isFull = rank == free;
    if (!isFull && !pseudo) return false;
    fill(inverse, 0, size * size);
    if (isFull) {
      // R⁻¹, column by column; then R⁻¹·R⁻ᵀ.
      for (int k = 0; k < size; k++) {
        double* const column = inverse + k * size;
        column[k] = 1 / r[k * stride + k];
        for (int i = k - 1; i >= 0; i--) {
          double sum = 0;
          for (int j = i + 1; j <= k; j++) sum += r[j * stride + i] * column[j];
          column[i] = -sum / r[i * stride + i];
        }
      }
    } else {
      // Right singular vectors over their singular values.
      parts->decompose(factor);
      for (int k = 0; k < rank; k++)
        for (int i = 0; i < size; i++) inverse[k * size + i] = parts->right[k * size + i] / parts->sigma[k];
      // Columns of zeros have no share in any direction.
      for (int a = 0; a < n; a++)
        for (int b = 0; b < n; b++)
          if (isFixed[a] == 0 && isFixed[b] == 0) out[a * n + b] = 0;
    }
    for (int a = 0; a < size; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = 0;
        for (int k = 0; k < size; k++) sum += inverse[k * size + a] * inverse[k * size + b];
        const double entry = sum / factor.norm[a] / factor.norm[b];
        out[variable[a] * n + variable[b]] = entry;
        out[variable[b] * n + variable[a]] = entry;
      }
    }
    return isFull;
  }
};

}  // namespace careful
}  // namespace
