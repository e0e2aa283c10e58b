// Fits that are driven from JavaScript, iteration by iteration: what `trace`, `callback`,
// `onNonFinite` and `resumeFrom` need.

import type { FitJob } from '../engine/engine.ts';
import { driveFit, driveFitAsync, type DrivenFit } from './drive.ts';
import { inputError } from './errors.ts';
import type { FitSettings } from './options.ts';
import type { Problem } from './problem.ts';
import { runFits } from './rescale.ts';
import { singleJob } from './single-job.ts';
import { isByResiduals, solve, type Solved } from './solve.ts';

export function isDriven(settings: FitSettings): boolean {
  const { trace, callback, onNonFinite, resumeFrom } = settings;
  return (
    trace !== false ||
    callback !== undefined ||
    onNonFinite !== 'reject-step' ||
    resumeFrom !== undefined
  );
}

/** @throws InputError where many starts are asked for as well */
export function checkDriven(settings: FitSettings): void {
  if (settings.starts !== undefined && isDriven(settings))
    throw inputError(
      'ERR_OPTION',
      'starts',
      'not together with trace, callback, onNonFinite or resumeFrom, which follow one run',
    );
}

export function solveDriven(problem: Problem, settings: FitSettings): Solved {
  const job = drivenJob(problem, settings);
  return solvedOf(job, driveFit(problem, job, settings));
}

export async function solveDrivenAsync(problem: Problem, settings: FitSettings): Promise<Solved> {
  const job = drivenJob(problem, settings);
  return solvedOf(job, await driveFitAsync(problem, job, settings, settings.signal));
}

/** The job; a scale of the loss that follows from the residuals is found by fits of their own. */
function drivenJob(problem: Problem, settings: FitSettings): FitJob {
  const job = singleJob(problem, settings, settings.covariance !== false);
  if (!isByResiduals(settings)) return job;
  const alone = singleJob(problem, settings, false);
  const { engine, params } = problem;
  const { lossScale } = solve(alone, settings, params, 1, (next, threads) =>
    runFits(engine, next, { threads, maxSeconds: settings.maxSeconds }),
  ).job;
  return { ...job, lossScale };
}

function solvedOf(job: FitJob, { outcome, trace, evaluations }: DrivenFit): Solved {
  return {
    job,
    outcome: { ...outcome, beyondRange: 0 },
    starts: null,
    driven: { trace, evaluations },
  };
}
