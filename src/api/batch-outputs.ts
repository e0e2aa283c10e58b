// The arrays that a batch writes: made here, or the caller's own, which are checked. All are to be
// filled before the fits run with what a fit that is never begun shall show: NaN and 'aborted'.

import type { Floats } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import { inputError } from './errors.ts';
import type { BatchSettings } from './options.ts';
import { didYouMean } from './suggest.ts';
import type { BatchArrays } from './types.ts';
import {
  count,
  describe,
  extent,
  isDetached,
  isRecord,
  trueLength,
  typedArrayKind,
} from './validate.ts';

type Name = keyof BatchArrays;
type Kind = 'Float64Array' | 'Uint8Array' | 'Uint16Array';

const kinds: Readonly<Record<Name, Kind>> = {
  params: 'Float64Array',
  stdErr: 'Float64Array',
  ssr: 'Float64Array',
  status: 'Uint8Array',
  iterations: 'Uint16Array',
  r2: 'Float64Array',
  covariance: 'Float64Array',
  residuals: 'Float64Array',
};
const names = Object.keys(kinds) as Name[];
const always: readonly Name[] = ['params', 'ssr', 'status', 'iterations'];
const makers = { Float64Array, Uint8Array, Uint16Array };
/** Filling this many values of fresh memory takes 1 to 2 ms. */
const valuesPerTurn = 2 ** 18;

export type OutputArrays = Pick<BatchArrays, 'params' | 'ssr' | 'status' | 'iterations'> &
  Partial<BatchArrays>;

export interface OutputSizes {
  readonly fits: number;
  readonly params: number;
  readonly varying: number;
  /** Length of y as the caller has it. */
  readonly values: number;
}

/** @param inputs the arrays that are read while the fits run, with their names */
export function prepareOutputs(
  settings: BatchSettings,
  sizes: OutputSizes,
  inputs: readonly (readonly [string, Floats])[],
): OutputArrays {
  const { fits, params, varying, values } = sizes;
  const lengths: Readonly<Record<Name, number>> = {
    params: fits * params,
    stdErr: fits * params,
    ssr: fits,
    status: fits,
    iterations: fits,
    r2: fits,
    covariance: fits * varying * varying,
    residuals: values,
  };
  const given = readOut(settings.out, lengths);
  checkApart(given, inputs);
  const arrays: Partial<Record<Name, BatchArrays[Name]>> = {};
  for (const name of names) {
    const own = given.get(name);
    if (
      own === undefined &&
      !always.includes(name) &&
      !settings.outputs.some((wanted) => wanted === name)
    )
      continue;
    arrays[name] = own ?? make(kinds[name], lengths[name], name);
  }
  return arrays as OutputArrays;
}

/** Fills the arrays with what a fit that is never begun shows, and yields every few milliseconds. */
export function* fillOutputs(arrays: OutputArrays): Generator<void> {
  let left = valuesPerTurn;
  for (const name of names) {
    const array = arrays[name];
    if (array === undefined) continue;
    const value = name === 'status' ? statusCode.aborted : name === 'iterations' ? 0 : NaN;
    const { length } = array;
    for (let at = 0; at < length; ) {
      const end = Math.min(length, at + left);
      array.fill(value, at, end);
      left -= end - at;
      at = end;
      if (left > 0) continue;
      yield;
      left = valuesPerTurn;
    }
  }
}

function make(kind: Kind, length: number, name: Name): BatchArrays[Name] {
  try {
    return new makers[kind](length);
  } catch {
    throw inputError('ERR_SIZE', name, `${length} values do not fit into memory`);
  }
}

function readOut(
  given: unknown,
  lengths: Readonly<Record<Name, number>>,
): Map<Name, BatchArrays[Name]> {
  const arrays = new Map<Name, BatchArrays[Name]>();
  if (given === undefined) return arrays;
  if (!isRecord(given))
    throw inputError('ERR_TYPE', 'out', `expected an object with arrays, got ${describe(given)}`);
  for (const key of Object.keys(given)) {
    const path = `out.${key}`;
    if (!Object.hasOwn(kinds, key))
      throw inputError(
        'ERR_OPTION',
        path,
        `no such result; there are ${names.join(', ')}${didYouMean(key, names)}`,
      );
    const name = key as Name;
    const value = given[key];
    if (value === undefined) continue;
    if (typedArrayKind(value) !== kinds[name])
      throw inputError('ERR_TYPE', path, `expected a ${kinds[name]}, got ${describe(value)}`);
    const array = value as BatchArrays[Name];
    if (lengths[name] > 0 && isDetached(array))
      throw inputError(
        'ERR_DETACHED',
        path,
        'its memory is detached (the buffer was transferred or shrunk)',
      );
    if (trueLength(array) !== lengths[name] || array.length !== lengths[name])
      throw inputError(
        'ERR_SHAPE',
        path,
        `expected ${count(lengths[name], 'value')}, got ${trueLength(array)}`,
      );
    arrays.set(name, array);
  }
  return arrays;
}

function checkApart(
  outputs: ReadonlyMap<Name, BatchArrays[Name]>,
  inputs: readonly (readonly [string, Floats])[],
): void {
  const seen = inputs.map(([name, array]) => ({ path: name, ...extent(array) }));
  for (const [name, array] of outputs) {
    const own = { path: `out.${name}`, ...extent(array) };
    for (const other of seen)
      if (own.buffer === other.buffer && own.from < other.to && other.from < own.to)
        throw inputError('ERR_OVERLAP', own.path, `shares memory with ${other.path}`);
    seen.push(own);
  }
}
