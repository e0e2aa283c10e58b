// The variance of a fitted curve by the delta method: gᵀCg with g the derivatives by the parameters
// and C their covariance. Parameters without a variance (at a bound) count as known.

import type { Matrix } from './matrix.ts';

/** @param gradients points × columns, row-major */
export function curveVariance(gradients: Float64Array, covariance: Matrix): Float64Array {
  const { data: c, rows: n } = covariance;
  const points = n === 0 ? 0 : gradients.length / n;
  const out = new Float64Array(points);
  const known = Array.from({ length: n }, (_, j) => Number.isNaN(c[j * n + j]));
  for (let i = 0; i < points; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const g = gradients[i * n + j];
      if (known[j] || g === 0) continue;
      let row = c[j * n + j] * g;
      for (let k = 0; k < j; k++) if (!known[k]) row += 2 * c[j * n + k] * gradients[i * n + k];
      sum += g * row;
    }
    // Rounding may leave a number below 0 where the parameters make up for each other.
    out[i] = sum < 0 ? 0 : sum;
  }
  return out;
}
