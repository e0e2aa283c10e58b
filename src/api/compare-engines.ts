// The same work on every engine that is there: time, and whether the results have the same bits.

import type { EngineName } from '../engine/engine.ts';
import { nativeEngine } from '#engine';
import { inputError } from './errors.ts';
import { comparable } from './result.ts';
import { describe, isRecord, readInteger, typedArrayKind } from './validate.ts';

export interface EngineComparison {
  readonly engine: EngineName;
  readonly medianMs: number;
  /** Interquartile range of the times. */
  readonly iqrMs: number;
  /** Time of the portable engine over the time of this one. */
  readonly speedup: number;
  /** Whether every run returned what the first run of the portable engine returned, bit for bit. */
  readonly sameBits: boolean;
}

export interface CompareOptions {
  /** Timed runs per engine, 1 to 10000. Default 5. */
  repeats?: number;
  /** Runs per engine before them, 0 to 10000. Default 1. */
  warmup?: number;
}

const maxRuns = 10000;

/**
 * Runs the same work on each available engine, in turns, and compares times and results.
 *
 * @param run the work; it passes `engine` on to what it calls, and returns numbers, typed arrays,
 *   arrays, plain objects or results of nadir, of which the numbers are compared
 * @returns one row per engine, the portable one first, and the rows as a text table
 * @throws InputError; what `run` throws
 * @example
 * const x = Float64Array.of(0, 1, 2, 3), y = Float64Array.of(5.1, 2.9, 1.9, 1.0);
 * const decay = expr('a*exp(-k*x)');
 * const { table } = await compareEngines(
 *   (engine) => curveFitBatchSync({ model: decay, x, y, engine }).params,
 * );
 */
export async function compareEngines<T>(
  run: (engine: EngineName) => T | Promise<T>,
  o?: CompareOptions,
): Promise<{ readonly rows: readonly EngineComparison[]; readonly table: string }> {
  if (typeof run !== 'function')
    throw inputError(
      'ERR_TYPE',
      'run',
      `expected a function of the engine's name, got ${describe(run)}`,
    );
  const { repeats, warmup } = readCompareOptions(o);
  const engines: EngineName[] = nativeEngine() === null ? ['portable'] : ['portable', 'native'];
  const times = engines.map((): number[] => []);
  const agrees = engines.map(() => true);
  let expected: { readonly value: unknown } | undefined;
  // In turns, so that a change of the machine's speed meets both engines.
  for (let round = -warmup; round < repeats; round++)
    for (let e = 0; e < engines.length; e++) {
      const started = performance.now();
      const value: unknown = await run(engines[e]);
      if (round >= 0) times[e].push(performance.now() - started);
      expected ??= { value };
      if (!sameBits(expected.value, value)) agrees[e] = false;
    }
  const medians = times.map((list) => quantile(list, 0.5));
  const rows = engines.map((engine, e): EngineComparison => ({
    engine,
    medianMs: medians[e],
    iqrMs: quantile(times[e], 0.75) - quantile(times[e], 0.25),
    speedup: medians[0] / medians[e],
    sameBits: agrees[e],
  }));
  return { rows, table: tableText(rows) };
}

function readCompareOptions(given: unknown): Required<CompareOptions> {
  const options = { repeats: 5, warmup: 1 };
  if (given === undefined) return options;
  if (!isRecord(given))
    throw inputError('ERR_TYPE', 'o', `expected an object with options, got ${describe(given)}`);
  for (const key of Object.keys(given)) {
    const value = given[key];
    if (key !== 'repeats' && key !== 'warmup')
      throw inputError(
        'ERR_OPTION',
        key,
        `compareEngines has the options 'repeats' and 'warmup' only`,
      );
    if (value !== undefined)
      options[key] = readInteger(value, key, key === 'repeats' ? 1 : 0, maxRuns);
  }
  return options;
}

/** Quantile by linear interpolation between order statistics (Hyndman & Fan 1996, type 7). */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.slice().sort((a, b) => a - b);
  const at = (sorted.length - 1) * share,
    below = Math.floor(at);
  return (
    sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below])
  );
}

function tableText(rows: readonly EngineComparison[]): string {
  const cells = [
    ['engine', 'median ms', 'iqr ms', 'speed', 'same bits'],
    ...rows.map((row) => [
      row.engine,
      row.medianMs.toFixed(3),
      row.iqrMs.toFixed(3),
      `${row.speedup.toFixed(2)} x`,
      row.sameBits ? 'yes' : 'NO',
    ]),
  ];
  const widths = cells[0].map((_, j) => Math.max(...cells.map((row) => row[j].length)));
  return cells
    .map((row) =>
      row
        .map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j])))
        .join('  '),
    )
    .join('\n');
}

/** Deep equality by Object.is: NaN equals NaN, and 0 is not −0. */
function sameBits(a: unknown, b: unknown, seen: Set<unknown> = new Set()): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const kind = typedArrayKind(a);
  if (kind !== typedArrayKind(b)) return false;
  if (kind !== undefined) {
    const [p, q] = [a, b] as [ArrayLike<unknown>, ArrayLike<unknown>];
    if (p.length !== q.length) return false;
    for (let i = 0; i < p.length; i++) if (!Object.is(p[i], q[i])) return false;
    return true;
  }
  if (seen.has(a)) return true;
  seen.add(a);
  const [p, q] = [contents(a), contents(b)];
  const keys = Object.keys(p);
  return (
    keys.length === Object.keys(q).length &&
    keys.every((key) => Object.hasOwn(q, key) && sameBits(p[key], q[key], seen))
  );
}

/** What counts in an object: nadir's own results leave out times and the engine's name. */
function contents(value: object): Record<string, unknown> {
  const own = (value as { [comparable]?: () => Record<string, unknown> })[comparable];
  if (typeof own === 'function') return own.call(value);
  if (value instanceof Map) return Object.fromEntries(value) as Record<string, unknown>;
  return value as Record<string, unknown>;
}
