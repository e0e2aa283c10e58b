// Fits with a loss that levels off, from starts so far away that every point counts as an outlier:
// nothing draws them anywhere, and they end as 'singular'. They are run once more in two rounds:
// with soft_l1, which is convex and is drawn by every point however far away, then with their own
// loss from where that has ended. A convex fit before a redescending one is how M-estimates are
// begun (Huber 1981, section 7.8). In the first round points are cut to where they still draw as
// much, so that one at 1e300 does not take all digits of the sum.

import type { FitJob } from '../engine/engine.ts';
import type { Loss } from '../portable/optim/losses.ts';
import { statusCode } from '../portable/optim/status.ts';
import { scaleFromResiduals, startResiduals, weightedResiduals } from './loss-scale.ts';
import type { Outcome } from './rescale.ts';
import { isSuccess } from './result.ts';
import { bareOutputs, firstOf, gather, mostIterations, takeOver } from './sub-job.ts';

/** Residuals are cut to this many times their scale where the fit starts: half of the digits. */
const farthest: number = 2 ** 26;

const levelling: readonly Loss[] = ['cauchy', 'arctan', 'tukey', 'welsch'];

/**
 * After a run of the job: yields its lost fits as jobs of their own and keeps its outputs up to
 * date. What the two rounds come to replaces the first end where it is a success, or lower. A stop
 * between the rounds leaves the first end, with the status of fits that were stopped.
 */
export function* findLost(job: FitJob, first: Outcome): Generator<FitJob, Outcome, Outcome> {
  const lost = lostFits(job);
  if (lost.length === 0) return first;
  if (first.stopped !== null) return stoppedAt(job, lost, first, first);
  const asked = gather(job, lost, null);
  const look = startResiduals(asked);
  const seen = yield look;
  if (seen.stopped !== null) return stoppedAt(job, lost, first, seen);
  const near = convexJob(asked, look);
  const drawn = yield near;
  addIterations(near, job, lost);
  if (drawn.stopped !== null) return stoppedAt(job, lost, first, drawn);
  const again: FitJob = { ...asked, init: near.outputs.params };
  const second = yield again;
  const { status, ssr } = again.outputs;
  const left: number[] = [];
  lost.forEach((fit, k) => {
    if (wasStopped(status[k])) left.push(fit);
    else if (isSuccess(status[k]) || ssr[k] < job.outputs.ssr[fit]) takeOver(again, k, job, fit);
  });
  addIterations(again, job, lost);
  const beyondRange = first.beyondRange + second.beyondRange;
  return stoppedAt(job, left, { ...first, beyondRange }, second);
}

function lostFits({ loss, fits, outputs }: FitJob): number[] {
  const lost: number[] = [];
  if (!levelling.includes(loss)) return lost;
  for (let fit = 0; fit < fits; fit++)
    if (outputs.status[fit] === statusCode.singular) lost.push(fit);
  return lost;
}

/** @param look the same fits where they start */
function convexJob(job: FitJob, look: FitJob): FitJob {
  const y = job.y.slice();
  for (let fit = 0; fit < job.fits; fit++) {
    const first = firstOf(job, fit);
    const room = new Float64Array(firstOf(job, fit + 1) - first);
    const residuals = weightedResiduals(look, fit, room);
    const limit = farthest * scaleFromResiduals(residuals, 1);
    residuals.forEach((r, i) => {
      const excess = Math.abs(r) - limit;
      if (!(excess > 0 && excess < Infinity)) return;
      const deviation = job.sigma === null ? 1 : job.sigma[first + i];
      y[first + i] -= (r < 0 ? -excess : excess) * deviation;
    });
  }
  return { ...job, y, loss: 'soft_l1', polish: false, outputs: bareOutputs(job) };
}

function wasStopped(code: number): boolean {
  const { aborted, maxSeconds, stoppedByCallback } = statusCode;
  return code === aborted || code === maxSeconds || code === stoppedByCallback;
}

function addIterations(from: FitJob, to: FitJob, fits: readonly number[]): void {
  const { iterations } = to.outputs;
  fits.forEach((fit, k) => {
    iterations[fit] = Math.min(mostIterations, iterations[fit] + from.outputs.iterations[k]);
  });
}

/** Fits that the rounds were to follow are no fits that came to their end. */
function stoppedAt(
  job: FitJob,
  fits: readonly number[],
  outcome: Outcome,
  { stopped }: Outcome,
): Outcome {
  for (const fit of fits) job.outputs.status[fit] = statusCode[stopped ?? 'aborted'];
  return { ...outcome, done: outcome.done - fits.length, stopped };
}
