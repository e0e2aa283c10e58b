// A job as the pool of worker threads sees it: chunks are taken from it, and answers are delivered
// to it. Chunks follow the speed measured so far and grow smaller towards the end.

import type { FitJob } from '../../engine/engine.ts';
import { cutChunk, headOf, pasteOutputs } from './chunks.ts';
import type { Progress } from './progress.ts';
import { pointAt } from './slices.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** Milliseconds of work in a chunk: long against a message (0.05 ms), short against patience. */
const chunkMs = 5;
/** The last chunks are made smaller, so that the threads end together. */
const chunksPerThreadAtEnd = 3;

/** Fits [begin, end) of a job. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** A chunk on its way. */
export interface Sent extends Range {
  readonly source: WorkSource;
  readonly expectedMs: number;
}

let nextJob = 1;

export class WorkSource {
  readonly id: number = nextJob++;
  readonly threads: number;
  readonly stop: Int32Array = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
  /** Chunks that a thread did not answer: to be run on the thread of the caller. */
  readonly returned: Range[] = [];
  inFlight = 0;

  readonly #job: FitJob;
  readonly #progress: Progress;
  readonly #settle: () => void;
  #next: number;
  #pointsPerMs: number;
  #isClosed = false;

  constructor(
    job: FitJob, progress: Progress, from: number, threads: number, pointsPerMs: number,
    settle: () => void,
  ) {
    this.#job = job;
    this.#progress = progress;
    this.threads = threads;
    this.#next = from;
    this.#pointsPerMs = pointsPerMs;
    this.#settle = settle;
  }

  /** Fits that no thread was given. */
  get rest(): Range {
    return { begin: this.#next, end: this.#job.fits };
  }

  get hasWork(): boolean {
    return !this.#isClosed && this.#next < this.#job.fits;
  }

  /** No more chunks: the rest is for the thread of the caller. */
  close(): void {
    this.#isClosed = true;
    this.settleWhenIdle();
  }

  head(): ToWorker {
    return { kind: 'head', job: this.id, head: headOf(this.#job, this.stop) };
  }

  /** The next chunk; null when an array was taken away. */
  take(): { message: ToWorker; transfer: ArrayBuffer[]; sent: Sent } | null {
    if (!this.#progress.checkArrays()) return null;
    const job = this.#job, begin = this.#next;
    const left = Math.ceil((job.fits - begin) / (this.threads * chunksPerThreadAtEnd));
    const first = pointAt(job, begin);
    const enough = first + this.#pointsPerMs * chunkMs;
    let end = begin + 1;
    while (end < begin + left && pointAt(job, end + 1) <= enough) end++;
    const { chunk, transfer } = cutChunk(job, begin, end);
    const expectedMs = (pointAt(job, end) - first) / this.#pointsPerMs;
    this.#next = end;
    this.inFlight++;
    return {
      message: { kind: 'chunk', job: this.id, chunk }, transfer,
      sent: { begin, end, source: this, expectedMs },
    };
  }

  deliver(sent: Sent, answer: Extract<FromWorker, { kind: 'outputs' }>): void {
    this.inFlight--;
    const progress = this.#progress, { begin } = sent;
    if (progress.checkArrays()) {
      pasteOutputs(this.#job, begin, answer.begun, answer.outputs);
      progress.done += answer.done;
      const points = pointAt(this.#job, begin + answer.done) - pointAt(this.#job, begin);
      // The mean of the old and the new figure: one odd chunk does not set the size of the next.
      if (points > 0 && answer.ms > 0)
        this.#pointsPerMs = (this.#pointsPerMs + points / answer.ms) / 2;
      progress.check();
    }
    this.settleWhenIdle();
  }

  giveBack(sent: Sent): void {
    this.inFlight--;
    this.returned.push({ begin: sent.begin, end: sent.end });
    // A job that costs one thread after another is better off without.
    if (this.returned.length > 2 * this.threads) this.#isClosed = true;
    this.settleWhenIdle();
  }

  settleWhenIdle(): void {
    if (this.inFlight === 0 && !this.hasWork) this.#settle();
  }
}
