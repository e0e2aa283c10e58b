// A run set aside: everything that decides how it goes on, to the bit, in a form that JSON carries.
// JSON has no NaN, infinities and −0; they are written as words.

import { inputError } from './errors.ts';
import { describe, isRecord } from './validate.ts';

/** A run between two iterations, from `IterState.checkpoint()`; `resumeFrom` takes it up again. */
export interface Checkpoint {
  readonly format: 'nadir-checkpoint';
  readonly version: 1;
  /** Plain data for JSON.stringify; `resumeFrom` takes what JSON.parse makes of it as well. */
  toJSON(): unknown;
}

/** Numbers, words, truth values, arrays of numbers, and records of all these. */
export type State = { readonly [name: string]: StateValue };
export type StateValue =
  | number
  | string
  | boolean
  | null
  | Float64Array
  | Int32Array
  | State;

const words: Readonly<Record<string, number>> = {
  NaN: NaN,
  Infinity: Infinity,
  '-Infinity': -Infinity,
  '-0': -0,
};

function numberToJSON(value: number): unknown {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function toPlain(value: StateValue): unknown {
  if (typeof value === 'number') return { number: numberToJSON(value) };
  if (value instanceof Float64Array) return { doubles: Array.from(value, numberToJSON) };
  if (value instanceof Int32Array) return { integers: Array.from(value) };
  if (typeof value !== 'object' || value === null) return value;
  return { record: Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toPlain(v)])) };
}

function fault(what: string): Error {
  return inputError('ERR_TYPE', 'resumeFrom', `is no checkpoint of this version: ${what}`);
}

function numberFrom(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value];
  throw fault(`${describe(value)} where a number was expected`);
}

function fromPlain(value: unknown): StateValue {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (!isRecord(value)) throw fault(describe(value));
  if ('number' in value) return numberFrom(value['number']);
  const { doubles, integers, record } = value;
  if (Array.isArray(doubles)) return Float64Array.from(doubles, numberFrom);
  if (Array.isArray(integers)) return Int32Array.from(integers, numberFrom);
  if (!isRecord(record)) throw fault('a member of a kind that it does not know');
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, fromPlain(v)]));
}

export function checkpointOf(state: State): Checkpoint {
  return {
    format: 'nadir-checkpoint',
    version: 1,
    toJSON() {
      return { format: this.format, version: this.version, state: toPlain(state) };
    },
  };
}

/**
 * The state in a checkpoint or in what JSON.parse made of one.
 * @throws InputError for anything else
 */
export function readCheckpoint(given: unknown): State {
  let plain = given;
  if (isRecord(given) && typeof given['toJSON'] === 'function')
    plain = (given as { toJSON: () => unknown }).toJSON();
  if (!isRecord(plain) || plain['format'] !== 'nadir-checkpoint')
    throw inputError(
      'ERR_TYPE',
      'resumeFrom',
      `expected a checkpoint, or what JSON.parse makes of one, got ${describe(given)}`,
    );
  if (plain['version'] !== 1) throw fault(`version ${describe(plain['version'])}`);
  return fromPlain(plain['state']) as State;
}

/** A member that must be there, of the right kind. */
export function stateMember<T extends StateValue>(
  state: State,
  name: string,
  isRight: (value: StateValue | undefined) => value is T,
): T {
  const value = state[name];
  if (!isRight(value)) throw fault(`'${name}' is missing`);
  return value;
}

export const isNumberState = (value: StateValue | undefined): value is number =>
  typeof value === 'number';
export const isDoubles = (value: StateValue | undefined): value is Float64Array =>
  value instanceof Float64Array;
export const isState = (value: StateValue | undefined): value is State =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
