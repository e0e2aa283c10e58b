// Many curves of one model: whole arrays in, whole arrays out, one engine job.

import type { FitJob } from '../engine/engine.ts';
import { nextTurn } from '../engine/portable.ts';
import { threads } from '../engine/select.ts';
import { CurveFitBatchResult } from './batch-result.ts';
import { batchWarnings } from './batch-warnings.ts';
import { progressAt } from './curve-fit.ts';
import { inputError } from './errors.ts';
import type { BatchSettings } from './options.ts';
import { fillBefore, prepareBatch, type PreparedBatch } from './prepare-batch.ts';
import { runFits, runFitsAsync } from './rescale.ts';
import type { BatchResult } from './result.ts';
import { singleFit } from './single-fit.ts';
import { finishTies, limitStatus } from './single-job.ts';
import { solve, solveAsync, type Solved } from './solve.ts';
import type { BatchOptions, Floats, Predictors } from './types.ts';
import { trueLength } from './validate.ts';
import { badlyScaled } from './warnings.ts';

/**
 * Goes on filling large results while the event loop turns. Arrays may be taken away meanwhile;
 * the engine, which looks at them when it begins, would see arrays without data.
 */
async function fillInTurns(batch: PreparedBatch, filling: Generator<void>): Promise<void> {
  const outputs = Object.entries(batch.arrays).map(
    ([name, array]) => [`out.${name}`, array] as const,
  );
  const watched = [...batch.inputs, ...outputs].map(
    ([path, array]) => [path, array, trueLength(array)] as const,
  );
  do {
    await nextTurn();
    for (const [path, array, length] of watched)
      if (trueLength(array) !== length)
        throw inputError(
          'ERR_DETACHED',
          path,
          'it was detached or resized before the fits had begun',
        );
  } while (filling.next().done !== true);
}

function finish(batch: PreparedBatch, { outcome, job }: Solved): CurveFitBatchResult {
  const { settings, started, model, run, data, dropped, arrays, notes, faults } = batch;
  finishRows(batch, job);
  const elapsedSeconds = (performance.now() - started) / 1000;
  if (!batch.wasAborted)
    settings.onProgress?.({ done: outcome.done, total: data.fits, elapsedSeconds, etaSeconds: 0 });
  if (dropped !== null && arrays.residuals !== undefined) {
    const from = job.outputs.residuals!,
      to = arrays.residuals;
    dropped.positions.forEach((position, i) => (to[position] = from[i]));
  }
  const varying = model.params.varying.length;
  const { lossScale } = job;
  return new CurveFitBatchResult({
    arrays,
    paramNames: model.params.names,
    done: outcome.done,
    elapsedSeconds,
    engine: run.engine.name,
    aborted: outcome.stopped !== null,
    warnings: [
      ...notes,
      ...batchWarnings(data, varying, settings, arrays.status, faults),
      ...(outcome.beyondRange > 0 ? [badlyScaled(outcome.beyondRange)] : []),
    ],
    single: (fit) =>
      singleFit(
        { settings, model, run, data, arrays, lossScale, notes, seconds: elapsedSeconds / data.fits },
        fit,
      ),
  });
}

/** What engines leave open: ties, and the limit on evaluations. */
function finishRows({ settings, model, data }: PreparedBatch, { outputs }: FitJob): void {
  const { status } = outputs;
  const isLimited = settings.maxEval <= settings.maxIter;
  if (model.params.ties.length === 0 && !isLimited) return;
  for (let fit = 0; fit < data.fits; fit++) {
    finishTies(model.params, outputs, fit);
    status[fit] = limitStatus(settings, status[fit]);
  }
}

/**
 * Fits one model to many curves, without holding the thread.
 *
 * @param o the model, `x` (m values for all curves, or laid out as y), `y` (fits × m, one curve
 *   after another, or ragged with `offsets`), starts in `params` or `init`, and options
 * @returns one row per fit: `params` (fits × parameters), `ssr`, `status`, `iterations`, and what
 *   `outputs` asks for. Every row has the bits that `curveFit` would give, on any number of
 *   threads.
 * @throws InputError before any work when an argument cannot be used (the promise rejects);
 *   EngineError when the engine asked for by name is missing; what `onProgress` throws
 * @remarks A fit that fails concerns no other: its `status` says why. When `signal` aborts, the
 *   promise resolves with `aborted: true` and what is done.
 *
 *   Arrays must not be changed, transferred or resized before the promise is settled. The native
 *   engine copies those on ordinary ArrayBuffers, a slice per turn of the event loop, while the
 *   first fits run, and copies results back in the same way; the portable engine reads them as it
 *   comes to them. Arrays on a SharedArrayBuffer are read and written in place. One that is found
 *   detached or resized meanwhile rejects the promise (ERR_DETACHED on the native engine).
 *
 *   The event loop turns while the fits run, also while data are copied: timers are late by some
 *   milliseconds. What looks at every value runs within the call: the checks of `sigma`,
 *   `weights` and counts, and `nonFinite: 'drop'`. Starts are guessed in slices.
 * @example
 * const x = Float64Array.of(0, 1, 2, 3);
 * const y = Float64Array.of(5.1, 2.9, 1.9, 1.0, 8.2, 3.1, 1.2, 0.4);
 * const batch = await curveFitBatch({
 *   x, y, model: (x, p) => p.a * Math.exp(-p.k * x), params: { a: 5, k: 0.5 },
 * });
 * console.log(batch.column('k'), batch.failures());
 */
export async function curveFitBatch<N extends string, X extends Predictors<Floats> = Floats>(
  o: BatchOptions<N, X>,
): Promise<BatchResult<N>> {
  const batch = prepareBatch('curveFitBatch', o);
  const { settings, model, run, job, started, wasAborted } = batch;
  const filling = fillBefore(batch);
  // Small results are filled at once, so that the fits begin within the call.
  if (filling.next().done !== true) await fillInTurns(batch, filling);
  if (wasAborted) return finish(batch, notRun(job)) as unknown as BatchResult<N>;
  const { signal, onProgress, progressEveryMs } = settings;
  let round = 0;
  const solved = await solveAsync(job, settings, model.params, workers(settings), (next, count) => {
    // Later rounds repeat fits that were counted in the first one.
    const isFirst = round++ === 0;
    return runFitsAsync(run.engine, next, {
      threads: count,
      maxSeconds: left(settings, started),
      signal,
      progressEveryMs,
      onProgress:
        isFirst && onProgress
          ? (done) => onProgress(progressAt(done, job.fits, started))
          : undefined,
    });
  });
  return finish(batch, solved) as unknown as BatchResult<N>;
}

/**
 * As `curveFitBatch`, holding the thread until all fits are done.
 *
 * @example
 * const batch = curveFitBatchSync({
 *   x: Float64Array.of(0, 1, 2, 3), y: Float64Array.of(5.1, 2.9, 1.9, 1.0),
 *   model: (x, p) => p.a * Math.exp(-p.k * x), params: { a: 5, k: 0.5 },
 * });
 */
export function curveFitBatchSync<N extends string, X extends Predictors<Floats> = Floats>(
  o: BatchOptions<N, X>,
): BatchResult<N> {
  const batch = prepareBatch('curveFitBatchSync', o);
  const { settings, model, run, job, started, wasAborted } = batch;
  for (const filling = fillBefore(batch); filling.next().done !== true; );
  if (wasAborted) return finish(batch, notRun(job)) as unknown as BatchResult<N>;
  const solved = solve(job, settings, model.params, workers(settings), (next, count) =>
    runFits(run.engine, next, { threads: count, maxSeconds: left(settings, started) }),
  );
  return finish(batch, solved) as unknown as BatchResult<N>;
}

function workers(settings: BatchSettings): number {
  return settings.threads ?? threads();
}

/** Seconds that are left of `maxSeconds`. */
function left({ maxSeconds }: BatchSettings, started: number): number {
  return Math.max(0, maxSeconds - (performance.now() - started) / 1000);
}

function notRun(job: FitJob): Solved {
  return { job, outcome: { done: 0, stopped: 'aborted', beyondRange: 0 }, starts: null };
}
