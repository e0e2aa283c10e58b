// QR with column pivoting of the columns of J that are free, each divided by its norm: so the rank
// is decided between directions, and a column that has become small is not taken for a dependent
// one (van der Sluis 1969). For interior methods rows of a diagonal matrix stand below J.
// Twin: native/optim/careful-factor.h.

import { factorPivoted, normOf } from '../linalg/qr.ts';
import { epsilon, type CarefulPoint } from './careful-point.ts';

export class Factor {
  readonly stride: number;
  /** Columns that take part, and the variable that each of them belongs to, in the order of pivoting. */
  size = 0;
  readonly variable: Int32Array;
  /** Norm that the k-th column was divided by. */
  readonly norm: Float64Array;
  /** R, column k at k·stride, and Qᵀ times the right-hand side. */
  readonly r: Float64Array;
  readonly q: Float64Array;
  rank = 0;
  /** What a whole Gauss–Newton step takes off the sum of squares, by the local model. */
  possible = 0;
  /** Largest cosine between the right-hand side and a column. */
  cosine = 0;
  readonly #order: Int32Array;
  readonly #variables: Int32Array;
  readonly #norms: Float64Array;

  constructor(n: number, withDiagonal: boolean) {
    this.stride = withDiagonal ? 2 * n : n;
    this.variable = new Int32Array(n);
    this.norm = new Float64Array(n);
    this.r = new Float64Array(n * this.stride);
    this.q = new Float64Array(this.stride);
    this.#order = new Int32Array(n);
    this.#variables = new Int32Array(n);
    this.#norms = new Float64Array(n);
  }

  /**
   * Factors J·W with √C below, W and C diagonal (null: identity and nothing), over the variables
   * where `isFixed` is 0. Columns of zeros take no part.
   */
  build(
    point: CarefulPoint, isFixed: Uint8Array, rhs: Float64Array,
    weight: Float64Array | null, rootC: Float64Array | null,
  ): void {
    const { n, triangle } = point;
    const { r, q, stride } = this;
    const order = this.#order, variables = this.#variables, norms = this.#norms;
    const rows = rootC === null ? n : 2 * n;
    let size = 0;
    this.cosine = 0;
    for (let j = 0; j < n; j++) {
      if (isFixed[j] !== 0) continue;
      const at = size * stride, from = (j * (j + 1)) / 2, w = weight === null ? 1 : weight[j]!;
      for (let i = 0; i < rows; i++) r[at + i] = i <= j ? triangle[from + i]! * w : 0;
      if (rootC !== null) r[at + n + j] = rootC[j]!;
      const norm = normOf(r, at, rows);
      if (norm === 0) continue;
      let sum = 0;
      for (let i = 0; i < rows; i++) r[at + i] = r[at + i]! / norm;
      for (let i = 0; i <= j; i++) sum += r[at + i]! * rhs[i]!;
      const cosine = sum === 0 ? 0 : Math.abs(sum) / point.residualNorm;
      if (!(cosine <= this.cosine)) this.cosine = cosine;
      variables[size] = j;
      norms[size] = norm;
      size++;
    }
    for (let i = 0; i < rows; i++) q[i] = i < n ? rhs[i]! : 0;
    factorPivoted(r, rows, size, stride, order, q);
    const { points } = point;
    const tolerance = (points > n ? points : n) * epsilon;
    this.size = size;
    this.rank = size;
    for (let k = 0; k < size; k++) {
      this.variable[k] = variables[order[k]!]!;
      this.norm[k] = norms[order[k]!]!;
    }
    for (let k = size - 1; k >= 0; k--)
      if (!(Math.abs(r[k * stride + k]!) > tolerance)) this.rank = k;
    let possible = 0;
    for (let k = 0; k < this.rank; k++) possible += q[k]! * q[k]!;
    this.possible = possible;
  }

  /** Solves R·u = q in the first `rank` unknowns; the others are zero. */
  solveInto(u: Float64Array): void {
    const { r, q, stride, rank, size } = this;
    for (let k = 0; k < size; k++) u[k] = k < rank ? q[k]! : 0;
    for (let k = rank - 1; k >= 0; k--) {
      u[k] = u[k]! / r[k * stride + k]!;
      const known = u[k]!;
      for (let i = 0; i < k; i++) u[i] = u[i]! - r[k * stride + i]! * known;
    }
  }
}
