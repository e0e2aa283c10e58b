// The options of curveFit and curveFitBatch as closed tables: name, default, check. Everything that
// needs to see two options at once (lengths, names of parameters) is checked where it is used.

import type { LeastSquaresMethod } from '../portable/optim/methods.ts';
import { InputError, inputError } from './errors.ts';
import {
  readCovariance,
  readFunction,
  readLossScale,
  readOutputs,
  readSignal,
  readStarts,
  readTrace,
} from './option-checks.ts';
import { didYouMean } from './suggest.ts';
import type { TraceOption } from './trace.ts';
import type {
  BatchOutput,
  Derivative,
  EngineName,
  IterState,
  Loss,
  Progress,
} from './types.ts';
import { describe, isRecord, readBoolean, readInteger, readNumber, readWord } from './validate.ts';

export interface Row<T> {
  readonly default: T;
  /** In place of `default`, for options that look at which others were given. */
  readonly defaultFor?: (given: ReadonlySet<string>) => T;
  readonly check: (value: unknown, name: string) => T;
}
export type Table<S> = { readonly [K in keyof S]: Row<S[K]> };

/** What single fits and batches share. Members typed unknown are read later. */
export interface CommonSettings {
  model: unknown;
  x: unknown;
  y: unknown;
  params: unknown;
  sigma: unknown;
  sigmaIs: 'absolute' | 'relative' | undefined;
  weights: unknown;
  nonFinite: 'throw' | 'drop';
  estimator: 'least-squares' | 'poisson';
  method: LeastSquaresMethod;
  loss: Loss;
  lossScale: number | 'mad' | undefined;
  xScale: unknown;
  jac: Derivative;
  geodesicAcceleration: boolean;
  polish: boolean;
  covariance: 'auto' | 'pseudo-inverse' | false;
  ftol: number;
  xtol: number;
  gtol: number;
  maxIter: number;
  maxEval: number;
  engine: 'auto' | EngineName;
  numerics: 'reproducible' | 'fast';
  signal: AbortSignal | undefined;
  onProgress: ((p: Progress) => void | boolean) | undefined;
  progressEveryMs: number;
  maxSeconds: number;
}
export interface FitSettings extends CommonSettings {
  starts: number | 'auto' | undefined;
  seed: number;
  trace: TraceOption;
  callback: ((state: IterState) => boolean | void) | undefined;
  onNonFinite: 'reject-step' | 'stop' | 'throw';
  resumeFrom: unknown;
}
export interface BatchSettings extends CommonSettings {
  offsets: unknown;
  init: unknown;
  threads: number | undefined;
  precision: 'f64';
  outputs: readonly BatchOutput[];
  out: unknown;
}

const later = <T>(): Row<T | undefined> => ({ default: undefined, check: (value) => value as T });
const word = <W extends string>(first: W, ...others: W[]): Row<W> => ({
  default: first,
  check: (value, name) => readWord(value, name, [first, ...others]),
});
const tolerance = (value: number): Row<number> => ({
  default: value,
  check: (given, name) => readNumber(given, name, 'a number of at least 0', 0, Number.MAX_VALUE),
});

const yesOrNo = (value: boolean): Row<boolean> => ({ default: value, check: readBoolean });

const common: Table<CommonSettings> = {
  model: later(),
  x: later(),
  y: later(),
  params: later(),
  sigma: later(),
  sigmaIs: {
    default: undefined,
    check: (value, name) =>
      readWord<'absolute' | 'relative'>(value, name, ['absolute', 'relative']),
  },
  weights: later(),
  nonFinite: word('throw', 'drop'),
  estimator: word<'least-squares' | 'poisson'>('least-squares', 'poisson'),
  method: word<LeastSquaresMethod>('auto', 'lm', 'trf', 'dogbox', 'gauss-newton'),
  loss: word<Loss>(
    'linear',
    'soft_l1',
    'huber',
    'cauchy',
    'arctan',
    'tukey',
    'welsch',
  ),
  lossScale: { default: undefined, check: readLossScale },
  xScale: later(),
  jac: word<Derivative>('auto', 'forward', 'reverse', '2-point', '3-point'),
  geodesicAcceleration: yesOrNo(false),
  // Who chooses where a fit stops does not want more steps.
  polish: { ...yesOrNo(true), defaultFor: (given) => !given.has('ftol') },
  covariance: { default: 'auto', check: readCovariance },
  // Steps shrink linearly where residuals are large. At 1e-8, the habit of MINPACK's users, real
  // data with such residuals come out with four digits; at 1e-12 with six, for an iteration more.
  ftol: tolerance(1e-12),
  // The square root of the spacing of doubles at 1, as MINPACK's driver recommends.
  xtol: tolerance(1e-8),
  gtol: tolerance(1e-8),
  // The count of a fit is stored in 16 bits.
  maxIter: { default: 1000, check: (value, name) => readInteger(value, name, 1, 65535) },
  maxEval: {
    default: Infinity,
    check: (value, name) => readInteger(value, name, 1, Number.MAX_SAFE_INTEGER),
  },
  engine: word<'auto' | EngineName>('auto', 'native', 'portable'),
  numerics: word('reproducible', 'fast'),
  signal: { default: undefined, check: readSignal },
  onProgress: {
    default: undefined,
    check: (value, name) => readFunction(value, name) as (p: Progress) => void | boolean,
  },
  // The range of a timer in Node and browsers ends at 2³¹ − 1 ms.
  progressEveryMs: {
    default: 100,
    check: (value, name) =>
      readNumber(value, name, 'a number of milliseconds from 0 to 2147483647', 0, 2147483647),
  },
  maxSeconds: {
    default: Infinity,
    check: (value, name) =>
      readNumber(value, name, 'a number of seconds of at least 0', 0, Infinity),
  },
};

export const fitTable: Table<FitSettings> = {
  ...common,
  starts: { default: undefined, check: readStarts },
  seed: {
    default: 0,
    check: (value, name) => readInteger(value, name, 0, Number.MAX_SAFE_INTEGER),
  },
  trace: { default: false, check: readTrace },
  callback: {
    default: undefined,
    check: (value, name) => readFunction(value, name) as (state: IterState) => boolean | void,
  },
  onNonFinite: word<'reject-step' | 'stop' | 'throw'>('reject-step', 'stop', 'throw'),
  resumeFrom: later(),
};

/** The most threads a job may ask for. */
export const maxThreads = 1024;

export const batchTable: Table<BatchSettings> = {
  ...common,
  offsets: later(),
  init: later(),
  threads: { default: undefined, check: (value, name) => readInteger(value, name, 1, maxThreads) },
  precision: word('f64'),
  outputs: { default: [], check: readOutputs },
  out: later(),
};

/** Options of related verbs and tools, for a better sentence than "unknown". */
const elsewhere: ReadonlySet<string> = new Set(['bounds', 'jacSparsity']);

/** Reads every option once; undefined counts as not given. */
export function readOptions<S extends object>(verb: string, table: Table<S>, given: unknown): S {
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'options',
      `${verb} expects one object with its options, got ${describe(given)}`,
    );
  const rows = table as Readonly<Record<string, Row<unknown>>>;
  const { values, dependent } = defaultsOf(rows);
  const settings = { ...values };
  const named = new Set<string>();
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(rows, name)) throw unknownOption(verb, name, Object.keys(rows));
    const value = given[name];
    if (value === undefined) continue;
    named.add(name);
    settings[name] = rows[name].check(value, name);
  }
  for (const name of dependent)
    if (!named.has(name)) settings[name] = rows[name].defaultFor!(named);
  return settings as S;
}

interface Defaults {
  readonly values: Readonly<Record<string, unknown>>;
  /** Options whose default looks at others. */
  readonly dependent: readonly string[];
}

const defaults = new WeakMap<object, Defaults>();

/** Made once per table: a copy of a whole record takes less time than its making. */
function defaultsOf(rows: Readonly<Record<string, Row<unknown>>>): Defaults {
  let known = defaults.get(rows);
  if (known === undefined) {
    const entries = Object.entries(rows);
    known = {
      values: Object.fromEntries(entries.map(([name, row]) => [name, row.default])),
      dependent: entries.filter(([, row]) => row.defaultFor !== undefined).map(([name]) => name),
    };
    defaults.set(rows, known);
  }
  return known;
}

function unknownOption(verb: string, name: string, names: string[]): Error {
  const fault =
    name === 'bounds'
      ? `bounds belong to parameters: params: { a: { value: 1, min: 0, max: 10 } }`
      : elsewhere.has(name)
        ? `option '${name}' belongs to leastSquares`
        : `unknown option '${name}'${didYouMean(name, [...names, ...elsewhere])}`;
  return new InputError('ERR_OPTION', name, `${verb}: ${fault}`);
}

/** What is wrong with options together. */
export function checkSettings(settings: CommonSettings): void {
  const { ftol, xtol, gtol, estimator, loss, lossScale, sigma, sigmaIs, weights } = settings;
  // At least one test must be able to stop a fit.
  if (!(ftol > 0 || xtol > 0 || gtol > 0))
    throw inputError('ERR_RANGE', 'ftol', 'one of ftol, xtol and gtol must be above 0, all are 0');
  if (weights !== undefined && sigma !== undefined)
    throw inputError('ERR_OPTION', 'weights', 'give weights or sigma, not both: w = 1/sigma²');
  if (estimator !== 'poisson') return;
  const weighting = { sigma, sigmaIs, weights, lossScale };
  for (const [name, value] of Object.entries(weighting))
    if (value !== undefined)
      throw inputError(
        'ERR_OPTION',
        name,
        "not with estimator: 'poisson', where the variance of a count is its mean",
      );
  if (loss !== 'linear')
    throw inputError(
      'ERR_OPTION',
      'loss',
      "not with estimator: 'poisson', which minimises the deviance",
    );
}
