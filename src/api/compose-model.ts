// Sums and products of models, and models with new parameter names. What is compiled stays
// compiled; where one part is a callback, the whole is one.

import { parseText, renamed, substitute } from '../model/compile.ts';
import type { ParsedModel } from '../model/compile.ts';
import type { UserFunction } from './callback.ts';
import { inputError } from './errors.ts';
import { evaluateSource } from './evaluate-source.ts';
import { guessSum } from './guess-sum.ts';
import type { ModelSource, Origin } from './model-source.ts';

/** The model with `prefix` before the name of every parameter. */
export function prefixSource(source: ModelSource, prefix: string): ModelSource {
  const paramNames = source.paramNames.map((name) => prefix + name);
  paramNames.forEach((name) => {
    if (source.predictors.includes(name))
      throw inputError('ERR_PARAMS', 'prefix', `'${name}' is a predictor of the model`);
    if (name === '__proto__')
      throw inputError('ERR_PARAMS', 'prefix', "'__proto__' cannot be the name of a parameter");
  });
  const { fn, parsed, hints, origin, terms } = source;
  const hinted = hints && Object.fromEntries(
    Object.entries(hints).map(([name, limits]) => [prefix + name, limits]));
  return {
    ...source,
    paramNames,
    fn: fn === null ? null : (x, p) => {
      const values = p as Readonly<Record<string, number>>;
      return fn(x, Object.fromEntries(
        source.paramNames.map((name, k) => [name, values[paramNames[k]]])));
    },
    parsed: parsed && renamed(parsed, paramNames),
    ...(hinted === undefined ? {} : { hints: hinted }),
    ...(origin === undefined ? {} : { origin: { prefix, of: origin } }),
    ...(terms === undefined ? {} : { terms: terms.map((term) => prefixSource(term, prefix)) }),
  };
}

export type Operation = 'plus' | 'times';

/** @throws InputError where predictors differ or a parameter is in both */
export function combineSources(
  operation: Operation, left: ModelSource, right: ModelSource,
): ModelSource {
  const predictors = sharedPredictors(left, right);
  const both = left.paramNames.filter((name) => right.paramNames.includes(name));
  if (both.length > 0)
    throw inputError('ERR_PARAMS', 'other',
      `both models have the parameter${both.length > 1 ? 's' : ''} ${both.join(', ')}: ` +
      "give one of them new names with prefix('b_')");
  const paramNames = [...left.paramNames, ...right.paramNames];
  for (const name of paramNames)
    if (predictors.includes(name))
      throw inputError('ERR_PARAMS', 'other', `'${name}' is a parameter of one model and a predictor of the other`);
  const isSum = operation === 'plus';
  const isCompiled = left.parsed !== null && right.parsed !== null;
  const named = predictors.length > 1 || (!isCompiled && (left.named || right.named));
  const terms = isSum ? [...(left.terms ?? [left]), ...(right.terms ?? [right])] : undefined;
  const origin: Origin | undefined = left.origin !== undefined && right.origin !== undefined
    ? { operation, of: [left.origin, right.origin] } : undefined;
  const symbol = isSum ? ' + ' : '*';
  const part = ({ name, terms: inner }: ModelSource): string =>
    isSum || inner === undefined ? name : `(${name})`;
  const source: ModelSource = {
    name: part(left) + symbol + part(right),
    predictors,
    named,
    paramNames,
    fn: isCompiled ? null : joinFunctions(operation, left, right, named),
    parsed: isCompiled
      ? joinParsed(operation, left.parsed, right.parsed, predictors, paramNames) : null,
    ...(isCompiled ? {} : { reason: left.reason ?? right.reason ?? 'a part is not compiled' }),
    hints: { ...left.hints, ...right.hints },
    ...(origin === undefined ? {} : { origin }),
  };
  if (terms === undefined) return source;
  return { ...source, terms, guess: (columns, y, out) => guessSum(source, terms, columns, y, out) };
}

/** A model that reads no predictor, as a constant, takes those of the other. */
function sharedPredictors(left: ModelSource, right: ModelSource): readonly string[] {
  if (left.predictors.length === right.predictors.length &&
      left.predictors.every((name, k) => name === right.predictors[k])) return left.predictors;
  if (readsNothing(right)) return left.predictors;
  if (readsNothing(left)) return right.predictors;
  throw inputError('ERR_SHAPE', 'other',
    `its predictors are ${right.predictors.join(', ')}, those of this model ${
      left.predictors.join(', ')}: models are joined over the same predictors in the same order`);
}

function readsNothing({ parsed }: ModelSource): boolean {
  return parsed !== null && parsed.root.op === 'param';
}

/** Names that no model has, for the two parts. */
const parts = ['left part', 'right part'] as const;

function joinParsed(
  operation: Operation, left: ParsedModel, right: ParsedModel, predictors: readonly string[],
  params: readonly string[],
): ParsedModel {
  const symbol = operation === 'plus' ? '+' : '*';
  const parse = parseText(`\`${parts[0]}\`${symbol}\`${parts[1]}\``, predictors);
  if (!parse.ok) throw new Error(parse.reason);
  return substitute(parse.model, params, new Map([[parts[0], left], [parts[1], right]]));
}

function joinFunctions(
  operation: Operation, left: ModelSource, right: ModelSource, named: boolean,
): UserFunction {
  const a = pointFunction(left, named);
  const b = pointFunction(right, named);
  return operation === 'plus' ? (x, p) => a(x, p) + b(x, p) : (x, p) => a(x, p) * b(x, p);
}

/** f at one point, called as the joined function is. */
function pointFunction(source: ModelSource, named: boolean): (x: unknown, p: unknown) => number {
  const { fn, predictors, paramNames } = source;
  if (fn !== null) {
    if (source.named === named) return (x, p) => fn(x, p) as number;
    return (x, p) => fn((x as Readonly<Record<string, number>>)[predictors[0]], p) as number;
  }
  const columns = predictors.map(() => new Float64Array(1));
  return (x, p) => {
    predictors.forEach((name, k) => {
      columns[k][0] = named ? (x as Readonly<Record<string, number>>)[name] : (x as number);
    });
    const values = p as Readonly<Record<string, number>>;
    return evaluateSource(
      source, columns, 1, Float64Array.from(paramNames, (name) => values[name]))[0];
  };
}
