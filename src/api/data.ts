// The data of one curve, copied and checked in one pass per array.

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
  const sigma = readSigma(settings.sigma, y.length, isDropping);
  return isDropping ? dropNonFinite(columns, y, sigma) : { columns, y, sigma, dropped: 0 };
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

function dropNonFinite(
  columns: readonly Float64Array[],
  y: Float64Array,
  sigma: Float64Array | null,
): CurveData {
  const all = sigma === null ? [...columns, y] : [...columns, y, sigma];
  let kept = 0;
  for (let i = 0; i < y.length; i++) {
    if (!all.every((values) => Number.isFinite(values[i]))) continue;
    if (kept < i) for (const values of all) values[kept] = values[i];
    kept++;
  }
  if (kept === 0)
    throw inputError('ERR_NOT_FINITE', 'y', 'no point is left where x, y and sigma are finite');
  const dropped = y.length - kept;
  if (dropped === 0) return { columns, y, sigma, dropped };
  const cut = (values: Float64Array): Float64Array => values.slice(0, kept);
  return { columns: columns.map(cut), y: cut(y), sigma: sigma && cut(sigma), dropped };
}
