// What is known at the best point of a careful run. Twin and exposition:
// portable/optim/careful-point.ts.
#pragma once

#include "linalg/qr.h"
#include "optim/careful-options.h"

namespace {
namespace careful {

constexpr double epsilon = 0x1p-52;

NADIR_INLINE void copy(double* to, const double* from, int count) {
  for (int k = 0; k < count; k++) to[k] = from[k];
}
NADIR_INLINE void fill(double* to, double value, int count) {
  for (int k = 0; k < count; k++) to[k] = value;
}

struct CarefulPoint {
  int n;
  const CarefulOptions* options;
  // Length of r.
  int64_t points;
  double* x;
  // R of [J, r], packed by columns.
  double* triangle;
  // The first n elements of Qᵀr.
  double* rhs;
  // Norms of the columns of J, and the sizes that steps are measured in: D.
  double* norm;
  double* scale;
  // Largest norm that each column had.
  double* largest;
  // Jᵀr: the sum of squares falls along it.
  double* gradient;
  // −1 or 1 where the variable stands at its lower or upper bound and the gradient pushes outward.
  int8_t* active;
  double residualNorm, value;
  double* product;

  int triangleSize() const { return (n + 1) * (n + 2) / 2; }

  template <class Arena>
  void layout(Arena& arena) {
    x = arena.template take<double>(n);
    triangle = arena.template take<double>(triangleSize());
    rhs = arena.template take<double>(n);
    norm = arena.template take<double>(n);
    scale = arena.template take<double>(n);
    largest = arena.template take<double>(n);
    gradient = arena.template take<double>(n);
    active = arena.template take<int8_t>(n);
    product = arena.template take<double>(n);
  }

  void start() {
    fill(scale, 0, n);
    fill(largest, 0, n);
    for (int j = 0; j < n; j++) active[j] = 0;
    value = __builtin_nan("");
  }

  // Takes over what finish asks for (careful-final.h).
  void copyFrom(const CarefulPoint& other) {
    points = other.points;
    copy(x, other.x, n);
    copy(triangle, other.triangle, triangleSize());
    copy(rhs, other.rhs, n);
    for (int j = 0; j < n; j++) active[j] = other.active[j];
    residualNorm = other.residualNorm;
    value = other.value;
  }

  double lowerOf(int j) const { return options->lower ? options->lower[j] : -__builtin_inf(); }
  double upperOf(int j) const { return options->upper ? options->upper[j] : __builtin_inf(); }

  // Derives everything from `triangle` and `x`.
  NADIR_NOINLINE void update() {
    const int last = n * (n + 1) / 2;
    for (int i = 0; i < n; i++) rhs[i] = triangle[last + i];
    residualNorm = normOf(triangle + last, n + 1);
    for (int j = 0; j < n; j++) {
      const double* const column = triangle + j * (j + 1) / 2;
      norm[j] = normOf(column, j + 1);
      if (norm[j] > largest[j]) largest[j] = norm[j];
      // Sizes are a running maximum (Moré 1978, section 6).
      scale[j] = options->xScale ? 1 / options->xScale[j] : largest[j];
      double sum = 0;
      for (int i = 0; i <= j; i++) sum += column[i] * rhs[i];
      gradient[j] = sum;
      active[j] = x[j] <= lowerOf(j) && sum < 0 ? -1 : x[j] >= upperOf(j) && sum > 0 ? 1 : 0;
    }
  }

  // D of variable j; 1 for a column that has always been zero.
  double sizeOf(int j) const { return scale[j] > 0 ? scale[j] : 1; }

  // ‖D·v‖
  double scaledNorm(const double* v) {
    for (int j = 0; j < n; j++) product[j] = scale[j] * v[j];
    return normOf(product, n);
  }

  // The same by the columns as they are now: how much each element changes the model.
  double effectOf(const double* v) {
    for (int j = 0; j < n; j++) product[j] = norm[j] * v[j];
    return normOf(product, n);
  }

  // R·v, the first n rows.
  void multiplyInto(const double* v, double* to) const {
    for (int i = 0; i < n; i++) to[i] = 0;
    for (int j = 0, at = 0; j < n; j++, at += j) {
      const double factor = v[j];
      if (factor == 0) continue;
      for (int i = 0; i <= j; i++) to[i] = to[i] + triangle[at + i] * factor;
    }
  }

  // ‖r‖² − ‖r − Jδ‖² = (Jδ)ᵀ(2r − Jδ)
  NADIR_NOINLINE double reductionOf(const double* step) {
    multiplyInto(step, product);
    double sum = 0;
    for (int i = 0; i < n; i++) sum += product[i] * (2 * rhs[i] - product[i]);
    return sum;
  }

  // How far rounding may move r: the change from a rounding of every variable, four times over.
  double noise() { return 4 * epsilon * effectOf(x); }

  // How far rounding may move the sum of squares: through r, and in adding up.
  double valueNoise() {
    const double move = noise();
    return 2 * move * residualNorm + move * move + 4 * epsilon * value;
  }
};

}  // namespace careful
}  // namespace
