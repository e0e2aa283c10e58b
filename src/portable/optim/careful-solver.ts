// Nonlinear least squares with care: QR of the Jacobian instead of its square, trust regions,
// bounds, and tests for convergence that nothing but convergence can meet. Asked for one evaluation
// at a time; careful-options.ts says how it is driven.
//
// Tests, at a point with sum of squares S (after MINPACK: Moré, Garbow & Hillstrom 1980, lmder):
//   ftol   the step changed S by at most ftol·S, and a whole Gauss–Newton step would take off at
//          most ftol·S (the relative offset of Bates & Watts 1981), whatever the radius now is;
//          or it would take off no more than rounding can
//   xtol   an undamped step is at most xtol·‖x‖ in the scaled norm, and measured by the columns of
//          J as they are now
//   gtol   the cosine between r and every free column of J is at most gtol
// A step that was made short, by damping or by a radius, meets none of them.
//
// Polishing goes on with undamped Gauss–Newton steps as long as what the next one promises falls:
// the variables then stand still at rounding level. Twin: native/optim/careful-solver.h.

import { normOf } from '../linalg/qr.ts';
import { DogboxStep } from './careful-dogbox.ts';
import { FinalFactor } from './careful-final.ts';
import { GaussNewtonStep } from './careful-gauss-newton.ts';
import { LmStep, probe } from './careful-lm.ts';
import { running, want, type CarefulOptions } from './careful-options.ts';
import { CarefulPoint, epsilon } from './careful-point.ts';
import { Polisher } from './careful-polish.ts';
import { minRatio, type StepKind } from './careful-step.ts';
import { TrfStep } from './careful-trf.ts';
import { lastSuccess, statusCode } from './status.ts';

/** Noise is an estimate: so many times over it counts as noise where steps fail. */
const stallMargin = 16;
/** What counts as all: of S, and of what a Gauss–Newton step promises. */
const wholePart = 0.5;
/** More noise than this part of S is no ground for a success. */
const mostNoise = 1e-10;
/** A cosine within gtol counts while a Gauss–Newton step promises at most this part of S. */
const gtolPossible = 1e-8;
/** After a step as small as xtol the next one may promise at most so many times more. */
const mostGrowth = 100;
/** At the end of trf a Gauss–Newton step may promise this part of S, or so many times ftol. */
const endPart = 1e-6;
const endMargin = 100;
/** Or, where it promises all of S for ever (see wholePart), the cosine may be this: √ε and a margin. */
const endCosine = 1e-6;
/** Steps shorter than this against the variables change nothing. */
const leastStep = 2 * epsilon;

/** Going on to a bound, at the end of an interior method, may change S by this part of it. */
const snapTolerance = 1e-8;

/** What the evaluation that was asked for is for. */
export const phase = { first: 0, probe: 1, trial: 2, factor: 3, flat: 4, snap: 5, polish: 6 } as const;

export class CarefulSolver {
  readonly n: number;
  /** Most steps tried: that of the options, until set. */
  maxIter: number;
  /** The point to evaluate, and what to evaluate there. */
  readonly x: Float64Array;
  want: number = want.value | want.triangle;
  /** To be filled before `advance` when wanted. */
  readonly triangle: Float64Array;
  /** Along which a second derivative is wanted, and how long the step along it is. */
  readonly velocity: Float64Array;
  readonly probeLength: number = probe;
  /** The best point, what was told there, and its triangle. */
  readonly point: CarefulPoint;
  /** Steps tried, and points evaluated. */
  iteration = 0;
  evaluations = 0;
  /** Evaluations that gave a triangle. */
  factorings = 0;

  readonly #options: CarefulOptions;
  readonly #kind: StepKind;
  readonly #lm: LmStep | null;
  readonly #trf: TrfStep | null;
  readonly #polisher: Polisher;
  #phase: number = phase.first;
  #pendingValue = NaN;
  #pendingStatus: number = running;
  /** While polishing: the outcome so far, and the best point. */
  #outcome: number = running;
  #keptValue = NaN;
  readonly #keptX: Float64Array;
  readonly #keptTriangle: Float64Array;
  #final: FinalFactor | null = null;

  constructor(n: number, options: CarefulOptions) {
    this.n = n;
    this.maxIter = options.maxIter;
    this.#options = options;
    this.point = new CarefulPoint(n, options);
    this.x = new Float64Array(n);
    this.velocity = new Float64Array(n);
    this.triangle = new Float64Array(this.point.triangle.length);
    this.#keptX = new Float64Array(n);
    this.#keptTriangle = new Float64Array(this.triangle.length);
    this.#polisher = new Polisher(this.point);
    this.#lm = options.method === 'lm' ? new LmStep(this.point) : null;
    this.#trf = options.method === 'trf' ? new TrfStep(this.point) : null;
    this.#kind = this.#lm ?? this.#trf ??
      (options.method === 'dogbox' ? new DogboxStep(this.point) : new GaussNewtonStep(this.point));
  }

  get base(): Float64Array {
    return this.point.x;
  }

  /** Where a second derivative is wanted: the base. */
  get center(): Float64Array {
    return this.point.x;
  }

  get baseValue(): number {
    return this.point.value;
  }

  get baseTriangle(): Float64Array {
    return this.point.triangle;
  }

  /** Begins at the n values of `init` from `at` on, which lie within the bounds. */
  start(init: Float64Array, at: number): void {
    const { n, point } = this;
    point.start();
    for (let j = 0; j < n; j++) this.x[j] = init[at + j]!;
    if (this.#options.method === 'trf') TrfStep.moveInside(point, this.x);
    for (let j = 0; j < n; j++) point.x[j] = this.x[j]!;
    this.want = want.value | want.triangle;
    this.iteration = this.evaluations = this.factorings = 0;
    this.#phase = phase.first;
    this.#outcome = running;
    this.#final = null;
  }

  /** Consumes what was wanted; returns a status code, or `running` with the next wish. */
  advance(value: number): number {
    if ((this.want & want.value) !== 0) this.evaluations++;
    if ((this.want & want.triangle) !== 0) this.factorings++;
    if ((this.want & want.curvature) !== 0) this.evaluations++;
    switch (this.#phase) {
      case phase.first: {
        if (!(Math.abs(value) < Infinity) || !this.#isTriangleFinite()) {
          // Without a triangle a number is worth nothing.
          this.point.value = NaN;
          return statusCode.notFinite;
        }
        this.#take(value);
        this.#kind.start();
        this.#kind.arrive();
        return this.#next(this.#testPoint());
      }
      case phase.probe:
        if (value === value && this.#isTriangleFinite()) this.#lm!.accelerate(this.triangle);
        return this.#askTrial();
      case phase.trial:
        return this.#judge(value);
      case phase.factor:
        if (!this.#isTriangleFinite()) return this.#reject(-Infinity, -Infinity);
        return this.#accept(this.#pendingValue, this.#pendingStatus);
      case phase.flat:
        // A model that depends on the variable elsewhere: this is a plateau, not a minimum.
        if (!(value === this.point.value) || !this.#isFlatThere()) return statusCode.singular;
        return this.#succeed();
      case phase.snap:
        if (Math.abs(value) < Infinity && this.#isTriangleFinite() &&
            value <= this.point.value + snapTolerance * this.point.value) this.#take(value);
        return this.#beginPolish();
      default:
        return this.#judgePolish(value);
    }
  }

  /** Rank, condition and covariance at the best point, over the variables not at an active bound. */
  finish(): FinalFactor {
    return (this.#final ??= new FinalFactor(this.point));
  }

  #isTriangleFinite(): boolean {
    const { triangle } = this;
    let sum = 0;
    for (let k = 0; k < triangle.length; k++) sum += Math.abs(triangle[k]!);
    return sum < Infinity;
  }

  #take(value: number): void {
    const { point } = this;
    point.x.set(this.x);
    point.triangle.set(this.triangle);
    point.value = value;
    point.update();
  }

  /** Tests that need a point only. */
  #testPoint(): number {
    const { point, n } = this;
    const { possible, cosine } = this.#kind;
    if (point.value === 0) return statusCode.exact;
    let isFlat = n > 0;
    for (let j = 0; j < n; j++) if (point.norm[j]! > 0) isFlat = false;
    if (isFlat) return statusCode.singular;
    // Between dependent columns a cosine may be small far from a minimum.
    if (cosine <= this.#options.gtol && possible <= gtolPossible * point.value) return statusCode.gtol;
    if (this.#isResolved(possible)) return statusCode.ftol;
    return running;
  }

  /** Whether a reduction is within what rounding may do to the sum of squares. */
  #isResolved(reduction: number): boolean {
    const noise = this.point.noise();
    return reduction <= noise * noise;
  }

  #judge(value: number): number {
    const { point } = this;
    const { ftol, xtol, lazy } = this.#options;
    const kind = this.#kind;
    this.iteration++;
    const isFinite = Math.abs(value) < Infinity && (lazy || this.#isTriangleFinite());
    const { predicted } = kind;
    const actual = isFinite ? point.value - value : -Infinity;
    const ratio = predicted > 0 ? actual / predicted : -Infinity;
    let status: number = running;
    if (isFinite) {
      const limit = ftol * point.value;
      if (Math.abs(actual) <= limit && kind.possible <= limit && ratio <= 2) status = statusCode.ftol;
      else if (kind.isUndamped && kind.length <= xtol * point.scaledNorm(point.x) &&
          point.effectOf(kind.step) <= xtol * point.effectOf(point.x) &&
          predicted >= wholePart * kind.possible) status = statusCode.xtol;
    }
    if (!(ratio > minRatio)) {
      if (status !== running) return this.#next(status);
      return this.#reject(actual, ratio);
    }
    kind.judge(actual, ratio);
    if (!lazy) return this.#accept(value, status);
    this.#pendingValue = value;
    this.#pendingStatus = status;
    this.#phase = phase.factor;
    this.want = want.triangle;
    return running;
  }

  #accept(value: number, status: number): number {
    const kind = this.#kind, { point } = this;
    const { ftol } = this.#options;
    const before = kind.possible, limit = ftol * point.value;
    this.#take(value);
    kind.arrive();
    const tested = this.#testPoint();
    if (tested !== running) return this.#next(tested);
    // What was true where the step began must be true where it ends: a column may have woken up.
    const most = mostGrowth * before, little = gtolPossible * point.value;
    if (status === statusCode.ftol && !(kind.possible <= limit)) return this.#next(running);
    if (status === statusCode.xtol && !(kind.possible <= most || kind.possible <= little))
      return this.#next(running);
    return this.#next(status);
  }

  #reject(actual: number, ratio: number): number {
    const { point } = this;
    const kind = this.#kind;
    const { predicted } = kind;
    kind.judge(actual, ratio);
    // A promise below the noise of S cannot be tested: all digits are found that S has. With as many
    // variables as residuals J is singular at a minimum where S is not zero, and a Gauss–Newton step
    // promises all of S for ever; there it must be no variable alone (cosine²·S) that promises more.
    const noise = point.valueNoise(), alone = kind.cosine * point.residualNorm;
    if (predicted <= noise) {
      const most = mostNoise * point.value, little = noise < most ? noise : most;
      if (kind.possible <= little) return this.#next(statusCode.ftol);
      if (kind.possible >= wholePart * point.value && alone * alone <= stallMargin * little)
        return this.#next(statusCode.gtol);
    }
    const isStalled = kind.length <= leastStep * point.scaledNorm(point.x);
    return this.#next(isStalled ? statusCode.noProgress : running);
  }

  /** Ends with this status, polishes first, or proposes the next point. */
  #next(status: number): number {
    if (status === running && this.iteration >= this.maxIter) return statusCode.maxIter;
    if (status !== running) {
      if (status > lastSuccess) return status;
      if (status !== statusCode.exact && this.#wentFlat()) return statusCode.singular;
      this.#outcome = status;
      if (status !== statusCode.exact && this.#askFlat()) return running;
      return this.#succeed();
    }
    if (!this.#kind.propose()) return this.#next(statusCode.noProgress);
    if (this.#askProbe()) return running;
    return this.#askTrial();
  }

  /** At the end of a run that has converged: on to near bounds, and polish. */
  #succeed(): number {
    if (this.#trf !== null && this.#trf.snapInto(this.x, snapTolerance * this.point.value)) {
      this.want = want.value | want.triangle;
      this.#phase = phase.snap;
      return running;
    }
    return this.#beginPolish();
  }

  /** Asks for a point along the step, to learn how the model bends on the way. */
  #askProbe(): boolean {
    const lm = this.#lm;
    if (lm === null || !this.#options.geodesic || !lm.isFree) return false;
    const { x, velocity, point } = this;
    for (let j = 0; j < this.n; j++) {
      velocity[j] = lm.step[j]!;
      const to = point.x[j]! + probe * velocity[j]!;
      if (!(to >= point.lowerOf(j) && to <= point.upperOf(j))) return false;
      x[j] = to;
    }
    this.want = want.curvature;
    this.#phase = phase.probe;
    return true;
  }

  /** Whether variables whose columns are zero change nothing where the last point was, either. */
  #isFlatThere(): boolean {
    const { point, triangle } = this;
    for (let j = 0; j < this.n; j++)
      if (point.norm[j] === 0 && !(normOf(triangle, (j * (j + 1)) / 2, j + 1) === 0)) return false;
    return true;
  }

  /** Asks for a point with the variables whose columns are zero elsewhere: at 0, or at 1. */
  #askFlat(): boolean {
    const { x, point } = this;
    let any = false;
    for (let j = 0; j < this.n; j++) {
      const p = point.x[j]!, low = point.lowerOf(j), high = point.upperOf(j);
      x[j] = p;
      if (point.norm[j]! > 0) continue;
      const to = p === 0 ? 1 : 0;
      x[j] = to < low ? low : to > high ? high : to;
      if (x[j] !== p) any = true;
    }
    if (!any) return false;
    this.want = want.value | want.triangle;
    this.#phase = phase.flat;
    return true;
  }

  /** A column that was there and is nothing now: the model has run into a plateau. */
  #wentFlat(): boolean {
    const { norm, largest } = this.point;
    for (let j = 0; j < this.n; j++) if (norm[j] === 0 && largest[j]! > 0) return true;
    return false;
  }

  #askTrial(): number {
    this.x.set(this.#kind.trial);
    this.want = this.#options.lazy ? want.value : want.value | want.triangle;
    this.#phase = phase.trial;
    return running;
  }

  // ------------------------------------------------------------------ polishing

  #beginPolish(): number {
    if (this.#outcome === statusCode.exact || this.n === 0) return this.#outcome;
    if (this.#trf !== null && !this.#isFreeOfPromises()) return statusCode.noProgress;
    if (!this.#options.polish) return this.#outcome;
    this.#keep();
    return this.#polisher.start(this.x) ? this.#askPolish() : this.#outcome;
  }

  /**
   * An interior method sees its variables through their distance to a bound, however far that is.
   * At the end they are looked at as they are.
   */
  #isFreeOfPromises(): boolean {
    const { point } = this, { ftol } = this.#options;
    const { possible, cosine } = this.#polisher.look(), noise = point.noise();
    const part = endMargin * ftol;
    return possible <= (part > endPart ? part : endPart) * point.value || possible <= noise * noise ||
      (possible >= wholePart * point.value && cosine <= endCosine);
  }

  #keep(): void {
    const { point } = this;
    this.#keptX.set(point.x);
    this.#keptTriangle.set(point.triangle);
    this.#keptValue = point.value;
  }

  #askPolish(): number {
    this.want = want.value | want.triangle;
    this.#phase = phase.polish;
    return running;
  }

  #judgePolish(value: number): number {
    const polisher = this.#polisher;
    const isFinite = Math.abs(value) < Infinity && this.#isTriangleFinite();
    if (isFinite && polisher.allows(value)) {
      this.#take(value);
      if (polisher.arrive()) this.#keep();
      if (polisher.proceed(this.x)) return this.#askPolish();
      this.#restore();
      return this.#outcome;
    }
    this.#restore();
    return polisher.shorten(this.x) ? this.#askPolish() : this.#outcome;
  }

  #restore(): void {
    this.x.set(this.#keptX);
    this.triangle.set(this.#keptTriangle);
    this.#take(this.#keptValue);
  }
}
