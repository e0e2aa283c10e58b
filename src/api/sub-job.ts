// Some fits of a job as a job of their own, ragged, with copies of their data: to run them once more
// on other scales (rescale.ts) or with another scale of the loss (loss-scale.ts).

import type { FitJob } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import { timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { allocate } from './validate.ts';

/** Where the y of a fit begins in the arrays that are laid out as results are. */
export const firstOf = ({ offsets, points }: FitJob, fit: number): number =>
  offsets === null ? fit * points : offsets[fit];

/** @param exponents of the powers of two that the standard deviations of each fit are times */
export function gather(
  job: FitJob,
  fits: readonly number[],
  exponents: readonly number[] | null,
): FitJob {
  const params = job.program.params,
    n = job.program.varying.length;
  const offsets = new Uint32Array(fits.length + 1);
  fits.forEach(
    (fit, k) => (offsets[k + 1] = offsets[k] + firstOf(job, fit + 1) - firstOf(job, fit)),
  );
  const total = offsets[fits.length];
  const x = job.x.map(() => allocate(total, 'x'));
  const y = allocate(total, 'y');
  const sigma = job.sigma === null && exponents === null ? null : allocate(total, 'sigma');
  const init = new Float64Array(fits.length * params);
  fits.forEach((fit, k) => {
    const first = firstOf(job, fit),
      points = offsets[k + 1] - offsets[k],
      exponent = exponents?.[k] ?? 0;
    for (let i = 0; i < points; i++) {
      const to = offsets[k] + i;
      job.x.forEach((values, j) => (x[j][to] = values[job.xShared ? i : first + i]));
      y[to] = job.y[job.yShared ? i : first + i];
      if (sigma === null) continue;
      const deviation = job.sigma === null ? 1 : job.sigma[job.sigmaShared ? i : first + i];
      sigma[to] = timesPowerOfTwo(deviation, exponent);
    }
    const start = job.initShared ? 0 : fit * params;
    for (let j = 0; j < params; j++) init[k * params + j] = job.init[start + j];
  });
  const { stdErr, covariance, r2, residuals, sums } = job.outputs;
  const count = fits.length;
  return {
    ...job,
    fits: count,
    points: 0,
    offsets,
    x,
    xShared: false,
    y,
    yShared: false,
    sigma,
    sigmaShared: false,
    init,
    initShared: false,
    lossScale: gatherScale(job, fits, exponents),
    outputs: {
      params: new Float64Array(count * params),
      ssr: new Float64Array(count),
      status: new Uint8Array(count).fill(statusCode.aborted),
      iterations: new Uint16Array(count),
      stdErr: stdErr && new Float64Array(count * params),
      covariance: covariance && new Float64Array(count * n * n),
      r2: r2 && new Float64Array(count),
      residuals: residuals && allocate(total, 'residuals'),
      sums: sums && new Float64Array((sums.length / job.fits) * count),
    },
  };
}

/** The scale of the loss is measured in standard deviations. */
function gatherScale(
  { loss, lossScale }: FitJob,
  fits: readonly number[],
  exponents: readonly number[] | null,
): Float64Array | null {
  if (loss === 'linear' || loss === 'poisson') return null;
  return Float64Array.from(fits, (fit, k) => {
    const scale = lossScale === null ? 1 : lossScale[lossScale.length === 1 ? 0 : fit];
    return timesPowerOfTwo(scale, -(exponents?.[k] ?? 0));
  });
}
