// LDLᵀ factorisation of a symmetric positive definite matrix, without square roots.
// Golub & Van Loan (2013), Matrix Computations, section 4.1.2.
//
// Symmetric matrices are packed by rows of the lower triangle: element (i, j), j ≤ i, stands at
// i(i + 1)/2 + j. The order of operations is part of the contract: native/linalg/cholesky.h does
// the same arithmetic lane by lane.

/**
 * A matrix whose pivots fall to this fraction of their diagonal element is called singular: the
 * element has lost all but about one of its sixteen digits to the columns before it.
 */
export const pivotRank = 2e-15;

/** Diagonal elements of the matrix at hand, as they were. */
let diagonals: Float64Array = new Float64Array(64);

/**
 * Overwrites the packed matrix by its factors: L strictly below the diagonal, 1/d on it.
 * Returns false when a pivot is not larger than `tolerance` times its diagonal element.
 *
 * Each pivot updates the whole rest of the matrix: those updates do not wait for one another, as
 * the sums of a row would.
 */
export function factor(a: Float64Array, n: number, tolerance: number): boolean {
  if (diagonals.length < n) diagonals = new Float64Array(n);
  for (let j = 0; j < n; j++) diagonals[j] = a[(j * (j + 3)) / 2]!;
  let positive = true;
  for (let k = 0; k < n; k++) {
    const pivot = a[(k * (k + 3)) / 2]!;
    if (!(pivot > tolerance * diagonals[k]!)) positive = false;
    const inverse = 1 / pivot;
    a[(k * (k + 3)) / 2] = inverse;
    for (let i = k + 1; i < n; i++) {
      const row = (i * (i + 1)) / 2;
      const scaled = a[row + k]!;
      const l = scaled * inverse;
      // Columns up to i: their own entries of column k are divided already.
      for (let j = k + 1; j < i; j++) a[row + j] = a[row + j]! - scaled * a[(j * (j + 1)) / 2 + k]!;
      a[row + i] = a[row + i]! - scaled * l;
      a[row + k] = l;
    }
  }
  return positive;
}

/** Solves L·D·Lᵀ x = b with the factors from `factor`; b is overwritten by x. */
export function solve(a: Float64Array, n: number, b: Float64Array): void {
  for (let k = 0; k < n - 1; k++) {
    const known = b[k]!;
    for (let i = k + 1; i < n; i++) b[i] = b[i]! - a[(i * (i + 1)) / 2 + k]! * known;
  }
  for (let i = 0; i < n; i++) b[i] = b[i]! * a[(i * (i + 3)) / 2]!;
  for (let k = n - 1; k > 0; k--) {
    const row = (k * (k + 1)) / 2;
    const known = b[k]!;
    for (let i = 0; i < k; i++) b[i] = b[i]! - a[row + i]! * known;
  }
}

/** Column `j` of the inverse, from the factors, written to `column`. */
export function inverseColumn(a: Float64Array, n: number, j: number, column: Float64Array): void {
  for (let i = 0; i < n; i++) column[i] = i === j ? 1 : 0;
  solve(a, n, column);
}
