// Levenberg–Marquardt on the normal equations, asked for one evaluation at a time.
//
// Minimises S(p) = Σ r², or the sum of a loss that has been brought into that form (losses.ts). With
// J = ∂f/∂p, g = Jᵀr and H = JᵀJ, a step δ solves
//   (H + λ·D) δ = g,   D = the running maximum of diag(H)
// (Marquardt 1963; scaling kept as in Moré 1978, "The Levenberg–Marquardt algorithm", section 6).
// The damping λ follows the gain ratio (Nielsen 1999, "Damping parameter in Marquardt's method",
// section 4; Madsen, Nielsen & Tingleff 2004, algorithm 3.16). The tests are MINPACK's, formed from
// sums alone: they hold for undamped progress only (λ·D ≤ diag(H)), since a step that damping has
// made small says nothing about the distance to a minimum.
//
// Polish: where a test is met, δᵀg of the undamped step tells how far the minimum still is, in units
// of the standard errors. Undamped steps follow until it is negligible or falls no more: the sum of
// squares has long stopped to change, but the parameters have not.
//
// Twin: native/optim/least-squares-solver.h, the same arithmetic over lanes.

import { NormalEquationsStep } from './normal-equations-step.ts';
import { lastSuccess, statusCode } from './status.ts';

/** First damping, relative to the scaled diagonal. Small: starts are mostly near (Moré 1978 uses a step bound instead). */
export const initialDamping = 1e-3;
/** Smallest damping: keeps the factorisation positive definite at the level of rounding. */
export const minDamping = 1e-12;
/** Most that one good step may lower the damping. */
export const maxDampingDrop = 0.1;
/** Least gain ratio at which a step is accepted (MINPACK lmder: 1e-4). */
export const minRatio = 1e-4;
/** Tests for convergence hold up to this damping, relative to the curvature of each column. */
export const testDamping = 1;
/** Damping at which no step can be found any more. */
export const maxDamping = 1e40;
/**
 * Polish ends at δᵀg ≤ this·S: a step of 1e-11·√(degrees of freedom) standard errors. And what the
 * sum of squares may rise by in a step of it: residuals are rounded against y, which may be 10⁶ times
 * their size.
 */
export const polishTolerance = 1e-22;
export const polishSlack: number = 2 ** -30;
/**
 * And where δᵀg falls no faster than this, or after so many steps: the careful path goes on from
 * there, unless what is left is rounding (of residuals against the size of the model).
 */
export const polishFall = 0.25;
export const maxPolish = 12;
export const roundingShare: number = 2 ** -96;
/** Fits that take more steps than this walk along valleys, or away: the careful path does better. */
export const mostFastSteps = 50;
/**
 * A pivot that keeps no more of its diagonal element asks for the careful path: the covariance has
 * lost half of its digits.
 */
export const carefulPivot = 1e-7;

/**
 * Least share of ρ′ that the curvature s² of a loss keeps (losses.ts): far from the minimum
 * that of reweighting, which never overshoots; Newton's once a step has lowered the sum by less than
 * a tenth.
 */
export const farCurvature = 1;
export const nearCurvature: number = 2 ** -10;
export const nearReduction = 0.1;

export interface LeastSquaresOptions {
  readonly ftol: number;
  readonly xtol: number;
  readonly gtol: number;
  readonly maxIter: number;
  readonly polish: boolean;
  /** Whether sums are those of a loss whose curvature `leastCurvature` bounds from below. */
  readonly isRobust: boolean;
  /** Steps after which a fit that may go on by the careful path is handed over, as 'maxIter'. */
  readonly handOver: number;
  /** Of all parameters; both null without bounds. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
}

export const running = -1;

/** Number of sums: the lower triangle of AᵀA with A = [J, r], and those of a loss. */
export function widthOf(n: number, hasLoss: boolean): number {
  return ((n + 1) * (n + 2)) / 2 + (hasLoss ? 3 : 0);
}

export class LeastSquaresSolver {
  /** The point to evaluate now: all parameters. */
  readonly x: Float64Array;
  /**
   * Sums at `x`, to be filled before `advance`: the lower triangle, packed by rows, of AᵀA with
   * A = [J, r]: H in its first n rows, then g, then S. With a loss three more, which are only kept.
   */
  readonly sums: Float64Array;
  /** The best point so far, and the sums there. */
  readonly base: Float64Array;
  readonly baseSums: Float64Array;
  /** Steps tried. */
  iteration = 0;
  /** For a loss: least share of ρ′ that s² keeps at the next evaluation. */
  leastCurvature: number = farCurvature;
  /** That of the sums at the best point. */
  #baseCurvature: number = farCurvature;

  readonly #varying: Int32Array;
  readonly #options: LeastSquaresOptions;
  readonly #step: NormalEquationsStep;
  #damping = initialDamping;
  #growth = 2;
  #predicted = 0;
  #stepIsSmall = false;
  #isFirst = true;
  /** The status to end with while steps of polish are taken, else `running`. */
  #polished = running;
  #polishLeft = 0;
  readonly #previous: Float64Array;

  constructor(params: number, varying: Int32Array, options: LeastSquaresOptions, hasLoss: boolean) {
    this.x = new Float64Array(params);
    this.base = new Float64Array(params);
    this.#previous = new Float64Array(params);
    this.sums = new Float64Array(widthOf(varying.length, hasLoss));
    this.baseSums = new Float64Array(this.sums.length);
    this.#varying = varying;
    this.#options = options;
    this.#step = new NormalEquationsStep(varying, options.lower, options.upper);
  }

  start(init: Float64Array, at: number): void {
    for (let k = 0; k < this.x.length; k++) this.x[k] = this.base[k] = init[at + k]!;
    this.#step.scale.fill(0);
    this.baseSums.fill(NaN);
    this.iteration = 0;
    this.#damping = initialDamping;
    this.#growth = 2;
    this.leastCurvature = farCurvature;
    this.#baseCurvature = farCurvature;
    this.#isFirst = true;
    this.#polished = running;
  }

  /** Consumes the sums at `x`; returns a status code, or `running` with the next point in `x`. */
  advance(): number {
    if (this.#polished !== running) return this.#advancePolish();
    const status = this.#advance();
    if (!(status >= 0 && status < lastSuccess)) return status;
    const { polish, isRobust, maxIter } = this.#options;
    // The covariance shall not depend on the way to the minimum: the last sums have Newton's curvature.
    const isStale = isRobust && this.#baseCurvature === farCurvature && this.iteration < maxIter;
    if (!polish && !isStale) return status;
    this.#polished = status;
    this.#polishLeft = maxPolish;
    this.#predicted = Infinity;
    if (isStale) {
      this.leastCurvature = nearCurvature;
      this.x.set(this.base);
      return running;
    }
    return this.#polishFrom(this.baseSums) ? running : status;
  }

  /** Whether the numbers at the best point ask for the careful path, after `status` was returned. */
  needsCare(status: number): boolean {
    const { maxIter, exact, notFinite, noProgress, singular } = statusCode;
    if (status === exact || status === notFinite) return false;
    if (status === maxIter || status === noProgress || status === singular)
      return this.iteration < this.#options.maxIter;
    const step = this.#step;
    step.computeUndamped(this.base, this.baseSums, carefulPivot, this.x);
    if (step.isIllConditioned || !this.#options.polish) return step.isIllConditioned;
    return (
      step.predicted > polishTolerance * this.baseSums[(step.n * (step.n + 3)) / 2]! &&
      step.predicted > roundingShare * step.modelNorm && this.iteration < this.#options.maxIter
    );
  }

  /** Marks parameters at an active bound in `isFixed`, and returns it. */
  activeColumns(): Uint8Array {
    this.#step.markActive(this.base, this.baseSums);
    return this.#step.isFixed;
  }

  #advance(): number {
    const curvatureHere = this.leastCurvature;
    const { sums, baseSums } = this;
    const step = this.#step;
    const { isFixed, scale } = step;
    const { ftol, gtol, maxIter, handOver } = this.#options;
    const n = this.#varying.length;
    const triangle = (n * (n + 1)) / 2, last = triangle + n;
    const value = sums[last]!;
    // Every term is a square: the total is finite only if all of J and r are.
    let size = value;
    for (let j = 0; j < n; j++) size += sums[(j * (j + 3)) / 2]!;
    const isFinite = size < Infinity;

    let accepted = isFinite;
    let ftolMet = false;
    let xtolMet = false;
    let stalled = false;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (!isFinite) {
        baseSums.set(sums);
        return statusCode.notFinite;
      }
    } else {
      this.iteration++;
      const baseValue = baseSums[last]!;
      const actual = baseValue - value;
      const ratio = actual / this.#predicted;
      accepted = isFinite && ratio > minRatio;
      // λ·D_j ≤ H_jj for every column: D is a maximum, and H may since have become much smaller.
      let undamped = true;
      for (let j = 0; j < n; j++) {
        const curvature = baseSums[(j * (j + 3)) / 2]!;
        if (isFixed[j] === 0 && curvature > 0 && !(this.#damping * scale[j]! <= testDamping * curvature)) undamped = false;
      }
      // ftol: |actual| ≤ ftol·S, predicted ≤ ftol·S, and the ratio of the two is at most 2.
      const limit = ftol * baseValue;
      ftolMet =
        undamped && Math.abs(actual) <= limit && this.#predicted <= limit && ratio <= 2;
      // xtol: ‖δ‖ ≤ xtol·‖p‖ in the norm scaled by D.
      xtolMet = undamped && isFinite && this.#stepIsSmall;
      stalled = !accepted && this.#stepIsSmall;
      if (accepted && actual <= nearReduction * baseValue) this.leastCurvature = nearCurvature;
      if (accepted) {
        const t = 2 * ratio - 1;
        const shrink = 1 - t * t * t;
        const lowered = this.#damping * (shrink > maxDampingDrop ? shrink : maxDampingDrop);
        this.#damping = lowered > minDamping ? lowered : minDamping;
        this.#growth = 2;
      } else {
        this.#damping = this.#damping * this.#growth;
        this.#growth = this.#growth * 2;
      }
    }

    let gtolMet = false;
    let isFlat = false;
    if (accepted) {
      this.base.set(this.x);
      baseSums.set(sums);
      this.#baseCurvature = curvatureHere;
      step.markActive(this.base, baseSums);
      gtolMet = true;
      isFlat = n > 0;
      const limit = gtol * gtol;
      for (let j = 0; j < n; j++) {
        const curvature = sums[(j * (j + 3)) / 2]!;
        const gradient = sums[triangle + j]!;
        if (curvature > scale[j]!) scale[j] = curvature;
        if (curvature > 0 || isFixed[j] === 1) isFlat = false;
        // gtol: the squared cosine between r and column j, at most gtol².
        const cosine2 = (gradient / curvature) * (gradient / value);
        if (!(gradient === 0 || isFixed[j] === 1 || cosine2 <= limit)) gtolMet = false;
      }
    }

    if (isFlat) return statusCode.singular;
    if (accepted && value === 0) return statusCode.exact;
    if (ftolMet) return statusCode.ftol;
    if (xtolMet) return statusCode.xtol;
    if (stalled) return statusCode.noProgress;
    if (gtolMet) return statusCode.gtol;
    if (this.iteration >= maxIter || this.iteration >= handOver) return statusCode.maxIter;
    return this.#propose() ? running : statusCode.noProgress;
  }

  /** The next step; more damping until the matrix is safely positive definite. */
  #propose(): boolean {
    const step = this.#step;
    const { xtol } = this.#options;
    for (;;) {
      if (!(this.#damping < maxDamping)) return false;
      if (step.compute(this.base, this.baseSums, this.#damping, this.x)) break;
      this.#damping = this.#damping * 10;
    }
    this.#predicted = step.predicted;
    this.#stepIsSmall = step.stepNorm <= xtol * xtol * step.baseNorm;
    return true;
  }

  /** Proposes a step of polish from `sums` at `base`; false where none is needed or to be had. */
  #polishFrom(sums: Float64Array): boolean {
    const step = this.#step;
    const last = (step.n * (step.n + 3)) / 2;
    const isRegular = step.computeUndamped(this.base, sums, carefulPivot, this.x);
    const isCloser = step.predicted < polishFall * this.#predicted;
    this.#predicted = step.predicted;
    return (
      this.#options.polish && isRegular && isCloser && step.predicted > polishTolerance * sums[last]! &&
      this.#polishLeft > 0 && this.iteration < this.#options.maxIter
    );
  }

  #advancePolish(): number {
    const { sums, baseSums, base, x } = this;
    const step = this.#step;
    const n = step.n, last = (n * (n + 3)) / 2;
    this.iteration++;
    this.#polishLeft--;
    let size = sums[last]!;
    for (let j = 0; j < n; j++) size += sums[(j * (j + 3)) / 2]!;
    // Accepted where the sum of squares has not risen and the minimum is nearer from there.
    const isNoWorse = size < Infinity && sums[last]! <= baseSums[last]! + polishSlack * baseSums[last]!;
    if (!isNoWorse) return this.#polished;
    const before = this.#predicted;
    this.#previous.set(base);
    base.set(x);
    const goesOn = this.#polishFrom(sums);
    if (!(this.#predicted < before)) {
      base.set(this.#previous);
      return this.#polished;
    }
    baseSums.set(sums);
    return goesOn ? running : this.#polished;
  }
}
