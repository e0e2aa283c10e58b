// Models made ahead of a fit: from a function whose predictors, parameters and captured values are
// stated, or from text.

import type { UserFunction } from './callback.ts';
import { combineSources, prefixSource, type Operation } from './compose-model.ts';
import { InputError, inputError } from './errors.ts';
import { evaluateSource } from './evaluate-source.ts';
import { guessInto } from './guess.ts';
import { readSource, textSource, writeSource } from './model-json.ts';
import { functionSource, type ModelSource, type Scope } from './model-source.ts';
import { readPredictors } from './predictors.ts';
import { didYouMean } from './suggest.ts';
import type { AnyModel, Model, ModelExplanation, ModelOptions } from './types.ts';
import { describe, isRecord, readVector } from './validate.ts';

const sources = new WeakMap<object, ModelSource>();

/** The source of a model made here; undefined for anything else. */
export function sourceOfModel(value: unknown): ModelSource | undefined {
  return typeof value === 'object' && value !== null ? sources.get(value) : undefined;
}

/** The model object of a source. */
export function modelOfSource(source: ModelSource): AnyModel<string> {
  return new NamedModel(source) as unknown as AnyModel<string>;
}

class NamedModel {
  readonly name: string;
  readonly paramNames: readonly string[];
  readonly predictors: readonly string[];

  constructor(source: ModelSource) {
    this.name = source.name;
    this.paramNames = source.paramNames;
    this.predictors = source.predictors;
    sources.set(this, source);
  }

  explain(): ModelExplanation {
    const { parsed, reason } = sources.get(this)!;
    if (parsed === null)
      return { compiled: false, reason: reason ?? 'unknown', derivatives: '2-point' };
    return {
      compiled: true,
      expression: parsed.expression,
      derivatives: 'symbolic',
      nodes: parsed.nodes,
    };
  }

  evaluate(x: unknown, p: unknown): Float64Array {
    const source = sources.get(this)!;
    const { columns, points } = readPredictors(x, source, -1, true, true);
    return evaluateSource(source, columns, points, readValues(p, source.paramNames));
  }

  guess(x: unknown, y: unknown): Record<string, number> {
    const source = sources.get(this)!;
    const { columns, points } = readPredictors(x, source, -1, false, true);
    const data = readVector(y, 'y', points, 'x', false);
    if (points === 0) throw inputError('ERR_SHAPE', 'y', 'expected at least one value, got none');
    const params = new Float64Array(source.paramNames.length).fill(NaN);
    guessInto(source, columns, data, params);
    return Object.fromEntries(source.paramNames.map((name, k) => [name, params[k]]));
  }

  prefix(text: unknown): NamedModel {
    if (typeof text !== 'string' || text === '')
      throw inputError('ERR_TYPE', 'prefix', `expected text, got ${describe(text)}`);
    return new NamedModel(prefixSource(sources.get(this)!, text));
  }

  plus(other: unknown): NamedModel {
    return this.#combine('plus', other);
  }

  times(other: unknown): NamedModel {
    return this.#combine('times', other);
  }

  #combine(operation: Operation, other: unknown): NamedModel {
    const right = sourceOfModel(other);
    if (right === undefined)
      throw inputError('ERR_TYPE', 'other',
        `expected a model made by models, model(), modelOf() or expr(), got ${describe(other)}`);
    return new NamedModel(combineSources(operation, sources.get(this)!, right));
  }

  toJSON(): unknown {
    return writeSource(sources.get(this)!);
  }
}

/** A value for every parameter, in order. */
function readValues(given: unknown, names: readonly string[]): Float64Array {
  if (!isRecord(given))
    throw inputError(
      'ERR_TYPE',
      'p',
      `expected an object with a value for each parameter, got ${describe(given)}`,
    );
  for (const key of Object.keys(given))
    if (!names.includes(key))
      throw inputError(
        'ERR_PARAMS',
        `p.${key}`,
        `the model does not contain it${didYouMean(key, names)}`,
      );
  return Float64Array.from(names, (name) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value !== 'number')
      throw inputError('ERR_TYPE', `p.${name}`, `expected a number, got ${describe(value)}`);
    return value;
  });
}

function readNames(value: unknown, argument: string): string[] {
  if (!Array.isArray(value))
    throw inputError('ERR_TYPE', argument, `expected an array of names, got ${describe(value)}`);
  const names = Array.from(value, (name, i) => {
    if (typeof name !== 'string' || name === '' || name === '__proto__')
      throw inputError('ERR_TYPE', `${argument}[${i}]`, `expected a name, got ${describe(name)}`);
    return name;
  });
  if (names.length === 0)
    throw inputError('ERR_SHAPE', argument, 'expected at least one name, got none');
  names.forEach((name, i) => {
    if (names.indexOf(name) < i)
      throw inputError('ERR_PARAMS', `${argument}[${i}]`, `'${name}' is there twice`);
  });
  return names;
}

function readFunction(value: unknown): UserFunction {
  if (typeof value !== 'function')
    throw inputError(
      'ERR_TYPE',
      'fn',
      `expected a function (x, p) => number, got ${describe(value)}`,
    );
  return value as UserFunction;
}

function readModelOptions(given: unknown): { scope?: Scope; name?: string; mustCompile: boolean } {
  if (given === undefined) return { mustCompile: false };
  if (!isRecord(given))
    throw inputError('ERR_TYPE', 'options', `expected an object, got ${describe(given)}`);
  const out: { scope?: Scope; name?: string; mustCompile: boolean } = { mustCompile: false };
  for (const key of Object.keys(given)) {
    const value = given[key];
    if (key === 'scope') {
      if (value !== undefined) out.scope = readScope(value);
    } else if (key === 'name') {
      if (value === undefined) continue;
      if (typeof value !== 'string')
        throw inputError('ERR_TYPE', 'name', `expected text, got ${describe(value)}`);
      out.name = value;
    } else if (key === 'require') {
      if (value !== undefined && value !== 'compiled')
        throw inputError('ERR_RANGE', 'require', `expected 'compiled', got ${describe(value)}`);
      out.mustCompile = value === 'compiled';
    } else {
      const hint = didYouMean(key, ['scope', 'name', 'require']);
      throw new InputError('ERR_OPTION', key, `model: unknown option '${key}'${hint}`);
    }
  }
  return out;
}

function readScope(given: unknown): Scope {
  if (!isRecord(given))
    throw inputError('ERR_TYPE', 'scope', `expected an object, got ${describe(given)}`);
  const scope: Record<string, number | ((...a: number[]) => number)> = {};
  for (const key of Object.keys(given)) {
    const value = given[key];
    if (typeof value !== 'number' && typeof value !== 'function')
      throw inputError(
        'ERR_TYPE',
        `scope.${key}`,
        `expected a number or a function, got ${describe(value)}`,
      );
    scope[key] = value as number | ((...a: number[]) => number);
  }
  return scope;
}

/**
 * A model from a plain function of x and named parameters.
 *
 * The function is parsed, differentiated exactly and compiled when its source is within the
 * supported subset, and checked against the original at sample points; otherwise it is used as a
 * callback with numeric derivatives, and `explain()` says why.
 * @param names the parameters, in order
 * @param fn f(x, p): x is a number, p has a member for every name
 * @param options `scope`: what the function captures; `name`; `require: 'compiled'`
 * @throws InputError ERR_MODEL with `require: 'compiled'` when it cannot be compiled
 * @example
 * const decay = model(['a', 'k'], (x, p) => p.a * Math.exp(-p.k * x));
 * decay.evaluate([0, 1], { a: 2, k: 0 }); // Float64Array [2, 2]
 */
export function model<const N extends readonly string[]>(
  names: N,
  fn: (x: number, p: { readonly [K in N[number]]: number }) => number,
  options?: ModelOptions,
): Model<N[number]> {
  const { scope, name, mustCompile } = readModelOptions(options);
  const source = functionSource(readFunction(fn), null, readNames(names, 'names'), scope, name);
  if (mustCompile && source.parsed === null)
    throw inputError('ERR_MODEL', 'fn', `cannot be compiled: ${source.reason}`);
  return new NamedModel(source) as Model<N[number]>;
}

/**
 * A model of several predictors by name.
 * @param predictors names of the independent variables: the function receives them as `x.dose`,
 *   `x.time`
 * @param names the parameters, in order
 * @example
 * const plane = modelOf(['u', 'v'], ['a', 'b'], (x, p) => p.a * x.u + p.b * x.v);
 */
export function modelOf<const X extends readonly string[], const N extends readonly string[]>(
  predictors: X,
  names: N,
  fn: (
    x: { readonly [K in X[number]]: number },
    p: { readonly [K in N[number]]: number },
  ) => number,
): Model<N[number], { readonly [K in X[number]]: number }> {
  const source = functionSource(
    readFunction(fn),
    readNames(predictors, 'predictors'),
    readNames(names, 'names'),
  );
  return new NamedModel(source) as unknown as Model<
    N[number],
    { readonly [K in X[number]]: number }
  >;
}

/**
 * A model from text: immune to minifiers, and no code is ever run from it.
 * @param source an expression such as 'a*exp(-k*x) + c'; `^` and `**` are powers
 * @param predictors the independent variables, default ['x']; every other name is a parameter, in
 *   order of appearance
 * @throws InputError ERR_MODEL that points at the place of a fault
 */
export function expr(source: string, predictors?: readonly string[]): AnyModel<string> {
  if (typeof source !== 'string')
    throw inputError('ERR_TYPE', 'source', `expected text, got ${describe(source)}`);
  const names = predictors === undefined ? ['x'] : readNames(predictors, 'predictors');
  return modelOfSource(textSource(source, names));
}

/**
 * A model from what its `toJSON()` gave, text of it included.
 * @throws InputError ERR_MODEL where it is not of that form
 * @example
 * const peak = models.gaussian().plus(models.line());
 * const same = modelFromJSON(JSON.parse(JSON.stringify(peak)));
 * same.paramNames; // ['amp', 'cen', 'sigma', 'slope', 'intercept']
 */
export function modelFromJSON(json: unknown): AnyModel<string> {
  return modelOfSource(readSource(json));
}
