// One entry of the `params` option: a number, or { value, min, max, vary, expr, scale }.

import { inputError } from './errors.ts';
import { didYouMean } from './suggest.ts';
import { describe, isRecord } from './validate.ts';

/** What was said about a parameter; undefined where nothing was. */
export interface Spec {
  readonly value?: number;
  readonly min?: number;
  readonly max?: number;
  readonly vary?: boolean;
  readonly expr?: string;
  readonly scale?: number;
}

/** Without a prototype, on which someone may have put members. */
const emptySpec = (): Partial<Record<Member, number | boolean | string>> =>
  Object.create(null) as object;

/** A parameter about which nothing was said. */
export const unsaid: Spec = emptySpec() as Spec;

const members = ['value', 'min', 'max', 'vary', 'expr', 'scale'] as const;
type Member = (typeof members)[number];

const checks: Readonly<Record<Member, (value: unknown, path: string) => number | boolean | string>> =
  {
    value: checkStart,
    min: (value, path) => checkBound(value, path, Infinity),
    max: (value, path) => checkBound(value, path, -Infinity),
    vary: checkVary,
    expr: checkFormula,
    scale: checkScale,
  };

export function readSpec(given: unknown, path: string): Spec {
  const spec = emptySpec();
  if (typeof given === 'number') {
    spec.value = checkStart(given, path);
    return spec as Spec;
  }
  if (given === undefined) return unsaid;
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      path,
      `expected a number or { value, vary }, got ${describe(given)}`,
    );
  for (const key of Object.keys(given)) {
    const member = members.find((name) => name === key);
    if (member === undefined)
      throw inputError(
        'ERR_OPTION',
        `${path}.${key}`,
        `unknown; a parameter has ${members.map((name) => `'${name}'`).join(', ')}` +
          didYouMean(key, members),
      );
    const value = given[key];
    if (value !== undefined) spec[member] = checks[member](value, `${path}.${key}`);
  }
  const read = spec as Spec;
  checkTogether(read, path);
  return read;
}

/** What can be wrong with members that are right by themselves. */
function checkTogether({ value, min, max, vary, expr, scale }: Spec, path: string): void {
  if (expr !== undefined) {
    const others = Object.entries({ value, min, max, vary, scale });
    const other = others.find(([, given]) => given !== undefined);
    if (other !== undefined)
      throw inputError(
        'ERR_PARAMS',
        `${path}.${other[0]}`,
        'a parameter with a formula (expr) has no other members: its value follows from others',
      );
  }
  if (min !== undefined && max !== undefined) {
    if (min > max)
      throw inputError('ERR_BOUNDS', `${path}.min`, `${min} is above max, which is ${max}`);
    if (min === max)
      throw inputError(
        'ERR_BOUNDS',
        `${path}.min`,
        `equals max; for a parameter that keeps its value use { value: ${min}, vary: false }`,
      );
  }
  if (value !== undefined) checkInside(value, min ?? -Infinity, max ?? Infinity, path);
}

/** @throws InputError for a start outside of its bounds */
export function checkInside(value: number, lower: number, upper: number, path: string): void {
  if (value < lower || value > upper)
    throw inputError(
      'ERR_START_OUTSIDE_BOUNDS',
      path,
      `the start ${value} lies outside of its bounds, ${boundsText(lower, upper)}`,
    );
}

function boundsText(lower: number, upper: number): string {
  if (upper === Infinity) return `at least ${lower}`;
  return lower === -Infinity ? `at most ${upper}` : `${lower} to ${upper}`;
}

function checkStart(value: unknown, path: string): number {
  if (typeof value !== 'number')
    throw inputError('ERR_TYPE', path, `expected a number to start from, got ${describe(value)}`);
  if (!Number.isFinite(value))
    throw inputError(
      'ERR_NOT_FINITE',
      path,
      `expected a finite number to start from, got ${value}`,
    );
  return value;
}

/** @param impossible the infinity that would leave no value */
function checkBound(value: unknown, path: string, impossible: number): number {
  if (typeof value !== 'number')
    throw inputError('ERR_TYPE', path, `expected a number as bound, got ${describe(value)}`);
  if (Number.isNaN(value) || value === impossible)
    throw inputError('ERR_BOUNDS', path, `expected a number as bound, got ${value}`);
  return value;
}

function checkVary(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean')
    throw inputError('ERR_TYPE', path, `expected true or false, got ${describe(value)}`);
  return value;
}

function checkFormula(value: unknown, path: string): string {
  if (typeof value !== 'string')
    throw inputError(
      'ERR_TYPE',
      path,
      `expected a formula over other parameters as text, got ${describe(value)}`,
    );
  return value;
}

/** A typical size of a parameter. */
export function checkScale(value: unknown, path: string): number {
  if (typeof value !== 'number')
    throw inputError('ERR_TYPE', path, `expected a number above 0, got ${describe(value)}`);
  if (!(value > 0 && value < Infinity))
    throw inputError('ERR_RANGE', path, `expected a finite number above 0, got ${value}`);
  return value;
}
