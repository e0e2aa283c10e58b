// Data for a bootstrap: rows drawn from one data set (Efron & Tibshirani 1993, sections 9.4, 9.5).

import type { Random } from './random.ts';

export interface DataSet {
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  readonly sigma: Float64Array | null;
}

/**
 * Fitted values plus residuals drawn with replacement, fits × points. Residuals are drawn over σ,
 * about their mean, and stretched by √(points/dof): a fit leaves them smaller than the errors.
 */
export function residualRows(
  fits: number,
  fitted: Float64Array,
  { y, sigma }: DataSet,
  dof: number,
  random: Random,
): Float64Array {
  const points = y.length;
  const errors = new Float64Array(points);
  let mean = 0;
  for (let i = 0; i < points; i++) {
    errors[i] = (y[i] - fitted[i]) / (sigma === null ? 1 : sigma[i]);
    mean += errors[i] / points;
  }
  const stretch = Math.sqrt(points / dof);
  for (let i = 0; i < points; i++) errors[i] = (errors[i] - mean) * stretch;
  const out = new Float64Array(fits * points);
  for (let at = 0; at < out.length; ) {
    for (let i = 0; i < points; i++) {
      const error = errors[random.below(points)];
      out[at++] = fitted[i] + (sigma === null ? error : error * sigma[i]);
    }
  }
  return out;
}

/** Points drawn with replacement, laid out one data set after another. */
export function caseRows(fits: number, data: DataSet, random: Random): DataSet {
  const points = data.y.length,
    total = fits * points;
  const chosen = new Uint32Array(total);
  for (let at = 0; at < total; at++) chosen[at] = random.below(points);
  const gather = (values: Float64Array): Float64Array => {
    const out = new Float64Array(total);
    for (let at = 0; at < total; at++) out[at] = values[chosen[at]];
    return out;
  };
  return {
    columns: data.columns.map(gather),
    y: gather(data.y),
    sigma: data.sigma && gather(data.sigma),
  };
}
