// Checks of options that are more than a number or a word.

import { inputError } from './errors.ts';
import { didYouMean } from './suggest.ts';
import type { TraceOption } from './trace.ts';
import type { BatchOutput } from './types.ts';
import { describe, isRecord, readBoolean, readInteger, readWord } from './validate.ts';

const batchOutputs: readonly BatchOutput[] = ['stdErr', 'covariance', 'residuals', 'r2'];
/** The most starts of one fit. */
const maxStarts = 1048576;

export function readCovariance(value: unknown, name: string): 'auto' | 'pseudo-inverse' | false {
  if (value === 'auto' || value === 'pseudo-inverse' || value === false) return value;
  const code = typeof value === 'string' || typeof value === 'boolean' ? 'ERR_RANGE' : 'ERR_TYPE';
  throw inputError(code, name, `expected 'auto', 'pseudo-inverse' or false, got ${describe(value)}`);
}

/** The residual at which a loss bends: above 0, or by the spread of the residuals. */
export function readLossScale(value: unknown, name: string): number | 'mad' {
  if (value === 'mad') return value;
  const fault = `expected a number above 0 or 'mad', got ${describe(value)}`;
  if (typeof value === 'string') throw inputError('ERR_RANGE', name, fault);
  if (typeof value !== 'number') throw inputError('ERR_TYPE', name, fault);
  if (!(value > 0 && value < Infinity)) throw inputError('ERR_RANGE', name, fault);
  return value;
}

export function readStarts(value: unknown, name: string): number | 'auto' {
  if (value === 'auto') return value;
  if (typeof value === 'string')
    throw inputError('ERR_RANGE', name, `expected a number or 'auto', got ${describe(value)}`);
  return readInteger(value, name, 1, maxStarts);
}

export function readTrace(value: unknown, name: string): TraceOption {
  if (typeof value === 'boolean') return value;
  if (!isRecord(value))
    throw inputError(
      'ERR_TYPE',
      name,
      `expected true, false or { x, every, max }, got ${describe(value)}`,
    );
  const trace: { x?: boolean; every?: number; max?: number } = {};
  for (const key of Object.keys(value)) {
    const given = value[key];
    const path = `${name}.${key}`;
    if (key !== 'x' && key !== 'every' && key !== 'max')
      throw inputError(
        'ERR_OPTION',
        path,
        `unknown; a trace has 'x', 'every' and 'max'${didYouMean(key, ['x', 'every', 'max'])}`,
      );
    if (given === undefined) continue;
    if (key === 'x') trace.x = readBoolean(given, path);
    else trace[key] = readInteger(given, path, key === 'max' ? 2 : 1, Number.MAX_SAFE_INTEGER);
  }
  return trace;
}

export function readFunction(value: unknown, name: string): unknown {
  if (typeof value !== 'function')
    throw inputError('ERR_TYPE', name, `expected a function, got ${describe(value)}`);
  return value;
}

export function readSignal(value: unknown, name: string): AbortSignal {
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

export function readOutputs(value: unknown, name: string): readonly BatchOutput[] {
  if (!Array.isArray(value))
    throw inputError('ERR_TYPE', name, `expected an array of names, got ${describe(value)}`);
  return Array.from(value, (item, i) => readWord(item, `${name}[${i}]`, batchOutputs));
}
