// Where columns depend on one another: the least-norm solution. Twin and exposition:
// portable/optim/careful-rank.ts.
#pragma once

#include "linalg/svd.h"
#include "optim/careful-factor.h"

namespace {
namespace careful {

// Singular value decomposition of a factor's triangle: R = left · Σ · rightᵀ.
struct Decomposition {
  double* left;
  double* right;
  double* sigma;

  template <class Arena>
  void layout(Arena& arena, int n) {
    left = arena.template take<double>(n * n);
    right = arena.template take<double>(n * n);
    sigma = arena.template take<double>(n);
  }

  void decompose(const Factor& factor) {
    const int size = factor.size;
    // Rᵀ: its columns are the rows of R.
    for (int i = 0; i < size; i++)
      for (int j = 0; j < size; j++)
        right[i * size + j] = j >= i ? factor.r[j * factor.stride + i] : 0;
    jacobiSvd(right, size, left, sigma);
  }

  // u of least norm with least ‖R·u − q‖: R⁺q, singular values beyond the rank taken for zero.
  NADIR_NOINLINE void pseudoSolveInto(const Factor& factor, double* u) {
    const int size = factor.size;
    decompose(factor);
    for (int i = 0; i < size; i++) u[i] = 0;
    for (int k = 0; k < factor.rank; k++) {
      if (sigma[k] == 0) continue;
      double sum = 0;
      for (int i = 0; i < size; i++) sum += left[k * size + i] * factor.q[i];
      const double along = sum / sigma[k];
      for (int i = 0; i < size; i++) u[i] = u[i] + along * right[k * size + i];
    }
  }
};

}  // namespace careful
}  // namespace
