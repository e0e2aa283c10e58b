// The data of a batch: which values belong to which fit. Arrays of the size of y are used where
// they are; copies are made only where an option asks for another layout ('drop', x shared and per
// fit at once, one sigma for ragged data).

import type { Floats } from '../engine/engine.ts';
import { checkCounts, checkSigma, deviationOf } from './data.ts';
import { inputError } from './errors.ts';
import type { ModelSource } from './model-source.ts';
import type { BatchSettings } from './options.ts';
import { settleStarts, type ParamSet } from './params.ts';
import { checkPredictorNames, needsNames, predictorNames } from './predictors.ts';
import {
  allocate,
  borrowFloats,
  count,
  describe,
  firstNonFinite,
  isDetached,
  trueLength,
  typedArrayKind,
} from './validate.ts';

export interface BatchData {
  readonly fits: number;
  /** Points per fit; 0 when `offsets` is given. */
  readonly points: number;
  readonly offsets: Uint32Array | null;
  readonly x: readonly Floats[];
  readonly xShared: boolean;
  readonly y: Floats;
  readonly sigma: Floats | null;
  readonly sigmaShared: boolean;
  readonly init: Float64Array;
  readonly initShared: boolean;
}

interface Predictor {
  readonly path: string;
  readonly values: Floats;
}

/** First point of a fit and number of its points. */
export function rangeOf(data: BatchData, fit: number): { first: number; points: number } {
  const { offsets, points } = data;
  if (offsets === null) return { first: fit * points, points };
  return { first: offsets[fit], points: offsets[fit + 1] - offsets[fit] };
}

export function readBatchData(
  settings: BatchSettings,
  source: Pick<ModelSource, 'predictors'>,
  params: ParamSet,
): BatchData {
  const y = borrowFloats(settings.y, 'y');
  if (y.length === 0) throw inputError('ERR_SHAPE', 'y', 'expected at least one value, got none');
  const predictors = readPredictorArrays(settings.x, source.predictors);
  const init = givenStarts(settings.init);
  const offsets = settings.offsets === undefined ? null : readOffsets(settings.offsets, y.length);
  const layout =
    offsets === null
      ? evenLayout(predictors, y, init === null ? 0 : init.length / params.names.length)
      : raggedLayout(predictors, y, offsets);
  const starts = readInit(init, params, layout.fits);
  const sigma = readSigma(settings, layout, y);
  if (settings.estimator === 'poisson') checkCounts(y);
  if (layout.xShared && settings.nonFinite === 'throw')
    for (const { path, values } of predictors) {
      const i = firstNonFinite(values);
      if (i >= 0)
        throw inputError(
          'ERR_NOT_FINITE',
          `${path}[${i}]`,
          `expected a finite number, got ${values[i]}`,
        );
    }
  return { ...layout, y, ...sigma, ...starts };
}

/** The `init` option where it gives starts. */
function givenStarts(init: unknown): Floats | null {
  if (init === undefined || init === 'guess') return null;
  if (typeof init === 'string')
    throw inputError('ERR_RANGE', 'init', `expected starts or 'guess', got ${describe(init)}`);
  return borrowFloats(init, 'init');
}

function readPredictorArrays(x: unknown, names: readonly string[]): Predictor[] {
  if (typedArrayKind(x) !== undefined || Array.isArray(x)) {
    if (names.length !== 1) throw needsNames(names);
    return [{ path: 'x', values: readPredictorArray(x, 'x') }];
  }
  checkPredictorNames(predictorNames(x) ?? [], names);
  const record = x as Readonly<Record<string, unknown>>;
  return names.map((name) => ({
    path: `x.${name}`,
    values: readPredictorArray(record[name], `x.${name}`),
  }));
}

function readPredictorArray(value: unknown, path: string): Floats {
  const values = borrowFloats(value, path);
  if (values.length === 0)
    throw inputError('ERR_SHAPE', path, 'expected at least one value, got none');
  return values;
}

function readOffsets(given: unknown, end: number): Uint32Array {
  if (typedArrayKind(given) !== 'Uint32Array')
    throw inputError('ERR_TYPE', 'offsets', `expected a Uint32Array, got ${describe(given)}`);
  const borrowed = given as Uint32Array;
  if (isDetached(borrowed))
    throw inputError(
      'ERR_DETACHED',
      'offsets',
      'its memory is detached (the buffer was transferred or shrunk)',
    );
  if (trueLength(borrowed) < 2)
    throw inputError(
      'ERR_SHAPE',
      'offsets',
      'expected the begin of every fit and the end of the last, at least 2 values',
    );
  const offsets = new Uint32Array(borrowed);
  if (offsets[0] !== 0)
    throw inputError('ERR_RANGE', 'offsets[0]', `expected 0, where y begins, got ${offsets[0]}`);
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i] < offsets[i - 1])
      throw inputError(
        'ERR_RANGE',
        `offsets[${i}]`,
        `expected ascending positions, got ${offsets[i]} after ${offsets[i - 1]}`,
      );
    if (offsets[i] === offsets[i - 1])
      throw inputError('ERR_SHAPE', `offsets[${i}]`, `fit ${i - 1} has no points`);
  }
  const last = offsets.length - 1;
  if (offsets[last] !== end)
    throw inputError(
      'ERR_RANGE',
      `offsets[${last}]`,
      `expected ${end}, where y ends, got ${offsets[last]}`,
    );
  return offsets;
}

type Layout = Pick<BatchData, 'fits' | 'points' | 'offsets' | 'x' | 'xShared'>;

function raggedLayout(predictors: readonly Predictor[], y: Floats, offsets: Uint32Array): Layout {
  for (const { path, values } of predictors)
    if (values.length !== y.length)
      throw inputError(
        'ERR_SHAPE',
        path,
        `expected ${y.length} values to match y, since offsets are given, got ${values.length}`,
      );
  return {
    fits: offsets.length - 1,
    points: 0,
    offsets,
    x: predictors.map(({ values }) => values),
    xShared: false,
  };
}

/** @param starts fits that `init` has starts for, or anything else where it does not say */
function evenLayout(predictors: readonly Predictor[], y: Floats, starts: number): Layout {
  const whole = y.length;
  let points = Infinity;
  let shortest = '';
  for (const { path, values } of predictors)
    if (values.length < points) [points, shortest] = [values.length, path];
  if (points === whole && Number.isInteger(starts) && starts > 1 && whole % starts === 0)
    points = whole / starts;
  if (whole % points !== 0)
    throw inputError(
      'ERR_SHAPE',
      'y',
      `expected a multiple of the ${points} values of ${shortest}, got ${whole}`,
    );
  const isShared = (values: Floats): boolean => values.length === points;
  for (const { path, values } of predictors)
    if (!isShared(values) && values.length !== whole)
      throw inputError(
        'ERR_SHAPE',
        path,
        `expected ${points} values for all fits, or ${whole} to match y, got ${values.length}`,
      );
  const xShared = predictors.every(({ values }) => isShared(values));
  const x = predictors.map(({ path, values }) =>
    xShared || !isShared(values) ? values : repeat(values, whole, path),
  );
  return { fits: whole / points, points, offsets: null, x, xShared };
}

/** Shared values for every fit, where another predictor has values of its own for each. */
function repeat(values: Floats, length: number, path: string): Float64Array {
  const out = allocate(length, path);
  for (let at = 0; at < length; at += values.length) out.set(values, at);
  return out;
}

function readInit(
  given: Floats | null,
  params: ParamSet,
  fits: number,
): Pick<BatchData, 'init' | 'initShared'> {
  const n = params.names.length;
  if (given === null) return { init: params.init, initShared: true };
  if (given.length === n) {
    const init = Float64Array.from(given);
    const i = firstNonFinite(init);
    if (i >= 0)
      throw inputError(
        'ERR_NOT_FINITE',
        `init[${i}]`,
        `expected a finite start for ${params.names[i]}, got ${init[i]}`,
      );
    settleStarts(params, init, 0);
    return { init, initShared: true };
  }
  if (given.length !== fits * n) {
    const each = count(n, 'value');
    throw inputError(
      'ERR_SHAPE',
      'init',
      `expected ${each} (one per parameter), or ${fits * n} for ${count(fits, 'fit')}, ` +
        `got ${given.length}`,
    );
  }
  const isPlain = !params.hasBounds && params.ties.length === 0;
  if (isPlain && given instanceof Float64Array) return { init: given, initShared: false };
  const init = Float64Array.from(given);
  if (!isPlain)
    for (let fit = 0; fit < fits; fit++)
      settleStarts(params, init.subarray(fit * n, (fit + 1) * n), fit * n);
  return { init, initShared: false };
}

type Deviations = Pick<BatchData, 'sigma' | 'sigmaShared'>;

function readSigma(settings: BatchSettings, layout: Layout, y: Floats): Deviations {
  const isEven = layout.offsets === null;
  const isDropping = settings.nonFinite === 'drop';
  const [name, given] =
    settings.weights === undefined ? ['sigma', settings.sigma] : ['weights', settings.weights];
  if (given === undefined) return { sigma: null, sigmaShared: isEven };
  if (typeof given === 'number') {
    const length = isEven ? layout.points : y.length;
    const deviation = name === 'sigma' ? checkSigma(given, name) : deviationOf(given, name, false);
    if (deviation === Infinity)
      throw inputError('ERR_RANGE', name, 'every weight is 0, which leaves no point');
    return { sigma: allocate(length, name).fill(deviation), sigmaShared: isEven };
  }
  const values = borrowFloats(given, name);
  const isShared = isEven && values.length === layout.points;
  if (!isShared && values.length !== y.length) {
    const shared = isEven ? `${layout.points} values for all fits, or ` : '';
    throw inputError(
      'ERR_SHAPE',
      name,
      `expected ${shared}${y.length} values to match y, got ${values.length}`,
    );
  }
  if (name === 'weights') {
    const sigma = allocate(values.length, name);
    for (let i = 0; i < sigma.length; i++)
      sigma[i] = deviationOf(values[i], `weights[${i}]`, isDropping);
    return { sigma, sigmaShared: isShared };
  }
  for (let i = 0; i < values.length; i++)
    if (
      !(values[i] >= 1e-300 && values[i] <= 1e300) &&
      !(isDropping && !Number.isFinite(values[i]))
    )
      checkSigma(values[i], `sigma[${i}]`);
  return { sigma: values, sigmaShared: isShared };
}
