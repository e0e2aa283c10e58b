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

/**
 * Overwrites the packed matrix by its factors: L strictly below the diagonal, 1/d on it.
 * Returns false when a pivot is not larger than `tolerance` times its diagonal element.
 */
export function factor(a: Float64Array, n: number, tolerance: number): boolean {
  let positive = true;
  for (let j = 0; j < n; j++) {
    const row = (j * (j + 1)) / 2;
    // Row j of L·D is formed first, then divided by D.
    for (let k = 0; k < j; k++) {
      const other = (k * (k + 1)) / 2;
      let s = a[row + k]!;
      for (let i = 0; i < k; i++) s -= a[row + i]! * a[other + i]!;
      a[row + k] = s;
    }
    const diagonal = a[row + j]!;
    let pivot = diagonal;
    for (let k = 0; k < j; k++) {
      const scaled = a[row + k]!;
      const l = scaled * a[(k * (k + 3)) / 2]!;
      pivot -= scaled * l;
      a[row + k] = l;
    }
    if (!(pivot > tolerance * diagonal)) positive = false;
    a[row + j] = 1 / pivot;
  }
  return positive;
}

/** Solves L·D·Lᵀ x = b with the factors from `factor`; b is overwritten by x. */
export function solve(a: Float64Array, n: number, b: Float64Array): void {
  for (let i = 1; i < n; i++) {
    const row = (i * (i + 1)) / 2;
    let s = b[i]!;
    for (let k = 0; k < i; k++) s -= a[row + k]! * b[k]!;
    b[i] = s;
  }
  for (let i = 0; i < n; i++) b[i] = b[i]! * a[(i * (i + 3)) / 2]!;
  for (let i = n - 2; i >= 0; i--) {
    let s = b[i]!;
    for (let k = i + 1; k < n; k++) s -= a[(k * (k + 1)) / 2 + i]! * b[k]!;
    b[i] = s;
  }
}

/** Column `j` of the inverse, from the factors, written to `column`. */
export function inverseColumn(a: Float64Array, n: number, j: number, column: Float64Array): void {
  for (let i = 0; i < n; i++) column[i] = i === j ? 1 : 0;
  solve(a, n, column);
}
