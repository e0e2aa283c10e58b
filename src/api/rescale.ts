// Fits whose squares leave the range of doubles. With y around 1e-170 every Σ r² is 0, which looks
// like an exact fit; with 1e160 it is infinite. Such fits are found by their sum of squares when
// the others are done, and run once more with all standard deviations multiplied by a power of two:
// that changes no digit of residual, Jacobian or step, and is undone exactly. The power leaves the
// weighted residuals near √|y| and the derivatives by a factor of the model near 1/√|y|, so that
// the squares of both are doubles.

import type { AsyncRunOptions, Engine, FitJob, FitOutcome, RunOptions } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import { exponentOf, timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { firstOf, gather } from './sub-job.ts';

/** Data with larger binary exponents, either way, are scaled: squares reach 2^±1022. */
const safeExponent = 340;
/** Sums of squares within 2^±680 come from data within 2^±340, or need no second look. */
const largestSum: number = 2 ** (2 * safeExponent);
const smallestSum: number = 2 ** (-2 * safeExponent);
const smallestY: number = 2 ** -safeExponent;
/** The square root of the smallest normal number: below it a variance has lost digits. */
const smallestDeviation: number = 2 ** -511;
const smallestNormal: number = 2 ** -1022;

const interrupted: readonly number[] = [
  statusCode.aborted,
  statusCode.maxSeconds,
  statusCode.stoppedByCallback,
];

export interface Outcome extends FitOutcome {
  /** Fits whose sum of squares or variances cannot be shown, for they are no doubles. */
  readonly beyondRange: number;
}

/** The engine's `fitBatchSync`, with fits out of range run on scaled values. */
export function runFits(engine: Engine, job: FitJob, options: RunOptions): Outcome {
  const started = performance.now();
  const outcome = engine.fitBatchSync(job, options);
  const again = rescaledFits(job);
  if (again === null) return { ...outcome, beyondRange: 0 };
  const second =
    outcome.stopped === null
      ? engine.fitBatchSync(again.job, { ...options, maxSeconds: left(options, started) })
      : outcome;
  return again.restore(outcome, second);
}

/** The same for `fitBatch`. */
export async function runFitsAsync(
  engine: Engine,
  job: FitJob,
  options: AsyncRunOptions,
): Promise<Outcome> {
  const started = performance.now();
  const outcome = await engine.fitBatch(job, options);
  const again = rescaledFits(job);
  if (again === null) return { ...outcome, beyondRange: 0 };
  const second =
    outcome.stopped === null
      ? await engine.fitBatch(again.job, {
          ...options,
          maxSeconds: left(options, started),
          onProgress: undefined,
        })
      : outcome;
  return again.restore(outcome, second);
}

function left({ maxSeconds }: RunOptions, started: number): number {
  return Math.max(0, maxSeconds - (performance.now() - started) / 1000);
}

interface Rescaled {
  readonly job: FitJob;
  readonly restore: (first: FitOutcome, second: FitOutcome) => Outcome;
}

/** null when there is nothing to scale. */
function rescaledFits(job: FitJob): Rescaled | null {
  // Counts have no standard deviations to scale, and their deviance holds no squares.
  if (job.loss === 'poisson') return null;
  const { ssr, status } = job.outputs;
  const fits: number[] = [];
  const exponents: number[] = [];
  for (let fit = 0; fit < job.fits; fit++) {
    const sum = ssr[fit];
    // NaN where not even a start could be summed up.
    if ((sum >= smallestSum && sum <= largestSum) || interrupted.includes(status[fit])) continue;
    const exponent = exponentFor(job, fit);
    if (exponent === 0) continue;
    fits.push(fit);
    exponents.push(exponent);
  }
  if (fits.length === 0) return null;
  const scaled = gather(job, fits, exponents);
  return {
    job: scaled,
    restore(first, second) {
      let beyondRange = 0;
      fits.forEach((fit, k) => {
        if (!writeBack(job, fit, scaled, k, exponents[k], second)) beyondRange++;
      });
      return { done: first.done, stopped: first.stopped ?? second.stopped, beyondRange };
    },
  };
}

/** Exponent of the power of two for the standard deviations of a fit; 0 where none is needed. */
function exponentFor(job: FitJob, fit: number): number {
  const { y, yShared, sigma, sigmaShared } = job;
  const first = firstOf(job, fit),
    end = firstOf(job, fit + 1);
  const isTiny = job.outputs.ssr[fit] < smallestSum;
  let largestY = 0,
    smallestSigma = Infinity;
  for (let i = first; i < end; i++) {
    const size = Math.abs(y[yShared ? i - first : i]);
    if (size > largestY) largestY = size;
    // Exact fits of ordinary data are many: one value tells.
    if (isTiny && sigma === null && size >= smallestY) return 0;
    const deviation = sigma === null ? 1 : sigma[sigmaShared ? i - first : i];
    if (deviation < smallestSigma) smallestSigma = deviation;
  }
  if (!(largestY < Infinity && smallestSigma < Infinity)) return 0;
  const weight = -exponentOf(smallestSigma);
  const size = largestY === 0 ? 0 : exponentOf(largestY);
  if (Math.abs(weight) <= safeExponent && Math.abs(weight + size) <= safeExponent) return 0;
  return weight + Math.trunc(size / 2);
}

/**
 * Results of fit k of the scaled job, without the scale, as those of `fit`; false where one of them
 * left the range of doubles.
 */
function writeBack(
  job: FitJob,
  fit: number,
  scaled: FitJob,
  k: number,
  exponent: number,
  outcome: FitOutcome,
): boolean {
  const from = scaled.outputs,
    to = job.outputs;
  if (from.status[k] === statusCode.aborted) {
    // Never begun: what the first run said about it is not to be trusted.
    to.status[fit] = statusCode[outcome.stopped ?? 'aborted'];
    return true;
  }
  const { varying, params } = job.program;
  const isAbsolute = job.covarianceFactor !== 0;
  const sum = from.ssr[k];
  to.status[fit] = from.status[k];
  to.iterations[fit] = from.iterations[k];
  to.ssr[fit] = timesPowerOfTwo(sum, 2 * exponent);
  let isComplete = sum === 0 || (to.ssr[fit] >= smallestNormal && to.ssr[fit] < Infinity);
  for (let j = 0; j < params; j++) to.params[fit * params + j] = from.params[k * params + j];
  if (to.r2 !== null) to.r2[fit] = from.r2![k];
  /** A variance or its root without the scale; NaN where digits were lost. */
  const unscale = (value: number, power: number, smallest: number): number => {
    const unscaled = timesPowerOfTwo(value, isAbsolute ? power * exponent : 0);
    if (sum === 0 || Number.isNaN(value)) return unscaled;
    if (value >= smallest && unscaled >= smallestNormal && unscaled < Infinity) return unscaled;
    isComplete = false;
    return NaN;
  };
  if (to.stdErr !== null)
    for (let j = 0; j < params; j++) {
      const deviation = from.stdErr![k * params + j];
      to.stdErr[fit * params + j] = varying.includes(j)
        ? unscale(deviation, -1, smallestDeviation)
        : deviation;
    }
  if (to.covariance !== null) {
    const n = varying.length,
      at = fit * n * n;
    for (let j = 0; j < n * n; j++) {
      const value = from.covariance![k * n * n + j];
      const isVariance = j % (n + 1) === 0;
      to.covariance[at + j] = isVariance
        ? unscale(value, -2, smallestNormal)
        : timesPowerOfTwo(value, isAbsolute ? -2 * exponent : 0);
    }
    for (let j = 0; j < n; j++)
      if (Number.isNaN(to.covariance[at + j * (n + 1)])) to.covariance.fill(NaN, at, at + n * n);
  }
  if (to.residuals !== null) {
    const first = firstOf(job, fit),
      begin = scaled.offsets![k];
    for (let i = begin; i < scaled.offsets![k + 1]; i++)
      to.residuals[first + i - begin] = from.residuals![i];
  }
  return isComplete;
}
