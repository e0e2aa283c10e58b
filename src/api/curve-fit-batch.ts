// Many curves of one model: whole arrays in, whole arrays out, one engine job.

import type { FitJob } from '../engine/engine.ts';
import { nextTurn } from '../engine/portable.ts';
import { selectEngine, threads } from '../engine/select.ts';
import { readBatchData, type BatchData } from './batch-data.ts';
import { fillOutputs, prepareOutputs, type OutputArrays } from './batch-outputs.ts';
import { CurveFitBatchResult } from './batch-result.ts';
import { batchWarnings, FaultLog } from './batch-warnings.ts';
import { covarianceFactor, progressAt } from './curve-fit.ts';
import { dropPoints, type DroppedPoints } from './drop-points.ts';
import { inputError } from './errors.ts';
import { batchTable, checkTolerances, readOptions, type BatchSettings } from './options.ts';
import {
  chooseRun,
  earlyNotes,
  resolveModel,
  samplesOf,
  unresolvedModel,
  type ResolvedModel,
  type Run,
  type Samples,
} from './problem.ts';
import { runFits, runFitsAsync, type Outcome } from './rescale.ts';
import type { BatchResult, Warning } from './result.ts';
import { singleFit } from './single-fit.ts';
import type { BatchOptions, Floats, Predictors } from './types.ts';
import { trueLength } from './validate.ts';
import { badlyScaled, dataDropped } from './warnings.ts';

interface PreparedBatch {
  readonly settings: BatchSettings;
  readonly started: number;
  readonly model: ResolvedModel;
  readonly run: Run;
  /** The caller's arrays that are read, with their names. */
  readonly inputs: readonly (readonly [string, Floats])[];
  readonly data: BatchData;
  readonly dropped: DroppedPoints | null;
  /** What the caller sees; the job writes its residuals elsewhere when points were dropped. */
  readonly arrays: OutputArrays;
  readonly job: FitJob;
  readonly notes: Warning[];
  readonly faults: FaultLog;
  readonly wasAborted: boolean;
}

function prepare(verb: string, options: unknown): PreparedBatch {
  const settings = readOptions(verb, batchTable, options);
  checkTolerances(settings);
  const started = performance.now();
  const wasAborted = settings.signal?.aborted === true;
  const hasStarts = settings.init !== undefined;
  // Aborted beforehand: the user's function is never called, not even to see whether it compiles.
  const model = wasAborted
    ? unresolvedModel(settings, hasStarts)
    : resolveModel(settings, hasStarts);
  const { params, source } = model;
  const whole = readBatchData(settings, source, params);
  const notes = earlyNotes(settings, params);
  const inputs: [string, Floats][] = [
    ['y', whole.y],
    ['init', whole.init],
    ...whole.x.map((x): [string, Floats] => ['x', x]),
  ];
  if (whole.sigma !== null) inputs.push(['sigma', whole.sigma]);
  const sizes = {
    fits: whole.fits,
    params: params.names.length,
    varying: params.varying.length,
    values: whole.y.length,
  };
  const arrays = prepareOutputs(settings, sizes, inputs);
  const dropped = settings.nonFinite === 'drop' ? dropPoints(whole) : null;
  if (dropped !== null) notes.push(dataDropped(dropped.points, dropped.fits));
  const data = dropped?.data ?? whole;
  const faults = new FaultLog(arrays.status);
  const run = wasAborted
    ? {
        engine: selectEngine(settings.engine),
        program: {
          params: params.names.length,
          varying: Int32Array.from(params.varying),
          value: () => NaN,
        },
      }
    : chooseRun(
        settings,
        model,
        () => firstSamples(data, params.names.length),
        (fault) => faults.add(fault),
        true,
        notes,
      );
  const { stdErr = null, covariance = null, r2 = null, residuals = null } = arrays;
  const job: FitJob = {
    program: run.program,
    ...data,
    ftol: settings.ftol,
    xtol: settings.xtol,
    gtol: settings.gtol,
    maxIter: settings.maxIter,
    covarianceFactor: covarianceFactor(settings),
    fused: settings.numerics === 'fast',
    outputs: {
      params: arrays.params,
      ssr: arrays.ssr,
      status: arrays.status,
      iterations: arrays.iterations,
      stdErr,
      covariance,
      r2,
      residuals:
        residuals !== null && dropped !== null
          ? new Float64Array(dropped.positions.length).fill(NaN)
          : residuals,
    },
  };
  return {
    settings,
    started,
    model,
    run,
    inputs,
    data,
    dropped,
    arrays,
    job,
    notes,
    faults,
    wasAborted,
  };
}

/** A few points of the first fit. */
function firstSamples({ x, y, init, points, offsets }: BatchData, params: number): Samples {
  const n = offsets === null ? points : offsets[1];
  return samplesOf(x, y, init.slice(0, params), n);
}

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

function finish(batch: PreparedBatch, outcome: Outcome): CurveFitBatchResult {
  const { settings, started, model, run, data, dropped, arrays, job, notes, faults } = batch;
  const elapsedSeconds = (performance.now() - started) / 1000;
  if (!batch.wasAborted)
    settings.onProgress?.({ done: outcome.done, total: data.fits, elapsedSeconds, etaSeconds: 0 });
  if (dropped !== null && arrays.residuals !== undefined) {
    const from = job.outputs.residuals!,
      to = arrays.residuals;
    dropped.positions.forEach((position, i) => (to[position] = from[i]));
  }
  const varying = model.params.varying.length;
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
        { settings, model, run, data, arrays, notes, seconds: elapsedSeconds / data.fits },
        fit,
      ),
  });
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
 *   milliseconds. What looks at every value runs within the call: the check of `sigma`,
 *   `nonFinite: 'drop'`, and the conversion of plain arrays.
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
  const batch = prepare('curveFitBatch', o);
  const { settings, run, job, started, wasAborted } = batch;
  const filling = fillOutputs(batch.arrays);
  // Small results are filled at once, so that the fits begin within the call.
  if (filling.next().done !== true) await fillInTurns(batch, filling);
  if (wasAborted) return finish(batch, notRun) as unknown as BatchResult<N>;
  const { signal, onProgress, progressEveryMs, maxSeconds } = settings;
  const outcome = await runFitsAsync(run.engine, job, {
    threads: settings.threads ?? threads(),
    maxSeconds,
    signal,
    progressEveryMs,
    onProgress: onProgress && ((done) => onProgress(progressAt(done, job.fits, started))),
  });
  return finish(batch, outcome) as unknown as BatchResult<N>;
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
  const batch = prepare('curveFitBatchSync', o);
  const { settings, run, job, wasAborted } = batch;
  for (const filling = fillOutputs(batch.arrays); filling.next().done !== true; );
  if (wasAborted) return finish(batch, notRun) as unknown as BatchResult<N>;
  const outcome = runFits(run.engine, job, {
    threads: settings.threads ?? threads(),
    maxSeconds: settings.maxSeconds,
  });
  return finish(batch, outcome) as unknown as BatchResult<N>;
}

const notRun: Outcome = { done: 0, stopped: 'aborted', beyondRange: 0 };
