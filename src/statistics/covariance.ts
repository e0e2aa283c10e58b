// From the covariance of the varying parameters, as the engine has it, to correlations. What cannot
// be estimated is null, never infinite; parameters at an active bound have rows of NaN.

import { DenseMatrix, type Matrix } from './matrix.ts';

/**
 * n × n values as a matrix; null when any of them is not finite, those of parameters at a bound
 * aside, and when all parameters are at a bound.
 */
export function covarianceMatrix(
  values: Float64Array,
  n: number,
  isAtBound: (k: number) => boolean = () => false,
): DenseMatrix | null {
  const held = Array.from({ length: n }, (_, k) => isAtBound(k) && Number.isNaN(values[k * n + k]));
  if (n > 0 && held.every(Boolean)) return null;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (!held[i] && !held[j] && !Number.isFinite(values[i * n + j])) return null;
  return new DenseMatrix(n, n, values);
}

/** ρᵢⱼ = cᵢⱼ / √(cᵢᵢ·cⱼⱼ); null when a variance is 0, as after an exact fit. */
export function correlationMatrix(covariance: Matrix): DenseMatrix | null {
  const n = covariance.rows,
    c = covariance.data;
  const deviations = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const deviation = Math.sqrt(c[i * n + i]);
    if (deviation === 0) return null;
    deviations[i] = deviation;
  }
  const rho = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    rho[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      // The roots apart, since the product of two variances may leave the range of doubles.
      const r = Math.max(-1, Math.min(1, c[i * n + j] / deviations[i] / deviations[j]));
      rho[i * n + j] = r;
      rho[j * n + i] = r;
    }
  }
  return new DenseMatrix(n, n, rho);
}

/** Pairs of columns whose correlation exceeds `limit` in magnitude. */
export function correlatedPairs(correlation: Matrix, limit: number): [number, number, number][] {
  const pairs: [number, number, number][] = [];
  for (let i = 0; i < correlation.rows; i++)
    for (let j = i + 1; j < correlation.rows; j++) {
      const r = correlation.get(i, j);
      if (Math.abs(r) > limit) pairs.push([i, j, r]);
    }
  return pairs;
}
