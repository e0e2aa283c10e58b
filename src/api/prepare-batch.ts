// A batch made ready to run: options, data, starts, results and the job of the engine.

import type { FitJob } from '../engine/engine.ts';
import { selectEngine } from '../engine/select.ts';
import { readBatchData, type BatchData } from './batch-data.ts';
import { fillOutputs, prepareOutputs, type OutputArrays } from './batch-outputs.ts';
import { FaultLog } from './batch-warnings.ts';
import { chooseRun, samplesOf, type Samples } from './choose-run.ts';
import { dropPoints, type DroppedPoints } from './drop-points.ts';
import { findBatchStarts, startNotes } from './find-starts.ts';
import { batchTable, checkSettings, readOptions, type BatchSettings } from './options.ts';
import type { StartSource } from './params.ts';
import {
  earlyNotes,
  resolveModel,
  unresolvedModel,
  type ResolvedModel,
  type Run,
} from './problem.ts';
import type { Warning } from './result.ts';
import { covarianceFactor, limitsOf, methodOf } from './single-job.ts';
import type { Floats } from './types.ts';
import { dataDropped } from './warnings.ts';

export interface PreparedBatch {
  readonly settings: BatchSettings;
  readonly started: number;
  readonly model: ResolvedModel;
  readonly run: Run;
  /** The caller's arrays that are read, with their names. */
  readonly inputs: readonly (readonly [string, Floats])[];
  readonly data: BatchData;
  /** Finds the starts that were not given; null where all were. */
  readonly starts: Generator<void> | null;
  readonly dropped: DroppedPoints | null;
  /** What the caller sees; the job writes its residuals elsewhere when points were dropped. */
  readonly arrays: OutputArrays;
  readonly job: FitJob;
  readonly notes: Warning[];
  readonly faults: FaultLog;
  readonly wasAborted: boolean;
}

export function prepareBatch(verb: string, options: unknown): PreparedBatch {
  const settings = readOptions(verb, batchTable, options);
  checkSettings(settings);
  const started = performance.now();
  const wasAborted = settings.signal?.aborted === true;
  const startsFrom = startSource(settings.init);
  // Aborted beforehand: the user's function is never called, not even to see whether it compiles.
  const model = wasAborted
    ? unresolvedModel(settings, startsFrom)
    : resolveModel(settings, startsFrom);
  const { params, source, own } = model;
  const whole = readBatchData(settings, source, params);
  const notes = earlyNotes(settings);
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
  const dropped =
    settings.nonFinite === 'drop' || settings.weights !== undefined
      ? dropPoints(whole, settings.nonFinite === 'drop')
      : null;
  if (dropped !== null && dropped.points > 0)
    notes.push(dataDropped(dropped.points, dropped.fits));
  const kept = dropped?.data ?? whole;
  const isFound =
    params.atDefault.length > 0 && (startsFrom === 'guess' || own.guess !== undefined);
  const found = isFound && !wasAborted ? findBatchStarts(model, kept) : null;
  const data = found === null ? kept : { ...kept, init: found.init, initShared: false };
  notes.unshift(...startNotes(model, data.init));
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
  const { stdErr = null, r2 = null, residuals = null } = arrays;
  // Standard errors of tied parameters follow from the covariance of the others.
  const needsCovariance = stdErr !== null && params.ties.length > 0;
  const covariance =
    arrays.covariance ??
    (needsCovariance ? new Float64Array(sizes.fits * sizes.varying ** 2).fill(NaN) : null);
  const job: FitJob = {
    ...methodOf(settings, params),
    ...limitsOf(settings),
    program: run.program,
    ...data,
    yShared: false,
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
      sums: null,
    },
  };
  return {
    settings,
    started,
    model,
    run,
    inputs,
    data,
    starts: found?.fill ?? null,
    dropped,
    arrays,
    job,
    notes,
    faults,
    wasAborted,
  };
}

function startSource(init: unknown): StartSource {
  if (init === undefined) return 'model';
  return init === 'guess' ? 'guess' : 'init';
}

/** What is filled in before the fits begin, in slices. */
export function* fillBefore({ arrays, starts }: PreparedBatch): Generator<void> {
  yield* fillOutputs(arrays);
  if (starts !== null) yield* starts;
}

/** A few points of the first fit. */
function firstSamples({ x, y, init, points, offsets }: BatchData, params: number): Samples {
  const n = offsets === null ? points : offsets[1];
  return samplesOf(x, y, init.slice(0, params), n);
}
