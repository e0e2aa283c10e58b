// The step of least local sum of squares within ‖E·u‖ ≤ radius: λ ≥ 0 with
//   (RᵀR + λE²) u = Rᵀq,   ‖E·u‖ = radius within 10 % where λ > 0,
// by Newton's method on 1/‖E·u(λ)‖ between bounds (Moré 1978, sections 3 and 5; Hebden 1973). The
// diagonal is rotated into R, so the conditioning of R is never squared.
// Twin: native/optim/careful-region.h.

import { normOf } from '../linalg/qr.ts';
import type { Factor } from './careful-factor.ts';

/** Relative error of ‖E·u‖ at which the search for λ ends (Moré 1978: 0.1). */
const accuracy = 0.1;
const maxRounds = 10;

export class Region {
  /** The step, one value per column of the factor. */
  readonly u: Float64Array;
  /** E, to be filled before `solve`. */
  readonly scale: Float64Array;
  readonly #s: Float64Array;
  readonly #row: Float64Array;
  readonly #work: Float64Array;

  constructor(n: number) {
    this.u = new Float64Array(n);
    this.scale = new Float64Array(n);
    this.#s = new Float64Array(n * n);
    this.#row = new Float64Array(n);
    this.#work = new Float64Array(n);
  }

  /** Fills `u`; returns λ. `guess` is the λ of the step before. */
  solve(factor: Factor, radius: number, guess: number): number {
    const { u, scale } = this;
    const work = this.#work;
    const { size, rank, r, q, stride } = factor;
    factor.solveInto(u);
    let length = this.#scaledLength(size);
    let excess = length - radius;
    if (!(excess > accuracy * radius)) return 0;

    // Lower bound: the Newton step from 0, where the problem has full rank.
    let low = 0;
    if (rank === size) {
      for (let k = 0; k < size; k++) work[k] = scale[k]! * ((scale[k]! * u[k]!) / length);
      for (let k = 0; k < size; k++) {
        let sum = work[k]!;
        for (let i = 0; i < k; i++) sum -= r[k * stride + i]! * work[i]!;
        work[k] = sum / r[k * stride + k]!;
      }
      const slope = normOf(work, 0, size);
      low = excess / radius / slope / slope;
    }
    // Upper bound: ‖E⁻¹Rᵀq‖ / radius.
    for (let k = 0; k < size; k++) {
      let sum = 0;
      for (let i = 0; i <= k; i++) sum += r[k * stride + i]! * q[i]!;
      work[k] = sum / scale[k]!;
    }
    const steepness = normOf(work, 0, size);
    let high = steepness / radius;
    let damping = guess > low ? guess : low;
    if (damping > high) damping = high;
    if (damping === 0) damping = steepness / length;

    for (let round = 1; ; round++) {
      if (damping === 0) damping = 1e-3 * high > 2 ** -1000 ? 1e-3 * high : 2 ** -1000;
      this.damp(factor, damping);
      length = this.#scaledLength(size);
      const before = excess;
      excess = length - radius;
      if (Math.abs(excess) <= accuracy * radius || round >= maxRounds ||
          (low === 0 && excess <= before && before < 0)) return damping;
      for (let k = 0; k < size; k++) work[k] = scale[k]! * ((scale[k]! * u[k]!) / length);
      this.#solveTransposed(work, size);
      const slope = normOf(work, 0, size);
      const correction = excess / radius / slope / slope;
      if (excess > 0) {
        if (damping > low) low = damping;
      } else if (damping < high) {
        high = damping;
      }
      const next = damping + correction;
      damping = next > low ? next : low;
    }
  }

  /** u with (RᵀR + λE²) u = Rᵀq: rows of √λ·E are rotated into a copy of R. */
  damp(factor: Factor, damping: number): void {
    const { u, scale } = this;
    const s = this.#s, row = this.#row;
    const { size, r, q, stride } = factor;
    const root = Math.sqrt(damping);
    for (let k = 0; k < size; k++) {
      u[k] = q[k]!;
      for (let j = k; j < size; j++) s[k * size + j] = r[j * stride + k]!;
    }
    for (let j = 0; j < size; j++) {
      row[j] = root * scale[j]!;
      for (let k = j + 1; k < size; k++) row[k] = 0;
      let rest = 0;
      for (let k = j; k < size; k++) {
        const below = row[k]!;
        if (below === 0) continue;
        const at = k * size, above = s[at + k]!;
        let cos, sin;
        if (Math.abs(above) < Math.abs(below)) {
          const cotangent = above / below;
          sin = 1 / Math.sqrt(1 + cotangent * cotangent);
          cos = sin * cotangent;
        } else {
          const tangent = below / above;
          cos = 1 / Math.sqrt(1 + tangent * tangent);
          sin = cos * tangent;
        }
        s[at + k] = cos * above + sin * below;
        const known = u[k]!;
        u[k] = cos * known + sin * rest;
        rest = cos * rest - sin * known;
        for (let i = k + 1; i < size; i++) {
          const t = s[at + i]!;
          s[at + i] = cos * t + sin * row[i]!;
          row[i] = cos * row[i]! - sin * t;
        }
      }
    }
    for (let k = size - 1; k >= 0; k--) {
      let sum = u[k]!;
      for (let j = k + 1; j < size; j++) sum -= s[k * size + j]! * u[j]!;
      const pivot = s[k * size + k]!;
      u[k] = pivot === 0 ? 0 : sum / pivot;
    }
  }

  #solveTransposed(v: Float64Array, size: number): void {
    const s = this.#s;
    for (let k = 0; k < size; k++) {
      v[k] = v[k]! / s[k * size + k]!;
      const known = v[k]!;
      for (let j = k + 1; j < size; j++) v[j] = v[j]! - s[k * size + j]! * known;
    }
  }

  #scaledLength(size: number): number {
    const { u, scale } = this;
    const work = this.#work;
    for (let k = 0; k < size; k++) work[k] = scale[k]! * u[k]!;
    return normOf(work, 0, size);
  }
}
