// What the options say about parameters: starts, fixed values, bounds and ties, checked against the
// names of the model.

import type { AnyModel, ParamSpec } from '../index.ts';
import { namesOf } from './choose-model.ts';
import { UsageError } from './failure.ts';
import {
  readAssignments,
  readRanges,
  readTies,
  type FitOptions,
  type Range,
} from './fit-request.ts';
import { formatNumber } from './number-text.ts';
import { didYouMean, nameList } from './suggest.ts';

/** The options about parameters, read. */
export interface ParamRequest {
  readonly start: ReadonlyMap<string, number>;
  readonly fix: ReadonlyMap<string, number>;
  readonly bounds: ReadonlyMap<string, Range>;
  readonly ties: ReadonlyMap<string, string>;
  /** Every name with the option that mentions it first. */
  readonly given: ReadonlyMap<string, string>;
}

export interface ParamPlan {
  readonly params: Readonly<Record<string, ParamSpec>>;
  readonly fixed: ReadonlySet<string>;
  readonly tied: ReadonlySet<string>;
  /** Parameters whose starts are to be found in the data. */
  readonly guessed: readonly string[];
}

export function readParamRequest(options: FitOptions): ParamRequest {
  const start = readAssignments(options.start ?? [], '--start');
  const fix = readAssignments(options.fix ?? [], '--fix');
  const bounds = readRanges(options.bounds ?? [], '--bounds');
  const ties = readTies(options.tie ?? [], '--tie');
  const given = new Map<string, string>();
  const sources = { '--start': start, '--fix': fix, '--bounds': bounds, '--tie': ties };
  for (const [option, names] of Object.entries(sources))
    for (const name of names.keys()) if (!given.has(name)) given.set(name, option);
  return { start, fix, bounds, ties, given };
}

export function planParams(
  request: ParamRequest,
  model: AnyModel<string>,
  options: FitOptions,
  columns: readonly string[],
): ParamPlan {
  const { start, fix, bounds, ties } = request;
  const names = model.paramNames;
  refuseStrangers('--start', start, model);
  refuseStrangers('--fix', fix, model);
  refuseStrangers('--bounds', bounds, model);
  for (const name of fix.keys()) {
    if (start.has(name)) throw new UsageError(`'${name}' is both in --start and in --fix`);
    if (bounds.has(name)) throw new UsageError(`'${name}' is both in --bounds and in --fix`);
  }
  checkTies(request, model);
  const params: Record<string, ParamSpec> = {};
  for (const [name, formula] of ties) params[name] = { expr: formula };
  for (const name of names) {
    if (ties.has(name)) continue;
    const fixed = fix.get(name);
    const value = start.get(name);
    const range = bounds.get(name);
    if (value !== undefined && range !== undefined && !(value >= range.min && value <= range.max)) {
      throw new UsageError(
        `--start: ${formatNumber(value)} for '${name}' lies outside of its --bounds, ${rangeText(range)}`,
      );
    }
    if (fixed !== undefined) params[name] = { value: fixed, vary: false };
    else if (value !== undefined || range !== undefined)
      params[name] = { ...(value === undefined ? {} : { value }), ...range };
  }
  const tied = new Set(ties.keys());
  const isSet = (name: string): boolean => fix.has(name) || tied.has(name);
  if (names.every(isSet)) {
    throw new UsageError(
      tied.size === 0
        ? '--fix: every parameter is fixed; nothing is left to fit'
        : '--tie: every parameter is fixed or tied; nothing is left to fit',
    );
  }
  const missing = names.filter((name) => !isSet(name) && !start.has(name));
  // who gives some starts has probably forgotten the others
  if (missing.length > 0 && start.size > 0 && options.guess !== true)
    throw noStart(missing, model, columns);
  return { params, fixed: new Set(fix.keys()), tied, guessed: missing };
}

function checkTies({ start, fix, bounds, ties }: ParamRequest, model: AnyModel<string>): void {
  const known = new Set([...model.paramNames, ...ties.keys()]);
  for (const [name, formula] of ties) {
    const others = { '--start': start, '--fix': fix, '--bounds': bounds };
    for (const [option, given] of Object.entries(others))
      if (given.has(name)) throw new UsageError(`'${name}' is both in ${option} and in --tie`);
    if (model.predictors.includes(name))
      throw new UsageError(`--tie: '${name}' is a predictor, not a parameter`);
    const stranger = namesOf(formula, '--tie').find((one) => !known.has(one));
    if (stranger !== undefined) {
      throw new UsageError(
        `--tie: '${stranger}' in '${name}=${formula}' is no parameter; ` +
          `the parameters are ${nameList([...known])}.${didYouMean(stranger, known)}`,
      );
    }
  }
}

function noStart(
  missing: readonly string[],
  { predictors, paramNames }: AnyModel<string>,
  columns: readonly string[],
): UsageError {
  const example = missing
    .slice(0, 3)
    .map((name) => `${name}=1`)
    .join(',');
  const columnHint = didYouMean(missing[0], columns).replace(
    'Did you mean',
    'Did you mean the column',
  );
  const need = missing.length === 1 ? 'a start is needed' : 'starts are needed';
  const roles = `predictors: ${nameList(predictors)}; parameters: ${nameList(paramNames)}`;
  return new UsageError(
    `--start: ${need} for ${nameList(missing)} (${roles}), ` +
      `such as --start ${example}, or --guess.${columnHint}`,
  );
}

function refuseStrangers(
  option: string,
  given: ReadonlyMap<string, unknown>,
  { predictors, paramNames }: AnyModel<string>,
): void {
  for (const name of given.keys()) {
    if (paramNames.includes(name)) continue;
    const kind = predictors.includes(name)
      ? `'${name}' is a predictor`
      : `the model has no parameter '${name}'`;
    throw new UsageError(
      `${option}: ${kind}; the parameters are ${nameList(paramNames)}.${didYouMean(name, paramNames)}`,
    );
  }
}

/** "0 to 10", "at least 0" */
function rangeText({ min, max }: Range): string {
  if (max === Infinity) return `at least ${formatNumber(min)}`;
  if (min === -Infinity) return `at most ${formatNumber(max)}`;
  return `${formatNumber(min)} to ${formatNumber(max)}`;
}
