// The data of globalFit: every set is read as the data of one curve is, and all of them are laid out
// one after another, as a batch has them.

import { InputError, inputError, type InputCode } from './errors.ts';
import { exponentOf, timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { chooseRun, samplesOf } from './choose-run.ts';
import { throwFault } from './callback.ts';
import { readData } from './data.ts';
import { guessInto } from './guess.ts';
import type { CommonSettings } from './options.ts';
import { checkInside } from './param-spec.ts';
import { settleStarts } from './params.ts';
import { earlyNotes, resolveModel, type ResolvedModel, type Run } from './problem.ts';
import type { Warning } from './result.ts';
import { didYouMean } from './suggest.ts';
import { allocate, describe, isRecord } from './validate.ts';
import { dataDropped, startsAtDefault } from './warnings.ts';

/** Everything but x, y and what weighs them, which every set has for itself. */
export interface GlobalSettings extends CommonSettings {
  data: unknown;
  shared: unknown;
  threads: number | undefined;
}

export interface GlobalProblem extends ResolvedModel, Run {
  readonly sets: number;
  /** Where the points of every set begin, and the end. */
  readonly offsets: Uint32Array;
  /** One array per predictor. */
  readonly x: readonly Float64Array[];
  readonly y: Float64Array;
  /** Standard deviations times 2^exponent. */
  readonly sigma: Float64Array | null;
  /** Not 0 where squares would leave the range of doubles: see rescale.ts. */
  readonly exponent: number;
  /** sets × params */
  readonly init: Float64Array;
  /** Positions of the shared parameters, fixed ones included. */
  readonly shared: readonly number[];
  /** Positions of those that vary, shared and local. */
  readonly sharedVarying: readonly number[];
  readonly localVarying: readonly number[];
}

/** A set of its own: what is read of it. */
interface OneSet {
  readonly columns: readonly Float64Array[];
  readonly y: Float64Array;
  readonly sigma: Float64Array | null;
  readonly starts: Readonly<Record<string, unknown>>;
}

/** Data within 2^±340 have sums of squares that are doubles (rescale.ts). */
const safeExponent = 340;

const members: readonly string[] = ['x', 'y', 'sigma', 'weights', 'params'];

export function readGlobalProblem(settings: GlobalSettings, notes: Warning[]): GlobalProblem {
  const given = readSets(settings.data);
  const hasSigma = given.some(({ sigma, weights }) => sigma !== undefined || weights !== undefined);
  const model = resolveModel({ ...settings, x: given[0].x }, 'init');
  const { params, source } = model;
  const shared = readShared(settings.shared, model);
  let dropped = 0;
  const sets = given.map((set, i): OneSet => {
    const { x, y, sigma, weights } = set;
    const own = within(`data[${i}]`, () => readData({ ...settings, x, y, sigma, weights }, source));
    dropped += own.dropped;
    return { ...own, starts: readOwnStarts(set['params'], `data[${i}].params`, model, shared) };
  });
  notes.push(...earlyNotes({ ...settings, sigma: hasSigma ? 1 : undefined }));
  if (dropped > 0) notes.push(dataDropped(dropped));

  const offsets = new Uint32Array(sets.length + 1);
  sets.forEach(({ y }, i) => (offsets[i + 1] = offsets[i] + y.length));
  const total = sets.reduce((sum, { y }) => sum + y.length, 0);
  if (total !== offsets[sets.length])
    throw inputError('ERR_SIZE', 'data', `${total} points are more than can be fitted at once`);
  const join = (pick: (set: OneSet) => Float64Array, name: string): Float64Array => {
    const out = allocate(total, name);
    sets.forEach((set, i) => out.set(pick(set), offsets[i]));
    return out;
  };
  const x = source.predictors.map((_, k) => join(({ columns }) => columns[k], 'x'));
  const y = join((set) => set.y, 'y');
  const sigma = hasSigma
    ? join((set) => set.sigma ?? new Float64Array(set.y.length).fill(1), 'sigma')
    : null;
  const init = readStarts(settings.params, model, shared, sets, notes);
  const first = (): ReturnType<typeof samplesOf> =>
    samplesOf(x, y, init.slice(0, params.names.length), offsets[1]);
  const exponent = settings.estimator === 'poisson' ? 0 : exponentOfSquares(y, sigma);
  const run = chooseRun(settings, model, first, throwFault, false, notes);
  return {
    ...model,
    ...run,
    sets: sets.length,
    offsets,
    x,
    y,
    sigma: exponent === 0 ? sigma : scaledBy(exponent, sigma, total),
    exponent,
    init,
    shared,
    sharedVarying: params.varying.filter((k) => shared.includes(k)),
    localVarying: params.varying.filter((k) => !shared.includes(k)),
  };
}

/** Exponent of the power of two for all standard deviations; 0 where none is needed. */
function exponentOfSquares(y: Float64Array, sigma: Float64Array | null): number {
  let largestY = 0,
    smallestSigma = sigma === null ? 1 : Infinity;
  for (let i = 0; i < y.length; i++) {
    largestY = Math.max(largestY, Math.abs(y[i]));
    if (sigma !== null) smallestSigma = Math.min(smallestSigma, sigma[i]);
  }
  const weight = -exponentOf(smallestSigma);
  const size = largestY === 0 ? 0 : exponentOf(largestY);
  if (Math.abs(weight) <= safeExponent && Math.abs(weight + size) <= safeExponent) return 0;
  return weight + Math.trunc(size / 2);
}

function scaledBy(exponent: number, sigma: Float64Array | null, points: number): Float64Array {
  const ones = sigma ?? allocate(points, 'sigma').fill(1);
  return ones.map((deviation) => timesPowerOfTwo(deviation, exponent));
}

/** Runs a check of one set; its faults name the set. */
function within<T>(path: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, argument, message } = error;
    throw new InputError(code as InputCode, `${path}.${argument}`, `${path}.${message}`);
  }
}

function readSets(data: unknown): Record<string, unknown>[] {
  if (!Array.isArray(data))
    throw inputError('ERR_TYPE', 'data', `expected an array of { x, y }, got ${describe(data)}`);
  if (data.length === 0)
    throw inputError('ERR_SHAPE', 'data', 'expected at least one set of points, got none');
  return Array.from(data, (set: unknown, i) => {
    const path = `data[${i}]`;
    if (!isRecord(set))
      throw inputError('ERR_TYPE', path, `expected { x, y }, got ${describe(set)}`);
    for (const key of Object.keys(set))
      if (!members.includes(key))
        throw inputError(
          'ERR_OPTION',
          `${path}.${key}`,
          `unknown; a set has ${members.join(', ')}${didYouMean(key, members)}`,
        );
    // Read once: getters must not change what has been checked.
    const { x, y, sigma, weights, params } = set;
    if (sigma !== undefined && weights !== undefined)
      throw inputError(
        'ERR_OPTION',
        `${path}.weights`,
        'give weights or sigma, not both: w = 1/sigma²',
      );
    return { x, y, sigma, weights, params };
  });
}

/** Positions of the shared parameters, ascending. */
function readShared(given: unknown, { params }: ResolvedModel): number[] {
  const { names, ties } = params;
  if (!Array.isArray(given))
    throw inputError(
      'ERR_TYPE',
      'shared',
      `expected an array of parameter names, got ${describe(given)}`,
    );
  if (given.length === 0)
    throw inputError(
      'ERR_SHAPE',
      'shared',
      'names no parameter; curveFitBatch fits sets that share nothing',
    );
  const found = Array.from(given, (name: unknown, i) => {
    const path = `shared[${i}]`;
    if (typeof name !== 'string')
      throw inputError('ERR_TYPE', path, `expected a name, got ${describe(name)}`);
    const k = names.indexOf(name);
    if (k < 0)
      throw inputError(
        'ERR_PARAMS',
        path,
        `the model has no parameter '${name}'${didYouMean(name, names)}`,
      );
    if (given.indexOf(name) < i) throw inputError('ERR_PARAMS', path, `'${name}' is there twice`);
    if (ties.some(({ index }) => index === k))
      throw inputError(
        'ERR_PARAMS',
        path,
        `'${name}' follows a formula: it is shared where what the formula reads is`,
      );
    return k;
  });
  return found.sort((a, b) => a - b);
}

function readOwnStarts(
  given: unknown,
  path: string,
  { params }: ResolvedModel,
  shared: readonly number[],
): Readonly<Record<string, number>> {
  if (given === undefined) return {};
  if (!isRecord(given))
    throw inputError('ERR_TYPE', path, `expected an object such as { a: 1 }, got ${describe(given)}`);
  const out: Record<string, number> = {};
  for (const name of Object.keys(given)) {
    const k = params.names.indexOf(name);
    if (k < 0)
      throw inputError(
        'ERR_PARAMS',
        `${path}.${name}`,
        `the model does not contain it${didYouMean(name, params.names)}`,
      );
    if (shared.includes(k) || params.ties.some(({ index }) => index === k))
      throw inputError(
        'ERR_PARAMS',
        `${path}.${name}`,
        'is not a parameter of this set alone; give it in params',
      );
    const value = given[name];
    if (value === undefined) continue;
    if (typeof value !== 'number')
      throw inputError('ERR_TYPE', `${path}.${name}`, `expected a number, got ${describe(value)}`);
    if (!Number.isFinite(value))
      throw inputError('ERR_NOT_FINITE', `${path}.${name}`, `expected a finite number, got ${value}`);
    const { lower, upper, vary } = params;
    if (vary[k]) checkInside(value, lower[k], upper[k], `${path}.${name}`);
    out[name] = value;
  }
  return out;
}

/** Starts of all sets: given for the set, given for all, or guessed. */
function readStarts(
  given: unknown,
  { own, params }: ResolvedModel,
  shared: readonly number[],
  sets: readonly OneSet[],
  notes: Warning[],
): Float64Array {
  const { names, varying } = params;
  const n = names.length;
  const init = new Float64Array(sets.length * n);
  const isGiven = names.map((name) => {
    const spec = isRecord(given) && Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof spec === 'number' || (isRecord(spec) && spec['value'] !== undefined);
  });
  const isGuessed = names.map(() => false);
  sets.forEach(({ columns, y, starts }, i) => {
    const row = init.subarray(i * n, (i + 1) * n);
    row.set(params.init);
    names.forEach((name, k) => {
      if (Object.hasOwn(starts, name)) row[k] = starts[name] as number;
    });
    const missing = varying.filter((k) => !isGiven[k] && !Object.hasOwn(starts, names[k]));
    if (missing.length === 0) return;
    const guess = new Float64Array(own.paramNames.length);
    own.paramNames.forEach((name, j) => {
      const k = names.indexOf(name);
      guess[j] = missing.includes(k) ? NaN : row[k];
    });
    guessInto(own, columns, y, guess);
    own.paramNames.forEach((name, j) => {
      const k = names.indexOf(name);
      if (!missing.includes(k)) return;
      row[k] = guess[j];
      isGuessed[k] = true;
    });
  });
  for (const k of shared) {
    const value = isGuessed[k] ? medianOf(init, k, n) : init[k];
    for (let i = 0; i < sets.length; i++) init[i * n + k] = value;
  }
  for (let i = 0; i < sets.length; i++)
    settleStarts(params, init.subarray(i * n, (i + 1) * n), null);
  const atDefault = own.guess === undefined ? names.filter((_, k) => isGuessed[k]) : [];
  if (atDefault.length > 0)
    notes.push(startsAtDefault(atDefault, atDefault.map((name) => init[names.indexOf(name)])));
  return init;
}

function medianOf(init: Float64Array, k: number, n: number): number {
  const values: number[] = [];
  for (let at = k; at < init.length; at += n) values.push(init[at]);
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2;
}
