// Undamped Gauss–Newton steps, of least norm where columns depend on one another, with a
// backtracking line search (Nocedal & Wright 2006, section 10.3 and algorithm 3.1; quadratic
// interpolation as in Dennis & Schnabel 1983, A6.3.1). Twin: native/optim/careful-gauss-newton.h.

import { BoxStep } from './careful-box.ts';
import type { CarefulPoint } from './careful-point.ts';
import { minRatio, type StepKind } from './careful-step.ts';

export class GaussNewtonStep implements StepKind {
  readonly step: Float64Array;
  readonly trial: Float64Array;
  possible = 0;
  cosine = 0;
  predicted = 0;
  length = 0;
  isUndamped = false;
  /** Part of the whole step that is tried; 0 asks for a new one. */
  part = 0;
  readonly #point: CarefulPoint;
  readonly #box: BoxStep;

  constructor(point: CarefulPoint) {
    this.#point = point;
    this.#box = new BoxStep(point);
    this.step = new Float64Array(point.n);
    this.trial = new Float64Array(point.n);
  }

  start(): void {
    this.part = 0;
  }

  arrive(): void {
    this.#box.arrive();
    this.possible = this.#box.factor.possible;
    this.cosine = this.#box.factor.cosine;
    this.part = 0;
  }

  propose(): boolean {
    const { step, trial, part } = this;
    const box = this.#box, point = this.#point;
    this.isUndamped = false;
    if (part === 0) {
      box.solve(Infinity, 0);
      // Not where the projected gradient had to stand in.
      this.isUndamped = box.damping === 0;
      this.part = 1;
      step.set(box.step);
      trial.set(box.trial);
    } else {
      // Between two points of a box there is no bound.
      for (let j = 0; j < point.n; j++) {
        step[j] = part * box.step[j]!;
        trial[j] = point.x[j]! + step[j]!;
      }
    }
    this.predicted = this.#point.reductionOf(this.step);
    this.length = this.#point.scaledNorm(this.step);
    return this.length > 0;
  }

  judge(actual: number, ratio: number): void {
    if (ratio > minRatio) return;
    let shrink = 0.1;
    if (actual > -Infinity) {
      const { n, gradient } = this.#point;
      let slope = 0;
      for (let j = 0; j < n; j++) slope += gradient[j]! * this.step[j]!;
      shrink = slope / (2 * slope - actual);
      if (!(shrink >= 0.1)) shrink = 0.1;
      else if (shrink > 0.5) shrink = 0.5;
    }
    this.part = shrink * this.part;
  }
}
