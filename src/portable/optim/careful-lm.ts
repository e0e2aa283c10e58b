// Levenberg–Marquardt as a trust region in the norm ‖D·δ‖, D the running maximum of the column
// norms: Moré (1978), "The Levenberg–Marquardt algorithm: implementation and theory". Optionally
// the step follows the geodesic to second order: Transtrum & Sethna (2012), arXiv:1201.5885.
// Twin: native/optim/careful-lm.h.

import { BoxStep } from './careful-box.ts';
import type { CarefulPoint } from './careful-point.ts';
import { minRatio, type StepKind } from './careful-step.ts';

/** Length of the probe for the second derivative, relative to the step (their h = 0.1). */
export const probe = 0.1;
/** The acceleration is used while 2‖D·a‖ ≤ this · ‖D·v‖ (their α = 0.75). */
const maxAcceleration = 0.75;

export class LmStep implements StepKind {
  readonly step: Float64Array;
  readonly trial: Float64Array;
  possible = 0;
  cosine = 0;
  predicted = 0;
  length = 0;
  isUndamped = false;
  radius = 0;
  damping = 0;
  isFirst = true;
  readonly #point: CarefulPoint;
  readonly #box: BoxStep;

  constructor(point: CarefulPoint) {
    this.#point = point;
    this.#box = new BoxStep(point);
    this.step = this.#box.step;
    this.trial = this.#box.trial;
  }

  start(): void {
    const { radius } = this.#point.options;
    const size = this.#point.scaledNorm(this.#point.x);
    this.radius = size > 0 ? radius * size : radius;
    this.damping = 0;
    this.isFirst = true;
  }

  arrive(): void {
    this.#box.arrive();
    this.possible = this.#box.factor.possible;
    this.cosine = this.#box.factor.cosine;
  }

  propose(): boolean {
    const box = this.#box;
    box.solve(this.radius, this.damping);
    this.damping = box.damping;
    this.isUndamped = box.damping === 0;
    this.predicted = this.#point.reductionOf(this.step);
    this.length = this.#point.scaledNorm(this.step);
    // The first radius is an estimate only (MINPACK).
    if (this.isFirst && this.length < this.radius) this.radius = this.length;
    return this.length > 0;
  }

  /** Whether the step is one that acceleration can be added to. */
  get isFree(): boolean {
    return !this.#box.isCut;
  }

  /**
   * Adds −a/2, with J·a = second derivative along the step in the damped least-squares sense. What
   * the step promises stays that of its first part: the second takes back what bends away.
   */
  accelerate(triangle: Float64Array): void {
    const point = this.#point, box = this.#box, { n } = point;
    const { factor, region } = box;
    const rhs = triangle.subarray((n * (n + 1)) / 2, (n * (n + 3)) / 2);
    factor.build(point, box.isFixed, rhs, null, null);
    region.damp(factor, this.damping);
    const half = new Float64Array(n);
    for (let k = 0; k < factor.size; k++) half[factor.variable[k]!] = region.u[k]! / factor.norm[k]! / 2;
    factor.build(point, box.isFixed, point.rhs, null, null);
    const { step, trial } = this;
    // 2‖a‖ ≤ α‖v‖ with half = a/2
    if (!(4 * point.scaledNorm(half) <= maxAcceleration * this.length)) return;
    for (let j = 0; j < n; j++) {
      const to = point.x[j]! + (step[j]! - half[j]!);
      if (!(to >= point.lowerOf(j) && to <= point.upperOf(j))) return;
    }
    for (let j = 0; j < n; j++) {
      step[j] = step[j]! - half[j]!;
      trial[j] = point.x[j]! + step[j]!;
    }
  }

  judge(actual: number, ratio: number): void {
    const { length } = this;
    if (ratio <= 0.25) {
      // Where the parabola through both values and the slope has its minimum, within [0.1, 0.5].
      let part = 0.1;
      if (actual >= 0) part = 0.5;
      else if (actual > -Infinity) {
        // slope of S along the step, negative: −2δᵀg; S(t) ≈ S + slope·t + (−actual − slope)·t²
        const slope = 2 * this.#slope();
        part = slope / (2 * (slope - actual));
        if (!(part >= 0.1)) part = 0.1;
        else if (part > 0.5) part = 0.5;
      }
      const reach = 10 * length;
      this.radius = part * (this.radius < reach ? this.radius : reach);
      this.damping = this.damping / part;
    } else if (this.damping === 0 || ratio >= 0.75) {
      this.radius = 2 * length;
      this.damping = 0.5 * this.damping;
    }
    if (ratio > minRatio) this.isFirst = false;
  }

  #slope(): number {
    const { n, gradient } = this.#point;
    let sum = 0;
    for (let j = 0; j < n; j++) sum += gradient[j]! * this.step[j]!;
    return sum;
  }
}
