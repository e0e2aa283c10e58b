// What `nadir fit` was asked for: options as commander hands them over, read and checked.

import { InvalidArgumentError } from 'commander';
import { extname, resolve } from 'node:path';
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
