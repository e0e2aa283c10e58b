// Householder QR, in two forms.
//
// RowTriangle takes rows in blocks and keeps only R: each block is folded into the triangle by one
// reflector per column, [R; B] → R (Golub & Van Loan 2013, section 5.2.2 and 6.5; the reflector
// touches one row of R and all rows of B). Memory is n² + 128·n whatever the number of rows.
// factorPivoted is QR with column pivoting of a small matrix (section 5.4.2), with the norms of the
// remaining columns formed anew at every step: nothing is lost to downdating.
//
// Reflectors are I − τ·v·vᵀ with v₁ = 1, so that |v| ≤ 1 and no product can overflow before the
// data do; norms are scaled by powers of two outside of 2^±500. Dots over rows of a block have
// eight running sums, combined in pairs. Twin: native/linalg/qr.h.

/** Rows of a block: that of the sums over points. */
export const blockRows = 128;

const huge = 2 ** 500, tiny = 2 ** -500;
const down = 2 ** -600, up = 2 ** 600;

/** Power of two by which numbers up to `largest` are multiplied before they are squared. */
function squaringScale(largest: number): number {
  return largest > huge ? down : largest < tiny ? up : 1;
}

function largestOf(a: Float64Array, at: number, count: number): number {
  let largest = 0;
  for (let i = at; i < at + count; i++) {
    const size = Math.abs(a[i]!);
    if (size > largest) largest = size;
  }
  return largest;
}

/** √(Σ a²) over `count` elements from `at`, one after another. */
export function normOf(a: Float64Array, at: number, count: number): number {
  const largest = largestOf(a, at, count);
  if (largest === 0) return 0;
  const scale = squaringScale(largest);
  let sum = 0;
  for (let i = at; i < at + count; i++) {
    const t = a[i]! * scale;
    sum += t * t;
  }
  return Math.sqrt(sum) / scale;
}

/** Σ (a·s)(b·s) over `count` elements, a multiple of 8. */
function dot8(a: Float64Array, p: number, b: Float64Array, q: number, count: number, s: number): number {
  let r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4 = 0, r5 = 0, r6 = 0, r7 = 0;
  for (const end = p + count; p < end; p += 8, q += 8) {
    r0 += (a[p]! * s) * (b[q]! * s);
    r1 += (a[p + 1]! * s) * (b[q + 1]! * s);
    r2 += (a[p + 2]! * s) * (b[q + 2]! * s);
    r3 += (a[p + 3]! * s) * (b[q + 3]! * s);
    r4 += (a[p + 4]! * s) * (b[q + 4]! * s);
    r5 += (a[p + 5]! * s) * (b[q + 5]! * s);
    r6 += (a[p + 6]! * s) * (b[q + 6]! * s);
    r7 += (a[p + 7]! * s) * (b[q + 7]! * s);
  }
  return ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7));
}

/** The triangle of a matrix whose rows come in blocks. */
export class RowTriangle {
  readonly columns: number;
  /** Rows to be added: column j stands at j·blockRows. `push` overwrites it. */
  readonly block: Float64Array;
  /** R so far, packed by columns: (i, j), i ≤ j, at j(j + 1)/2 + i. */
  readonly triangle: Float64Array;
  readonly #isUsed: Uint8Array;

  constructor(columns: number) {
    this.columns = columns;
    this.block = new Float64Array(columns * blockRows);
    this.triangle = new Float64Array((columns * (columns + 1)) / 2);
    this.#isUsed = new Uint8Array(columns);
  }

  clear(): void {
    this.triangle.fill(0);
  }

  /** Folds the first `rows` rows of the block into the triangle. */
  push(rows: number): void {
    const { block, columns, triangle } = this;
    const isUsed = this.#isUsed;
    // Dots run over eights: rows of zeros follow.
    const count = (rows + 7) & ~7;
    for (let j = 0, at = 0; j < columns; j++, at += blockRows) {
      for (let i = rows; i < count; i++) block[at + i] = 0;
      isUsed[j] = largestOf(block, at, count) !== 0 ? 1 : 0;
    }
    for (let k = 0, at = 0; k < columns; k++, at += blockRows) {
      const diagonal = (k * (k + 3)) / 2;
      const alpha = triangle[diagonal]!;
      const below = largestOf(block, at, count);
      if (below === 0) continue;
      const size = Math.abs(alpha);
      const scale = squaringScale(size > below ? size : below);
      const t = alpha * scale;
      const norm = Math.sqrt(t * t + dot8(block, at, block, at, count, scale)) / scale;
      const beta = alpha >= 0 ? -norm : norm;
      const first = alpha - beta;
      const tau = -first / beta;
      for (let i = at; i < at + count; i++) block[i] = block[i]! / first;
      triangle[diagonal] = beta;
      for (let j = k + 1, to = at + blockRows; j < columns; j++, to += blockRows) {
        const cell = (j * (j + 1)) / 2 + k;
        const above = triangle[cell]!;
        // Columns of zeros, as a banded matrix has: nothing to add, often nothing to do.
        const w = tau * (isUsed[j] === 0 ? above : above + dot8(block, at, block, to, count, 1));
        if (w === 0) continue;
        isUsed[j] = 1;
        triangle[cell] = above - w;
        for (let i = 0; i < count; i++) block[to + i] = block[to + i]! - w * block[at + i]!;
      }
    }
  }
}

/**
 * QR with column pivoting of the `rows` × `columns` matrix in `a` (column j at j·stride), applied
 * to the vector `b` as well. On return R stands in the upper triangle, `order[k]` says which
 * column came k-th, and b holds Qᵀb. What stands below the diagonal is of no use.
 * `columns` ≤ `rows` is not required.
 */
export function factorPivoted(
  a: Float64Array, rows: number, columns: number, stride: number, order: Int32Array, b: Float64Array,
): void {
  for (let k = 0; k < columns; k++) order[k] = k;
  const steps = rows < columns ? rows : columns;
  for (let k = 0; k < steps; k++) {
    let pivot = k, norm = normOf(a, k * stride + k, rows - k);
    for (let j = k + 1; j < columns; j++) {
      const candidate = normOf(a, j * stride + k, rows - k);
      if (candidate > norm) {
        norm = candidate;
        pivot = j;
      }
    }
    if (norm === 0) return;
    if (pivot !== k) {
      const swapped = order[k]!;
      order[k] = order[pivot]!;
      order[pivot] = swapped;
      for (let i = 0; i < rows; i++) {
        const t = a[k * stride + i]!;
        a[k * stride + i] = a[pivot * stride + i]!;
        a[pivot * stride + i] = t;
      }
    }
    const at = k * stride;
    const alpha = a[at + k]!;
    const beta = alpha >= 0 ? -norm : norm;
    const first = alpha - beta;
    const tau = -first / beta;
    for (let i = k + 1; i < rows; i++) a[at + i] = a[at + i]! / first;
    a[at + k] = beta;
    for (let j = k + 1; j < columns; j++) reflect(a, at, a, j * stride, k, rows, tau);
    reflect(a, at, b, 0, k, rows, tau);
  }
}

/** Applies the reflector that stands in column `at` below row k to the vector at `to`. */
function reflect(
  a: Float64Array, at: number, target: Float64Array, to: number, k: number, rows: number, tau: number,
): void {
  let sum = target[to + k]!;
  for (let i = k + 1; i < rows; i++) sum += a[at + i]! * target[to + i]!;
  const w = tau * sum;
  target[to + k] = target[to + k]! - w;
  for (let i = k + 1; i < rows; i++) target[to + i] = target[to + i]! - w * a[at + i]!;
}
