// The model that --model names: one of the library or a sum of several, else a text. And which
// columns of the table are its predictors.

import { expr, models, NadirError, type AnyModel } from '../index.ts';
import { columnPosition } from './columns.ts';
import { UsageError } from './failure.ts';
import type { FitOptions } from './fit-request.ts';
import { readNumber } from './number-text.ts';
import { didYouMean, nameList, nearest } from './suggest.ts';

/** What --model says before the columns are known. */
export interface ModelRequest {
  readonly text: string;
  /** Of the library, or null where the text is a formula. */
  readonly ready: AnyModel<string> | null;
  /** All names in a formula. */
  readonly names: readonly string[];
}

export interface ChosenModel {
  readonly model: AnyModel<string>;
  /** Columns of the predictors, in the order of the model. */
  readonly columns: readonly string[];
}

/** Models that are made with an argument, and what it is. */
const argumentOf: Readonly<Record<string, string>> = {
  polynomial: 'polynomial(2)',
  step: 'step(erf)',
  rectangle: 'rectangle(erf)',
};

/** No text can hold this name, so that with it as the only predictor all names are parameters. */
const unwritable = '`';

/** @throws UsageError with the sentence of the parser, which points at the place */
export function parseModel(
  text: string,
  predictors: readonly string[],
  option = '--model',
): AnyModel<string> {
  try {
    return expr(text, predictors);
  } catch (error) {
    throw asUsage(error, option);
  }
}

/** All names in a formula. */
export function namesOf(text: string, option?: string): readonly string[] {
  return parseModel(text, [unwritable], option).paramNames;
}

/** @throws UsageError where the text is neither a formula nor a name of the library */
export function readModel(text: string): ModelRequest {
  const ready = readySum(text);
  return { text, ready, names: ready === null ? namesOf(text) : [] };
}

/** 'gaussian', 'polynomial(2)', 'gaussian + gaussian + line'; null for any other text. */
function readySum(text: string): AnyModel<string> | null {
  const terms = text.split('+').map((term) => /^\s*(\w+)\s*(?:\(\s*(\w*)\s*\))?\s*$/.exec(term));
  const found: AnyModel<string>[] = [];
  for (const term of terms) {
    if (term === null || !Object.hasOwn(models, term[1])) return null;
    found.push(readyModel(term[1], term[2]));
  }
  try {
    return withoutClashes(found).reduce((sum, term) => sum.plus(term));
  } catch (error) {
    throw asUsage(error, '--model');
  }
}

function readyModel(name: string, argument: string | undefined): AnyModel<string> {
  const make = (models as unknown as Record<string, (argument?: unknown) => AnyModel<string>>)[
    name
  ];
  if (argument !== undefined && !Object.hasOwn(argumentOf, name))
    throw new UsageError(`--model: '${name}' takes no argument`);
  if (name === 'polynomial' && argument === undefined)
    throw new UsageError("--model: 'polynomial' needs its degree, as in polynomial(2)");
  try {
    return make(name === 'polynomial' ? readNumber(argument!) : argument);
  } catch (error) {
    throw asUsage(error, '--model');
  }
}

/** Terms that share names of parameters get a_, b_ … before them. */
function withoutClashes(terms: readonly AnyModel<string>[]): readonly AnyModel<string>[] {
  const clashes = terms.map(({ paramNames }, k) =>
    terms.some((other, j) => j !== k && other.paramNames.some((name) => paramNames.includes(name))),
  );
  let letters = 0;
  return terms.map((term, k) =>
    clashes[k] ? term.prefix(`${String.fromCharCode(97 + letters++)}_`) : term,
  );
}

function asUsage(error: unknown, option: string): unknown {
  if (!(error instanceof NadirError)) return error;
  return new UsageError(`${option}: ${error.message.replace(/^source: /, '')}`);
}

/** Which columns the model is to be fitted over. @param given parameters with a value */
export function chooseModel(
  request: ModelRequest,
  options: FitOptions,
  columns: readonly string[],
  file: string,
  given: ReadonlyMap<string, string>,
): ChosenModel {
  if (request.ready !== null) {
    return { model: request.ready, columns: readyColumns(request.ready, options, columns, file) };
  }
  const predictors = formulaPredictors(request, options, columns, file, given);
  return { model: parseModel(request.text, predictors), columns: predictors };
}

/** Columns for the predictors of a ready model: those of --x, of the same names, or all others. */
function readyColumns(
  { name, predictors }: AnyModel<string>,
  options: FitOptions,
  columns: readonly string[],
  file: string,
): readonly string[] {
  const wanted = options.x === undefined ? null : namesIn(options.x);
  if (wanted !== null) {
    for (const column of wanted) columnPosition(column, '--x', columns, file);
    if (wanted.length !== predictors.length) {
      const count = predictors.length === 1 ? 'one column' : `${predictors.length} columns`;
      throw new UsageError(
        `--x: '${name}' has the predictor${predictors.length === 1 ? '' : 's'} ` +
          `${predictors.join(', ')}: expected ${count}, got ${wanted.length}`,
      );
    }
    return wanted;
  }
  const taken = [options.y, options.by, options.sigma];
  const free = columns.filter((column) => !taken.includes(column));
  if (predictors.every((predictor) => free.includes(predictor))) return predictors;
  if (free.length === predictors.length) return free;
  throw new UsageError(
    `--x: which column${predictors.length === 1 ? ' is the predictor' : 's are the predictors'} ` +
      `${predictors.join(', ')} of '${name}'? ${file} has ` +
      `${free.length === 0 ? 'none left' : nameList(free)}`,
  );
}

/** The name of the library that was probably meant: nearly the same, or longer. */
function nearestModel(text: string): string | null {
  const names = Object.keys(models);
  const isStart = (name: string): boolean => name.toLowerCase().startsWith(text.toLowerCase());
  return nearest(text, names) ?? (text.length > 2 ? (names.find(isStart) ?? null) : null);
}

function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function formulaPredictors(
  { text, names }: ModelRequest,
  options: FitOptions,
  columns: readonly string[],
  file: string,
  given: ReadonlyMap<string, string>,
): readonly string[] {
  if (names.includes(options.y)) {
    throw new UsageError(
      `--model: '${options.y}' is the column to be fitted (--y); the model cannot contain it`,
    );
  }
  if (options.x !== undefined) {
    const wanted = namesIn(options.x);
    for (const name of wanted) {
      columnPosition(name, '--x', columns, file);
      if (!names.includes(name)) {
        throw new UsageError(
          `--x: the model does not contain '${name}'; ` +
            `its names are ${nameList(names)}.${didYouMean(name, names)}`,
        );
      }
    }
    if (wanted.length === 0)
      throw new UsageError('--x: expected names of columns, separated by commas');
    return [...new Set(wanted)];
  }
  const predictors = names.filter((name) => columns.includes(name));
  const torn = predictors.find((name) => given.has(name));
  if (torn !== undefined) {
    const rest = predictors.filter((name) => !given.has(name));
    throw new UsageError(
      `'${torn}' is a column of ${file} and has a value in ${given.get(torn)!}; ` +
        `say which names are predictors, as in --x ${rest.join(',') || '<column>'}`,
    );
  }
  if (predictors.length === 0) {
    const ready = nearestModel(text.trim());
    if (ready !== null) {
      throw new UsageError(
        `--model: '${text.trim()}' is no model of the library (nadir models lists them). ` +
          `Did you mean '${ready}'?`,
      );
    }
    const others = columns.filter((name) => name !== options.y && name !== options.by);
    const hint = names.map((name) => didYouMean(name, others)).find((found) => found !== '') ?? '';
    throw new UsageError(
      `--model: none of its names (${nameList(names) || 'it has none'}) is a column of ${file}, ` +
        `whose columns are ${nameList(columns)}.${hint}`,
    );
  }
  return predictors;
}
