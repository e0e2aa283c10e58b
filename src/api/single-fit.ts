// One fit of a batch as a result of its own. The batch keeps no more than the arrays that were
// asked for, so what is missing is had by running this one fit again: it gives the same bits.

import { rangeOf, type BatchData } from './batch-data.ts';
import type { OutputArrays } from './batch-outputs.ts';
import { inputError } from './errors.ts';
import { CurveFitResult, type FitDetails } from './fit-result.ts';
import type { BatchSettings } from './options.ts';
import type { Problem, ResolvedModel, Run } from './problem.ts';
import { stoppedAt, traitsOf } from './record.ts';
import { runFits } from './rescale.ts';
import { statusAt, type Status, type Warning } from './result.ts';
import { detailsOf, finishTies, singleJob } from './single-job.ts';
import { solve } from './solve.ts';
import type { Floats } from './types.ts';

export interface BatchOutcome {
  readonly settings: BatchSettings;
  readonly model: ResolvedModel;
  readonly run: Run;
  readonly data: BatchData;
  readonly arrays: OutputArrays;
  /** C of the loss: one for all or one per fit. */
  readonly lossScale: Float64Array | null;
  readonly notes: readonly Warning[];
  /** Share of the time of the batch. */
  readonly seconds: number;
}

/** Fits with these statuses did not end by themselves: running them again would lead elsewhere. */
const interrupted: readonly Status[] = ['aborted', 'maxSeconds', 'stoppedByCallback'];

export function singleFit(batch: BatchOutcome, fit: number): CurveFitResult {
  const { settings, model, arrays, notes, seconds } = batch;
  const n = model.params.names.length;
  const problem = problemOf(batch, fit);
  const params = arrays.params.slice(fit * n, (fit + 1) * n);
  const chi2 = arrays.ssr[fit];
  const status = arrays.status[fit];
  const scales = batch.lossScale;
  const lossScale = scales === null ? null : scales[scales.length === 1 ? 0 : fit];
  const details = (): FitDetails => {
    if (interrupted.includes(statusAt(status)))
      return stoppedAt(problem, settings, params, lossScale);
    const job = singleJob(problem, settings, true);
    const solved = solve(job, settings, problem.params, 1, (next, threads) =>
      runFits(problem.engine, next, { threads, maxSeconds: Infinity }),
    );
    const { outputs } = solved.job;
    finishTies(problem.params, outputs);
    const isSame =
      Object.is(outputs.ssr[0], chi2) &&
      params.every((value, k) => Object.is(value, outputs.params[k]));
    // With fused arithmetic the last bits may depend on the place in the batch.
    if (!isSame && settings.numerics === 'reproducible')
      throw inputError(
        'ERR_DATA_CHANGED',
        'at',
        `the data or results of fit ${fit} were changed after the batch had run`,
      );
    return detailsOf(solved.job, solved.outcome);
  };
  return new CurveFitResult({
    problem,
    params,
    chi2,
    status,
    iterations: arrays.iterations[fit],
    elapsedSeconds: seconds,
    notes,
    details,
    ...traitsOf(problem, settings, lossScale),
  });
}

/** Copies of the data of one fit, as they are now. */
function problemOf({ model, run, data }: BatchOutcome, fit: number): Problem {
  const { first, points } = rangeOf(data, fit);
  const cut = (values: Floats, isShared: boolean): Float64Array => {
    const from = isShared ? 0 : first;
    if (values.length < from + points)
      throw inputError(
        'ERR_DATA_CHANGED',
        'at',
        'the arrays of the batch were detached or shrunk after it had run',
      );
    return Float64Array.from(values.subarray(from, from + points));
  };
  const n = model.params.names.length;
  const start = data.initShared ? 0 : fit * n;
  return {
    ...model,
    engine: run.engine,
    program: run.program,
    columns: data.x.map((values) => cut(values, data.xShared)),
    y: cut(data.y, false),
    sigma: data.sigma === null ? null : cut(data.sigma, data.sigmaShared),
    init: data.init.slice(start, start + n),
  };
}
