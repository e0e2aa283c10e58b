// Findings about residuals, points and scales, where there are any.

import { fQuantile, chiSquareTail, twoSidedQuantile } from '../statistics/distributions.ts';
import type { DiagnosisParts, Finding } from './diagnosis.ts';
import type { FitRecord } from './fit-result.ts';
import { format } from './report.ts';
import { correlatedResiduals } from './residual-checks.ts';
import type { FitResult } from './result.ts';
import { list } from './warnings.ts';

/** Condition number from which standard errors are a thousand times larger than they could be. */
export const largeCondition = 1e3;
/** As for warnings: one right fit in a thousand. */
const significance = 1e-3;
/** Of one outlier among all points (Bonferroni). */
const outlierSignificance = 0.05;
/** A point with such a leverage fixes a parameter alone. */
const highLeverage = 0.999;
/** Of x from 0, in units of its range, from which shifting x helps. */
const farOff = 10;
/** Members of lists in sentences. */
const shown = 5;

const text = (value: number): string => format(value, 4);

export function aboutScale(record: FitRecord, conditionNumber: number, findings: Finding[]): void {
  const { columns, source } = record.problem;
  if (!(conditionNumber >= largeCondition)) return;
  columns.forEach((column, k) => {
    let low = Infinity,
      high = -Infinity;
    for (const value of column) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const middle = low + (high - low) / 2;
    if (!(Math.abs(middle) > farOff * (high - low)) || high === low) return;
    findings.push({
      code: 'badly-scaled',
      message:
        `${source.predictors[k]} lies far from 0 for its range, ${text(low)} to ${text(high)}: ` +
        `subtract ${Math.abs(middle) > 10 ? Math.round(middle) : text(middle)} from it, so that ` +
        'parameters resemble each other less',
    });
  });
}

export function aboutSigma(
  record: FitRecord,
  { stats }: FitResult<string>,
  findings: Finding[],
): void {
  const { isAbsolute, problem, loss = 'linear' } = record;
  if (!isAbsolute || problem.sigma === null || loss !== 'linear' || !(stats.dof > 0)) return;
  const reduced = `reduced chi2 is ${text(stats.reducedChi2)}`;
  if (chiSquareTail(stats.chi2, stats.dof, true) < significance)
    findings.push({
      code: 'sigma-too-small',
      message:
        `residuals are larger than sigma explains (${reduced}): the model misses something, or ` +
        'sigma is too small',
    });
  else if (chiSquareTail(stats.chi2, stats.dof, false) < significance)
    findings.push({
      code: 'sigma-too-large',
      message: `residuals are smaller than sigma says (${reduced}): sigma is too large`,
    });
}

export function aboutResiduals(
  record: FitRecord,
  residuals: Float64Array,
  { autocorrelation: lag1, normality }: DiagnosisParts['residuals'],
  findings: Finding[],
): void {
  const runs = correlatedResiduals(record, residuals);
  if (runs !== null)
    findings.push({
      code: 'residuals-correlated',
      message:
        `neighbouring residuals agree: ${runs.runs} runs where ${text(runs.expected)} are ` +
        `expected (p ${format(runs.pFew, 2)}, autocorrelation ${format(lag1, 2)}); the model ` +
        'misses a part of the curve, and standard errors are too small',
    });
  if (normality !== null && normality.pValue < significance)
    findings.push({
      code: 'residuals-not-normal',
      message:
        `residuals are not normal (p ${format(normality.pValue, 2)}): a robust loss, weights or ` +
        'a bootstrap give better standard errors',
    });
}

export function aboutPoints(
  record: FitRecord,
  leverage: Float64Array,
  studentized: Float64Array,
  cook: Float64Array,
  findings: Finding[],
): void {
  const { problem } = record;
  const points = problem.y.length,
    n = problem.params.varying.length,
    dof = points - n;
  if (dof < 2) return;
  const where = (indices: readonly number[]): string => {
    const named = indices.slice(0, shown).map((i) => `${i}`);
    return indices.length > shown
      ? `${named.join(', ')} and ${indices.length - shown} more`
      : list(named);
  };
  const noun = (indices: readonly number[]): string => (indices.length === 1 ? 'point' : 'points');
  const all = Array.from(leverage, (_, i) => i);
  const byCook = (a: number, b: number): number => cook[b] - cook[a];
  // Against the scale without the point itself (Cook & Weisberg 1982, section 2.2).
  const most = twoSidedQuantile(1 - outlierSignificance / points, dof - 1);
  const outliers = all.filter((i) => {
    const t = studentized[i];
    const rest = dof - t * t;
    return rest > 0 ? Math.abs(t) * Math.sqrt((dof - 1) / rest) > most : !Number.isNaN(t);
  });
  if (outliers.length > 0) {
    outliers.sort((a, b) => Math.abs(studentized[b]) - Math.abs(studentized[a]));
    findings.push({
      code: 'outliers',
      message:
        `${noun(outliers)} ${where(outliers)} ${outliers.length === 1 ? 'lies' : 'lie'} too far ` +
        'off for noise; look there, or use a robust loss',
      points: outliers,
    });
  }
  const limit = fQuantile(0.5, n, dof);
  const driving = all.filter((i) => cook[i] > limit || leverage[i] > highLeverage);
  if (driving.length === 0) return;
  driving.sort(byCook);
  findings.push({
    code: 'influential-points',
    message:
      `${noun(driving)} ${where(driving)} drive${driving.length === 1 ? 's' : ''} the fit: ` +
      `without ${driving.length === 1 ? 'it' : 'one of them'} the parameters would be others`,
    points: driving,
  });
}
