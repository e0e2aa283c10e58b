// The user's own function as a model, called point by point, and the checks that it can be one: it
// reads parameters that exist, returns numbers, and the same number for the same point.

import type { CallbackModel, DifferenceScheme } from '../engine/engine.ts';
import { CallbackError, inputError, type InputError } from './errors.ts';
import type { ParamSet } from './params.ts';
import { didYouMean } from './suggest.ts';
import { describe } from './validate.ts';

/** A function of a point (a number, or an object by predictor) and an object of parameters. */
export type UserFunction = (x: unknown, p: unknown) => unknown;

/** The names with which a user's function is called. */
export interface Signature {
  readonly fn: UserFunction;
  readonly predictors: readonly string[];
  /** Whether x is an object by predictor. */
  readonly named: boolean;
  readonly paramNames: readonly string[];
}

export type ModelFault = CallbackError | InputError;

/** "x = 0.5, a = 1, b = 2" */
function pointText(signature: Signature, x: ArrayLike<number>, params: ArrayLike<number>): string {
  const { predictors, named, paramNames } = signature;
  const parts = predictors.map((name, k) => `${named ? `x.${name}` : name} = ${x[k]}`);
  paramNames.forEach((name, k) => parts.push(`${name} = ${params[k]}`));
  return parts.length <= 12 ? parts.join(', ') : `${parts.slice(0, 12).join(', ')}, …`;
}

function thrown(
  signature: Signature,
  x: Float64Array,
  params: Float64Array,
  cause: unknown,
): CallbackError {
  const what = cause instanceof Error ? cause.message : describe(cause);
  return new CallbackError(
    `the model threw at ${pointText(signature, x, params)}: ${what}`,
    params.slice(),
    cause,
  );
}

function notANumber(
  signature: Signature,
  x: Float64Array,
  params: Float64Array,
  value: unknown,
): InputError {
  const hint = value === undefined ? ' (does it return?)' : '';
  return inputError(
    'ERR_MODEL',
    'model',
    `expected a number, got ${describe(value)} at ${pointText(signature, x, params)}${hint}`,
  );
}

/**
 * f(x; p) by calling the user's function with objects that are made once.
 * @param onFault decides what a call that threw, or returned no number, counts as
 */
export function caller(
  signature: Signature,
  onFault: (fault: ModelFault) => number,
): (x: Float64Array, params: Float64Array) => number {
  const { fn, predictors, named, paramNames } = signature;
  const p: Record<string, number> = {};
  const at: Record<string, number> = {};
  return (x, params) => {
    // Set anew at every call: the function may have written to them.
    for (let k = 0; k < paramNames.length; k++) p[paramNames[k]] = params[k];
    if (named) for (let k = 0; k < predictors.length; k++) at[predictors[k]] = x[k];
    let value: unknown;
    try {
      value = fn(named ? at : x[0], p);
    } catch (error) {
      return onFault(thrown(signature, x, params, error));
    }
    if (typeof value === 'number') return value;
    discard(value);
    return onFault(notANumber(signature, x, params, value));
  };
}

/** What came instead of a number is dropped; a promise among it must not reject unheard. */
function discard(value: unknown): void {
  if (value instanceof Promise) value.catch(() => {});
}

export function throwFault(fault: ModelFault): never {
  throw fault;
}

export function callbackModel(
  value: CallbackModel['value'],
  params: ParamSet,
  scheme: DifferenceScheme,
): CallbackModel {
  const { names, varying, hasBounds, lower, upper, scale } = params;
  return {
    params: names.length,
    varying: Int32Array.from(varying),
    value,
    scheme,
    ...(hasBounds && { lower, upper }),
    ...(scale !== null && { scale }),
  };
}

/**
 * Calls the function twice at each of a few points.
 * @throws InputError when it reads a parameter or predictor that does not exist, or answers
 *   differently
 * @throws CallbackError when it throws
 * @param isBatch leaves calls that throw or return no number to the fits that they belong to
 */
export function checkCallback(
  signature: Signature,
  points: readonly Float64Array[],
  params: Float64Array,
  isBatch: boolean,
): void {
  const { fn, predictors, named, paramNames } = signature;
  for (const x of points) {
    let missing: string | undefined;
    const watch = (values: ArrayLike<number>, names: readonly string[], prefix: string): object => {
      const target: Record<string, number> = {};
      names.forEach((name, k) => (target[name] = values[k]));
      return new Proxy(target, {
        get(object, key) {
          if (typeof key === 'string' && !(key in object)) missing ??= `${prefix}.${key}`;
          return Reflect.get(object, key);
        },
      });
    };
    const answers: unknown[] = [];
    for (let k = 0; k < 2; k++) {
      try {
        answers.push(fn(named ? watch(x, predictors, 'x') : x[0], watch(params, paramNames, 'p')));
      } catch (error) {
        if (isBatch) return;
        throw thrown(signature, x, params, error);
      }
    }
    answers.forEach(discard);
    const [first, second] = answers;
    // A function may look for optional members; they are at fault only where no number comes of it.
    if (missing !== undefined && (typeof first !== 'number' || Number.isNaN(first)))
      throw unknownMember(missing, paramNames, predictors);
    if (typeof first !== 'number') {
      if (isBatch) return;
      throw notANumber(signature, x, params, first);
    }
    if (!Object.is(first, second))
      throw inputError(
        'ERR_MODEL',
        'model',
        `returned ${first} and then ${describe(second)} for the same point ` +
          `(${pointText(signature, x, params)})`,
      );
  }
}

function unknownMember(
  member: string,
  paramNames: readonly string[],
  predictors: readonly string[],
): InputError {
  const [object, name] = [member.slice(0, 1), member.slice(2)];
  const names = object === 'p' ? paramNames : predictors;
  const noun = object === 'p' ? 'parameter' : 'predictor';
  return inputError(
    'ERR_MODEL',
    'model',
    `reads ${member}, but there is no ${noun} '${name}'${didYouMean(name, names)}`,
  );
}
