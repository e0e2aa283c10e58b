// Levenberg–Marquardt for many sets of points with shared parameters, asked for one evaluation at a
// time. It runs in TypeScript for both engines, which evaluate. A step solves (JᵀJ + λ·D) δ = Jᵀr
// through the block-arrow triangles of arrow-system.ts; D is the running maximum of the squared
// column norms (Moré 1978, section 6), λ follows the gain ratio (Nielsen 1999, section 4), and bounds
// are kept by fixing what an active bound holds and projecting the rest (Kanzow, Yamashita &
// Fukushima 2004).
//
// First with triangles from sums of products, which are cheap (`isAccurate` false), and from where
// these converge undamped Gauss–Newton steps until they have become rounding; then the same with
// triangles from orthogonal transformations of the rows, which have all digits.
//
// The tests are MINPACK's, for undamped progress only. Those on step and gradient look at every set
// by itself: what one set of a thousand still does would be lost in the norms of all.

import {
  ArrowSystem,
  predictedReduction,
  slopesInto,
  triangleSize,
  unknownsOf,
  type ArrowShape,
  type ArrowSlopes,
} from './arrow-system.ts';
import { statusCode } from '../portable/optim/status.ts';

// As in least-squares-solver.ts.
const initialDamping = 1e-3;
const minDamping = 1e-12;
const maxDamping = 1e40;
const maxDampingDrop = 0.1;
const minRatio = 1e-4;
const testDamping = 1;
/** Undamped steps shrink by at least this factor, or they are rounding. */
const polishShrink = 0.25;
const maxPolishSteps = 20;
/** A step below this share of the parameters changes their last digit. */
const lastDigit = 2 ** -52;
/** A sum that an undamped step raises by no more than this share has not changed: 64 roundings. */
const unchanged = 64 * 2 ** -52;

export interface ArrowOptions {
  readonly ftol: number;
  readonly xtol: number;
  readonly gtol: number;
  readonly maxIter: number;
  /** Bounds of all unknowns; null without any. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
}

export const running = -1;

type Stage = 'cheap' | 'cheap polish' | 'accurate' | 'polish';

export class ArrowSolver {
  readonly shape: ArrowShape;
  /** The point to evaluate now: shared parameters, then those of each set. */
  readonly x: Float64Array;
  /** Triangles of [J, r] at `x`, to be filled before `advance`. */
  triangles: Float64Array;
  /** The best point so far, and the triangles and the value there. */
  readonly base: Float64Array;
  baseTriangles: Float64Array;
  baseValue: number = NaN;
  /** Steps tried. */
  iteration = 0;
  evaluations = 0;

  readonly #options: ArrowOptions;
  readonly #system: ArrowSystem;
  readonly #slopes: ArrowSlopes;
  readonly #baseSlopes: ArrowSlopes;
  readonly #scale: Float64Array;
  readonly #damping: Float64Array;
  readonly #step: Float64Array;
  readonly #fixed: Uint8Array;
  #lambda = initialDamping;
  #growth = 2;
  #predicted = 0;
  #stepIsSmall = false;
  #isFirst = true;
  #stage: Stage = 'cheap';
  #status = running;
  #polishSteps = 0;

  /** @param isAccurate begins with accurate triangles */
  constructor(shape: ArrowShape, options: ArrowOptions, isAccurate: boolean) {
    const n = unknownsOf(shape);
    const vector = (): Float64Array => new Float64Array(n);
    this.shape = shape;
    this.x = vector();
    this.base = vector();
    this.triangles = new Float64Array(shape.sets * triangleSize(shape));
    this.baseTriangles = this.triangles.slice();
    this.#options = options;
    this.#system = new ArrowSystem(shape);
    this.#slopes = { gradient: vector(), curvature: vector() };
    this.#baseSlopes = { gradient: vector(), curvature: vector() };
    this.#scale = vector();
    this.#damping = vector();
    this.#step = vector();
    this.#fixed = new Uint8Array(n);
    if (isAccurate) this.#stage = 'accurate';
  }

  /** Whether the triangles must come from orthogonal transformations. */
  get isAccurate(): boolean {
    return this.#stage === 'accurate' || this.#stage === 'polish';
  }

  /** Unknowns that a bound holds at the best point, by 1. */
  get atBounds(): Uint8Array {
    this.#findActive();
    return this.#fixed;
  }

  /** Consumes value and triangles at `x`; a status code, or `running` with the next point in `x`. */
  advance(value: number): number {
    this.evaluations++;
    const isFinite =
      slopesInto(this.triangles, this.shape, this.#slopes) && value - value === 0;
    const isPolish = this.#stage === 'polish' || this.#stage === 'cheap polish';
    return isPolish ? this.#judgePolish(value, isFinite) : this.#judge(value, isFinite);
  }

  #accept(value: number): void {
    const { triangles } = this;
    this.base.set(this.x);
    this.baseValue = value;
    this.triangles = this.baseTriangles;
    this.baseTriangles = triangles;
    this.#baseSlopes.gradient.set(this.#slopes.gradient);
    this.#baseSlopes.curvature.set(this.#slopes.curvature);
  }

  #judge(value: number, isFinite: boolean): number {
    const { ftol, maxIter } = this.#options;
    let accepted = isFinite,
      ftolMet = false,
      xtolMet = false,
      stalled = false;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (!isFinite) {
        this.base.set(this.x);
        this.baseValue = value;
        return statusCode.notFinite;
      }
    } else {
      this.iteration++;
      const actual = this.baseValue - value;
      const predicted = this.#predicted;
      const ratio = actual / predicted;
      accepted = isFinite && ratio > minRatio;
      const isUndamped = this.#isUndamped();
      // ftol: |actual| ≤ ftol·S, predicted ≤ ftol·S, and the ratio of the two is at most 2.
      const limit = ftol * this.baseValue;
      ftolMet = isUndamped && Math.abs(actual) <= limit && predicted <= limit && ratio <= 2;
      // xtol: ‖δ‖ ≤ xtol·‖p‖ in the norm scaled by D, in every set.
      xtolMet = isUndamped && isFinite && this.#stepIsSmall;
      stalled = !accepted && this.#stepIsSmall;
      if (accepted) {
        const t = 2 * ratio - 1;
        const shrink = 1 - t * t * t;
        this.#lambda = Math.max(minDamping, this.#lambda * Math.max(maxDampingDrop, shrink));
        this.#growth = 2;
      } else {
        this.#lambda *= this.#growth;
        this.#growth *= 2;
      }
    }
    let gtolMet = false;
    if (accepted) {
      this.#accept(value);
      const { curvature } = this.#baseSlopes;
      for (let j = 0; j < curvature.length; j++)
        if (curvature[j]! > this.#scale[j]!) this.#scale[j] = curvature[j]!;
      if (curvature.every((c) => c === 0)) return statusCode.singular;
      gtolMet = this.#gradientIsSmall();
    }
    if (accepted && value === 0) return statusCode.exact;
    if (ftolMet) return this.#end(statusCode.ftol);
    if (xtolMet) return this.#end(statusCode.xtol);
    if (stalled) return this.#end(statusCode.noProgress);
    if (gtolMet) return this.#end(statusCode.gtol);
    if (this.iteration >= maxIter) return statusCode.maxIter;
    return this.#propose() ? running : this.#end(statusCode.noProgress);
  }

  /** Goes on to the next stage, or ends. */
  #end(status: number): number {
    this.#status = status;
    if (status === statusCode.noProgress) {
      if (this.#stage !== 'cheap') return status;
      this.#lambda = initialDamping;
      return this.#beginAccurate();
    }
    this.#stage = this.#stage === 'cheap' ? 'cheap polish' : 'polish';
    this.#predicted = Infinity;
    this.#polishSteps = 0;
    return this.#proposePolish() ? running : this.#endPolish();
  }

  #endPolish(): number {
    return this.#stage === 'polish' ? this.#status : this.#beginAccurate();
  }

  #beginAccurate(): number {
    this.#stage = 'accurate';
    this.#isFirst = true;
    this.x.set(this.base);
    return running;
  }

  /** λ·D ≤ curvature for every column: D is a maximum, and the curvature may be much smaller. */
  #isUndamped(): boolean {
    const { curvature } = this.#baseSlopes;
    for (let j = 0; j < curvature.length; j++)
      if (
        this.#fixed[j] === 0 &&
        curvature[j]! > 0 &&
        !(this.#lambda * this.#scale[j]! <= testDamping * curvature[j]!)
      )
        return false;
    return true;
  }

  /** gtol: the cosine between the residuals and every column, those of its set for a local one. */
  #gradientIsSmall(): boolean {
    const { sets, locals, shared } = this.shape;
    const { gradient, curvature } = this.#baseSlopes;
    const limit = this.#options.gtol * this.#options.gtol;
    this.#findActive();
    const size = triangleSize(this.shape),
      right = locals + shared;
    const residual = (set: number): number => {
      let total = 0;
      const at = set * size + (right * (right + 1)) / 2;
      for (let i = at; i <= at + right; i++)
        total += this.baseTriangles[i]! * this.baseTriangles[i]!;
      return total;
    };
    const isSmall = (j: number, squares: number): boolean => {
      const g = gradient[j]!;
      return g === 0 || this.#fixed[j] === 1 || (g / curvature[j]!) * (g / squares) <= limit;
    };
    let total = 0;
    for (let set = 0; set < sets; set++) {
      const squares = residual(set);
      total += squares;
      for (let k = 0; k < locals; k++)
        if (!isSmall(shared + set * locals + k, squares)) return false;
    }
    for (let k = 0; k < shared; k++) if (!isSmall(k, total)) return false;
    return true;
  }

  /** Marks the unknowns that stand on a bound and are pushed outward. */
  #findActive(): void {
    const { lower, upper } = this.#options;
    if (lower === null || upper === null) return;
    const { gradient } = this.#baseSlopes;
    for (let j = 0; j < gradient.length; j++) {
      const p = this.base[j]!,
        g = gradient[j]!;
      this.#fixed[j] = (p <= lower[j]! && g <= 0) || (p >= upper[j]! && g >= 0) ? 1 : 0;
    }
  }

  #propose(): boolean {
    const step = this.#step,
      damping = this.#damping;
    this.#findActive();
    for (;;) {
      if (!(this.#lambda < maxDamping)) return false;
      for (let j = 0; j < damping.length; j++) {
        const d = this.#scale[j]!;
        damping[j] = Math.sqrt(this.#lambda * (d > 0 ? d : 1));
      }
      this.#system.reduce(this.baseTriangles, damping, this.#fixed);
      this.#system.solveInto(step);
      this.#moveWithin();
      this.#predicted = predictedReduction(this.baseTriangles, this.shape, step);
      if (this.#predicted > 0) break;
      // Nothing to be gained, or a projection that climbs: shorter steps follow the gradient.
      if (this.#predicted === 0 && step.every((d) => d === 0)) return false;
      this.#lambda *= 10;
    }
    this.#stepIsSmall = this.#stepIsWithin(this.#options.xtol);
    return true;
  }

  /** x = base + δ within the bounds, and the δ that was made of it. */
  #moveWithin(): void {
    const { lower, upper } = this.#options;
    const { x, base } = this;
    const step = this.#step;
    for (let j = 0; j < x.length; j++) {
      let to = base[j]! + step[j]!;
      if (lower !== null && to < lower[j]!) to = lower[j]!;
      else if (upper !== null && to > upper[j]!) to = upper[j]!;
      else {
        x[j] = to;
        continue;
      }
      x[j] = to;
      step[j] = to - base[j]!;
    }
  }

  /** Whether ‖δ‖ ≤ share·‖p‖, scaled by D, over the local and shared parameters of every set. */
  #stepIsWithin(share: number): boolean {
    const { sets, locals, shared } = this.shape;
    const limit = share * share;
    const step = this.#step,
      scale = this.#scale,
      base = this.base;
    let sharedStep = 0,
      sharedSize = 0;
    for (let k = 0; k < shared; k++) {
      const d = scale[k]! > 0 ? scale[k]! : 1;
      sharedStep += d * step[k]! * step[k]!;
      sharedSize += d * base[k]! * base[k]!;
    }
    if (shared > 0 && !(sharedStep <= limit * sharedSize)) return false;
    if (locals === 0) return true;
    for (let set = 0, j = shared; set < sets; set++) {
      let moved = 0,
        size = sharedSize / sets;
      for (let k = 0; k < locals; k++, j++) {
        const d = scale[j]! > 0 ? scale[j]! : 1;
        moved += d * step[j]! * step[j]!;
        size += d * base[j]! * base[j]!;
      }
      if (!(moved <= limit * size)) return false;
    }
    return true;
  }

  #proposePolish(): boolean {
    if (this.#polishSteps++ >= maxPolishSteps) return false;
    const before = this.#predicted;
    this.#findActive();
    this.#system.reduce(this.baseTriangles, null, this.#fixed);
    this.#system.solveInto(this.#step);
    this.#moveWithin();
    this.#predicted = predictedReduction(this.baseTriangles, this.shape, this.#step);
    if (!(this.#predicted < polishShrink * before) || !(this.#predicted > 0)) return false;
    return !this.#stepIsWithin(lastDigit);
  }

  #judgePolish(value: number, isFinite: boolean): number {
    if (!isFinite || !(value <= this.baseValue * (1 + unchanged))) return this.#endPolish();
    this.iteration++;
    this.#accept(value);
    return value > 0 && this.#proposePolish() ? running : this.#endPolish();
  }
}
