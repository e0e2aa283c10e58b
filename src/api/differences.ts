// Jacobians by differences of residuals: forward ('2-point') or central ('3-point'), each variable
// with a step of its own, never outside of the bounds, and the step taken exactly as it is divided
// by. Steps balance truncation against the noise of the function: √noise·|x| for first order,
// cbrt(noise)·|x| for second (Nocedal & Wright 2006, section 8.1). Columns that share no row are
// moved together (sparsity.ts).

import { cbrt } from '../portable/math/root.ts';
import type { Sparsity } from './sparsity.ts';

/** Evaluates residuals at x; what the evaluation needs is asked of the driver by yielding. */
export type Evaluate<Call> = (
  x: Float64Array,
  out: Float64Array,
) => Generator<Call, void, unknown>;

export interface DifferenceOptions {
  readonly points: 2 | 3;
  /** n values each, ±Infinity where there is no bound. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Typical sizes of the variables, or null. */
  readonly sizes: Float64Array | null;
  /** Relative size of what the residuals owe to rounding: 2⁻⁵² for a plain formula. */
  readonly noise: number;
  readonly pattern: Sparsity;
}

/** A change of the residuals below so many times the noise is taken for noise … */
const leastChange = 4096;
/** … and the step taken this much longer, up to that of a variable near 1. */
const growth = 8192;

export class Differences {
  /** Largest magnitude that each variable has had: decides steps where a variable is near 0. */
  readonly size: Float64Array;
  readonly #options: DifferenceOptions;
  readonly #step: number;
  readonly #x: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** The size that the step of each variable was made for; Infinity where no other is to come. */
  readonly #tried: Float64Array;
  /** Where each variable of the group at hand is moved to, less where it is. */
  readonly #near: Float64Array;
  readonly #far: Float64Array;

  constructor(m: number, n: number, options: DifferenceOptions) {
    this.#options = options;
    this.#step = options.points === 2 ? Math.sqrt(options.noise) : cbrt(options.noise);
    this.size = options.sizes === null ? new Float64Array(n) : options.sizes.slice();
    this.#x = new Float64Array(n);
    this.#tried = new Float64Array(n);
    this.#near = new Float64Array(n);
    this.#far = new Float64Array(n);
    this.#first = new Float64Array(m);
    this.#second = new Float64Array(options.points === 3 ? m : 0);
  }

  /** A point that the run has come to. */
  visit(x: Float64Array): void {
    for (let j = 0; j < x.length; j++) {
      const size = Math.abs(x[j]);
      if (size > this.size[j]) this.size[j] = size;
    }
  }

  /**
   * ∂r/∂x at `base`, where the residuals are `residuals`, into the row-major m × n array `out`;
   * entries outside of the pattern are left alone.
   */
  *jacobianInto<Call>(
    evaluate: Evaluate<Call>,
    base: Float64Array,
    residuals: Float64Array,
    out: Float64Array,
  ): Generator<Call, void, unknown> {
    for (const group of this.#options.pattern.groups) {
      for (const j of group) {
        this.#tried[j] = Math.abs(base[j]);
        this.#choose(j, base[j]);
      }
      for (let again = group; again.length > 0; ) {
        yield* this.#difference(evaluate, again, base, residuals, out);
        again = again.filter((j) => this.#mayGainFrom(j, base[j], residuals, out));
      }
    }
  }

  *#difference<Call>(
    evaluate: Evaluate<Call>,
    group: Int32Array,
    base: Float64Array,
    residuals: Float64Array,
    out: Float64Array,
  ): Generator<Call, void, unknown> {
    const x = this.#x;
    const isCentral = this.#options.points === 3;
    x.set(base);
    for (const j of group) x[j] = base[j] + this.#near[j];
    yield* evaluate(x, this.#first);
    if (isCentral) {
      for (const j of group) x[j] = base[j] + this.#far[j];
      yield* evaluate(x, this.#second);
    }
    const { start, rows } = this.#options.pattern;
    const n = base.length;
    for (const j of group) {
      const a = this.#near[j],
        b = this.#far[j];
      for (let k = start[j]; k < start[j + 1]; k++) {
        const i = rows[k];
        const near = this.#first[i];
        let slope = (near - residuals[i]) / a;
        if (isCentral) {
          const far = this.#second[i];
          // The slope at 0 of the parabola through three points; two suffice where they lie even.
          slope =
            a === -b
              ? (near - far) / (a - b)
              : (slope * b - ((far - residuals[i]) / b) * a) / (b - a);
        }
        out[i * n + j] = slope;
      }
    }
  }

  /** The step of the size that is tried. */
  #stepAt(j: number, x: number): number {
    const step = this.#step * this.#tried[j];
    if (x + step !== x) return step;
    // 0, or so small that x does not move
    this.#tried[j] = this.#largest(j);
    return this.#step * this.#tried[j];
  }

  /** The largest size that a step is made for. */
  #largest(j: number): number {
    return this.#options.sizes !== null || this.size[j] > 1 ? this.size[j] : 1;
  }

  /** x moved by `offset`, but not across a bound, less x. */
  #moved(j: number, x: number, offset: number): number {
    const { lower, upper } = this.#options;
    const to = x + offset;
    return (to > upper[j] ? upper[j] : to < lower[j] ? lower[j] : to) - x;
  }

  /** Chooses where variable j is moved to: upwards, where the bounds leave the room. */
  #choose(j: number, x: number): void {
    const { lower, upper, points } = this.#options;
    const step = this.#stepAt(j, x);
    const above = upper[j] - x,
      below = x - lower[j];
    if (points === 3 && above >= step && below >= step) {
      this.#near[j] = this.#moved(j, x, step);
      this.#far[j] = this.#moved(j, x, -step);
      return;
    }
    const isDown = above < (points - 1) * step && below > above;
    this.#towards(j, x, isDown ? -step : step);
  }

  /** One-sided: at `step`, for three points at twice the step as well. */
  #towards(j: number, x: number, step: number): void {
    const { points } = this.#options;
    const far = this.#moved(j, x, points === 3 ? 2 * step : step);
    this.#far[j] = far;
    this.#near[j] = points === 3 ? this.#moved(j, x, far / 2) : far;
  }

  /** Whether column j is to be differenced again, with another step that has been chosen. */
  #mayGainFrom(j: number, x: number, residuals: Float64Array, out: Float64Array): boolean {
    const { pattern, noise } = this.#options;
    const { start, rows } = pattern;
    const n = this.size.length;
    const near = this.#near[j],
      far = this.#far[j];
    let change = 0,
      scale = 0,
      isFinite = true,
      isNearFinite = true;
    for (let k = start[j]; k < start[j + 1]; k++) {
      const i = rows[k];
      const moved = Math.abs(out[i * n + j] * near);
      if (!(moved < Infinity)) isFinite = false;
      if (!(Math.abs(this.#first[i]) < Infinity)) isNearFinite = false;
      if (moved > change) change = moved;
      const r = Math.abs(residuals[i]);
      if (r > scale) scale = r;
    }
    if (!isFinite) {
      if (this.#tried[j] === Infinity) return false;
      // The residuals have values at x, so perhaps on one side of it.
      const step = this.#stepAt(j, x);
      this.#tried[j] = Infinity;
      this.#towards(j, x, near > 0 === isNearFinite ? step : -step);
    } else {
      if (!(change <= leastChange * noise * scale)) return false;
      const tried = this.#tried[j],
        known = this.size[j];
      const size = tried < known ? known : Math.min(tried * growth, this.#largest(j));
      if (!(size > tried)) return false;
      this.#tried[j] = size;
      this.#choose(j, x);
    }
    return (this.#near[j] !== near || this.#far[j] !== far) && this.#near[j] !== 0;
  }
}
