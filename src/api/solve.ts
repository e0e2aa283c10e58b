// Jobs run to their end. In this order: the scale of the loss from the residuals where the fits
// start; the fits, from many starts or one; those that were lost among outliers, once more; then
// further rounds in which the scale follows the residuals.

import type { FitJob } from '../engine/engine.ts';
import type { DrivenFit } from './drive.ts';
import { settleScales, startScales, withResiduals } from './loss-scale.ts';
import { findLost } from './lost-fits.ts';
import type { CommonSettings, FitSettings } from './options.ts';
import type { ParamSet } from './params.ts';
import type { Outcome } from './rescale.ts';
import { fitFromStarts, fitFromStartsAsync, type StartsFit, type StartsSummary } from './starts.ts';
import { mostIterations } from './sub-job.ts';

export interface Solved {
  /** The job whose outputs are the result. */
  readonly job: FitJob;
  readonly outcome: Outcome;
  readonly starts: StartsSummary | null;
  /** What a fit that was driven from JavaScript has besides. */
  readonly driven?: Pick<DrivenFit, 'trace' | 'evaluations'>;
}

type Request = CommonSettings & Partial<Pick<FitSettings, 'starts' | 'seed'>>;
type Run = (job: FitJob, threads: number) => Outcome;
type RunAsync = (job: FitJob, threads: number) => Promise<Outcome>;

/** @param threads for the job itself */
export function solve(
  job: FitJob,
  settings: Request,
  params: ParamSet,
  threads: number,
  run: Run,
): Solved {
  const runJob = (next: FitJob): Outcome => run(next, threads);
  const hasMad = isByResiduals(settings);
  const scaled = hasMad ? drive(startScales(withResiduals(job)), runJob) : job;
  const search = searchOf(scaled, settings, params);
  const first = search === null
    ? { job: scaled, outcome: runJob(scaled), starts: null }
    : fromStarts(fitFromStarts(search, run));
  const found = drive(findLost(first.job, first.outcome), runJob);
  const outcome = hasMad ? drive(settleScales(first.job, found), runJob) : found;
  return { ...first, outcome };
}

export async function solveAsync(
  job: FitJob,
  settings: Request,
  params: ParamSet,
  threads: number,
  run: RunAsync,
): Promise<Solved> {
  const runJob = (next: FitJob): Promise<Outcome> => run(next, threads);
  const hasMad = isByResiduals(settings);
  const scaled = hasMad ? await driveAsync(startScales(withResiduals(job)), runJob) : job;
  const search = searchOf(scaled, settings, params);
  const first = search === null
    ? { job: scaled, outcome: await runJob(scaled), starts: null }
    : fromStarts(await fitFromStartsAsync(search, run));
  const found = await driveAsync(findLost(first.job, first.outcome), runJob);
  const outcome = hasMad ? await driveAsync(settleScales(first.job, found), runJob) : found;
  return { ...first, outcome };
}

/** Whether the scale of the loss is taken from the residuals. */
export function isByResiduals({ lossScale, loss }: CommonSettings): boolean {
  return lossScale === 'mad' && loss !== 'linear';
}

function searchOf(
  job: FitJob,
  { starts, seed }: Request,
  params: ParamSet,
): Parameters<typeof fitFromStarts>[0] | null {
  return starts === undefined ? null : { job, params, starts, seed: seed ?? 0 };
}

function fromStarts({ job, outcome, iterations, starts }: StartsFit): Solved {
  job.outputs.iterations[0] = Math.min(mostIterations, iterations);
  return { job, outcome, starts };
}

function drive<T>(jobs: Generator<FitJob, T, Outcome>, run: (job: FitJob) => Outcome): T {
  let next = jobs.next();
  while (next.done !== true) next = jobs.next(run(next.value));
  return next.value;
}

async function driveAsync<T>(
  jobs: Generator<FitJob, T, Outcome>,
  run: (job: FitJob) => Promise<Outcome>,
): Promise<T> {
  let next = jobs.next();
  while (next.done !== true) next = jobs.next(await run(next.value));
  return next.value;
}
