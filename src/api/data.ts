// The data of one curve, copied and checked in one pass per array.

import type { Floats } from '../engine/engine.ts';
import { inputError } from './errors.ts';
import type { ModelSource } from './model-source.ts';
import type { CommonSettings } from './options.ts';
import { readPredictors } from './predictors.ts';
import { allocate, describe, readVector } from './validate.ts';

export interface CurveData {
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  readonly sigma: Float64Array | null;
  /** Points left out because they are not finite. */
  readonly dropped: number;
}

export function readData(settings: CommonSettings, source: ModelSource): CurveData {
  const isDropping = settings.nonFinite === 'drop';
  const y = readVector(settings.y, 'y', -1, '', isDropping);
  const { columns } = readPredictors(settings.x, source, y.length, isDropping, false);
  if (settings.estimator === 'poisson') checkCounts(y);
  if (settings.weights === undefined) {
    const sigma = readSigma(settings.sigma, y.length, isDropping);
    const data = { columns, y, sigma, dropped: 0 };
    return isDropping ? dropNonFinite(data) : data;
  }
  const sigma = readWeights(settings.weights, y.length, isDropping);
  const data = { columns, y, sigma, dropped: 0 };
  // A point without weight counts as left out on purpose.
  const weighted = sigma.includes(Infinity)
    ? { ...keepPoints(data, (i) => sigma[i] !== Infinity), dropped: 0 }
    : data;
  return isDropping ? dropNonFinite(weighted) : weighted;
}

/** Counts are at least 0; NaN is left to `nonFinite`. */
export function checkCounts(y: Floats): void {
  for (let i = 0; i < y.length; i++)
    if (y[i] < 0)
      throw inputError('ERR_RANGE', `y[${i}]`, `expected counts of at least 0, got ${y[i]}`);
}

/**
 * The standard deviation that a weight stands for, 1/√w; Infinity for a point that is left out.
 * @param isDropping lets NaN pass, for points that are dropped
 */
export function deviationOf(weight: number, argument: string, isDropping: boolean): number {
  if (isDropping && !Number.isFinite(weight)) return NaN;
  if (!(weight >= 0))
    throw inputError('ERR_RANGE', argument, `expected weights of at least 0, got ${weight}`);
  if (weight === Infinity)
    throw inputError('ERR_NOT_FINITE', argument, 'expected a finite weight, got Infinity');
  return 1 / Math.sqrt(weight);
}

function readWeights(given: unknown, points: number, isDropping: boolean): Float64Array {
  const sigma = allocate(points, 'weights');
  if (typeof given === 'number') sigma.fill(deviationOf(given, 'weights', false));
  else {
    if (typeof given !== 'object' || given === null)
      throw inputError(
        'ERR_TYPE',
        'weights',
        `expected a number or an array of numbers, got ${describe(given)}`,
      );
    const weights = readVector(given, 'weights', points, 'y', isDropping);
    for (let i = 0; i < points; i++)
      sigma[i] = deviationOf(weights[i], `weights[${i}]`, isDropping);
  }
  if (sigma.every((deviation) => deviation === Infinity))
    throw inputError('ERR_RANGE', 'weights', 'every weight is 0, which leaves no point');
  return sigma;
}

/** One positive standard deviation for all points. */
export function checkSigma(sigma: number, argument: string): number {
  if (!(sigma > 0))
    throw inputError('ERR_RANGE', argument, `expected standard deviations above 0, got ${sigma}`);
  if (sigma === Infinity)
    throw inputError(
      'ERR_NOT_FINITE',
      argument,
      'expected a finite standard deviation, got Infinity',
    );
  // The weight 1/σ of a smaller one is infinite.
  if (1 / sigma === Infinity)
    throw inputError(
      'ERR_RANGE',
      argument,
      `expected a standard deviation whose reciprocal is finite, got ${sigma}`,
    );
  return sigma;
}

function readSigma(given: unknown, points: number, isDropping: boolean): Float64Array | null {
  if (given === undefined) return null;
  if (typeof given === 'number') return allocate(points, 'sigma').fill(checkSigma(given, 'sigma'));
  if (typeof given !== 'object' || given === null)
    throw inputError(
      'ERR_TYPE',
      'sigma',
      `expected a number or an array of numbers, got ${describe(given)}`,
    );
  const sigma = readVector(given, 'sigma', points, 'y', isDropping);
  for (let i = 0; i < points; i++)
    if (!(isDropping && !Number.isFinite(sigma[i]))) checkSigma(sigma[i], `sigma[${i}]`);
  return sigma;
}

function dropNonFinite(data: CurveData): CurveData {
  const { columns, y, sigma } = data;
  const all = sigma === null ? [...columns, y] : [...columns, y, sigma];
  return keepPoints(data, (i) => all.every((values) => Number.isFinite(values[i])));
}

/** The points to keep; the others are counted. The arrays are used as room. */
function keepPoints(data: CurveData, keeps: (i: number) => boolean): CurveData {
  const { columns, y, sigma } = data;
  const all = sigma === null ? [...columns, y] : [...columns, y, sigma];
  let kept = 0;
  for (let i = 0; i < y.length; i++) {
    if (!keeps(i)) continue;
    if (kept < i) for (const values of all) values[kept] = values[i];
    kept++;
  }
  if (kept === 0)
    throw inputError('ERR_NOT_FINITE', 'y', 'no point is left where x, y and sigma are finite');
  const dropped = y.length - kept;
  if (dropped === 0) return data;
  const cut = (values: Float64Array): Float64Array => values.slice(0, kept);
  return { columns: columns.map(cut), y: cut(y), sigma: sigma && cut(sigma), dropped };
}
