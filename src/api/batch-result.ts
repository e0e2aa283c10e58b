// The result of a batch: arrays with one row per fit, and single fits on demand.

import { batchToJSON, type BatchJSON } from './batch-json.ts';
import { inputError } from './errors.ts';
import {
  comparable,
  isSuccess,
  statusAt,
  type BatchResult,
  type FitResult,
  type Status,
  type Warning,
} from './result.ts';
import { didYouMean } from './suggest.ts';
import type { BatchArrays, EngineName } from './types.ts';
import type { OutputArrays } from './batch-outputs.ts';
import { describe, readInteger } from './validate.ts';

export interface BatchRecord {
  readonly arrays: OutputArrays;
  readonly paramNames: readonly string[];
  /** Fits that came to a status of their own. */
  readonly done: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  readonly aborted: boolean;
  readonly warnings: readonly Warning[];
  readonly single: (fit: number) => FitResult<string>;
}

export class CurveFitBatchResult implements BatchResult<string> {
  readonly nFits: number;
  readonly paramNames: readonly string[];
  readonly params: Float64Array;
  readonly ssr: Float64Array;
  readonly status: Uint8Array;
  readonly iterations: Uint16Array;
  declare readonly stdErr?: Float64Array;
  declare readonly covariance?: Float64Array;
  declare readonly residuals?: Float64Array;
  declare readonly r2?: Float64Array;
  readonly converged: number;
  readonly fitsPerSecond: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  readonly aborted: boolean;
  readonly warnings: readonly Warning[];
  readonly #single: (fit: number) => FitResult<string>;

  constructor(record: BatchRecord) {
    const { arrays, done, elapsedSeconds } = record;
    this.nFits = arrays.status.length;
    this.paramNames = record.paramNames;
    this.params = arrays.params;
    this.ssr = arrays.ssr;
    this.status = arrays.status;
    this.iterations = arrays.iterations;
    const { stdErr, covariance, residuals, r2 } = arrays;
    Object.assign(
      this,
      stdErr && { stdErr },
      covariance && { covariance },
      residuals && { residuals },
      r2 && { r2 },
    );
    let converged = 0;
    for (const code of arrays.status) if (isSuccess(code)) converged++;
    this.converged = converged;
    this.fitsPerSecond = elapsedSeconds > 0 ? done / elapsedSeconds : 0;
    this.elapsedSeconds = elapsedSeconds;
    this.engine = record.engine;
    this.aborted = record.aborted;
    this.warnings = record.warnings;
    this.#single = record.single;
  }

  column(name: string): Float64Array {
    const k = this.paramNames.indexOf(name);
    if (k < 0) {
      const hint = typeof name === 'string' ? didYouMean(name, this.paramNames) : '';
      throw inputError(
        'ERR_PARAMS',
        'name',
        `expected one of ${this.paramNames.join(', ')}, got ${describe(name)}${hint}`,
      );
    }
    const n = this.paramNames.length;
    const column = new Float64Array(this.nFits);
    for (let i = 0; i < column.length; i++) column[i] = this.params[i * n + k];
    return column;
  }

  statusOf(i: number): Status {
    return statusAt(this.status[this.#index(i)]);
  }

  at(i: number): FitResult<string> {
    return this.#single(this.#index(i));
  }

  failures(): Uint32Array {
    const indices: number[] = [];
    for (let i = 0; i < this.nFits; i++) if (!isSuccess(this.status[i])) indices.push(i);
    return Uint32Array.from(indices);
  }

  toJSON(): BatchJSON {
    return batchToJSON(this);
  }

  #index(i: number): number {
    return readInteger(i, 'i', 0, this.nFits - 1);
  }

  static {
    Object.defineProperty(this.prototype, comparable, {
      value(this: CurveFitBatchResult): Partial<BatchArrays> {
        const { params, ssr, status, iterations, stdErr, covariance, residuals, r2 } = this;
        return Object.assign(
          { params, ssr, status, iterations },
          stdErr && { stdErr },
          covariance && { covariance },
          residuals && { residuals },
          r2 && { r2 },
        );
      },
    });
  }
}
