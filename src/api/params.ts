// The `params` option: which parameters there are, where they start, and which of them vary.

import { inputError } from './errors.ts';
import { didYouMean } from './suggest.ts';
import { describe, isRecord } from './validate.ts';

export interface ParamSet {
  readonly names: readonly string[];
  /** Start of every parameter, in the order of `names`. */
  readonly init: Float64Array;
  readonly vary: readonly boolean[];
  /** Indices of the parameters that vary, ascending. */
  readonly varying: readonly number[];
  /** Parameters that no start was given for. */
  readonly atDefault: readonly string[];
}

/** Where a parameter starts when nothing is said: the scale of a dimensionless factor. */
const defaultStart = 1;

const unsupported: Readonly<Record<string, string>> = {
  min: 'bounds are',
  max: 'bounds are',
  expr: 'a formula for a parameter is',
  scale: 'a scale of a parameter is',
};

/**
 * @param names the model's parameters; null for a plain function, whose parameters are the names
 *   given
 * @param startsElsewhere starts come from `init`, so values may be missing
 */
export function readParams(
  given: unknown,
  names: readonly string[] | null,
  startsElsewhere: boolean,
): ParamSet {
  if (given === undefined) {
    if (names === null)
      throw inputError(
        'ERR_PARAMS',
        'params',
        'a plain function needs its parameters named, for example params: { a: 1 }',
      );
    given = {};
  }
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'params',
      `expected an object such as { a: 1 }, got ${describe(given)}`,
    );
  const keys = Object.keys(given);
  if (names === null && keys.length === 0)
    throw inputError('ERR_PARAMS', 'params', 'names no parameter');
  const all = names ?? keys;
  if (names !== null)
    for (const key of keys)
      if (!names.includes(key)) {
        const known =
          names.length === 0
            ? 'the model has no parameters'
            : `the model does not contain it; its parameters are ${names.join(', ')}`;
        throw inputError('ERR_PARAMS', `params.${key}`, known + didYouMean(key, names));
      }
  const init = new Float64Array(all.length);
  const vary: boolean[] = [];
  const varying: number[] = [];
  const atDefault: string[] = [];
  for (let k = 0; k < all.length; k++) {
    const name = all[k];
    // Set as a member of the object that the user's function receives, it would be its prototype.
    if (name === '__proto__')
      throw inputError('ERR_PARAMS', 'params.__proto__', 'cannot be the name of a parameter');
    const spec = Object.hasOwn(given, name) ? readSpec(given[name], `params.${name}`) : {};
    if (spec.value === undefined && !startsElsewhere) {
      if (names === null)
        throw inputError(
          'ERR_PARAMS',
          `params.${name}.value`,
          'a parameter of a plain function needs a value to start from',
        );
      atDefault.push(name);
    }
    init[k] = spec.value ?? defaultStart;
    vary.push(spec.vary ?? true);
    if (vary[k]) varying.push(k);
  }
  if (varying.length === 0)
    throw inputError('ERR_PARAMS', 'params', 'at least one parameter must vary');
  return { names: all, init, vary, varying, atDefault };
}

function readSpec(given: unknown, path: string): { value?: number; vary?: boolean } {
  if (typeof given === 'number') return { value: checkStart(given, path) };
  if (given === undefined) return {};
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      path,
      `expected a number or { value, vary }, got ${describe(given)}`,
    );
  const spec: { value?: number; vary?: boolean } = {};
  for (const key of Object.keys(given)) {
    const what = Object.hasOwn(unsupported, key) ? unsupported[key] : undefined;
    if (what !== undefined)
      throw inputError('ERR_OPTION', `${path}.${key}`, `${what} not supported by this version`);
    const value = given[key];
    if (key === 'value') {
      if (value !== undefined) spec.value = checkStart(value, `${path}.value`);
    } else if (key === 'vary') {
      if (value === undefined) continue;
      if (typeof value !== 'boolean')
        throw inputError(
          'ERR_TYPE',
          `${path}.vary`,
          `expected true or false, got ${describe(value)}`,
        );
      spec.vary = value;
    } else {
      throw inputError(
        'ERR_OPTION',
        `${path}.${key}`,
        `unknown; a parameter has 'value' and 'vary'${didYouMean(key, ['value', 'vary'])}`,
      );
    }
  }
  return spec;
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
