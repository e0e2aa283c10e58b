// Which names of the model are columns and which are parameters, and whether options, model and
// header fit together. Everything is checked before the first row is read.

import { expr, NadirError, type Model } from '../index.ts';
import { UsageError } from './failure.ts';
import { readAssignments, type FitOptions } from './fit-request.ts';
import { readNumber } from './number-text.ts';
import type { Selection } from './read-table.ts';
import { didYouMean, nameList } from './suggest.ts';

export interface FitPlan {
  readonly model: Model<string>;
  readonly predictors: readonly string[];
  readonly params: Readonly<
    Record<string, number | { readonly value: number; readonly vary: false }>
  >;
  readonly fixed: ReadonlySet<string>;
  /** Columns to read: predictors, then y, then sigma where it is a column. */
  readonly selection: Selection;
  readonly sigma: number | 'column' | null;
}

/** @throws UsageError with the sentence of the parser, which points at the place */
export function parseModel(text: string, predictors: readonly string[]): Model<string> {
  try {
    return expr(text, predictors);
  } catch (error) {
    if (error instanceof NadirError) {
      throw new UsageError(`--model: ${error.message.replace(/^source: /, '')}`);
    }
    throw error;
  }
}

/** No text can hold this name, so that with it as the only predictor all names are parameters. */
const unwritable = '`';

/** The names in a model text, before it is known which of them are columns. */
export function namesOf(text: string): readonly string[] {
  return parseModel(text, [unwritable]).paramNames;
}

export function planFit(
  options: FitOptions,
  names: readonly string[],
  columns: readonly string[],
  file: string,
): FitPlan {
  const position = (name: string, option: string): number =>
    columnPosition(name, option, columns, file);
  const y = position(options.y, '--y');
  const label = options.by === undefined ? null : position(options.by, '--by');
  const start = readAssignments(options.start ?? [], '--start');
  const fix = readAssignments(options.fix ?? [], '--fix');
  const predictors = choosePredictors(options, names, columns, file, start, fix);
  const numbers = predictors.map((name) => position(name, '--model'));
  numbers.push(y);
  const sigma = readSigma(options, columns, file);
  const positive = new Set<number>();
  if (sigma === 'column') positive.add(numbers.push(position(options.sigma!, '--sigma')) - 1);

  const model = parseModel(options.model, predictors);
  const params: Record<string, number | { value: number; vary: false }> = {};
  refuseStrangers('--start', start, model.paramNames, predictors);
  refuseStrangers('--fix', fix, model.paramNames, predictors);
  for (const name of model.paramNames) {
    const fixed = fix.get(name);
    const value = start.get(name);
    if (fixed !== undefined && value !== undefined) {
      throw new UsageError(`'${name}' is both in --start and in --fix`);
    }
    if (fixed !== undefined) params[name] = { value: fixed, vary: false };
    else if (value !== undefined) params[name] = value;
  }
  const missing = model.paramNames.filter((name) => !Object.hasOwn(params, name));
  if (missing.length > 0) {
    const example = missing
      .slice(0, 3)
      .map((name) => `${name}=1`)
      .join(',');
    const columnHint = didYouMean(missing[0], columns).replace(
      'Did you mean',
      'Did you mean the column',
    );
    const need = missing.length === 1 ? 'a start is needed' : 'starts are needed';
    const roles = `predictors: ${nameList(predictors)}; parameters: ${nameList(model.paramNames)}`;
    throw new UsageError(
      `--start: ${need} for ${nameList(missing)} (${roles}), ` +
        `such as --start ${example}.${columnHint}`,
    );
  }
  if (fix.size === model.paramNames.length)
    throw new UsageError('--fix: every parameter is fixed; nothing is left to fit');
  return {
    model,
    predictors,
    params,
    fixed: new Set(fix.keys()),
    selection: { numbers, positive, label },
    sigma,
  };
}

function choosePredictors(
  options: FitOptions,
  names: readonly string[],
  columns: readonly string[],
  file: string,
  start: ReadonlyMap<string, number>,
  fix: ReadonlyMap<string, number>,
): readonly string[] {
  if (names.includes(options.y)) {
    throw new UsageError(
      `--model: '${options.y}' is the column to be fitted (--y); the model cannot contain it`,
    );
  }
  if (options.x !== undefined) {
    const wanted = options.x
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
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
  const torn = predictors.find((name) => start.has(name) || fix.has(name));
  if (torn !== undefined) {
    const rest = predictors.filter((name) => !start.has(name) && !fix.has(name));
    const option = start.has(torn) ? '--start' : '--fix';
    throw new UsageError(
      `'${torn}' is a column of ${file} and has a value in ${option}; ` +
        `say which names are predictors, as in --x ${rest.join(',') || '<column>'}`,
    );
  }
  if (predictors.length === 0) {
    const others = columns.filter((name) => name !== options.y && name !== options.by);
    const hint = names.map((name) => didYouMean(name, others)).find((found) => found !== '') ?? '';
    throw new UsageError(
      `--model: none of its names (${nameList(names) || 'it has none'}) is a column of ${file}, ` +
        `whose columns are ${nameList(columns)}.${hint}`,
    );
  }
  return predictors;
}

function columnPosition(
  name: string,
  option: string,
  columns: readonly string[],
  file: string,
): number {
  const at = columns.indexOf(name);
  if (at < 0) {
    const only = columns.length === 1;
    const listing = only
      ? `its only column is '${columns[0]}' (--delimiter says what separates columns)`
      : `its columns are ${nameList(columns)}`;
    const noHeader = columns.every((column) => Number.isFinite(readNumber(column)))
      ? ' (the first line must hold the names of the columns)'
      : '';
    const hint = didYouMean(name, columns);
    throw new UsageError(
      `${option}: column '${name}' is not in ${file}; ${listing}${noHeader}.${hint}`,
    );
  }
  if (columns.indexOf(name, at + 1) >= 0) {
    throw new UsageError(`${option}: ${file} has more than one column '${name}'`);
  }
  return at;
}

function readSigma(
  options: FitOptions,
  columns: readonly string[],
  file: string,
): number | 'column' | null {
  if (options.sigma === undefined) {
    if (options.sigmaIs !== undefined) throw new UsageError('--sigma-is needs --sigma');
    return null;
  }
  if (columns.includes(options.sigma)) return 'column';
  const value = readNumber(options.sigma.trim());
  if (Number.isNaN(value)) columnPosition(options.sigma, '--sigma', columns, file);
  if (!(value > 0 && value < Infinity)) {
    throw new UsageError(
      `--sigma: expected a column or a number greater than 0, got '${options.sigma}'`,
    );
  }
  return value;
}

function refuseStrangers(
  option: string,
  given: ReadonlyMap<string, number>,
  params: readonly string[],
  predictors: readonly string[],
): void {
  for (const name of given.keys()) {
    if (params.includes(name)) continue;
    const kind = predictors.includes(name)
      ? `'${name}' is a predictor`
      : `the model has no parameter '${name}'`;
    throw new UsageError(
      `${option}: ${kind}; the parameters are ${nameList(params)}.${didYouMean(name, params)}`,
    );
  }
}
