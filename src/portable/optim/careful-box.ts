// The step of least local sum of squares within a trust region and the bounds, by projection:
// variables that the step would carry across a bound are put on it, and the step of the others is
// found anew with what is left of the radius. Variables at a bound with the gradient pushing
// outward stay there (Kanzow, Yamashita & Fukushima 2004 for the projection; the safeguard is their
// projected gradient). Twin: native/optim/careful-box.h.

import { Factor } from './careful-factor.ts';
import type { CarefulPoint } from './careful-point.ts';
import { pseudoSolveInto } from './careful-rank.ts';
import { Region } from './careful-region.ts';

/** A step must do at least this part of what the projected gradient does. */
const leastPart = 0.1;
/** E is limited: a column that has become nothing against its running maximum. */
const maxScale = 2 ** 400;

export class BoxStep {
  readonly point: CarefulPoint;
  /** Of the variables that are not at an active bound. */
  readonly factor: Factor;
  readonly step: Float64Array;
  readonly trial: Float64Array;
  damping = 0;
  /** Whether a bound cut the step. */
  isCut = false;
  readonly region: Region;
  readonly isFixed: Uint8Array;
  /** −1 or 1 where the step ends on the lower or upper bound. */
  readonly #side: Int8Array;
  readonly #rest: Factor | null;
  readonly #rhs: Float64Array;
  readonly #other: Float64Array;

  constructor(point: CarefulPoint) {
    const { n } = point;
    this.point = point;
    this.factor = new Factor(n, false);
    this.region = new Region(n);
    this.step = new Float64Array(n);
    this.trial = new Float64Array(n);
    this.isFixed = new Uint8Array(n);
    this.#side = new Int8Array(n);
    const { lower, upper } = point.options;
    this.#rest = lower === null && upper === null ? null : new Factor(n, false);
    this.#rhs = new Float64Array(n);
    this.#other = new Float64Array(n);
  }

  /** To be called at every new point. */
  arrive(): void {
    const { point, isFixed, factor } = this;
    for (let j = 0; j < point.n; j++) isFixed[j] = point.active[j] !== 0 ? 1 : 0;
    factor.build(point, isFixed, point.rhs, null, null);
  }

  /** Fills `step` and `trial`. An infinite radius asks for the Gauss–Newton step. */
  solve(radius: number, guess: number): void {
    const { point, step, factor, isFixed } = this;
    const { n } = point;
    for (let j = 0; j < n; j++) step[j] = this.#side[j] = 0;
    this.isCut = false;
    this.damping = this.#inRegion(factor, radius, guess);
    const rest = this.#rest;
    if (rest !== null && this.#cross()) {
      this.isCut = true;
      let squares = radius * radius;
      do {
        this.#subtractFixed();
        squares = radius * radius;
        for (let j = 0; j < n; j++) {
          if (isFixed[j] === 0) continue;
          const t = point.sizeOf(j) * step[j]!;
          squares -= t * t;
        }
        if (!(squares > 0)) break;
        rest.build(point, isFixed, this.#rhs, null, null);
        if (rest.size === 0) break;
        this.damping = this.#inRegion(rest, Math.sqrt(squares), this.damping);
      } while (this.#cross());
      for (let j = 0; j < n; j++) isFixed[j] = point.active[j] !== 0 ? 1 : 0;
      this.#safeguard(radius);
    }
    this.#place();
  }

  #inRegion(factor: Factor, radius: number, guess: number): number {
    const { point, region, step, isFixed } = this;
    for (let k = 0; k < factor.size; k++) {
      const e = point.sizeOf(factor.variable[k]!) / factor.norm[k]!;
      region.scale[k] = e < maxScale ? e : maxScale;
    }
    let damping = 0;
    if (radius < Infinity) damping = region.solve(factor, radius, guess);
    else if (factor.rank < factor.size) pseudoSolveInto(factor, region.u);
    else factor.solveInto(region.u);
    for (let j = 0; j < point.n; j++) if (isFixed[j] === 0) step[j] = 0;
    for (let k = 0; k < factor.size; k++) step[factor.variable[k]!] = region.u[k]! / factor.norm[k]!;
    return damping;
  }

  /** Puts variables that cross a bound on it; false when none does. */
  #cross(): boolean {
    const { point, step, isFixed } = this;
    let any = false;
    for (let j = 0; j < point.n; j++) {
      if (isFixed[j] !== 0) continue;
      const x = point.x[j]!, to = x + step[j]!;
      const low = point.lowerOf(j), high = point.upperOf(j);
      if (to >= low && to <= high) continue;
      this.#side[j] = to < low ? -1 : 1;
      step[j] = (to < low ? low : high) - x;
      isFixed[j] = 1;
      any = true;
    }
    return any;
  }

  #subtractFixed(): void {
    const { point, step, isFixed } = this;
    const rhs = this.#rhs, { n, triangle } = point;
    for (let i = 0; i < n; i++) rhs[i] = point.rhs[i]!;
    for (let j = 0; j < n; j++) {
      const delta = step[j]!;
      if (isFixed[j] === 0 || delta === 0) continue;
      const at = (j * (j + 1)) / 2;
      for (let i = 0; i <= j; i++) rhs[i] = rhs[i]! - triangle[at + i]! * delta;
    }
  }

  /** The projected gradient step instead, where it promises more by far. */
  #safeguard(radius: number): void {
    const { point, step } = this;
    const { n, gradient } = point;
    const other = this.#other, rhs = this.#rhs;
    let most = 0, longest = 0;
    // Along D⁻²·gradient: as long as the line is free of bounds in the region, or to its minimum.
    for (let j = 0; j < n; j++) {
      const d = point.sizeOf(j);
      other[j] = point.active[j] !== 0 ? 0 : gradient[j]! / d / d;
      const size = Math.abs(d * other[j]!);
      if (size > longest) longest = size;
    }
    if (longest === 0) return;
    point.multiplyInto(other, rhs);
    let curvature = 0, slope = 0;
    for (let i = 0; i < n; i++) curvature += rhs[i]! * rhs[i]!;
    for (let j = 0; j < n; j++) slope += gradient[j]! * other[j]!;
    let length = curvature > 0 ? slope / curvature : Infinity;
    const reach = radius / longest;
    if (length > reach) length = reach;
    if (!(length < Infinity)) return;
    for (let j = 0; j < n; j++) {
      const x = point.x[j]!, to = x + length * other[j]!;
      const low = point.lowerOf(j), high = point.upperOf(j);
      other[j] = to < low ? low - x : to > high ? high - x : length * other[j]!;
    }
    most = point.reductionOf(other);
    if (!(point.reductionOf(step) < leastPart * most)) return;
    for (let j = 0; j < n; j++) {
      step[j] = other[j]!;
      this.#side[j] = 0;
    }
    this.damping = this.damping > 0 ? this.damping : 1;
  }

  #place(): void {
    const { point, step, trial } = this;
    for (let j = 0; j < point.n; j++) {
      const to = point.x[j]! + step[j]!, low = point.lowerOf(j), high = point.upperOf(j);
      const side = this.#side[j]!;
      trial[j] = to < low || side < 0 ? low : to > high || side > 0 ? high : to;
    }
  }
}
