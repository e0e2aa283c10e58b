// --starts: every group is fitted by itself from many starts, and where that ended is the start of
// the group in the batch, which then gives all results in one form.

import { curveFitAsync, type BatchOptions, type Floats, type Predictors } from '../index.ts';
import type { Curves } from './group-rows.ts';

interface Search {
  readonly starts: number | 'auto';
  readonly seed: number | undefined;
  readonly signal: AbortSignal;
}

export interface Found {
  /** Starts of the batch, fits × params. */
  readonly init: Floats;
  /** The group whose best minimum was reached by the fewest starts, by how many, and of how many. */
  readonly rarest: { readonly fit: number; readonly reached: number; readonly count: number };
}

/** @returns null where the search was interrupted */
export async function searchStarts(
  batch: BatchOptions<string, Predictors<Floats>>,
  { fits, offsets }: Curves,
  { starts, seed = 0, signal }: Search,
  onProgress: (done: number) => void,
): Promise<Found | null> {
  const { x, y, sigma, ...others } = batch;
  const { init: _init, offsets: _ragged, outputs: _outputs, threads: _threads, ...shared } = others;
  const found: number[] = [];
  let rarest = { fit: 0, reached: Infinity, count: 0 };
  for (let fit = 0; fit < fits; fit++) {
    const [from, to] = [offsets[fit], offsets[fit + 1]];
    const cut = (values: Floats): Floats =>
      values.length === y.length ? values.subarray(from, to) : values;
    const one = await curveFitAsync({
      ...shared,
      x: isNamed(x) ? Object.fromEntries(Object.entries(x).map(([k, v]) => [k, cut(v)])) : cut(x),
      y: y.subarray(from, to),
      ...(sigma === undefined ? {} : { sigma: typeof sigma === 'number' ? sigma : cut(sigma) }),
      starts,
      seed,
      covariance: false,
    } as Parameters<typeof curveFitAsync>[0]);
    if (signal.aborted) return null;
    found.push(...Object.values(one.values));
    const { reached, count } = one.starts!;
    if (reached < rarest.reached) rarest = { fit, reached, count };
    onProgress(fit + 1);
  }
  return { init: Float64Array.from(found), rarest };
}

function isNamed(x: Predictors<Floats>): x is { readonly [name: string]: Floats } {
  return !ArrayBuffer.isView(x);
}
