// Runs of the careful solver, one after another, until one of them ends with a success. Twin and
// exposition: portable/optim/careful-search.ts. One solver makes all runs; the best point is copied.
#pragma once

#include "optim/careful-solver.h"

namespace {
namespace careful {

struct Run {
  LeastSquaresMethod method;
  // Measures variables by the start, and begins there; else by J, from the best point so far.
  bool isFresh, geodesic;
};

static constexpr Run autoRuns[] = {
    {LeastSquaresMethod::lm, false, false},
    {LeastSquaresMethod::trf, true, false},
    {LeastSquaresMethod::dogbox, true, false},
    {LeastSquaresMethod::lm, false, true},
};
constexpr int autoRunCount = sizeof autoRuns / sizeof autoRuns[0];

// A run takes at most this part of the steps left, or as many as this.
constexpr double share = 0.5;
constexpr int leastShare = 100;
// Where J is nearer to losing rank than this, the other runs tell whether there is a minimum.
constexpr double mostCondition = 1e7;
// Of two points whose sums differ by less than this part, one that ended with a success is better.
constexpr double nearlyEqual = 1e-9;

struct CarefulSearch {
  int n;
  // Method automatic: all runs.
  CarefulOptions options;
  int maxIter;
  int64_t points;
  // Steps tried in the runs before the present one.
  int iterations;
  CarefulSolver solver;
  CarefulPoint best;
  FinalFactor factor;
  double* init;
  // Sizes of the variables at the start.
  double* sizes;
  int run, runs;
  bool hasBest;
  int bestStatus;

  // n and options have been set.
  template <class Arena>
  void layout(Arena& arena) {
    solver.n = best.n = n;
    solver.options = options;
    solver.layout(arena);
    best.options = &solver.options;
    best.layout(arena);
    factor.layout(arena, n, solver.parts);
    init = arena.template take<double>(n);
    sizes = arena.template take<double>(n);
    runs = options.method == LeastSquaresMethod::automatic ? autoRunCount : 1;
  }

  const CarefulPoint& bestPoint() const { return hasBest ? best : solver.point; }
  int iteration() const { return iterations + solver.iteration; }

  // Begins. The first run starts at the n values of `from`; later ones at those of `start`, whose
  // steps so far, `done`, count as done.
  NADIR_NOINLINE void start(const double* from, const double* start, int done) {
    double largest = 0;
    for (int j = 0; j < n; j++) {
      const double size = __builtin_fabs(start[j]);
      init[j] = start[j];
      if (size > largest) largest = size;
    }
    for (int j = 0; j < n; j++) {
      const double size = __builtin_fabs(start[j]);
      sizes[j] = size > 0 ? size : largest > 0 ? largest : 1;
    }
    iterations = done;
    hasBest = false;
    bestStatus = running;
    begin(0, from);
  }

  // Consumes what was wanted; returns a status code, or `running` with the next wish.
  int advance(double value) {
    const int status = solver.advance(value);
    if (status == running) return running;
    keep(status);
    if (bestStatus == codeOf(Status::notFinite) || bestStatus == codeOf(Status::exact) ||
        iterations >= maxIter || run + 1 >= runs)
      return bestStatus;
    if (bestStatus <= lastSuccess && finish().conditionNumber() <= mostCondition) return bestStatus;
    begin(run + 1, runOf(run + 1).isFresh ? init : best.x);
    return running;
  }

  // Takes over the present run's outcome if it is the best so far.
  NADIR_NOINLINE void keep(int status) {
    iterations += solver.iteration;
    solver.iteration = 0;
    if (hasBest) {
      const double value = solver.point.value, other = best.value;
      const bool isSuccess = status <= lastSuccess, wasSuccess = bestStatus <= lastSuccess;
      const bool isNear = __builtin_fabs(value - other) <= nearlyEqual * other;
      if (!(isNear ? isSuccess && !wasSuccess : value < other)) return;
    }
    best.copyFrom(solver.point);
    hasBest = true;
    bestStatus = status;
  }

  // Rank and covariance at the best point.
  FinalFactor& finish() {
    factor.build(bestPoint());
    return factor;
  }

 private:
  Run runOf(int k) const {
    return runs == 1 ? Run{options.method, false, options.geodesic} : autoRuns[k];
  }

  void begin(int k, const double* from) {
    const Run next = runOf(k);
    const int left = maxIter - iterations;
    const int part = static_cast<int>(share * left);
    const int fair = part > leastShare ? part : leastShare;
    solver.maxIter = k + 1 < runs && fair < left ? fair : left;
    solver.point.points = points;
    solver.options.method = next.method;
    solver.options.geodesic = next.geodesic || options.geodesic;
    solver.options.xScale = options.xScale ? options.xScale : next.isFresh ? sizes : nullptr;
    run = k;
    solver.start(from);
  }
};

}  // namespace careful
}  // namespace
