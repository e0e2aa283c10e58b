// The reins of one running job: what stops it, what has been done, when its listener is told.
// Asked between slices of work on the thread of the caller. Nothing throws in between: a fault
// ends the job and is thrown when it settles.

import type {
  AsyncRunOptions, FitJob, FitOutcome, FitOutputs, RunOptions,
} from '../../engine/engine.ts';
import { statusCode } from '../optim/status.ts';

export type StopReason = Exclude<FitOutcome['stopped'], null>;

/** Milliseconds on a monotonic clock. */
export const clock = (): number => performance.now();

/** Fits that came to a status of their own, and why the job ended early. */
export class Progress {
  done = 0;
  stopped: StopReason | null = null;
  /** What the listener threw, or an array that was taken away during the run. */
  fault: { readonly error: unknown } | null = null;
  /** Told once, when the job is to end early. */
  onStop: (() => void) | null = null;

  readonly #deadline: number;
  readonly #options: AsyncRunOptions | null;
  readonly #checkArrays: () => void;
  readonly #abort = (): void => this.stop('aborted');
  #told: number;

  constructor(job: FitJob, options: RunOptions | AsyncRunOptions) {
    const now = clock();
    this.#deadline = now + options.maxSeconds * 1000;
    this.#options = 'progressEveryMs' in options ? options : null;
    // Nothing can take an array away while a compiled model runs on this thread.
    const isAlone = this.#options === null && typeof job.program.value !== 'function';
    this.#checkArrays = isAlone ? () => {} : watchArrays(job);
    this.#told = now;
    const signal = this.#options?.signal;
    if (signal?.aborted === true) this.stopped = 'aborted';
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** When the running slice has to end: the given time, or the end of the job if that is sooner. */
  until(time: number): number {
    return time < this.#deadline ? time : this.#deadline;
  }

  /** Status of the fits that were in progress when the job was stopped. */
  get stopCode(): number {
    return statusCode[this.stopped ?? 'aborted'];
  }

  stop(reason: StopReason): void {
    if (this.stopped !== null) return;
    this.stopped = reason;
    this.onStop?.();
  }

  fail(error: unknown): void {
    this.fault ??= { error };
    this.stop('stoppedByCallback');
  }

  /** Whether every array still has its length; if not, the job ends with that fault. */
  checkArrays(): boolean {
    try {
      this.#checkArrays();
      return this.fault === null;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  /** Looks at the clock, the arrays and the listener; true when the job may go on. */
  check(): boolean {
    if (this.stopped !== null || !this.checkArrays()) return false;
    try {
      const now = clock();
      const { onProgress, progressEveryMs } = this.#options ?? { progressEveryMs: Infinity };
      if (onProgress !== undefined && now - this.#told >= progressEveryMs) {
        this.#told = now;
        if (onProgress(this.done) === false) this.stop('stoppedByCallback');
      }
      if (now >= this.#deadline) this.stop('maxSeconds');
    } catch (error) {
      this.fail(error);
    }
    return this.stopped === null;
  }

  /** Lets go of the signal. */
  close(): void {
    this.#options?.signal?.removeEventListener('abort', this.#abort);
    this.onStop = null;
  }

  /** @throws what the listener threw, or an Error that names an array that was taken away. */
  outcome(fits: number): FitOutcome {
    if (this.fault !== null) throw this.fault.error;
    return { done: this.done, stopped: this.done === fits ? null : this.stopped };
  }
}

/**
 * A check that every array of the job still has the length it had: a buffer that is transferred
 * or shrunk during an asynchronous run leaves arrays of length 0, which would read as no data.
 */
function watchArrays(job: FitJob): () => void {
  const { outputs } = job;
  const watched = [
    ...job.x.map((array, k) => ['x' + (job.x.length > 1 ? `[${k}]` : ''), array] as const),
    ['y', job.y] as const,
    ['sigma', job.sigma] as const,
    ['init', job.init] as const,
    ['offsets', job.offsets] as const,
    ...(Object.keys(outputs) as (keyof FitOutputs)[]).map((key) => [key, outputs[key]] as const),
  ].flatMap(([name, array]) => (array === null ? [] : [{ name, array, length: array.length }]));
  return () => {
    for (const { name, array, length } of watched)
      if (array.length !== length)
        throw new Error(
          `${name}: expected ${length} values until the fits are done, got ${array.length} ` +
            '(the array was detached or resized)',
        );
  };
}
