// What `nadir fit` was asked for: options as commander hands them over, read and checked.

import { InvalidArgumentError } from 'commander';
import { extname, resolve } from 'node:path';
import type { Loss, LsqMethod } from '../index.ts';
import { UsageError } from './failure.ts';
import { readNumber } from './number-text.ts';

export interface FitOptions {
  readonly model: string;
  readonly y: string;
  readonly by?: string;
  readonly x?: string;
  readonly sigma?: string;
  readonly sigmaIs?: 'absolute' | 'relative';
  readonly start?: string[];
  readonly fix?: string[];
  readonly bounds?: string[];
  readonly tie?: string[];
  readonly guess?: boolean;
  readonly starts?: number | 'auto';
  readonly seed?: number;
  readonly method?: LsqMethod;
  readonly loss?: Loss;
  readonly lossScale?: number | 'mad';
  readonly estimator?: 'least-squares' | 'poisson';
  readonly intervals?: number;
  readonly profile?: boolean;
  readonly report?: ReportFormat;
  readonly diagnose?: boolean;
  readonly out?: string[];
  readonly delimiter?: string;
  readonly engine: 'auto' | 'native' | 'portable';
  readonly threads?: number;
  readonly maxIter?: number;
  readonly ftol?: number;
  readonly xtol?: number;
  readonly gtol?: number;
  readonly skipBadRows?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly progress: boolean;
  readonly all?: boolean;
}

export const methods: readonly LsqMethod[] = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'];
export const losses: readonly Loss[] = [
  'linear',
  'soft_l1',
  'huber',
  'cauchy',
  'arctan',
  'tukey',
  'welsch',
];

export type ReportFormat = 'text' | 'markdown';

export type OutFormat = 'csv' | 'json' | 'ndjson';

export interface OutFile {
  readonly path: string;
  readonly format: OutFormat;
}

const formats: Readonly<Record<string, OutFormat>> = {
  '.csv': 'csv',
  '.json': 'json',
  '.ndjson': 'ndjson',
};

/** For an option that may be given several times. */
export function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** For commander: a whole number from 1. */
export function wholeNumber(text: string): number {
  const value = readNumber(text.trim());
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Expected a whole number from 1.');
  return value;
}

/** For commander: a number from 0. */
export function tolerance(text: string): number {
  const value = readNumber(text.trim());
  if (!(value >= 0 && value < Infinity))
    throw new InvalidArgumentError('Expected a number from 0, such as 1e-8.');
  return value;
}

/** For commander: a duration in seconds, greater than 0. */
export function seconds(text: string): number {
  const value = readNumber(text.trim());
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError('Expected a number of seconds.');
  return value;
}

/** For commander: a count of starts from 1, or 'auto'. */
export function startCount(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const value = readNumber(text.trim());
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a whole number from 1, or 'auto'.");
  return value;
}

/** For commander: a whole number from 0. */
export function seedOf(text: string): number {
  const value = readNumber(text.trim());
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Expected a whole number from 0.');
  return value;
}

/** For commander: a number greater than 0, or 'mad'. */
export function lossScaleOf(text: string): number | 'mad' {
  if (text === 'mad') return text;
  const value = readNumber(text.trim());
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError("Expected a number greater than 0, or 'mad'.");
  return value;
}

/** For commander: a probability. */
export function levelOf(text: string): number {
  const value = readNumber(text.trim());
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError('Expected a number between 0 and 1, such as 0.95.');
  return value;
}

/** For commander: one character, 'tab' or '\t'. */
export function delimiterOf(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if ([...text].length !== 1 || '"\r\n'.includes(text)) {
    throw new InvalidArgumentError("Expected one character, or 'tab'.");
  }
  return text;
}

/** 'Vm=200,K=0.1' of --start and --fix; names that are no identifiers stand in backquotes. */
export function readAssignments(texts: readonly string[], option: string): Map<string, number> {
  const found = new Map<string, number>();
  const assignment = /\s*(?:`([^`]+)`|([^\s=,`]+))\s*=\s*([^\s,]+)\s*(?:,|$)/y;
  for (const text of texts) {
    assignment.lastIndex = 0;
    while (assignment.lastIndex < text.length) {
      const at = assignment.lastIndex;
      const match = assignment.exec(text);
      const name = match?.[1] ?? match?.[2];
      if (match === null || name === undefined) {
        throw new UsageError(
          `${option}: expected name=number, separated by commas; got '${text.slice(at).trim()}'`,
        );
      }
      const value = readNumber(match[3]);
      if (!Number.isFinite(value)) {
        throw new UsageError(`${option}: expected a number for '${name}', got '${match[3]}'`);
      }
      if (found.has(name)) throw new UsageError(`${option}: '${name}' is given twice`);
      found.set(name, value);
    }
  }
  return found;
}

/** −Infinity and Infinity where there is no bound. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** 'k=0..10,a=0..' of --bounds: either end may be left out. */
export function readRanges(texts: readonly string[], option: string): Map<string, Range> {
  const found = new Map<string, Range>();
  for (const text of texts) {
    for (const part of text.split(',')) {
      const match = /^\s*(?:`([^`]+)`|([^\s=`]+))\s*=\s*(\S*?)\.\.(\S*)\s*$/.exec(part);
      const name = match?.[1] ?? match?.[2];
      const min = match?.[3] === '' ? -Infinity : readNumber(match?.[3] ?? '');
      const max = match?.[4] === '' ? Infinity : readNumber(match?.[4] ?? '');
      if (name === undefined || Number.isNaN(min) || Number.isNaN(max)) {
        throw new UsageError(
          `${option}: expected name=lowest..highest, as in k=0..10 or k=0.., ` +
            `separated by commas; got '${part.trim()}'`,
        );
      }
      if (!(min < max))
        throw new UsageError(`${option}: there is no room for '${name}' in ${min}..${max}`);
      if (found.has(name)) throw new UsageError(`${option}: '${name}' is given twice`);
      found.set(name, { min, max });
    }
  }
  return found;
}

/** 'b=a/2' of --tie: one formula each, since formulas may hold commas. */
export function readTies(texts: readonly string[], option: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const text of texts) {
    const match = /^\s*(?:`([^`]+)`|([^\s=`]+))\s*=\s*(\S.*?)\s*$/.exec(text);
    const name = match?.[1] ?? match?.[2];
    if (match === null || name === undefined)
      throw new UsageError(`${option}: expected name=formula, as in b=a/2; got '${text}'`);
    if (found.has(name)) throw new UsageError(`${option}: '${name}' is given twice`);
    found.set(name, match[3]);
  }
  return found;
}

/** @throws UsageError for options that contradict each other */
export function checkTogether(options: FitOptions): void {
  const { estimator, loss, lossScale, intervals, profile, report, json, starts, seed } = options;
  if (estimator === 'poisson') {
    if (options.sigma !== undefined)
      throw new UsageError('--sigma: not with --estimator poisson: a count is its own variance');
    if (loss !== undefined && loss !== 'linear')
      throw new UsageError('--loss: not with --estimator poisson, which minimises the deviance');
  }
  if (lossScale !== undefined && (loss === undefined || loss === 'linear'))
    throw new UsageError('--loss-scale needs a --loss other than linear, such as --loss huber');
  if (profile === true && intervals === undefined)
    throw new UsageError('--profile needs --intervals, such as --intervals 0.95');
  if (report !== undefined && json === true)
    throw new UsageError('--report: not with --json; one of them goes to standard output');
  if (seed !== undefined && starts === undefined)
    throw new UsageError('--seed needs --starts, such as --starts 64');
}

/** The files of --out with the format that their ending says. */
export function readOutFiles(paths: readonly string[], data: string): OutFile[] {
  return paths.map((path) => {
    const format = formats[extname(path).toLowerCase()];
    if (format === undefined) {
      throw new UsageError(`--out: '${path}' must end in ${Object.keys(formats).join(', ')}`);
    }
    if (data !== '-' && resolve(path) === resolve(data)) {
      throw new UsageError(`--out: '${path}' is the file that holds the data`);
    }
    return { path, format };
  });
}
