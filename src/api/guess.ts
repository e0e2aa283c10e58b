// Starts from data: the model's own guess where it has one, else a search.

import { searchStart } from './guess-search.ts';
import type { ModelSource } from './model-source.ts';

/** Where a parameter starts when nothing better is known. */
const defaultStart = 1;

/**
 * A start for every parameter, always finite, the same on every engine.
 * @param columns one array per predictor, finite
 * @param y as many values, finite, at least one
 * @param out one place per parameter; on entry NaN where a start is wanted, a number where it is
 *   given and stays as it is
 */
export function guessInto(
  source: ModelSource, columns: readonly Float64Array[], y: Float64Array, out: Float64Array,
): void {
  const given = out.slice();
  if (source.guess !== undefined) source.guess(columns, y, out);
  else searchStart(source, columns, y, out);
  for (let k = 0; k < out.length; k++) {
    if (!Number.isNaN(given[k])) out[k] = given[k];
    else out[k] = inside(source, k, Number.isFinite(out[k]) ? out[k] : defaultStart);
  }
}

/** A value within the limits that hold for every data set. */
function inside({ hints, paramNames }: ModelSource, k: number, value: number): number {
  const limits = hints?.[paramNames[k]];
  if (limits === undefined) return value;
  const { min = -Infinity, max = Infinity } = limits;
  return Math.min(max, Math.max(min, value));
}
