// Some fits of a job as a job of their own, ragged, with copies of their data: to run them once more
// on other scales (rescale.ts), with another scale of the loss (loss-scale.ts), or from elsewhere
// (lost-fits.ts).

import type { FitJob, FitOutputs, Floats } from '../engine/engine.ts';
import { statusCode } from '../portable/optim/status.ts';
import { timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { allocate } from './validate.ts';

/** The most that the count of a fit can say. */
export const mostIterations = 65535;

/** Where the y of a fit begins in the arrays that are laid out as results are. */
export const firstOf = ({ offsets, points }: FitJob, fit: number): number =>
  offsets === null ? fit * points : offsets[fit];

/** Room for what every fit of a job comes to, and for nothing besides. */
export function bareOutputs({ fits, program }: FitJob): FitOutputs {
  return {
    params: new Float64Array(fits * program.params),
    ssr: new Float64Array(fits),
    status: new Uint8Array(fits).fill(statusCode.aborted),
    iterations: new Uint16Array(fits),
    stdErr: null,
    covariance: null,
    r2: null,
    residuals: null,
    sums: null,
  };
}

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
    const copyInto = (to: Float64Array, from: Floats, isShared: boolean): void =>
      to.set(from.subarray(isShared ? 0 : first, (isShared ? 0 : first) + points), offsets[k]);
    job.x.forEach((values, j) => copyInto(x[j], values, job.xShared));
    copyInto(y, job.y, job.yShared);
    if (sigma !== null) {
      const own = sigma.subarray(offsets[k], offsets[k + 1]);
      if (job.sigma === null) own.fill(1);
      else copyInto(sigma, job.sigma, job.sigmaShared);
      if (exponent !== 0)
        for (let i = 0; i < points; i++) own[i] = timesPowerOfTwo(own[i], exponent);
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
      ...bareOutputs({ ...job, fits: count }),
      stdErr: stdErr && new Float64Array(count * params),
      covariance: covariance && new Float64Array(count * n * n),
      r2: r2 && new Float64Array(count),
      residuals: residuals && allocate(total, 'residuals'),
      sums: sums && new Float64Array((sums.length / job.fits) * count),
    },
  };
}

/** Results of fit k of a gathered job as those of `fit`: all but the count of iterations. */
export function takeOver(from: FitJob, k: number, to: FitJob, fit: number): void {
  const source = from.outputs,
    target = to.outputs;
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
  if (source.sums !== null) copy(source.sums, target.sums, source.sums.length / from.fits);
  const { offsets } = from;
  if (source.residuals !== null)
    target.residuals?.set(
      source.residuals.subarray(offsets![k], offsets![k + 1]),
      firstOf(to, fit),
    );
  target.status[fit] = source.status[k];
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
