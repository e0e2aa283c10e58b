// The independent variables of a single fit, of `predict` and of `evaluate`, as columns.

import { inputError } from './errors.ts';
import { didYouMean } from './suggest.ts';
import { count, describe, isIndexed, readVector } from './validate.ts';

export interface Columns {
  /** One array per predictor, all of the same length; copies. */
  readonly columns: Float64Array[];
  readonly points: number;
}

/** Names under which x gives predictors; null when it is one array. */
export function predictorNames(x: unknown): string[] | null {
  if (isIndexed(x, 'x')) return null;
  if (typeof x !== 'object' || x === null)
    throw inputError(
      'ERR_TYPE',
      'x',
      `expected an array of numbers, or an object with one array per predictor, got ${describe(x)}`,
    );
  const names = Object.keys(x);
  if (names.length === 0) throw inputError('ERR_SHAPE', 'x', 'names no predictor');
  if (names.includes('__proto__'))
    throw inputError('ERR_PARAMS', 'x.__proto__', 'cannot be the name of a predictor');
  return names;
}

/** @throws InputError where the names of x are not those of the model */
export function checkPredictorNames(names: readonly string[], predictors: readonly string[]): void {
  for (const name of predictors)
    if (!names.includes(name))
      throw inputError(
        'ERR_SHAPE',
        `x.${name}`,
        `the model needs this predictor; x has ${names.join(', ')}`,
      );
  for (const name of names)
    if (!predictors.includes(name))
      throw inputError(
        'ERR_SHAPE',
        `x.${name}`,
        `the model has no such predictor${didYouMean(name, predictors)}`,
      );
}

/** What is needed where x is one array and the model has several predictors. */
export function needsNames(predictors: readonly string[]): Error {
  return inputError(
    'ERR_SHAPE',
    'x',
    `the model has ${count(predictors.length, 'predictor')}: ` +
      `expected { ${predictors.join(', ')} } with an array for each`,
  );
}

/**
 * @param expected number of points that y has, or -1
 * @param isOrdered whether an array with one array per predictor is accepted
 */
export function readPredictors(
  x: unknown,
  model: { readonly predictors: readonly string[] },
  expected: number,
  allowNonFinite: boolean,
  isOrdered: boolean,
): Columns {
  const { predictors } = model;
  if (isIndexed(x, 'x')) {
    if (isOrdered && x.length > 0 && isIndexed(x[0], 'x[0]')) {
      if (x.length !== predictors.length)
        throw inputError(
          'ERR_SHAPE',
          'x',
          `expected ${count(predictors.length, 'array')} (${predictors.join(', ')}), got ${x.length}`,
        );
      return readColumns(
        Array.from(x),
        predictors.map((_, k) => `x[${k}]`),
        expected,
        allowNonFinite,
      );
    }
    if (predictors.length !== 1) throw needsNames(predictors);
    return readColumns([x], ['x'], expected, allowNonFinite);
  }
  checkPredictorNames(predictorNames(x) ?? [], predictors);
  const record = x as Readonly<Record<string, unknown>>;
  const values = predictors.map((name) => record[name]);
  return readColumns(
    values,
    predictors.map((name) => `x.${name}`),
    expected,
    allowNonFinite,
  );
}

function readColumns(
  values: readonly unknown[],
  paths: readonly string[],
  expected: number,
  allowNonFinite: boolean,
): Columns {
  const columns: Float64Array[] = [];
  let points = expected;
  for (let k = 0; k < values.length; k++) {
    const matching = k === 0 || expected >= 0 ? 'y' : paths[0];
    columns.push(readVector(values[k], paths[k], points, matching, allowNonFinite));
    points = columns[0].length;
  }
  return { columns, points };
}
