// The portable engine behind the contract: fits in TypeScript, at once, in slices of the event
// loop, or in worker threads. Which of these runs a fit makes no difference to its bits.

import { statusCode } from '../portable/optim/status.ts';
import { evaluateProgram } from '../portable/program/evaluate.ts';
import { Progress } from '../portable/jobs/progress.ts';
import { pointAt, runSlices, runSync } from '../portable/jobs/slices.ts';
import { liveWorkers, runOnWorkers, whyNoWorkers } from '../portable/jobs/workers.ts';
import type { AsyncRunOptions, Engine, FitJob, FitOutcome, RunOptions } from './engine.ts';

export { nextTurn } from '../portable/jobs/slices.ts';

/** Each thread takes some 10 MB and 40 ms to start: more only where asked for, or never. */
const maxDefaultThreads = 16;
const maxThreads = 64;
/** Milliseconds of work from which threads pay: when they are there, and when they must start. */
const worthSharingMs = 20;
const worthStartingMs = 60;

function availableThreads(): number {
  const { process, navigator } = globalThis as {
    process?: { getBuiltinModule?: NodeJS.Process['getBuiltinModule'] };
    navigator?: { hardwareConcurrency?: number };
  };
  const available = process?.getBuiltinModule?.('node:os')?.availableParallelism() ??
    navigator?.hardwareConcurrency ?? 1;
  return Math.min(available, maxDefaultThreads);
}

function fitBatchSync(job: FitJob, options: RunOptions): FitOutcome {
  const progress = new Progress(job, options);
  runSync(job, progress);
  return progress.outcome(job.fits);
}

/**
 * Arrays are read when their fits are begun, so they must stay as they are until the promise is
 * settled; one that is detached or resized meanwhile rejects it. Results of fits that were finished
 * or begun stand in the outputs when it resolves.
 */
async function fitBatch(job: FitJob, options: AsyncRunOptions): Promise<FitOutcome> {
  const progress = new Progress(job, options);
  const isCallback = typeof job.program.value === 'function';
  const threads = isCallback ? 0 : Math.min(options.threads, maxThreads);
  let slices = 0;
  let pointsPerMs = 0;
  // The first slice of many fits is slow, since code is being compiled: the next one tells what is
  // left. A fit that is longer than a slice is moved at once.
  const leaves = (next: number, finished: number, rate: number): boolean => {
    pointsPerMs = rate;
    const left = (pointAt(job, job.fits) - pointAt(job, next)) / rate;
    return (++slices > 1 || finished === 0) &&
      left > (liveWorkers() > 0 ? worthSharingMs : worthStartingMs);
  };
  try {
    const mayShare = threads > 0 && whyNoWorkers() === undefined;
    const { next, isBegun } =
      await runSlices(job, progress, 0, job.fits, mayShare ? leaves : undefined);
    if (next < job.fits && progress.check()) {
      const left = await runOnWorkers(job, progress, next, threads, pointsPerMs);
      for (const { begin, end } of left) await runSlices(job, progress, begin, end);
    }
    // Stopped before the fit that was moved had been begun again: its status says by what.
    const { status } = job.outputs;
    if (isBegun && status[next] === statusCode.aborted) status[next] = progress.stopCode;
  } finally {
    progress.close();
  }
  return progress.outcome(job.fits);
}

export const portableEngine: Engine = {
  name: 'portable',
  simd: 'none',
  get defaultThreads(): number {
    return availableThreads();
  },
  fitBatchSync,
  fitBatch,
  evaluate: evaluateProgram,
};
