// Nonlinear least squares with care: QR, trust regions, bounds, honest tests. Asked for one
// evaluation at a time. Twin and exposition: portable/optim/careful-solver.ts. One solver serves
// all kinds of steps, of which one works at a time: they share their memory.
#pragma once

#include "optim/careful-dogbox.h"
#include "optim/careful-final.h"
#include "optim/careful-gauss-newton.h"
#include "optim/careful-lm.h"
#include "optim/careful-polish.h"
#include "optim/careful-trf.h"
#include "optim/status.h"

namespace {
namespace careful {

using nadir::Status;

// Noise is an estimate: so many times over it counts as noise where steps fail.
constexpr double stallMargin = 16;
// What counts as all: of S, and of what a Gauss–Newton step promises.
constexpr double wholePart = 0.5;
// More noise than this part of S is no ground for a success.
constexpr double mostNoise = 1e-10;
// A cosine within gtol counts while a Gauss–Newton step promises at most this part of S.
constexpr double gtolPossible = 1e-8;
// After a step as small as xtol the next one may promise at most so many times more.
constexpr double mostGrowth = 100;
// At the end of trf a Gauss–Newton step may promise this part of S, or so many times ftol.
constexpr double endPart = 1e-6;
constexpr double endMargin = 100;
// Or, where it promises all of S for ever (see wholePart), the cosine may be this: √ε and a margin.
constexpr double endCosine = 1e-6;
// Steps shorter than this against the variables change nothing.
constexpr double leastStep = 2 * epsilon;
// Going on to a bound, at the end of an interior method, may change S by this part of it.
constexpr double snapTolerance = 1e-8;

NADIR_INLINE int codeOf(Status status) { return static_cast<int>(status); }
constexpr int lastSuccess = static_cast<int>(Status::exact);

// What the evaluation that was asked for is for.
enum class Phase { first, probe, trial, flat, snap, polish };

struct CarefulSolver {
  int n;
  CarefulOptions options;
  // Most steps tried, polishing not counted.
  int maxIter;
  // The point to evaluate, and what to evaluate there.
  double* x;
  int want;
  // To be filled before `advance` when wanted.
  double* triangle;
  // Along which a second derivative is wanted.
  double* velocity;
  // The best point, what was told there, and its triangle.
  CarefulPoint point;
  // Steps tried.
  int iteration;

  Phase phase;
  StepKind* kind;
  LmStep lm;
  TrfStep trf;
  DogboxStep dogbox;
  GaussNewtonStep gaussNewton;
  Polisher polisher;
  Decomposition parts;
  // While polishing: the outcome so far, and the best point.
  int outcome;
  double keptValue;
  double* keptX;
  double* keptTriangle;

  // n, options.lower and options.upper have been set.
  template <class Arena>
  void layout(Arena& arena) {
    point.n = n;
    point.options = &options;
    point.layout(arena);
    x = arena.template take<double>(n);
    velocity = arena.template take<double>(n);
    triangle = arena.template take<double>(point.triangleSize());
    keptX = arena.template take<double>(n);
    keptTriangle = arena.template take<double>(point.triangleSize());
    parts.layout(arena, n);
    const auto from = arena.at;
    auto end = from;
    const auto next = [&] {
      if (arena.at > end) end = arena.at;
      arena.at = from;
    };
    lm.layout(arena, point, parts), next();
    trf.layout(arena, point), next();
    dogbox.layout(arena, point, parts), next();
    gaussNewton.layout(arena, point, parts), next();
    polisher.layout(arena, point, parts), next();
    arena.at = end;
  }

  // Begins at the n values of `init`, which lie within the bounds, by the method of the options.
  void start(const double* init) {
    point.start();
    copy(x, init, n);
    if (options.method == LeastSquaresMethod::trf) TrfStep::moveInside(point, x);
    copy(point.x, x, n);
    want = wantValue | wantTriangle;
    iteration = 0;
    phase = Phase::first;
    outcome = running;
    switch (options.method) {
      case LeastSquaresMethod::trf: kind = &trf; break;
      case LeastSquaresMethod::dogbox: kind = &dogbox; break;
      case LeastSquaresMethod::gaussNewton: kind = &gaussNewton; break;
      default: kind = &lm;
    }
  }

  // Consumes what was wanted; returns a status code, or `running` with the next wish.
  NADIR_NOINLINE int advance(double value) {
    switch (phase) {
      case Phase::first:
        if (!isFinite(value) || !isTriangleFinite()) {
          // Without a triangle a number is worth nothing.
          point.value = __builtin_nan("");
          return codeOf(Status::notFinite);
        }
        take(value);
        startKind();
        arriveKind();
        return next(testPoint());
      case Phase::probe:
        if (value == value && isTriangleFinite()) lm.accelerate(triangle);
        return askTrial();
      case Phase::trial:
        return judge(value);
      case Phase::flat:
        // A model that depends on the variable elsewhere: this is a plateau, not a minimum.
        if (!(value == point.value) || !isFlatThere()) return codeOf(Status::singular);
        return succeed();
      case Phase::snap:
        if (isFinite(value) && isTriangleFinite() && value <= point.value + snapTolerance * point.value)
          take(value);
        return beginPolish();
      default:
        return judgePolish(value);
    }
  }

 private:
  static bool isFinite(double value) { return __builtin_fabs(value) < __builtin_inf(); }

  bool isTriangleFinite() const {
    double sum = 0;
    for (int k = 0; k < point.triangleSize(); k++) sum += __builtin_fabs(triangle[k]);
    return sum < __builtin_inf();
  }

  NADIR_NOINLINE void take(double value) {
    copy(point.x, x, n);
    copy(point.triangle, triangle, point.triangleSize());
    point.value = value;
    point.update();
  }

  // ------------------------------------------------------------------ the kind of steps

  NADIR_NOINLINE void startKind() {
    switch (options.method) {
      case LeastSquaresMethod::trf: return trf.start();
      case LeastSquaresMethod::dogbox: return dogbox.start();
      case LeastSquaresMethod::gaussNewton: return gaussNewton.start();
      default: return lm.start();
    }
  }

  NADIR_NOINLINE void arriveKind() {
    switch (options.method) {
      case LeastSquaresMethod::trf: return trf.arrive();
      case LeastSquaresMethod::dogbox: return dogbox.arrive();
      case LeastSquaresMethod::gaussNewton: return gaussNewton.arrive();
      default: return lm.arrive();
    }
  }

  NADIR_NOINLINE bool proposeKind() {
    switch (options.method) {
      case LeastSquaresMethod::trf: return trf.propose();
      case LeastSquaresMethod::dogbox: return dogbox.propose();
      case LeastSquaresMethod::gaussNewton: return gaussNewton.propose();
      default: return lm.propose();
    }
  }

  NADIR_NOINLINE void judgeKind(double actual, double ratio) {
    switch (options.method) {
      case LeastSquaresMethod::trf: return trf.judge(actual, ratio);
      case LeastSquaresMethod::dogbox: return dogbox.judge(actual, ratio);
      case LeastSquaresMethod::gaussNewton: return gaussNewton.judge(actual, ratio);
      default: return lm.judge(actual, ratio);
    }
  }

  // ------------------------------------------------------------------ tests and steps

  // Tests that need a point only.
  int testPoint() {
    if (point.value == 0) return codeOf(Status::exact);
    bool isFlat = n > 0;
    for (int j = 0; j < n; j++)
      if (point.norm[j] > 0) isFlat = false;
    if (isFlat) return codeOf(Status::singular);
    // Between dependent columns a cosine may be small far from a minimum.
    if (kind->cosine <= options.gtol && kind->possible <= gtolPossible * point.value)
      return codeOf(Status::gtol);
    if (isResolved(kind->possible)) return codeOf(Status::ftol);
    return running;
  }

  // Whether a reduction is within what rounding may do to the sum of squares.
  bool isResolved(double reduction) {
    const double noise = point.noise();
    return reduction <= noise * noise;
  }

  int judge(double value) {
    iteration++;
    const bool isNumber = isFinite(value) && isTriangleFinite();
    const double actual = isNumber ? point.value - value : -__builtin_inf();
    const double ratio = kind->predicted > 0 ? actual / kind->predicted : -__builtin_inf();
    int status = running;
    if (isNumber) {
      const double limit = options.ftol * point.value;
      if (__builtin_fabs(actual) <= limit && kind->possible <= limit && ratio <= 2)
        status = codeOf(Status::ftol);
      else if (kind->isUndamped && kind->length <= options.xtol * point.scaledNorm(point.x) &&
               point.effectOf(kind->step) <= options.xtol * point.effectOf(point.x) &&
               kind->predicted >= wholePart * kind->possible)
        status = codeOf(Status::xtol);
    }
    if (!(ratio > minRatio)) {
      if (status != running) return next(status);
      return reject(actual, ratio);
    }
    judgeKind(actual, ratio);
    return accept(value, status);
  }

  int accept(double value, int status) {
    const double before = kind->possible, limit = options.ftol * point.value;
    take(value);
    arriveKind();
    const int tested = testPoint();
    if (tested != running) return next(tested);
    // What was true where the step began must be true where it ends: a column may have woken up.
    const double most = mostGrowth * before, little = gtolPossible * point.value;
    if (status == codeOf(Status::ftol) && !(kind->possible <= limit)) return next(running);
    if (status == codeOf(Status::xtol) && !(kind->possible <= most || kind->possible <= little))
      return next(running);
    return next(status);
  }

  int reject(double actual, double ratio) {
    judgeKind(actual, ratio);
    // A promise below the noise of S cannot be tested: all digits are found that S has. Where J is
    // square and singular a step promises all of S for ever; see the twin.
    const double noise = point.valueNoise(), alone = kind->cosine * point.residualNorm;
    if (kind->predicted <= noise) {
      const double most = mostNoise * point.value, little = noise < most ? noise : most;
      if (kind->possible <= little) return next(codeOf(Status::ftol));
      if (kind->possible >= wholePart * point.value && alone * alone <= stallMargin * little)
        return next(codeOf(Status::gtol));
    }
    const bool isStalled = kind->length <= leastStep * point.scaledNorm(point.x);
    return next(isStalled ? codeOf(Status::noProgress) : running);
  }

  // Ends with this status, polishes first, or proposes the next point.
  NADIR_NOINLINE int next(int status) {
    if (status == running && iteration >= maxIter) return codeOf(Status::maxIter);
    if (status != running) {
      if (status > lastSuccess) return status;
      const bool isExact = status == codeOf(Status::exact);
      if (!isExact && wentFlat()) return codeOf(Status::singular);
      outcome = status;
      if (!isExact && askFlat()) return running;
      return succeed();
    }
    if (!proposeKind()) return next(codeOf(Status::noProgress));
    if (askProbe()) return running;
    return askTrial();
  }

  // At the end of a run that has converged: on to near bounds, and polish.
  int succeed() {
    if (kind == &trf && trf.snapInto(x, snapTolerance * point.value)) {
      want = wantValue | wantTriangle;
      phase = Phase::snap;
      return running;
    }
    return beginPolish();
  }

  // Asks for a point along the step, to learn how the model bends on the way.
  bool askProbe() {
    if (kind != &lm || !options.geodesic || !lm.isFree()) return false;
    for (int j = 0; j < n; j++) {
      velocity[j] = lm.step[j];
      const double to = point.x[j] + probe * velocity[j];
      if (!(to >= point.lowerOf(j) && to <= point.upperOf(j))) return false;
      x[j] = to;
    }
    want = wantCurvature;
    phase = Phase::probe;
    return true;
  }

  // Whether variables whose columns are zero change nothing where the last point was, either.
  bool isFlatThere() const {
    for (int j = 0; j < n; j++)
      if (point.norm[j] == 0 && !(normOf(triangle + j * (j + 1) / 2, j + 1) == 0)) return false;
    return true;
  }

  // Asks for a point with the variables whose columns are zero elsewhere: at 0, or at 1.
  bool askFlat() {
    bool any = false;
    for (int j = 0; j < n; j++) {
      const double p = point.x[j], low = point.lowerOf(j), high = point.upperOf(j);
      x[j] = p;
      if (point.norm[j] > 0) continue;
      const double to = p == 0 ? 1 : 0;
      x[j] = to < low ? low : to > high ? high : to;
      if (x[j] != p) any = true;
    }
    if (!any) return false;
    want = wantValue | wantTriangle;
    phase = Phase::flat;
    return true;
  }

  // A column that was there and is nothing now: the model has run into a plateau.
  bool wentFlat() const {
    for (int j = 0; j < n; j++)
      if (point.norm[j] == 0 && point.largest[j] > 0) return true;
    return false;
  }

  int askTrial() {
    copy(x, kind->trial, n);
    want = wantValue | wantTriangle;
    phase = Phase::trial;
    return running;
  }

  // ------------------------------------------------------------------ polishing

  int beginPolish() {
    if (outcome == codeOf(Status::exact) || n == 0) return outcome;
    if (kind == &trf && !isFreeOfPromises()) return codeOf(Status::noProgress);
    if (!options.polish) return outcome;
    keep();
    return polisher.start(x) ? askPolish() : outcome;
  }

  // An interior method sees its variables through their distance to a bound, however far that is.
  // At the end they are looked at as they are.
  bool isFreeOfPromises() {
    const Factor& factor = polisher.look();
    const double possible = factor.possible, noise = point.noise();
    const double part = endMargin * options.ftol;
    return possible <= (part > endPart ? part : endPart) * point.value || possible <= noise * noise ||
           (possible >= wholePart * point.value && factor.cosine <= endCosine);
  }

  void keep() {
    copy(keptX, point.x, n);
    copy(keptTriangle, point.triangle, point.triangleSize());
    keptValue = point.value;
  }

  int askPolish() {
    want = wantValue | wantTriangle;
    phase = Phase::polish;
    return running;
  }

  NADIR_NOINLINE int judgePolish(double value) {
    if (isFinite(value) && isTriangleFinite() && polisher.allows(value)) {
      take(value);
      if (polisher.arrive()) keep();
      if (polisher.proceed(x)) return askPolish();
      restore();
      return outcome;
    }
    restore();
    return polisher.shorten(x) ? askPolish() : outcome;
  }

  void restore() {
    copy(x, keptX, n);
    copy(triangle, keptTriangle, point.triangleSize());
    take(keptValue);
  }
};

}  // namespace careful
}  // namespace
