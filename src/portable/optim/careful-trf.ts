// Trust region reflective: Branch, Coleman & Li (1999), SIAM J. Sci. Comput. 21, "A subspace,
// interior, and conjugate gradient method for large-scale bound-constrained minimization problems",
// with the whole space for a subspace. Variables are measured by D/√v, v their distance to the
// bound that the gradient pushes them to; steps that leave the box are reflected, cut or replaced
// by the scaled gradient, whichever promises most. All points but the last lie inside the bounds.
// Twin: native/optim/careful-trf.h.

import { normOf } from '../linalg/qr.ts';
import { Factor } from './careful-factor.ts';
import { epsilon, type CarefulPoint } from './careful-point.ts';
import { Region } from './careful-region.ts';
import type { StepKind } from './careful-step.ts';

/** A start on a bound is moved inside by this part of the bound or, at 0, of the box. */
const insetPart = 1e-10;
/** Steps stop short of a bound by at most this part (section 2 of the paper: θ → 1). */
const leastTheta = 0.995;

export class TrfStep implements StepKind {
  readonly step: Float64Array;
  readonly trial: Float64Array;
  possible = 0;
  cosine = 0;
  predicted = 0;
  length = 0;
  isUndamped = false;
  radius = 0;
  damping = 0;
  readonly #point: CarefulPoint;
  readonly #factor: Factor;
  readonly #region: Region;
  readonly #isFixed: Uint8Array;
  /** √v/D and √C: x = #unit · x̂. */
  readonly #unit: Float64Array;
  readonly #rootC: Float64Array;
  readonly #whole: Float64Array;
  readonly #other: Float64Array;
  readonly #along: Float64Array;
  readonly #work: Float64Array;

  constructor(point: CarefulPoint) {
    const { n } = point;
    this.#point = point;
    this.#factor = new Factor(n, true);
    this.#region = new Region(n);
    this.#isFixed = new Uint8Array(n);
    this.step = new Float64Array(n);
    this.trial = new Float64Array(n);
    this.#unit = new Float64Array(n);
    this.#rootC = new Float64Array(n);
    this.#whole = new Float64Array(n);
    this.#other = new Float64Array(n);
    this.#along = new Float64Array(n);
    this.#work = new Float64Array(n);
  }

  /** Moves variables that stand on a bound inside. */
  static moveInside(point: CarefulPoint, x: Float64Array): void {
    for (let j = 0; j < point.n; j++) {
      const low = point.lowerOf(j), high = point.upperOf(j), p = x[j]!;
      if (p > low && p < high) continue;
      const width = high - low < Infinity ? high - low : 1;
      const size = Math.abs(p) > 0 ? Math.abs(p) : width;
      const inside = p <= low ? low + insetPart * size : high - insetPart * size;
      x[j] = inside > low && inside < high ? inside : low + 0.5 * width;
    }
  }

  start(): void {
    const { n, x } = this.#point;
    this.#measureUnits();
    for (let j = 0; j < n; j++) this.#work[j] = x[j]! / this.#unit[j]!;
    const size = normOf(this.#work, 0, n);
    this.radius = size > 0 && size < Infinity ? size : 1;
    this.damping = 0;
  }

  #measureUnits(): void {
    const point = this.#point;
    const unit = this.#unit, rootC = this.#rootC;
    for (let j = 0; j < point.n; j++) {
      const d = point.sizeOf(j), g = point.gradient[j]!, x = point.x[j]!;
      const room = g > 0 ? point.upperOf(j) - x : g < 0 ? x - point.lowerOf(j) : Infinity;
      const isNear = room < Infinity;
      unit[j] = isNear ? Math.sqrt(room * d) / d : 1 / d;
      rootC[j] = isNear ? Math.sqrt(Math.abs(g) / d) : 0;
    }
  }

  arrive(): void {
    const point = this.#point, factor = this.#factor;
    this.#measureUnits();
    factor.build(point, this.#isFixed, point.rhs, this.#unit, this.#rootC);
    this.possible = factor.possible;
    this.cosine = factor.cosine;
  }

  propose(): boolean {
    const point = this.#point, factor = this.#factor, region = this.#region;
    const { step, trial } = this;
    const whole = this.#whole, unit = this.#unit, { n } = point;
    for (let k = 0; k < factor.size; k++) region.scale[k] = 1 / factor.norm[k]!;
    this.damping = region.solve(factor, this.radius, this.damping);
    for (let j = 0; j < n; j++) whole[j] = 0;
    for (let k = 0; k < factor.size; k++) {
      const j = factor.variable[k]!;
      whole[j] = unit[j]! * (region.u[k]! / factor.norm[k]!);
    }
    step.set(whole);
    this.isUndamped = this.damping === 0;
    if (!(this.#roomAlong(point.x, step) > 1)) {
      this.isUndamped = false;
      this.#chooseWithin();
    }
    for (let j = 0; j < n; j++) {
      const low = point.lowerOf(j), high = point.upperOf(j), to = point.x[j]! + step[j]!;
      trial[j] = to;
      if (to <= low) trial[j] = low + (low === 0 ? 2 ** -1000 : epsilon * Math.abs(low));
      else if (to >= high) trial[j] = high - (high === 0 ? 2 ** -1000 : epsilon * Math.abs(high));
      if (!(trial[j]! > low && trial[j]! < high)) trial[j] = point.x[j]!;
    }
    this.predicted = this.#modelOf(this.step);
    this.length = this.#point.scaledNorm(this.step);
    return this.length > 0;
  }

  judge(actual: number, ratio: number): void {
    const { n } = this.#point;
    for (let j = 0; j < n; j++) this.#work[j] = this.step[j]! / this.#unit[j]!;
    const length = normOf(this.#work, 0, n), before = this.radius;
    if (!(ratio >= 0.25)) this.radius = 0.25 * (length < before ? length : before);
    else if (ratio > 0.75 && length > 0.95 * before) this.radius = 2 * before;
    this.damping = this.damping * (before / this.radius);
  }

  /**
   * Variables so near to the bound they are pushed to that the rest of the way changes the sum of
   * squares by no more than `tolerance`: on the bound in `x`. False when there are none.
   */
  snapInto(x: Float64Array, tolerance: number): boolean {
    const point = this.#point;
    let any = false;
    for (let j = 0; j < point.n; j++) {
      const g = point.gradient[j]!, bound = g > 0 ? point.upperOf(j) : point.lowerOf(j);
      x[j] = point.x[j]!;
      const distance = Math.abs(bound - x[j]!);
      if (g === 0 || !(distance < Infinity)) continue;
      const change = point.norm[j]! * distance;
      if (!(2 * Math.abs(g) * distance <= tolerance && change * change <= tolerance)) continue;
      x[j] = bound;
      any = true;
    }
    return any;
  }

  /** How many times `direction` fits between x and the bounds. */
  #roomAlong(x: Float64Array, direction: Float64Array): number {
    const point = this.#point;
    let room = Infinity;
    for (let j = 0; j < point.n; j++) {
      const t = this.#roomOf(j, x[j]!, direction[j]!);
      if (t < room) room = t;
    }
    return room;
  }

  #roomOf(j: number, x: number, along: number): number {
    const point = this.#point;
    return along > 0 ? (point.upperOf(j) - x) / along : along < 0 ? (point.lowerOf(j) - x) / along : Infinity;
  }

  /** Reduction by the local model, curvature of the scaling included. */
  #modelOf(step: Float64Array): number {
    let sum = this.#point.reductionOf(step);
    for (let j = 0; j < this.#point.n; j++) {
      const t = (this.#rootC[j]! * step[j]!) / this.#unit[j]!;
      sum -= t * t;
    }
    return sum;
  }

  /** The best part in [least, most] of `direction`, to be added to `from`. */
  #bestPart(from: Float64Array, direction: Float64Array, least: number, most: number): number {
    const point = this.#point, { n } = point;
    const product = this.#work;
    let curvature = 0, slope = 0;
    point.multiplyInto(direction, product);
    for (let i = 0; i < n; i++) {
      curvature += product[i]! * product[i]!;
      slope += product[i]! * point.rhs[i]!;
    }
    // (R·from)ᵀ(R·direction), one column of R at a time
    for (let j = 0; j < n; j++) {
      const at = (j * (j + 1)) / 2;
      let sum = 0;
      for (let i = 0; i <= j; i++) sum += point.triangle[at + i]! * product[i]!;
      slope -= from[j]! * sum;
      const t = this.#rootC[j]! / this.#unit[j]!;
      curvature += t * direction[j]! * (t * direction[j]!);
      slope -= t * from[j]! * (t * direction[j]!);
    }
    const best = curvature > 0 ? slope / curvature : slope > 0 ? most : least;
    return best > least ? (best < most ? best : most) : least;
  }

  #chooseWithin(): void {
    const point = this.#point, { n, x } = point;
    const { step } = this;
    const whole = this.#whole, other = this.#other, along = this.#along, unit = this.#unit;
    const value = point.residualNorm * point.residualNorm;
    const rest = 1 - this.possible / value;
    const theta = rest > leastTheta ? rest : leastTheta;
    const part = this.#roomAlong(x, whole);
    // The step up to the bound, and its reflection there.
    let square = 0, cross = 0, length = 0;
    for (let j = 0; j < n; j++) {
      const hits = this.#roomOf(j, x[j]!, whole[j]!) <= part;
      step[j] = part * whole[j]!;
      along[j] = hits ? -whole[j]! : whole[j]!;
      other[j] = x[j]! + step[j]!;
      const s = step[j]! / unit[j]!, a = along[j]! / unit[j]!;
      square += s * s;
      cross += s * a;
      length += a * a;
    }
    // ‖s + t·a‖ = radius
    const inside = this.radius * this.radius - square;
    let toRegion = 0;
    if (inside > 0 && length > 0) {
      const root = Math.sqrt(cross * cross + length * inside);
      toRegion = cross > 0 ? inside / (cross + root) : (root - cross) / length;
    }
    const toBound = this.#roomAlong(other, along);
    const reach = toBound < toRegion ? toBound : toRegion;
    let reflected = -Infinity, stride = 0;
    if (reach > 0) {
      const least = ((1 - theta) * part) / reach;
      const most = toBound <= toRegion ? theta * toBound : toRegion;
      if (least <= most) {
        stride = this.#bestPart(step, along, least, most);
        for (let j = 0; j < n; j++) other[j] = step[j]! + stride * along[j]!;
        reflected = this.#modelOf(other);
      }
    }
    for (let j = 0; j < n; j++) step[j] = theta * part * whole[j]!;
    let best = this.#modelOf(step);
    if (reflected > best) {
      step.set(other);
      best = reflected;
    }
    // Along the scaled gradient.
    let steep = 0;
    for (let j = 0; j < n; j++) {
      const t = unit[j]! * point.gradient[j]!;
      along[j] = unit[j]! * t;
      steep += t * t;
      other[j] = 0;
    }
    if (!(steep > 0)) return;
    const toEdge = this.radius / Math.sqrt(steep), toWall = this.#roomAlong(x, along);
    const most = toWall <= toEdge ? theta * toWall : toEdge;
    stride = this.#bestPart(other, along, 0, most);
    for (let j = 0; j < n; j++) other[j] = stride * along[j]!;
    if (this.#modelOf(other) > best) step.set(other);
  }
}
