// Fits on the calling thread: all at once, or in slices between which the event loop turns.
// A slice may end after any evaluation, so that one large fit is sliced as many small ones are.

import type { FitJob } from '../../engine/engine.ts';
import { createFitter, type Fitter } from './fit-batch.ts';
import { statusCode } from '../optim/status.ts';
import { clock, type Progress } from './progress.ts';

/** Milliseconds of work between two turns of the event loop: a timer is late by hardly more. */
export const sliceMs = 8;
/** Looks at the clock are spaced to stay between these two, in milliseconds. */
const shortestLook = 0.25;
const longestLook = 0.75;

/** Fits [next, end) of a job, stopped and continued at will. */
export class FitRun {
  next: number;
  /** Points evaluated, and points of the fits that are finished. */
  evaluated = 0;
  finished = 0;
  readonly #end: number;
  readonly #job: FitJob;
  readonly #fitter: Fitter;
  #isBusy = false;
  #points = 0;
  /** Points to evaluate between two looks at the clock. */
  #stride = 1;

  constructor(job: FitJob, begin: number, end: number) {
    this.#job = job;
    this.#fitter = createFitter(job);
    this.next = begin;
    this.#end = end;
  }

  /** Works until the clock shows `time`, or about a millisecond longer; true when all is done. */
  runUntil(time: number): boolean {
    const fitter = this.#fitter;
    let work = 0;
    let looked = clock();
    for (;;) {
      if (!this.#isBusy) {
        if (this.next === this.#end) return true;
        fitter.start(this.next);
        this.#points = pointAt(this.#job, this.next + 1) - pointAt(this.#job, this.next);
        this.#isBusy = true;
      }
      if (fitter.advance()) {
        this.#isBusy = false;
        this.next++;
        this.finished += this.#points;
      }
      this.evaluated += this.#points;
      work += this.#points;
      if (work >= this.#stride) {
        const now = clock();
        if (now - looked < shortestLook) this.#stride *= 2;
        else if (now - looked > longestLook && this.#stride > 1) this.#stride /= 2;
        if (now >= time) return !this.#isBusy && this.next === this.#end;
        work = 0;
        looked = now;
      }
    }
  }

  /** Leaves the fit in progress at its best point; returns the number of fits begun. */
  abandon(code: number, begin: number): number {
    if (this.#isBusy) this.#fitter.abandon(code);
    return this.next - begin + (this.#isBusy ? 1 : 0);
  }
}

/** Position in y of the first point of a fit; of the end of y for `fits`. */
export function pointAt(job: FitJob, fit: number): number {
  return job.offsets === null ? fit * job.points : job.offsets[fit]!;
}

/** Runs every fit before it returns. */
export function runSync(job: FitJob, progress: Progress): void {
  const run = new FitRun(job, 0, job.fits);
  while (progress.check()) {
    const isDone = run.runUntil(progress.until(Infinity));
    progress.done = run.next;
    if (isDone) return;
  }
  run.abandon(progress.stopCode, 0);
}

let activeRuns = 0;

export interface Left {
  /** The first fit that is not finished, unless the job was stopped. */
  readonly next: number;
  /** That fit was begun: its best point stands in the outputs, as if aborted. */
  readonly isBegun: boolean;
}

/**
 * Runs the fits [begin, end) in slices. `leaves`, asked after each slice, may end it early: it is
 * given the next fit, the number of fits and the points per millisecond that this slice finished.
 */
export async function runSlices(
  job: FitJob,
  progress: Progress,
  begin: number,
  end: number,
  leaves: (next: number, finished: number, pointsPerMs: number) => boolean = () => false,
): Promise<Left> {
  activeRuns++;
  try {
    const run = new FitRun(job, begin, end);
    for (;;) {
      await nextTurn();
      if (!progress.check())
        return { next: begin + run.abandon(progress.stopCode, begin), isBegun: false };
      const { next, evaluated, finished } = run;
      const started = clock();
      // Jobs that run side by side share one slice per turn.
      const isDone = run.runUntil(progress.until(started + sliceMs / activeRuns));
      progress.done += run.next - next;
      if (isDone) return { next: end, isBegun: false };
      const points = run.finished > finished
        ? run.finished - finished
        : (run.evaluated - evaluated) / evaluationsPerFit;
      if (leaves(run.next, run.next - next, points / (clock() - started))) {
        const begun = run.abandon(statusCode.aborted, begin);
        return { next: run.next, isBegun: begin + begun > run.next };
      }
    }
  } finally {
    activeRuns--;
  }
}

/** A guess for a fit that is not finished: with a few parameters it takes 5 to 30 evaluations. */
const evaluationsPerFit = 16;

let channel: InstanceType<typeof MessageChannel> | undefined;

/** Resolves after the event loop has served its timers and input. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
    } else if (typeof MessageChannel === 'function') {
      // Timers of a browser are at least 4 ms apart when nested; messages are not.
      channel ??= new MessageChannel();
      channel.port1.addEventListener('message', () => resolve(), { once: true });
      channel.port1.start();
      channel.port2.postMessage(null);
    } else {
      setTimeout(resolve, 0);
    }
  });
}
