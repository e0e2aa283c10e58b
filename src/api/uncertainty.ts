// How uncertain a fit is: intervals of parameters, limits of the curve. All from what the result
// keeps; profiles fit again.

import { curveVariance } from '../statistics/curve-variance.ts';
import { twoSidedQuantile } from '../statistics/distributions.ts';
import { profileEnd } from '../statistics/profile.ts';
import { inputError } from './errors.ts';
import type { FitRecord } from './fit-result.ts';
import { readPredictors } from './predictors.ts';
import { evaluateProblem, jacobianOf } from './problem.ts';
import { isSuccess, statusAt, type Band, type Matrix } from './result.ts';
import { describe, readNumber, readVector, readWord } from './validate.ts';

/** A fit as this file sees it: the record, and what the result has made of it. */
export interface Fitted {
  readonly record: FitRecord;
  readonly residuals: Float64Array;
  readonly covariance: Matrix | null;
  /** One per parameter; null where there is none. */
  readonly stdErr: readonly (number | null)[];
}

export function readLevel(given: unknown): number {
  const level =
    given === undefined ? 0.95 : readNumber(given, 'level', 'a number from 0 to 1', 0, 1);
  if (level === 0 || level === 1)
    throw inputError('ERR_RANGE', 'level', `expected a number above 0 and below 1, got ${level}`);
  return level;
}

/** Infinite where the standard deviations are known and need no estimate. */
export function quantileDof({ isAbsolute, problem }: FitRecord): number {
  return isAbsolute ? Infinity : problem.y.length - problem.params.varying.length;
}

/** Half the width of an interval in standard errors. */
export function halfWidth(record: FitRecord, level: number): number {
  return twoSidedQuantile(level, quantileDof(record));
}

type Intervals = Record<string, readonly [number, number]>;

export function confidenceIntervals(fit: Fitted, level: unknown, how: unknown): Intervals {
  const { record } = fit;
  const q = halfWidth(record, readLevel(level));
  const kind = how === undefined ? 'linear' : readWord(how, 'how', ['linear', 'profile']);
  const { names, varying, ties } = record.problem.params;
  const isTied = (k: number): boolean => ties.some(({ index }) => index === k);
  const intervals: Intervals = {};
  names.forEach((name, k) => {
    const value = record.params[k],
      deviation = fit.stdErr[k];
    if (!varying.includes(k) && !isTied(k)) intervals[name] = [value, value];
    else if (deviation === null) intervals[name] = [NaN, NaN];
    else intervals[name] = [value - q * deviation, value + q * deviation];
  });
  if (kind === 'profile') profileIntervals(fit, q, intervals);
  return intervals;
}

function profileIntervals({ record, stdErr }: Fitted, q: number, intervals: Intervals): void {
  const { problem, params, chi2, isAbsolute, refits, loss = 'linear' } = record;
  if (refits === undefined)
    throw inputError('ERR_MODEL', 'how', 'a profile fits again, and this result has no model');
  const { names, varying, lower, upper } = problem.params;
  const isLikelihood = loss === 'linear' || loss === 'poisson';
  const variance = isAbsolute ? 1 : chi2 / (problem.y.length - varying.length);
  for (const k of varying) {
    const value = params[k];
    // Each fit starts where the last one has ended.
    let start = params;
    const rise = (held: number): number => {
      const refit = refits.refit({ fixed: new Map([[k, held]]), init: start });
      if (!isUsable(refit.chi2, refit.status)) return NaN;
      start = refit.params;
      return refit.chi2 - chi2;
    };
    const deviation = stdErr[k];
    const unit = isLikelihood
      ? variance
      : deviation === null
        ? NaN
        : riseOfOneDeviation(rise, value, deviation, lower[k], upper[k]);
    const target = q * q * unit;
    // Without residuals nothing rises measurably, and the interval is a point.
    if (!(target > 0)) {
      intervals[names[k]] = target === 0 ? [value, value] : [NaN, NaN];
      continue;
    }
    const size = Math.abs(value);
    const step = deviation !== null && deviation > 0 ? q * deviation : 0.1 * (size > 0 ? size : 1);
    const end = (side: 1 | -1): number => {
      start = params;
      return profileEnd({ value, step, lower: lower[k], upper: upper[k], target, rise }, side);
    };
    intervals[names[k]] = [end(-1), end(1)];
  }
}

/** A share of the standard error in which the minimum is a parabola. */
const smallShare = 0.25;

/**
 * A robust loss is no likelihood, and how far it rises per standard error is not known beforehand:
 * it is measured close to the minimum, on both sides where there is room.
 */
function riseOfOneDeviation(
  rise: (held: number) => number,
  value: number,
  deviation: number,
  lower: number,
  upper: number,
): number {
  const step = smallShare * deviation;
  const rises = [value - step, value + step]
    .filter((held) => held >= lower && held <= upper)
    .map(rise);
  const mean = rises.reduce((sum, risen) => sum + risen, 0) / rises.length;
  return mean / (smallShare * smallShare);
}

/**
 * What a fit found is its minimum when it converged, when no step led lower, and when nothing was
 * left to vary, which counts as the last step.
 */
function isUsable(chi2: number, status: number): boolean {
  const word = statusAt(status);
  const isMinimum = isSuccess(status) || word === 'noProgress' || word === 'maxIter';
  return isMinimum && Number.isFinite(chi2);
}

/** Limits around the curve at new points, whose variance is `extra` of point i besides. */
function band(
  { record, covariance }: Fitted,
  columns: readonly Float64Array[],
  points: number,
  level: number,
  extra: (i: number, fit: number) => number,
): Band {
  const { problem, params } = record;
  const fit = evaluateProblem(problem, columns, points, params);
  const lower = new Float64Array(points).fill(NaN),
    upper = new Float64Array(points).fill(NaN);
  if (covariance !== null) {
    const there = { ...problem, columns, y: new Float64Array(points), sigma: null };
    const variance = curveVariance(jacobianOf(there, params), covariance);
    const q = halfWidth(record, level);
    for (let i = 0; i < points; i++) {
      const half = q * Math.sqrt(variance[i] + extra(i, fit[i]));
      lower[i] = fit[i] - half;
      upper[i] = fit[i] + half;
    }
  }
  return { x: columns[0], fit, lower, upper };
}

export function confidenceBand(fit: Fitted, x: unknown, level: unknown): Band {
  const { columns, points } = readPredictors(x, fit.record.problem.source, -1, true, false);
  return band(fit, columns, points, readLevel(level), () => 0);
}

export function predictionBand(fit: Fitted, x: unknown, level: unknown, sigma: unknown): Band {
  const { record } = fit;
  const { columns, points } = readPredictors(x, record.problem.source, -1, true, false);
  const checked = readLevel(level);
  if (record.loss === 'poisson') {
    if (sigma !== undefined)
      throw inputError('ERR_OPTION', 'sigma', 'the variance of counts is their mean');
    return band(fit, columns, points, checked, (_, mean) => Math.max(0, mean));
  }
  const deviations = deviationsAt(record, columns, points, sigma);
  const variance = varianceOfUnitWeight(fit);
  return band(fit, columns, points, checked, (i) => {
    const s = typeof deviations === 'number' ? deviations : deviations[i];
    return s * s * variance;
  });
}

/** Consistent with the standard deviation of normal errors: 1/Φ⁻¹(¾). */
export const madFactor = 1.482602218505602;

/**
 * Variance of an observation whose σ is 1. Where a robust loss has kept outliers from the fit, they
 * are kept from this, too: by the median of the absolute residuals.
 */
export function varianceOfUnitWeight({ record, residuals }: Fitted): number {
  const { problem, chi2, isAbsolute, loss = 'linear' } = record;
  if (isAbsolute) return 1;
  const { y, sigma, params } = problem;
  if (loss === 'linear') return chi2 / (y.length - params.varying.length);
  const sizes = residuals.map((r, i) => Math.abs(sigma === null ? r : r / sigma[i])).sort();
  const half = sizes.length >> 1;
  const median = sizes.length % 2 === 1 ? sizes[half] : (sizes[half - 1] + sizes[half]) / 2;
  const scale = madFactor * median;
  return scale * scale;
}

function deviationsAt(
  { problem }: FitRecord,
  columns: readonly Float64Array[],
  points: number,
  given: unknown,
): number | Float64Array {
  if (given !== undefined) {
    const values =
      typeof given === 'number'
        ? Float64Array.of(given)
        : readVector(given, 'sigma', points, 'x', false);
    for (const value of values)
      if (!(value > 0 && value < Infinity))
        throw inputError('ERR_RANGE', 'sigma', `expected numbers above 0, got ${describe(value)}`);
    return typeof given === 'number' ? given : values;
  }
  const { sigma } = problem;
  if (sigma === null) return 1;
  if (sigma.every((value) => value === sigma[0])) return sigma[0];
  const isData = columns.every(
    (column, k) =>
      column.length === problem.columns[k].length &&
      column.every((value, i) => value === problem.columns[k][i]),
  );
  if (isData) return sigma;
  throw inputError(
    'ERR_SHAPE',
    'sigma',
    'differs from point to point: predictionBand needs that of the new observations, ' +
      'predictionBand(x, level, sigma)',
  );
}
