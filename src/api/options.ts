// The options of curveFit and curveFitBatch as closed tables: name, default, check. Everything that
// needs to see two options at once (lengths, names of parameters) is checked where it is used.

import { InputError, inputError } from './errors.ts';
import { didYouMean } from './suggest.ts';
import type { BatchOutput, EngineName, Progress } from './types.ts';
import { describe, isRecord, readInteger, readNumber, readWord } from './validate.ts';

interface Row<T> {
  readonly default: T;
  readonly check: (value: unknown, name: string) => T;
}
type Table<S> = { readonly [K in keyof S]: Row<S[K]> };

/** What single fits and batches share. Members typed unknown are read later. */
export interface CommonSettings {
  model: unknown;
  x: unknown;
  y: unknown;
  params: unknown;
  sigma: unknown;
  sigmaIs: 'absolute' | 'relative' | undefined;
  nonFinite: 'throw' | 'drop';
  ftol: number;
  xtol: number;
  gtol: number;
  maxIter: number;
  engine: 'auto' | EngineName;
  numerics: 'reproducible' | 'fast';
  signal: AbortSignal | undefined;
  onProgress: ((p: Progress) => void | boolean) | undefined;
  progressEveryMs: number;
  maxSeconds: number;
}
export interface FitSettings extends CommonSettings {
  covariance: 'auto' | false;
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
  nonFinite: word('throw', 'drop'),
  // Steps shrink linearly where residuals are large. At 1e-8, the habit of MINPACK's users, real
  // data with such residuals come out with four digits; at 1e-12 with six, for an iteration more.
  ftol: tolerance(1e-12),
  // The square root of the spacing of doubles at 1, as MINPACK's driver recommends.
  xtol: tolerance(1e-8),
  gtol: tolerance(1e-8),
  // The count of a fit is stored in 16 bits.
  maxIter: { default: 200, check: (value, name) => readInteger(value, name, 1, 65535) },
  engine: word<'auto' | EngineName>('auto', 'native', 'portable'),
  numerics: word('reproducible', 'fast'),
  signal: { default: undefined, check: readSignal },
  onProgress: { default: undefined, check: readFunction },
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
  covariance: { default: 'auto', check: readCovariance },
};

/** The most threads a job may ask for. */
export const maxThreads = 1024;

const batchOutputs: readonly BatchOutput[] = ['stdErr', 'covariance', 'residuals', 'r2'];

export const batchTable: Table<BatchSettings> = {
  ...common,
  offsets: later(),
  init: later(),
  threads: { default: undefined, check: (value, name) => readInteger(value, name, 1, maxThreads) },
  precision: word('f64'),
  outputs: { default: [], check: readOutputs },
  out: later(),
};

/** Options of related tools and of other versions, for a better sentence than "unknown". */
const unsupported: ReadonlySet<string> = new Set([
  'bounds',
  'loss',
  'lossScale',
  'method',
  'jac',
  'xScale',
  'jacSparsity',
  'starts',
  'seed',
  'maxEval',
  'geodesicAcceleration',
  'trace',
  'callback',
  'onNonFinite',
]);

function readCovariance(value: unknown, name: string): 'auto' | false {
  if (value === 'auto' || value === false) return value;
  const code = typeof value === 'string' || typeof value === 'boolean' ? 'ERR_RANGE' : 'ERR_TYPE';
  throw inputError(code, name, `expected 'auto' or false, got ${describe(value)}`);
}

function readFunction(value: unknown, name: string): (p: Progress) => void | boolean {
  if (typeof value !== 'function')
    throw inputError('ERR_TYPE', name, `expected a function, got ${describe(value)}`);
  return value as (p: Progress) => void | boolean;
}

function readSignal(value: unknown, name: string): AbortSignal {
  const signal = value as Partial<AbortSignal> | null;
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.aborted !== 'boolean' ||
    typeof signal.addEventListener !== 'function' ||
    typeof signal.removeEventListener !== 'function'
  )
    throw inputError('ERR_TYPE', name, `expected an AbortSignal, got ${describe(value)}`);
  return value as AbortSignal;
}

function readOutputs(value: unknown, name: string): readonly BatchOutput[] {
  if (!Array.isArray(value))
    throw inputError('ERR_TYPE', name, `expected an array of names, got ${describe(value)}`);
  return Array.from(value, (item, i) => readWord(item, `${name}[${i}]`, batchOutputs));
}

/** Reads every option once; undefined counts as not given. */
export function readOptions<S extends object>(verb: string, table: Table<S>, given: unknown): S {
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'options',
      `${verb} expects one object with its options, got ${describe(given)}`,
    );
  const settings = {} as { [name: string]: unknown };
  const rows = table as Readonly<Record<string, Row<unknown>>>;
  for (const name of Object.keys(rows)) settings[name] = rows[name].default;
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(rows, name)) throw unknownOption(verb, name, Object.keys(rows));
    const value = given[name];
    if (value !== undefined) settings[name] = rows[name].check(value, name);
  }
  return settings as S;
}

function unknownOption(verb: string, name: string, names: string[]): Error {
  const fault = unsupported.has(name)
    ? `option '${name}' is not supported by this version`
    : `unknown option '${name}'${didYouMean(name, [...names, ...unsupported])}`;
  return new InputError('ERR_OPTION', name, `${verb}: ${fault}`);
}

/** At least one test must be able to stop a fit. */
export function checkTolerances(settings: CommonSettings): void {
  if (!(settings.ftol > 0 || settings.xtol > 0 || settings.gtol > 0))
    throw inputError('ERR_RANGE', 'ftol', 'one of ftol, xtol and gtol must be above 0, all are 0');
}
