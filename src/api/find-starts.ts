// Starts that were not given: found in the data of each fit.

import type { BatchData } from './batch-data.ts';
import { rangeOf } from './batch-data.ts';
import { guessInto } from './guess.ts';
import { settleStarts, type ParamSet } from './params.ts';
import type { ResolvedModel } from './problem.ts';
import type { Warning } from './result.ts';
import { allocate, firstNonFinite } from './validate.ts';
import type { Floats } from './types.ts';
import { startsAtDefault } from './warnings.ts';

/** Milliseconds of work between two turns of the event loop. */
const sliceMs = 4;

/** The parameters with starts from data for those that have none. */
export function findStarts(
  model: ResolvedModel,
  columns: readonly Float64Array[],
  y: Float64Array,
): ParamSet {
  const { params } = model;
  if (params.atDefault.length === 0) return params;
  const init = params.init.slice();
  findInto(model, columns, y, init);
  return { ...params, init };
}

/** What is to be said about starts that the model had no guess for. */
export function startNotes({ own, params }: ResolvedModel, init: Float64Array): Warning[] {
  const { atDefault, names } = params;
  if (atDefault.length === 0 || own.guess !== undefined) return [];
  return [startsAtDefault(atDefault, atDefault.map((name) => init[names.indexOf(name)]))];
}

/** @param init on entry the starts that were given, and defaults for the others */
function findInto(
  { source, params }: ResolvedModel,
  columns: readonly Float64Array[],
  y: Float64Array,
  init: Float64Array,
): void {
  const isSound = [...columns, y].every((values) => firstNonFinite(values) < 0);
  // A fit whose data are not finite ends where it starts. And a function is not called thousands of
  // times, outside of its bounds perhaps, to see what it likes.
  if (!isSound || (source.guess === undefined && source.parsed === null)) return;
  const wanted = params.atDefault.map((name) => params.names.indexOf(name));
  for (const k of wanted) init[k] = NaN;
  guessInto(source, columns, y, init);
  settleStarts(params, init, null);
}

export interface BatchStarts {
  /** fits × params; filled for the first fit. */
  readonly init: Float64Array;
  /** Fills the rest, and yields every few milliseconds. */
  readonly fill: Generator<void>;
}

/** Starts for every fit of a batch. */
export function findBatchStarts(model: ResolvedModel, data: BatchData): BatchStarts {
  const { params } = model;
  const { fits, x, xShared, y } = data;
  const n = params.names.length;
  const init = allocate(fits * n, 'init');
  let shared: readonly Float64Array[] | null = null;
  const find = (fit: number): void => {
    const { first, points } = rangeOf(data, fit);
    const columns =
      shared ?? x.map((values) => doubles(values, xShared ? 0 : first, points));
    if (xShared) shared = columns;
    const own = init.subarray(fit * n, (fit + 1) * n);
    own.set(params.init);
    findInto(model, columns, doubles(y, first, points), own);
  };
  find(0);
  function* fill(): Generator<void> {
    let begun = performance.now();
    for (let fit = 1; fit < fits; fit++) {
      find(fit);
      if (performance.now() - begun < sliceMs) continue;
      yield;
      begun = performance.now();
    }
  }
  return { init, fill: fill() };
}

/** A view where the values are doubles, else a copy. */
function doubles(values: Floats, first: number, points: number): Float64Array {
  const own = values.subarray(first, first + points);
  return own instanceof Float64Array ? own : Float64Array.from(own);
}
