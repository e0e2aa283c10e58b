// The step of least local sum of squares within ‖E·u‖ ≤ radius. Twin and exposition:
// portable/optim/careful-region.ts.
#pragma once

#include "optim/careful-factor.h"

namespace {
namespace careful {

struct Region {
  // The step, one value per column of the factor.
  double* u;
  // E, to be filled before `solve`.
  double* scale;
  double* s;
  double* row;
  double* work;

  template <class Arena>
  void layout(Arena& arena, int n) {
    u = arena.template take<double>(n);
    scale = arena.template take<double>(n);
    s = arena.template take<double>(n * n);
    row = arena.template take<double>(n);
    work = arena.template take<double>(n);
  }

  // Fills `u`; returns λ. `guess` is the λ of the step before.
  NADIR_NOINLINE double solve(const Factor& factor, double radius, double guess) {
    constexpr double accuracy = 0.1;
    constexpr int maxRounds = 10;
    const int size = factor.size, stride = factor.stride;
    const double* const r = factor.r;
    factor.solveInto(u);
    double length = scaledLength(size);
    double excess = length - radius;
    if (!(excess > accuracy * radius)) return 0;

    // Lower bound: the Newton step from 0, where the problem has full rank.
    double low = 0;
    if (factor.rank == size) {
      for (int k = 0; k < size; k++) work[k] = scale[k] * ((scale[k] * u[k]) / length);
      for (int k = 0; k < size; k++) {
        double sum = work[k];
        for (int i = 0; i < k; i++) sum -= r[k * stride + i] * work[i];
        work[k] = sum / r[k * stride + k];
      }
      const double slope = normOf(work, size);
      low = excess / radius / slope / slope;
    }
    // Upper bound: ‖E⁻¹Rᵀq‖ / radius.
    for (int k = 0; k < size; k++) {
      double sum = 0;
      for (int i = 0; i <= k; i++) sum += r[k * stride + i] * factor.q[i];
      work[k] = sum / scale[k];
    }
    const double steepness = normOf(work, size);
    double high = steepness / radius;
    double damping = guess > low ? guess : low;
    if (damping > high) damping = high;
    if (damping == 0) damping = steepness / length;

    for (int round = 1;; round++) {
      if (damping == 0) damping = 1e-3 * high > 0x1p-1000 ? 1e-3 * high : 0x1p-1000;
      damp(factor, damping);
      length = scaledLength(size);
      const double before = excess;
      excess = length - radius;
      if (__builtin_fabs(excess) <= accuracy * radius || round >= maxRounds ||
          (low == 0 && excess <= before && before < 0))
        return damping;
      for (int k = 0; k < size; k++) work[k] = scale[k] * ((scale[k] * u[k]) / length);
      solveTransposed(work, size);
      const double slope = normOf(work, size);
      const double correction = excess / radius / slope / slope;
      if (excess > 0) {
        if (damping > low) low = damping;
      } else if (damping < high) {
        high = damping;
      }
      const double next = damping + correction;
      damping = next > low ? next : low;
    }
  }

  // u with (RᵀR + λE²) u = Rᵀq: rows of √λ·E are rotated into a copy of R.
  NADIR_NOINLINE void damp(const Factor& factor, double damping) {
    const int size = factor.size;
    const double root = __builtin_sqrt(damping);
    for (int k = 0; k < size; k++) {
      u[k] = factor.q[k];
      for (int j = k; j < size; j++) s[k * size + j] = factor.r[j * factor.stride + k];
    }
    for (int j = 0; j < size; j++) {
      row[j] = root * scale[j];
      for (int k = j + 1; k < size; k++) row[k] = 0;
      double rest = 0;
      for (int k = j; k < size; k++) {
        const double below = row[k];
        if (below == 0) continue;
        double* const line = s + k * size;
        const double above = line[k];
        double cos, sin;
        if (__builtin_fabs(above) < __builtin_fabs(below)) {
          const double cotangent = above / below;
          sin = 1 / __builtin_sqrt(1 + cotangent * cotangent);
          cos = sin * cotangent;
        } else {
          const double tangent = below / above;
          cos = 1 / __builtin_sqrt(1 + tangent * tangent);
          sin = cos * tangent;
        }
        line[k] = cos * above + sin * below;
        const double known = u[k];
        u[k] = cos * known + sin * rest;
        rest = cos * rest - sin * known;
        for (int i = k + 1; i < size; i++) {
          const double t = line[i];
          line[i] = cos * t + sin * row[i];
          row[i] = cos * row[i] - sin * t;
        }
      }
    }
    for (int k = size - 1; k >= 0; k--) {
      double sum = u[k];
      for (int j = k + 1; j < size; j++) sum -= s[k * size + j] * u[j];
      const double pivot = s[k * size + k];
      u[k] = pivot == 0 ? 0 : sum / pivot;
    }
  }

 private:
  void solveTransposed(double* v, int size) const {
    for (int k = 0; k < size; k++) {
      v[k] = v[k] / s[k * size + k];
      const double known = v[k];
      for (int j = k + 1; j < size; j++) v[j] = v[j] - s[k * size + j] * known;
    }
  }

  double scaledLength(int size) {
    for (int k = 0; k < size; k++) work[k] = scale[k] * u[k];
    return normOf(work, size);
  }
};

}  // namespace careful
}  // namespace
