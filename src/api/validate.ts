// Checks at the door. User values are read once, so that getters and proxies cannot change under
// us; typed arrays are recognised by brand, not by `instanceof` (which fails across realms), and
// their lengths come from the built-in getters, which a subclass cannot make lie.

import { InputError, inputError } from './errors.ts';

const typedArray = Object.getPrototypeOf(Float64Array.prototype) as object;
const getter = (name: string | symbol): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(typedArray, name)!.get!;
const tagOf = getter(Symbol.toStringTag);
const lengthOf = getter('length');
const bufferOf = getter('buffer');
const byteOffsetOf = getter('byteOffset');
const byteLengthOf = getter('byteLength');
const setValues = Float64Array.prototype.set;
const { apply } = Reflect;
const { isArray } = Array;

/**
 * 'Float64Array' and the like; undefined for everything that is not a typed array, proxies
 * included.
 */
export function typedArrayKind(value: unknown): string | undefined {
  return apply(tagOf, value, []) as string | undefined;
}

/** True length of a typed array; 0 when detached. */
export function trueLength(values: ArrayBufferView): number {
  return apply(lengthOf, values, []) as number;
}

/** Where a typed array lies in memory. */
export function extent(values: ArrayBufferView): { buffer: object; from: number; to: number } {
  const from = apply(byteOffsetOf, values, []) as number;
  return {
    buffer: apply(bufferOf, values, []) as object,
    from,
    to: from + (apply(byteLengthOf, values, []) as number),
  };
}

export function isDetached(values: ArrayBufferView): boolean {
  if (trueLength(values) > 0) return false;
  try {
    // A view cannot be made on a detached buffer; an empty view on any other one can.
    new Uint8Array(apply(bufferOf, values, []) as ArrayBuffer, 0, 0);
    return false;
  } catch {
    return true;
  }
}

/** What came, for the end of a message. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 ? `'${value.slice(0, 40)}…'` : `'${value}'`;
    case 'bigint':
      return `the BigInt ${value}n`;
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object': {
      if (value === null) return 'null';
      const kind = typedArrayKind(value);
      if (kind !== undefined) return `a ${kind} of ${trueLength(value as ArrayBufferView)}`;
      if (isArray(value)) return `an array of ${value.length}`;
      if (value instanceof ArrayBuffer) return 'an ArrayBuffer';
      if (value instanceof Promise) return 'a Promise';
      return 'an object';
    }
    default:
      return String(value);
  }
}

/** "3 values", "1 value". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A new array, or a clear error where the machine cannot have one so large. */
export function allocate(length: number, argument: string): Float64Array {
  try {
    return new Float64Array(length);
  } catch {
    throw inputError('ERR_SIZE', argument, `${length} values do not fit into memory`);
  }
}

/** Index of the first NaN or infinity from `from` on, or -1. */
export function firstNonFinite(values: Float64Array | Float32Array, from: number = 0): number {
  for (let i = from; i < values.length; i++) {
    const v = values[i]!;
    if (!(v - v === 0)) return i;
  }
  return -1;
}

/** Anything indexed that could hold numbers. @throws InputError where its length cannot be read */
export function isIndexed(value: unknown, argument: string): value is ArrayLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof lengthIn(value, argument) === 'number'
  );
}

/** The member `length`, which throws in a proxy of a typed array and in what only looks like one. */
function lengthIn(value: object, argument: string): unknown {
  try {
    return (value as { length?: unknown }).length;
  } catch (cause) {
    const fault = 'expected an array of numbers, got an object whose length cannot be read';
    throw new InputError('ERR_TYPE', argument, `${argument}: ${fault}`, { cause });
  }
}

function wrongLength(length: number, expected: number, matching: string): string {
  return `expected ${count(expected, 'value')} to match ${matching}, got ${length}`;
}

/**
 * Copies numbers from an array, a typed array or anything indexed, in one pass.
 * `expected` is the length that `matching` has, or -1 for any length above 0.
 */
export function readVector(
  value: unknown,
  argument: string,
  expected: number,
  matching: string,
  allowNonFinite: boolean,
): Float64Array {
  const kind = typedArrayKind(value);
  let out: Float64Array;
  if (kind !== undefined) {
    if (kind.startsWith('Big'))
      throw inputError(
        'ERR_TYPE',
        argument,
        `expected numbers, got a ${kind}; convert it with Float64Array.from(v, Number)`,
      );
    const typed = value as Float64Array;
    const length = trueLength(typed);
    checkLength(length, argument, expected, matching, () => isDetached(typed));
    out = allocate(length, argument);
    apply(setValues, out, [typed]);
  } else {
    out = readIndexed(value, argument, expected, matching);
  }
  if (!allowNonFinite) {
    const i = firstNonFinite(out);
    if (i >= 0)
      throw inputError(
        'ERR_NOT_FINITE',
        `${argument}[${i}]`,
        `expected a finite number, got ${out[i]}`,
      );
  }
  return out;
}

function checkLength(
  length: number,
  argument: string,
  expected: number,
  matching: string,
  detached: () => boolean,
): void {
  if (length === 0 && detached())
    throw inputError(
      'ERR_DETACHED',
      argument,
      'its memory is detached (the buffer was transferred or shrunk)',
    );
  if (expected < 0 ? length === 0 : length !== expected) {
    const fault =
      expected < 0
        ? 'expected at least one value, got none'
        : wrongLength(length, expected, matching);
    throw inputError('ERR_SHAPE', argument, fault);
  }
}

function readIndexed(
  value: unknown,
  argument: string,
  expected: number,
  matching: string,
): Float64Array {
  if (typeof value !== 'object' || value === null)
    throw inputError('ERR_TYPE', argument, `expected an array of numbers, got ${describe(value)}`);
  const length = lengthIn(value, argument);
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0)
    throw inputError('ERR_TYPE', argument, `expected an array of numbers, got ${describe(value)}`);
  checkLength(length, argument, expected, matching, () => false);
  const source = value as ArrayLike<unknown>;
  // Before memory is taken for a length that an object merely claims to have.
  if (typeof source[length - 1] !== 'number')
    throw notANumber(argument, length - 1, source[length - 1]);
  const out = allocate(length, argument);
  for (let i = 0; i < length; i++) {
    const v = source[i];
    if (typeof v !== 'number') throw notANumber(argument, i, v);
    out[i] = v;
  }
  return out;
}

function notANumber(argument: string, i: number, value: unknown): Error {
  return inputError('ERR_TYPE', `${argument}[${i}]`, `expected a number, got ${describe(value)}`);
}

/** A typed array that is used in place: its length is checked, its values are not read. */
export function borrowFloats(value: unknown, argument: string): Float64Array | Float32Array {
  const kind = typedArrayKind(value);
  if (kind !== 'Float64Array' && kind !== 'Float32Array')
    throw inputError(
      'ERR_TYPE',
      argument,
      `expected a Float64Array or Float32Array, got ${describe(value)}`,
    );
  const values = value as Float64Array | Float32Array;
  if (isDetached(values))
    throw inputError(
      'ERR_DETACHED',
      argument,
      'its memory is detached (the buffer was transferred or shrunk)',
    );
  if (values.length !== trueLength(values))
    throw inputError('ERR_TYPE', argument, 'its class reports a length that is not its own');
  return values;
}

/** A finite or infinite number within [min, max]; NaN never. */
export function readNumber(
  value: unknown,
  argument: string,
  expectation: string,
  min: number,
  max: number,
): number {
  if (typeof value !== 'number')
    throw inputError('ERR_TYPE', argument, `expected ${expectation}, got ${describe(value)}`);
  if (!(value >= min && value <= max))
    throw inputError('ERR_RANGE', argument, `expected ${expectation}, got ${value}`);
  return value;
}

export function readInteger(value: unknown, argument: string, min: number, max: number): number {
  const expectation = `an integer from ${min} to ${max}`;
  if (typeof value !== 'number')
    throw inputError('ERR_TYPE', argument, `expected ${expectation}, got ${describe(value)}`);
  if (!(Number.isInteger(value) && value >= min && value <= max))
    throw inputError('ERR_RANGE', argument, `expected ${expectation}, got ${value}`);
  return value;
}

export function readWord<W extends string>(
  value: unknown,
  argument: string,
  words: readonly W[],
): W {
  const list = words.map((word) => `'${word}'`).join(' or ');
  if (typeof value !== 'string')
    throw inputError('ERR_TYPE', argument, `expected ${list}, got ${describe(value)}`);
  const found = words.find((word) => word === value);
  if (found === undefined)
    throw inputError('ERR_RANGE', argument, `expected ${list}, got ${describe(value)}`);
  return found;
}

export function readBoolean(value: unknown, argument: string): boolean {
  if (typeof value !== 'boolean')
    throw inputError('ERR_TYPE', argument, `expected true or false, got ${describe(value)}`);
  return value;
}

/** An object with names, not an array and not a function. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isArray(value) &&
    typedArrayKind(value) === undefined
  );
}
