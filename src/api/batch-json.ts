// A batch as plain data: the arrays of the result. The data are not part of it.

import type { BatchResult, Warning } from './result.ts';

export const batchFormat = 'nadir-batch';
export const batchVersion = 1;

/** Arrays that a batch may have beyond those that it always has. */
export const optionalArrays: readonly OptionalArray[] = ['stdErr', 'covariance', 'r2', 'residuals'];
export type OptionalArray = 'stdErr' | 'covariance' | 'r2' | 'residuals';

/** What `toJSON()` of a batch gives. */
export interface BatchJSON {
  readonly format: typeof batchFormat;
  readonly version: typeof batchVersion;
  readonly nFits: number;
  readonly paramNames: readonly string[];
  /** fits × params */
  readonly params: number[];
  readonly ssr: number[];
  /** One word per fit. */
  readonly status: string[];
  readonly iterations: number[];
  readonly stdErr?: number[];
  readonly covariance?: number[];
  readonly r2?: number[];
  readonly residuals?: number[];
  readonly aborted: boolean;
  readonly warnings: readonly Warning[];
  readonly fitsPerSecond: number;
  readonly elapsedSeconds: number;
  readonly engine: string;
}

export function batchToJSON(batch: BatchResult<string>): BatchJSON {
  const extra: Partial<Record<OptionalArray, number[]>> = {};
  for (const name of optionalArrays) {
    const values = batch[name];
    if (values !== undefined) extra[name] = Array.from(values);
  }
  return {
    format: batchFormat,
    version: batchVersion,
    nFits: batch.nFits,
    paramNames: [...batch.paramNames],
    params: Array.from(batch.params),
    ssr: Array.from(batch.ssr),
    status: Array.from(batch.status, (_, i) => batch.statusOf(i)),
    iterations: Array.from(batch.iterations),
    ...extra,
    aborted: batch.aborted,
    warnings: batch.warnings,
    fitsPerSecond: batch.fitsPerSecond,
    elapsedSeconds: batch.elapsedSeconds,
    engine: batch.engine,
  };
}
