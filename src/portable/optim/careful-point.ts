// What is known at the best point of a careful run: the triangle of [J, r] and what follows from
// it. Steps are judged here by the local model ‖r − Jδ‖², which the triangle holds exactly.
// Twin: native/optim/careful-point.h.

import { normOf } from '../linalg/qr.ts';
import type { CarefulOptions } from './careful-options.ts';

/** 2⁻⁵² */
export const epsilon: number = 2 ** -52;

export class CarefulPoint {
  readonly n: number;
  readonly options: CarefulOptions;
  /** Length of r. */
  points: number;
  readonly x: Float64Array;
  /** R of [J, r], packed by columns. */
  readonly triangle: Float64Array;
  /** The first n elements of Qᵀr. */
  readonly rhs: Float64Array;
  /** Norms of the columns of J, and the sizes that steps are measured in: D. */
  readonly norm: Float64Array;
  readonly scale: Float64Array;
  /** Largest norm that each column had. */
  readonly largest: Float64Array;
  /** Jᵀr: the sum of squares falls along it. */
  readonly gradient: Float64Array;
  /** −1 or 1 where the variable stands at its lower or upper bound and the gradient pushes outward. */
  readonly active: Int8Array;
  residualNorm = 0;
  value: number = NaN;
  readonly #product: Float64Array;

  constructor(n: number, options: CarefulOptions) {
    this.n = n;
    this.options = options;
    this.points = options.points;
    this.x = new Float64Array(n);
    this.triangle = new Float64Array(((n + 1) * (n + 2)) / 2);
    this.rhs = new Float64Array(n);
    this.norm = new Float64Array(n);
    this.scale = new Float64Array(n);
    this.largest = new Float64Array(n);
    this.gradient = new Float64Array(n);
    this.active = new Int8Array(n);
    this.#product = new Float64Array(n);
  }

  start(): void {
    this.scale.fill(0);
    this.largest.fill(0);
    this.active.fill(0);
    this.value = NaN;
  }

  lowerOf(j: number): number {
    return this.options.lower === null ? -Infinity : this.options.lower[j]!;
  }

  upperOf(j: number): number {
    return this.options.upper === null ? Infinity : this.options.upper[j]!;
  }

  /** Derives everything from `triangle` and `x`. */
  update(): void {
    const { n, triangle, rhs, norm, scale, largest, gradient, active, x, options } = this;
    const last = (n * (n + 1)) / 2;
    for (let i = 0; i < n; i++) rhs[i] = triangle[last + i]!;
    this.residualNorm = normOf(triangle, last, n + 1);
    for (let j = 0; j < n; j++) {
      const at = (j * (j + 1)) / 2;
      norm[j] = normOf(triangle, at, j + 1);
      if (norm[j]! > largest[j]!) largest[j] = norm[j]!;
      // Sizes are a running maximum (Moré 1978, section 6).
      scale[j] = options.xScale !== null ? 1 / options.xScale[j]! : largest[j]!;
      let sum = 0;
      for (let i = 0; i <= j; i++) sum += triangle[at + i]! * rhs[i]!;
      gradient[j] = sum;
      active[j] = x[j]! <= this.lowerOf(j) && sum < 0 ? -1 : x[j]! >= this.upperOf(j) && sum > 0 ? 1 : 0;
    }
  }

  /** D of variable j; 1 for a column that has always been zero. */
  sizeOf(j: number): number {
    return this.scale[j]! > 0 ? this.scale[j]! : 1;
  }

  /** ‖D·v‖ */
  scaledNorm(v: Float64Array): number {
    const product = this.#product;
    for (let j = 0; j < this.n; j++) product[j] = this.scale[j]! * v[j]!;
    return normOf(product, 0, this.n);
  }

  /** The same by the columns as they are now: how much each element changes the model. */
  effectOf(v: Float64Array): number {
    const product = this.#product;
    for (let j = 0; j < this.n; j++) product[j] = this.norm[j]! * v[j]!;
    return normOf(product, 0, this.n);
  }

  /** R·v, the first n rows. */
  multiplyInto(v: Float64Array, product: Float64Array): void {
    const { n, triangle } = this;
    for (let i = 0; i < n; i++) product[i] = 0;
    for (let j = 0, at = 0; j < n; j++, at += j) {
      const factor = v[j]!;
      if (factor === 0) continue;
      for (let i = 0; i <= j; i++) product[i] = product[i]! + triangle[at + i]! * factor;
    }
  }

  /** ‖r‖² − ‖r − Jδ‖² = (Jδ)ᵀ(2r − Jδ) */
  reductionOf(step: Float64Array): number {
    const product = this.#product;
    this.multiplyInto(step, product);
    let sum = 0;
    for (let i = 0; i < this.n; i++) sum += product[i]! * (2 * this.rhs[i]! - product[i]!);
    return sum;
  }

  /**
   * How far rounding may move r: the change from a rounding of every variable, four times over
   * (a model loses a few units in the last place on its way).
   */
  noise(): number {
    return 4 * epsilon * this.effectOf(this.x);
  }

  /** How far rounding may move the sum of squares: through r, and in adding up. */
  valueNoise(): number {
    const noise = this.noise();
    return 2 * noise * this.residualNorm + noise * noise + 4 * epsilon * this.value;
  }
}
