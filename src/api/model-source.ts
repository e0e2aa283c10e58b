// What a model comes down to, whether it was a plain function, text, or made by `model`: names, the
// user's function if there is one, and the parsed expression if it could be compiled. A function is
// parsed once, and functions with the same text share the work.

import type { ParsedModel } from '../model/compile.ts';
import { compileProgram, parseFunction, usedParams, verifyModel } from '../model/compile.ts';
import type { Guess, Hints, Role } from '../model/library/library-model.ts';
import type { Program } from '../model/program.ts';
import { portableEngine } from '../engine/portable.ts';
import type { UserFunction } from './callback.ts';
import { inputError } from './errors.ts';

/** How a model was made. */
export type Origin =
  | { readonly library: string; readonly argument?: number | string }
  | { readonly expression: string }
  | { readonly prefix: string; readonly of: Origin }
  | { readonly operation: 'plus' | 'times'; readonly of: readonly [Origin, Origin] };

export interface ModelSource {
  readonly name: string;
  readonly predictors: readonly string[];
  /** Whether the function receives x as an object by predictor. */
  readonly named: boolean;
  readonly paramNames: readonly string[];
  /** null for text. */
  readonly fn: UserFunction | null;
  /** null when it runs as a callback. */
  readonly parsed: ParsedModel | null;
  /** Why it was not compiled. */
  readonly reason?: string;
  /** Starts from data, where the model knows how; `guessInto` falls back to a search. */
  readonly guess?: Guess;
  readonly role?: Role;
  /** Of a sum. */
  readonly terms?: readonly ModelSource[];
  /** Limits that make sense for every data set, by parameter. */
  readonly hints?: Hints;
  /** How the model was made, for JSON; undefined for a function. */
  readonly origin?: Origin;
}

export type Scope = Readonly<Record<string, number | ((...a: number[]) => number)>>;

/** The one predictor of a function that receives x as a number. */
const unnamed: readonly string[] = ['x'];

interface Compilation {
  readonly parsed: ParsedModel | null;
  readonly reason?: string;
}

const sources = new WeakMap<UserFunction, ModelSource[]>();

// Closures made in a loop are new functions with the same text. As free variables are refused, the
// same text means the same function. Kept small: the oldest text is forgotten first.
const compilations = new Map<string, Compilation>();
const maxCompilations = 256;
const { toString } = Function.prototype;
const { apply } = Reflect;

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, k) => name === b[k]);

/** @param predictors null when the function receives x as a number */
export function functionSource(
  fn: UserFunction,
  predictors: readonly string[] | null,
  paramNames: readonly string[],
  scope?: Scope,
  name?: string,
): ModelSource {
  const names = predictors ?? unnamed;
  const isShared = scope === undefined && name === undefined;
  const known = isShared ? sources.get(fn) : undefined;
  if (known !== undefined)
    for (const source of known)
      if (
        source.named === (predictors !== null) &&
        sameNames(source.paramNames, paramNames) &&
        sameNames(source.predictors, names)
      )
        return source;
  const { parsed, reason } =
    scope === undefined
      ? sharedCompilation(fn, predictors, paramNames)
      : compile(fn, predictors, paramNames, scope);
  const source: ModelSource = {
    name: name ?? (fn.name || 'model'),
    predictors: names,
    named: predictors !== null,
    paramNames,
    fn,
    parsed,
    ...(reason === undefined ? {} : { reason }),
  };
  if (known !== undefined) known.push(source);
  else if (isShared) sources.set(fn, [source]);
  return source;
}

function sharedCompilation(
  fn: UserFunction,
  predictors: readonly string[] | null,
  paramNames: readonly string[],
): Compilation {
  const key = JSON.stringify([predictors, paramNames]) + apply(toString, fn, []);
  let compilation = compilations.get(key);
  if (compilation === undefined) {
    compilation = compile(fn, predictors, paramNames);
    if (compilations.size >= maxCompilations)
      for (const oldest of compilations.keys()) {
        compilations.delete(oldest);
        break;
      }
    compilations.set(key, compilation);
  }
  return compilation;
}

function compile(
  fn: UserFunction,
  predictors: readonly string[] | null,
  paramNames: readonly string[],
  scope?: Scope,
): Compilation {
  const parse =
    scope === undefined
      ? parseFunction(fn, predictors, paramNames)
      : parseFunction(fn, predictors, paramNames, scope);
  if (!parse.ok) return { parsed: null, reason: parse.reason };
  const verdict = verifyModel(fn, parse.model, predictors !== null, evaluatePoint);
  return verdict.ok ? { parsed: parse.model } : { parsed: null, reason: verdict.reason };
}

function evaluatePoint(
  program: Program,
  x: Float64Array,
  p: Float64Array,
): { value: number; jacobian: Float64Array } {
  const value = new Float64Array(1);
  const jacobian = new Float64Array(program.varying.length);
  const columns = Array.from({ length: program.predictors }, (_, k) => x.slice(k, k + 1));
  portableEngine.evaluate(program, columns, 1, p, value, jacobian);
  return { value: value[0], jacobian };
}

/**
 * The program with Jacobian columns for `varying`.
 * @throws InputError ERR_SIZE when it is too large
 */
export function programOf(parsed: ParsedModel, varying: readonly number[]): Program {
  try {
    return compileProgram(parsed, varying);
  } catch (error) {
    if (error instanceof RangeError) throw inputError('ERR_SIZE', 'model', error.message);
    throw error;
  }
}

const complete = new WeakSet<ParsedModel>();

/**
 * @param isExempt whether a parameter has another use, as one that a tie reads
 * @throws InputError for a parameter that the expression does not use
 */
export function checkParamsUsed(
  parsed: ParsedModel,
  names: readonly string[],
  isExempt?: (name: string) => boolean,
): void {
  if (complete.has(parsed)) return;
  const used = usedParams(parsed);
  let isComplete = true;
  for (const name of names) {
    if (used.has(name)) continue;
    if (isExempt?.(name) !== true)
      throw inputError('ERR_PARAMS', `params.${name}`, 'the model does not contain it');
    isComplete = false;
  }
  if (isComplete) complete.add(parsed);
}
