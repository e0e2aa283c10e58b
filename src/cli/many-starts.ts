// --starts: every group is fitted by itself from many starts, and where that ended is the start of
// the group in the batch, which then gives all results in one form.

import { curveFitAsync, type BatchOptions, type Floats, type Predictors } from '../index.ts';
import type { Curves } from './group-rows.ts';

interface Search {
  readonly starts: number | 'auto';
  readonly seed: number | undefined;
  readonly signal: AbortSignal;
}

/** @returns starts of the batch, fits × params; null where the search was interrupted */
export async function searchStarts(
  batch: BatchOptions<string, Predictors<Floats>>,
  { fits, offsets }: Curves,
  { starts, seed = 0, signal }: Search,
  onProgress: (done: number) => void,
): Promise<Floats | null> {
  const { x, y, sigma, ...others } = batch;
  const { init: _init, offsets: _ragged, outputs: _outputs, threads: _threads, ...shared } = others;
  const found: number[] = [];
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
    onProgress(fit + 1);
  }
  return Float64Array.from(found);
}

function isNamed(x: Predictors<Floats>): x is { readonly [name: string]: Floats } {
  return !ArrayBuffer.isView(x);
}
