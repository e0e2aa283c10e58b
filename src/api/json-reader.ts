// Reading plain data that may have come from anywhere: a member that is not what it should be is
// named. null stands for numbers that JSON does not have.

import { inputError } from './errors.ts';
import { statusCode, type Status } from '../portable/optim/status.ts';
import { describe, isRecord } from './validate.ts';

export type Json = Readonly<Record<string, unknown>>;

export function wrongMember(path: string, expected: string, value: unknown): Error {
  return inputError('ERR_TYPE', path, `expected ${expected}, got ${describe(value)}`);
}

/** Text or plain data with the given `format` and `version`. */
export function readJson(given: unknown, format: string, version: number, verb: string): Json {
  let json = given;
  const expected = `what toJSON() of ${verb} gave`;
  if (typeof given === 'string')
    try {
      json = JSON.parse(given);
    } catch {
      throw wrongMember('json', expected, given);
    }
  if (!isRecord(json) || json['format'] !== format) throw wrongMember('json', expected, json);
  if (json['version'] !== version)
    throw wrongMember('json.version', `${version}`, json['version']);
  return json;
}

export function readObject(value: unknown, path: string): Json {
  if (!isRecord(value)) throw wrongMember(path, 'an object', value);
  return value;
}

export function readText(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrongMember(path, 'text', value);
  return value;
}

export function readStatus(value: unknown, path: string): number {
  if (typeof value !== 'string' || !Object.hasOwn(statusCode, value))
    throw wrongMember(path, 'the word of a status', value);
  return statusCode[value as Status];
}

/** @param missing what null stands for */
export function readDouble(value: unknown, path: string, missing: number = NaN): number {
  if (value === null || value === undefined) return missing;
  if (typeof value !== 'number') throw wrongMember(path, 'a number', value);
  return value;
}

/** @param length expected, or -1 for any */
export function readDoubles(value: unknown, path: string, length: number): Float64Array {
  if (!Array.isArray(value) || (length >= 0 && value.length !== length))
    throw wrongMember(path, length >= 0 ? `an array of ${length}` : 'an array', value);
  const out = new Float64Array(value.length);
  for (let i = 0; i < out.length; i++) out[i] = readDouble(value[i], `${path}[${i}]`);
  return out;
}
