// What the triangle at the end of a run says: rank, condition number, covariance, and the
// combinations of variables that the data cannot tell apart. Variables at an active bound take no
// part. Twin: native/optim/careful-final.h.

import { Factor } from './careful-factor.ts';
import type { CarefulPoint } from './careful-point.ts';
import { decompose, type Decomposition } from './careful-rank.ts';

export class FinalFactor {
  /** Number of free directions that the data resolve; full: `free`. */
  readonly rank: number;
  /** Variables not at an active bound. */
  readonly free: number;
  readonly #point: CarefulPoint;
  readonly #factor: Factor;
  #decomposition: Decomposition | null = null;

  constructor(point: CarefulPoint) {
    const { n } = point;
    const isFixed = new Uint8Array(n);
    let free = 0;
    for (let j = 0; j < n; j++) {
      isFixed[j] = point.active[j] !== 0 ? 1 : 0;
      if (isFixed[j] === 0) free++;
    }
    const factor = new Factor(n, false);
    factor.build(point, isFixed, point.rhs, null, null);
    this.#point = point;
    this.#factor = factor;
    this.free = free;
    this.rank = factor.rank;
  }

  /** Made when it is first needed: it costs more than all the rest. */
  get #parts(): Decomposition {
    return (this.#decomposition ??= decompose(this.#factor));
  }

  /** σ₁/σₙ of the free columns of J, each divided by its norm; Infinity with a column of zeros. */
  get conditionNumber(): number {
    const { size } = this.#factor;
    if (this.free === 0) return 1;
    if (size < this.free) return Infinity;
    const { sigma } = this.#parts;
    return sigma[size - 1] === 0 ? Infinity : sigma[0]! / sigma[size - 1]!;
  }

  /**
   * (JᵀJ)⁻¹ over the free variables, n × n; NaN in rows and columns of variables at an active
   * bound. Without full rank: false and NaN throughout, or with `pseudo` the Moore–Penrose inverse
   * in the metric of the column norms.
   */
  covarianceInto(out: Float64Array, pseudo: boolean): boolean {
    const { n } = this.#point;
    const factor = this.#factor;
    const { size, stride, r, variable, norm } = factor;
    for (let k = 0; k < n * n; k++) out[k] = NaN;
    const isFull = this.rank === this.free;
    if (!isFull && !pseudo) return false;
    const inverse = new Float64Array(size * size);
    if (isFull) {
      // R⁻¹, column by column; then R⁻¹·R⁻ᵀ.
      for (let k = 0; k < size; k++) {
        inverse[k * size + k] = 1 / r[k * stride + k]!;
        for (let i = k - 1; i >= 0; i--) {
          let sum = 0;
          for (let j = i + 1; j <= k; j++) sum += r[j * stride + i]! * inverse[k * size + j]!;
          inverse[k * size + i] = -sum / r[i * stride + i]!;
        }
      }
    } else {
      // Right singular vectors over their singular values.
      const { right, sigma } = this.#parts;
      for (let k = 0; k < this.rank; k++)
        for (let i = 0; i < size; i++) inverse[k * size + i] = right[k * size + i]! / sigma[k]!;
      // Columns of zeros have no share in any direction.
      for (let a = 0; a < n; a++)
        for (let b = 0; b < n; b++)
          if (this.#point.active[a] === 0 && this.#point.active[b] === 0) out[a * n + b] = 0;
    }
    for (let a = 0; a < size; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += inverse[k * size + a]! * inverse[k * size + b]!;
        const entry = sum / norm[a]! / norm[b]!;
        out[variable[a]! * n + variable[b]!] = entry;
        out[variable[b]! * n + variable[a]!] = entry;
      }
    }
    return isFull;
  }

  /**
   * Directions, n values each, along which r does not change to first order: unit vectors in
   * variables measured by their column norms, and unit axes of columns of zeros.
   */
  nullVectors(): Float64Array[] {
    const { n, norm: columnNorm, active } = this.#point;
    const { size, variable } = this.#factor;
    const { right } = this.#parts;
    const vectors: Float64Array[] = [];
    for (let k = this.rank; k < size; k++) {
      const vector = new Float64Array(n);
      for (let i = 0; i < size; i++) vector[variable[i]!] = right[k * size + i]!;
      vectors.push(vector);
    }
    for (let j = 0; j < n; j++) {
      if (active[j] !== 0 || columnNorm[j]! > 0) continue;
      const vector = new Float64Array(n);
      vector[j] = 1;
      vectors.push(vector);
    }
    return vectors;
  }
}
