// The residuals of a fit over their standard deviations, and in the order of x, as tests want them.

import { runsTest, type RunsTest } from '../statistics/residual-tests.ts';
import type { FitRecord } from './fit-result.ts';

/** (y − f)/σ; of counts (y − f)/√f. */
export function weightedResiduals(
  { problem, loss }: FitRecord,
  residuals: Float64Array,
): Float64Array {
  const { y, sigma } = problem;
  return residuals.map((r, i) => {
    if (loss === 'poisson') return r / Math.sqrt(y[i] - r);
    return sigma === null ? r : r / sigma[i];
  });
}

/** In the order of x where there is one predictor; as they are where there are several. */
export function inOrder({ problem }: FitRecord, values: Float64Array): Float64Array {
  const [x, ...others] = problem.columns;
  if (x === undefined || others.length > 0) return values;
  let isSorted = true;
  for (let i = 1; i < x.length && isSorted; i++) isSorted = x[i] >= x[i - 1];
  if (isSorted) return values;
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b] || a - b);
  return Float64Array.from(order, (i) => values[i]);
}

/** One right fit in a thousand has so few runs. */
const significance = 1e-3;
/** Below this many signs there is little that a test could say. */
const fewestSigns = 12;
/** Residuals below this share of the data are rounding, or what the tolerances have left. */
const roundingShare = 1e-8;

/** The runs test where it finds that neighbouring residuals agree; null where it does not. */
export function correlatedResiduals(record: FitRecord, residuals: Float64Array): RunsTest | null {
  const { y } = record.problem;
  let largest = 0,
    size = 0;
  for (let i = 0; i < y.length; i++) {
    largest = Math.max(largest, Math.abs(residuals[i]));
    size = Math.max(size, Math.abs(y[i]));
  }
  if (!(largest > roundingShare * size)) return null;
  const runs = runsTest(inOrder(record, residuals));
  const isFew = runs.positive + runs.negative >= fewestSigns && runs.pFew < significance;
  return isFew ? runs : null;
}
