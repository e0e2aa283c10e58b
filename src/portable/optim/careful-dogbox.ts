// Dogleg steps in a rectangular trust region, cut with the bounds to a box: Voglis & Lagaris
// (2004), "A rectangular trust region dogleg approach for unconstrained and bound constrained
// nonlinear optimization". Variables on a bound that the gradient pushes outward are left out. The
// first leg runs along the gradient scaled by D⁻². Twin: native/optim/careful-dogbox.h.

import { Factor } from './careful-factor.ts';
import type { CarefulPoint } from './careful-point.ts';
import { pseudoSolveInto } from './careful-rank.ts';
import type { StepKind } from './careful-step.ts';

export class DogboxStep implements StepKind {
  readonly step: Float64Array;
  readonly trial: Float64Array;
  possible = 0;
  cosine = 0;
  predicted = 0;
  length = 0;
  isUndamped = false;
  radius = 0;
  readonly #point: CarefulPoint;
  readonly #factor: Factor;
  readonly #isFixed: Uint8Array;
  /** The Gauss–Newton step, and the direction of steepest descent. */
  readonly #newton: Float64Array;
  readonly #descent: Float64Array;
  readonly #u: Float64Array;
  /** How far along `#descent` the local model falls. */
  #stride = 0;
  #hitsRegion = false;

  constructor(point: CarefulPoint) {
    const { n } = point;
    this.#point = point;
    this.#factor = new Factor(n, false);
    this.#isFixed = new Uint8Array(n);
    this.step = new Float64Array(n);
    this.trial = new Float64Array(n);
    this.#newton = new Float64Array(n);
    this.#descent = new Float64Array(n);
    this.#u = new Float64Array(n);
  }

  start(): void {
    const point = this.#point;
    let largest = 0;
    for (let j = 0; j < point.n; j++) {
      const size = point.sizeOf(j) * Math.abs(point.x[j]!);
      if (size > largest) largest = size;
    }
    this.radius = largest > 0 ? largest : 1;
  }

  arrive(): void {
    const point = this.#point, factor = this.#factor, { n } = point;
    const isFixed = this.#isFixed, newton = this.#newton, descent = this.#descent, u = this.#u;
    for (let j = 0; j < n; j++) isFixed[j] = point.active[j] !== 0 ? 1 : 0;
    factor.build(point, isFixed, point.rhs, null, null);
    this.possible = factor.possible;
    this.cosine = factor.cosine;
    if (factor.rank < factor.size) pseudoSolveInto(factor, u);
    else factor.solveInto(u);
    for (let j = 0; j < n; j++) newton[j] = 0;
    for (let k = 0; k < factor.size; k++) newton[factor.variable[k]!] = u[k]! / factor.norm[k]!;
    let slope = 0, curvature = 0;
    for (let j = 0; j < n; j++) {
      const d = point.sizeOf(j), g = point.gradient[j]!;
      descent[j] = isFixed[j] !== 0 || point.norm[j] === 0 ? 0 : g / d / d;
      slope += g * descent[j]!;
    }
    point.multiplyInto(descent, u);
    for (let i = 0; i < n; i++) curvature += u[i]! * u[i]!;
    this.#stride = curvature > 0 ? slope / curvature : Infinity;
  }

  propose(): boolean {
    const point = this.#point, { n } = point;
    const { step, trial } = this;
    const newton = this.#newton, descent = this.#descent;
    this.isUndamped = true;
    this.#hitsRegion = false;
    for (let j = 0; j < n; j++) if (!(newton[j]! >= this.#low(j) && newton[j]! <= this.#high(j))) this.isUndamped = false;
    if (this.isUndamped) {
      step.set(newton);
    } else {
      let room = this.#stride;
      for (let j = 0; j < n; j++) {
        const t = descent[j]! > 0 ? this.#high(j) / descent[j]! : descent[j]! < 0 ? this.#low(j) / descent[j]! : Infinity;
        if (t < room) room = t;
      }
      if (!(room < Infinity)) return false;
      let part = 1, cut = -1;
      for (let j = 0; j < n; j++) {
        step[j] = room * descent[j]!;
        const rest = newton[j]! - step[j]!;
        const t = rest > 0 ? (this.#high(j) - step[j]!) / rest : rest < 0 ? (this.#low(j) - step[j]!) / rest : Infinity;
        if (t < part) {
          part = t > 0 ? t : 0;
          cut = j;
        }
      }
      for (let j = 0; j < n; j++) step[j] = step[j]! + part * (newton[j]! - step[j]!);
      if (cut >= 0) {
        // Exactly on the side that stopped it.
        const end = newton[cut]! > step[cut]! ? this.#high(cut) : this.#low(cut);
        step[cut] = end;
        const limit = this.radius / point.sizeOf(cut);
        this.#hitsRegion = Math.abs(end) >= limit;
      }
    }
    for (let j = 0; j < n; j++) {
      const low = point.lowerOf(j), high = point.upperOf(j), to = point.x[j]! + step[j]!;
      trial[j] = to < low || step[j] === low - point.x[j]! ? low
        : to > high || step[j] === high - point.x[j]! ? high : to;
    }
    this.predicted = this.#point.reductionOf(this.step);
    this.length = this.#point.scaledNorm(this.step);
    return this.length > 0;
  }

  judge(_actual: number, ratio: number): void {
    const point = this.#point;
    let length = 0;
    for (let j = 0; j < point.n; j++) {
      const size = point.sizeOf(j) * Math.abs(this.step[j]!);
      if (size > length) length = size;
    }
    if (!(ratio >= 0.25)) this.radius = 0.25 * (length < this.radius ? length : this.radius);
    else if (ratio > 0.75 && this.#hitsRegion) this.radius = 2 * this.radius;
  }

  /** Sides of the box around x, as steps. */
  #low(j: number): number {
    const point = this.#point;
    const side = -this.radius / point.sizeOf(j), bound = point.lowerOf(j) - point.x[j]!;
    return side > bound ? side : bound;
  }

  #high(j: number): number {
    const point = this.#point;
    const side = this.radius / point.sizeOf(j), bound = point.upperOf(j) - point.x[j]!;
    return side < bound ? side : bound;
  }
}
