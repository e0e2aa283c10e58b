// Where columns depend on one another: the least-norm solution, the condition number, and the
// combinations of variables that change nothing. From the singular values of the triangle whose
// columns have unit norm. Twin: native/optim/careful-rank.h.

import { jacobiSvd } from '../linalg/svd.ts';
import type { Factor } from './careful-factor.ts';

/** Singular value decomposition of a factor's triangle: R = left · Σ · rightᵀ. */
export interface Decomposition {
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly sigma: Float64Array;
}

export function decompose(factor: Factor): Decomposition {
  const { size, r, stride } = factor;
  const right = new Float64Array(size * size), left = new Float64Array(size * size);
  const sigma = new Float64Array(size);
  // Rᵀ: its columns are the rows of R.
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) right[i * size + j] = j >= i ? r[j * stride + i]! : 0;
  jacobiSvd(right, size, left, sigma);
  return { left, right, sigma };
}

/** u of least norm with least ‖R·u − q‖: R⁺q, singular values beyond the rank taken for zero. */
export function pseudoSolveInto(factor: Factor, u: Float64Array): void {
  const { size, rank, q } = factor;
  const { left, right, sigma } = decompose(factor);
  for (let i = 0; i < size; i++) u[i] = 0;
  for (let k = 0; k < rank; k++) {
    if (sigma[k] === 0) continue;
    let sum = 0;
    for (let i = 0; i < size; i++) sum += left[k * size + i]! * q[i]!;
    const along = sum / sigma[k]!;
    for (let i = 0; i < size; i++) u[i] = u[i]! + along * right[k * size + i]!;
  }
}
