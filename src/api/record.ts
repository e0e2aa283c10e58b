// What the result of a fit is made from, whether the fit ran alone or in a batch.

import type { FitJob } from '../engine/engine.ts';
import { runFits } from './rescale.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { FitDetails, FitRecord } from './fit-result.ts';
import type { CommonSettings } from './options.ts';
import type { Problem } from './problem.ts';
import { refitsOf } from './refit.ts';
import type { Warning } from './result.ts';
import {
  detailsAt,
  detailsOf,
  finishTies,
  isAbsolute,
  limitStatus,
  singleJob,
} from './single-job.ts';
import type { Solved } from './solve.ts';

/** A fit that ran alone. Its outputs are finished: ties are filled in. */
export function recordOf(
  problem: Problem,
  settings: CommonSettings,
  { job, outcome, starts, driven }: Solved,
  elapsedSeconds: number,
  notes: readonly Warning[],
): FitRecord {
  const { params, ssr, status, iterations } = job.outputs;
  const wasStopped = outcome.stopped !== null && outcome.done === 0;
  finishTies(problem.params, job.outputs);
  const lossScale = job.lossScale === null ? null : job.lossScale[0];
  const stopped = wasStopped ? stoppedAt(problem, settings, params, lossScale) : null;
  const details = stopped ?? detailsOf(job, outcome);
  return {
    problem,
    params,
    chi2: stopped === null ? ssr[0] : stopped.chi2,
    status: wasStopped ? statusCode[outcome.stopped] : limitStatus(settings, status[0]),
    iterations: iterations[0],
    elapsedSeconds,
    notes,
    details: () => details,
    ...traitsOf(problem, settings, lossScale),
    ...(starts !== null && { starts }),
    ...(driven !== undefined && { evaluations: driven.evaluations }),
    ...(driven !== undefined && driven.trace !== null && { trace: driven.trace }),
  };
}

type Traits = Pick<FitRecord, 'isAbsolute' | 'loss' | 'lossScale' | 'options' | 'refits'>;

/** What follows from the options. @param lossScale C as the fit ended with it */
export function traitsOf(
  problem: Problem,
  settings: CommonSettings,
  lossScale: number | null,
): Traits {
  const { estimator, loss } = settings;
  return {
    isAbsolute: isAbsolute(settings),
    loss: estimator === 'poisson' ? 'poisson' : loss,
    ...(lossScale !== null && { lossScale }),
    options: settings,
    refits: refitsOf(problem, settings, lossScale),
  };
}

/** Residuals and what is minimised where a fit was stopped before it had come to an end. */
export function stoppedAt(
  problem: Problem,
  settings: CommonSettings,
  params: Float64Array,
  lossScale: number | null,
): FitDetails & { readonly chi2: number } {
  const details = detailsAt(problem, params);
  if (settings.loss === 'linear' && settings.estimator === 'least-squares') return details;
  const job: FitJob = {
    ...singleJob({ ...problem, init: params }, settings, false),
    lossScale: lossScale === null ? null : Float64Array.of(lossScale),
    maxIter: 0,
  };
  runFits(problem.engine, job, { threads: 1, maxSeconds: Infinity });
  return { ...details, r2: job.outputs.r2![0], chi2: job.outputs.ssr[0] };
}
