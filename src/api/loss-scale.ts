// lossScale: 'mad'. The scale of a loss from the spread of the residuals: C = 1.4826 times their
// median absolute deviation from 0, which for normal errors is their standard deviation (Huber 1981,
// section 5.1). First from the residuals where the fit starts, then from those of each fit, until it
// stands still. The deviation is from 0, not from their median: where the fit starts, residuals may
// be alike and far from 0, and none of them is an outlier then.

import type { FitJob } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { Outcome } from './rescale.ts';
import { bareOutputs, firstOf, gather, mostIterations, takeOver } from './sub-job.ts';
import { allocate } from './validate.ts';

/** 1/Φ⁻¹(3/4) */
const fromMedian = 1.482602218505602;
/** √(π/2) */
const fromMean = 1.2533141373155003;
const settledChange = 0.01;
const maxRounds = 5;

const interrupted: readonly number[] = [
  statusCode.aborted,
  statusCode.maxSeconds,
  statusCode.stoppedByCallback,
  statusCode.notFinite,
];

/** @param before the scale so far, kept where the residuals are all 0 or not finite */
export function scaleFromResiduals(residuals: Float64Array, before: number): number {
  return scaleInPlace(residuals.slice(), before);
}

/** The same; the residuals lose their order and signs. */
function scaleInPlace(residuals: Float64Array, before: number): number {
  let sum = 0;
  for (let i = 0; i < residuals.length; i++) sum += residuals[i] = Math.abs(residuals[i]);
  const spread = fromMedian * median(residuals, sum < Infinity);
  const scale = spread > 0 ? spread : fromMean * (sum / residuals.length);
  return scale > 0 && scale < Infinity ? scale : before;
}

/** The median; the values are put in another order. */
function median(values: Float64Array, areFinite: boolean): number {
  const half = values.length >> 1;
  if (areFinite) select(values, half);
  else values.sort();
  if (values.length % 2 === 1) return values[half];
  if (!areFinite) return values[half - 1] / 2 + values[half] / 2;
  let below = values[0];
  for (let i = 1; i < half; i++) if (values[i] > below) below = values[i];
  return below / 2 + values[half] / 2;
}

/**
 * Puts the k-th smallest value at k, smaller ones before and larger ones behind (Hoare 1961,
 * "Algorithm 65: Find"). The values are numbers.
 */
function select(values: Float64Array, k: number): void {
  let low = 0,
    high = values.length - 1;
  while (low < high) {
    // The median of three, so that sorted residuals are no bad case.
    const first = values[low], middle = values[(low + high) >> 1], last = values[high];
    const pivot = Math.max(Math.min(first, middle), Math.min(Math.max(first, middle), last));
    let i = low,
      j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swapped = values[i];
      values[i++] = values[j];
      values[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return;
  }
}

/** y − f over σ of one fit, in `room`. */
export function weightedResiduals(job: FitJob, fit: number, room: Float64Array): Float64Array {
  const first = firstOf(job, fit),
    end = firstOf(job, fit + 1);
  const residuals = room.subarray(0, end - first);
  const all = job.outputs.residuals!;
  const { sigma, sigmaShared } = job;
  if (sigma === null) for (let i = 0; i < residuals.length; i++) residuals[i] = all[first + i];
  else
    for (let i = 0; i < residuals.length; i++)
      residuals[i] = all[first + i] / sigma[sigmaShared ? i : first + i];
  return residuals;
}

/** Room for the residuals of any fit of a job. */
function roomFor(job: FitJob): Float64Array {
  let most = 0;
  for (let fit = 0; fit < job.fits; fit++)
    most = Math.max(most, firstOf(job, fit + 1) - firstOf(job, fit));
  return new Float64Array(most);
}

/** The job with room for residuals, which the scale is taken from. */
export function withResiduals(job: FitJob): FitJob {
  if (job.outputs.residuals !== null) return job;
  const residuals = allocate(firstOf(job, job.fits), 'residuals');
  return { ...job, outputs: { ...job.outputs, residuals } };
}

/** A job that evaluates where the fits start, residuals and nothing else. */
export function startResiduals(job: FitJob): FitJob {
  const { fits } = job;
  return {
    ...job,
    method: 'auto',
    loss: 'linear',
    lossScale: null,
    polish: false,
    careful: false,
    maxIter: 0,
    outputs: {
      ...bareOutputs(job),
      residuals: allocate(firstOf(job, fits), 'residuals'),
    },
  };
}

/** Yields a job that evaluates where the fits start; the job with the scales from there. */
export function* startScales(job: FitJob): Generator<FitJob, FitJob, Outcome> {
  const { fits } = job;
  const look = startResiduals(job);
  yield look;
  const lossScale = new Float64Array(fits);
  const room = roomFor(job);
  for (let fit = 0; fit < fits; fit++)
    lossScale[fit] = scaleInPlace(weightedResiduals(look, fit, room), 1);
  return { ...job, lossScale };
}

/**
 * After a run with the scales of the job: yields the fits whose scale is still changing as jobs of
 * their own, each from where the fit before has ended, and keeps the job's scales and outputs up to
 * date.
 */
export function* settleScales(job: FitJob, first: Outcome): Generator<FitJob, Outcome, Outcome> {
  const lossScale = job.lossScale!;
  const { params, status } = job.outputs;
  let outcome = first;
  let pending = Array.from({ length: job.fits }, (_, fit) => fit);
  const room = roomFor(job);
  for (let round = 1; round < maxRounds && outcome.stopped === null; round++) {
    const next: number[] = [];
    for (const fit of pending) {
      if (interrupted.includes(status[fit])) continue;
      const before = lossScale[fit];
      const scale = scaleInPlace(weightedResiduals(job, fit, room), before);
      if (!(Math.abs(scale - before) > settledChange * before)) continue;
      lossScale[fit] = scale;
      next.push(fit);
    }
    if (next.length === 0) break;
    const again = gather({ ...job, init: params, initShared: false }, next, null);
    const second = yield again;
    let done = outcome.done;
    next.forEach((fit, k) => {
      if (!scatter(again, k, job, fit, second)) done--;
    });
    const beyondRange = outcome.beyondRange + second.beyondRange;
    outcome = { done, stopped: second.stopped, beyondRange };
    pending = next;
  }
  return outcome;
}

/** Results of fit k of `from` as those of `fit`; false where it did not come to an end. */
function scatter(from: FitJob, k: number, to: FitJob, fit: number, outcome: Outcome): boolean {
  const source = from.outputs,
    target = to.outputs;
  if (source.status[k] === statusCode.aborted) {
    target.status[fit] = statusCode[outcome.stopped ?? 'aborted'];
    return false;
  }
  takeOver(from, k, to, fit);
  target.iterations[fit] = Math.min(
    mostIterations,
    target.iterations[fit] + source.iterations[k],
  );
  return true;
}
