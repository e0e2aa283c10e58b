// lossScale: 'mad'. The scale of a loss from the spread of the residuals: C = 1.4826 times their
// median absolute deviation from 0, which for normal errors is their standard deviation (Huber 1981,
// section 5.1). First from the residuals where the fit starts, then from those of each fit, until it
// stands still. The deviation is from 0, not from their median: where the fit starts, residuals may
// be alike and far from 0, and none of them is an outlier then.

import type { FitJob } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { Outcome } from './rescale.ts';
import { firstOf, gather } from './sub-job.ts';
import { allocate } from './validate.ts';

/** 1/Φ⁻¹(3/4) */
const fromMedian = 1.482602218505602;
/** √(π/2) */
const fromMean = 1.2533141373155003;
const settledChange = 0.01;
const maxRounds = 5;
const mostIterations = 65535;

const interrupted: readonly number[] = [
  statusCode.aborted,
  statusCode.maxSeconds,
  statusCode.stoppedByCallback,
  statusCode.notFinite,
];

/** @param before the scale so far, kept where the residuals are all 0 or not finite */
export function scaleFromResiduals(residuals: Float64Array, before: number): number {
  const deviations = residuals.map((r) => Math.abs(r));
  let sum = 0;
  for (const deviation of deviations) sum += deviation;
  const spread = fromMedian * median(deviations);
  const scale = spread > 0 ? spread : fromMean * (sum / residuals.length);
  return scale > 0 && scale < Infinity ? scale : before;
}

/** The median; the values are sorted in place. */
function median(values: Float64Array): number {
  values.sort();
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
}

/** y − f over σ, of one fit. */
function weightedResiduals(job: FitJob, fit: number): Float64Array {
  const first = firstOf(job, fit),
    end = firstOf(job, fit + 1);
  const residuals = job.outputs.residuals!.slice(first, end);
  const { sigma, sigmaShared } = job;
  if (sigma !== null)
    for (let i = 0; i < residuals.length; i++)
      residuals[i] /= sigma[sigmaShared ? i : first + i];
  return residuals;
}

/** The job with room for residuals, which the scale is taken from. */
export function withResiduals(job: FitJob): FitJob {
  if (job.outputs.residuals !== null) return job;
  const residuals = allocate(firstOf(job, job.fits), 'residuals');
  return { ...job, outputs: { ...job.outputs, residuals } };
}

/** Yields a job that evaluates where the fits start; the job with the scales from there. */
export function* startScales(job: FitJob): Generator<FitJob, FitJob, Outcome> {
  const { fits } = job;
  const params = job.program.params;
  const look: FitJob = {
    ...job,
    method: 'auto',
    loss: 'linear',
    lossScale: null,
    polish: false,
    careful: false,
    maxIter: 0,
    outputs: {
      params: new Float64Array(fits * params),
      ssr: new Float64Array(fits),
      status: new Uint8Array(fits).fill(statusCode.aborted),
      iterations: new Uint16Array(fits),
      stdErr: null,
      covariance: null,
      r2: null,
      residuals: allocate(firstOf(job, fits), 'residuals'),
      sums: null,
    },
  };
  yield look;
  const lossScale = new Float64Array(fits);
  for (let fit = 0; fit < fits; fit++)
    lossScale[fit] = scaleFromResiduals(weightedResiduals(look, fit), 1);
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
  for (let round = 1; round < maxRounds && outcome.stopped === null; round++) {
    const next: number[] = [];
    for (const fit of pending) {
      if (interrupted.includes(status[fit])) continue;
      const before = lossScale[fit];
      const scale = scaleFromResiduals(weightedResiduals(job, fit), before);
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
  const n = from.program.params,
    columns = from.program.varying.length ** 2;
  const copy = (values: Float64Array | null, out: Float64Array | null, width: number): void => {
    if (values !== null && out !== null)
      out.set(values.subarray(k * width, (k + 1) * width), fit * width);
  };
  copy(source.params, target.params, n);
  copy(source.ssr, target.ssr, 1);
  copy(source.stdErr, target.stdErr, n);
  copy(source.covariance, target.covariance, columns);
  copy(source.r2, target.r2, 1);
  target.status[fit] = source.status[k];
  target.iterations[fit] = Math.min(
    mostIterations,
    target.iterations[fit] + source.iterations[k],
  );
  const { offsets } = from;
  target.residuals!.set(
    source.residuals!.subarray(offsets![k], offsets![k + 1]),
    firstOf(to, fit),
  );
  return true;
}
