// Undamped Gauss–Newton steps from a point that has converged, until what the next one promises is
// rounding. Where residuals are large the steps only shrink by a constant factor, or even grow: then
// the last few of them tell where they lead to (Anderson 1965; Walker & Ni 2011, "Anderson
// acceleration for fixed-point iterations", section 2). With δ(x) the Gauss–Newton step and Δ the
// differences between successive points,
//   γ = argmin ‖J·(δ − Δδ·γ)‖,   x⁺ = x + δ − (Δx + Δδ)·γ.
// The point kept is the one whose step promises least, among those whose sum of squares has not
// risen beyond rounding. Twin: native/optim/careful-polish.h.

import { factorPivoted } from '../linalg/qr.ts';
import { BoxStep } from './careful-box.ts';
import { epsilon, type CarefulPoint } from './careful-point.ts';

/** Differences remembered. */
const depth = 5;
/** Directions of Δδ below this part of the first are rounding. */
const leastPivot = 1e-8;
/** A step must promise at most this part of the best so far, or it is one in vain … */
const fall = 0.9;
/** … of which so many end it, as do so many steps. */
const maxVain = 2;
const maxSteps = 40;
/** On the way the sum of squares may rise by so many times what the first step promises. */
const rise = 4;
/** Else so small a part of the step is taken, to learn how steps change: twice at most. */
const shortPart = 0.1;
const maxShort = 2;

export class Polisher {
  readonly #point: CarefulPoint;
  readonly #box: BoxStep;
  /** Point and step before, differences (the i-th at i·n), and the small problem for γ. */
  readonly #lastX: Float64Array;
  readonly #lastStep: Float64Array;
  readonly #dx: Float64Array;
  readonly #dstep: Float64Array;
  readonly #matrix: Float64Array;
  readonly #rhs: Float64Array;
  readonly #order: Int32Array;
  readonly #gamma: Float64Array;
  readonly #work: Float64Array;
  #steps = 0;
  #vain = 0;
  /** Differences held, and where the next one goes. */
  #held = 0;
  #next = 0;
  /** The most that the sum of squares may be, at the end and on the way. */
  #limit = 0;
  #wideLimit = 0;
  #best = 0;
  #hasLast = false;
  #short = 0;

  constructor(point: CarefulPoint) {
    const { n } = point;
    this.#point = point;
    this.#box = new BoxStep(point);
    this.#lastX = new Float64Array(n);
    this.#lastStep = new Float64Array(n);
    this.#dx = new Float64Array(depth * n);
    this.#dstep = new Float64Array(depth * n);
    this.#matrix = new Float64Array(depth * n);
    this.#rhs = new Float64Array(n);
    this.#order = new Int32Array(depth);
    this.#gamma = new Float64Array(depth);
    this.#work = new Float64Array(n);
  }

  /** What a whole step from the point promises, and the largest cosine; active bounds respected. */
  look(): { readonly possible: number; readonly cosine: number } {
    this.#box.arrive();
    return this.#box.factor;
  }

  /** Begins at the point; false when there is nothing to be done. Fills `trial`. */
  start(trial: Float64Array): boolean {
    const point = this.#point, noise = point.valueNoise();
    this.#steps = this.#vain = this.#held = this.#next = this.#short = 0;
    this.#hasLast = false;
    this.#box.arrive();
    this.#best = this.#box.factor.possible;
    this.#limit = point.value + noise;
    this.#wideLimit = this.#limit + rise * this.#best;
    return this.#propose(trial);
  }

  /** Whether the sum of squares at a trial allows going on from there. */
  allows(value: number): boolean {
    return value <= this.#wideLimit;
  }

  /** Takes in the trial, which is the point now; true when it is the best so far. */
  arrive(): boolean {
    const point = this.#point;
    this.#steps++;
    this.#box.arrive();
    const { possible } = this.#box.factor;
    const isBetter = point.value <= this.#limit && possible < fall * this.#best;
    if (isBetter) {
      this.#best = possible;
      this.#vain = 0;
    } else {
      this.#vain++;
    }
    return isBetter;
  }

  /** Fills `trial` with the next point; false when this is the end. */
  proceed(trial: Float64Array): boolean {
    const noise = this.#point.noise();
    // At the level of rounding one step in vain is enough; where steps are cut, it takes several to
    // learn from.
    const most = this.#best <= noise * noise ? 1 : this.#short > 0 ? maxVain + depth : maxVain;
    if (this.#vain >= most || this.#steps >= maxSteps) return false;
    return this.#propose(trial);
  }

  /** Fills `trial` with a part of the step from the best point, which is the point again. */
  shorten(trial: Float64Array): boolean {
    const { n, x } = this.#point, box = this.#box;
    this.#steps++;
    this.#short++;
    if (this.#short > maxShort || this.#steps >= maxSteps) return false;
    box.arrive();
    box.solve(Infinity, 0);
    const part = this.#short === 1 ? shortPart : shortPart * shortPart;
    for (let j = 0; j < n; j++) {
      trial[j] = x[j]! + part * (box.trial[j]! - x[j]!);
      this.#lastX[j] = x[j]!;
      this.#lastStep[j] = box.step[j]!;
    }
    this.#hasLast = !box.isCut;
    return true;
  }

  #propose(trial: Float64Array): boolean {
    const point = this.#point, box = this.#box, { n, x } = point;
    box.solve(Infinity, 0);
    const { step } = box;
    if (!(point.scaledNorm(step) > epsilon * point.scaledNorm(x))) return false;
    for (let j = 0; j < n; j++) trial[j] = box.trial[j]!;
    // What was learnt with other variables at their bounds does not count.
    if (box.isCut) this.#held = this.#next = 0;
    else if (this.#hasLast) this.#remember();
    if (this.#held > 0) this.#accelerate(trial);
    this.#hasLast = !box.isCut;
    for (let j = 0; j < n; j++) {
      this.#lastX[j] = x[j]!;
      this.#lastStep[j] = step[j]!;
    }
    return true;
  }

  #remember(): void {
    const { n, x } = this.#point, { step } = this.#box;
    const at = this.#next * n;
    for (let j = 0; j < n; j++) {
      this.#dx[at + j] = x[j]! - this.#lastX[j]!;
      this.#dstep[at + j] = step[j]! - this.#lastStep[j]!;
    }
    this.#next = this.#next + 1 < depth ? this.#next + 1 : 0;
    if (this.#held < depth) this.#held++;
  }

  /** Where the difference stands that came `age` before the newest. */
  #placeOf(age: number): number {
    return ((this.#next - 1 - age + 2 * depth) % depth) * this.#point.n;
  }

  #accelerate(trial: Float64Array): void {
    const point = this.#point, { n } = point, { step } = this.#box;
    const matrix = this.#matrix, gamma = this.#gamma, work = this.#work, order = this.#order;
    const held = this.#held < n ? this.#held : n;
    // The newest first, where there are more than n.
    for (let k = 0; k < held; k++) {
      const at = this.#placeOf(k);
      for (let j = 0; j < n; j++) work[j] = this.#dstep[at + j]!;
      point.multiplyInto(work, this.#rhs);
      for (let j = 0; j < n; j++) matrix[k * n + j] = this.#rhs[j]!;
    }
    point.multiplyInto(step, this.#rhs);
    factorPivoted(matrix, n, held, n, order, this.#rhs);
    const least = leastPivot * Math.abs(matrix[0]!);
    for (let k = held - 1; k >= 0; k--) {
      const pivot = matrix[k * n + k]!;
      let sum = this.#rhs[k]!;
      for (let i = k + 1; i < held; i++) sum -= matrix[i * n + k]! * gamma[i]!;
      gamma[k] = Math.abs(pivot) > least ? sum / pivot : 0;
    }
    for (let j = 0; j < n; j++) {
      let to = point.x[j]! + step[j]!;
      for (let k = 0; k < held; k++) {
        const at = this.#placeOf(order[k]!);
        to -= (this.#dx[at + j]! + this.#dstep[at + j]!) * gamma[k]!;
      }
      work[j] = to;
      // A bound in the way: the plain step.
      if (!(to >= point.lowerOf(j) && to <= point.upperOf(j))) return;
    }
    for (let j = 0; j < n; j++) if (point.active[j] === 0) trial[j] = work[j]!;
  }
}
