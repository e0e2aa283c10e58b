// The Gaussian over two predictors, on an offset: spots and beams in images.

import { quantile } from '../guess/curve.ts';
import type { LibraryModel } from './library-model.ts';

/** Share of the height above which points count, for a background that is noise. */
const threshold = 0.35;
/** Mean square of one coordinate under g − t, over σ²: 1 − t·u²/2/(1 − t − t·u), u = −ln t. */
const truncation = 0.317417199557619;

/**
 * f = amp·e^(−(x − xcen)²/(2·xsigma²) − (y − ycen)²/(2·ysigma²)) + offset over the predictors x and
 * y; amp is the height over the offset, both in units of the data; centres and widths in units of x
 * and y. The volume is 2π·amp·xsigma·ysigma.
 */
export const gaussian2d: LibraryModel<'amp' | 'xcen' | 'ycen' | 'xsigma' | 'ysigma' | 'offset'> = {
  name: 'gaussian2d',
  names: ['amp', 'xcen', 'ycen', 'xsigma', 'ysigma', 'offset'],
  predictors: ['x', 'y'],
  expression:
    'amp*exp(-(x - xcen)^2/(2*xsigma^2) - (y - ycen)^2/(2*ysigma^2)) + offset',
  role: 'peak',
  hints: { xsigma: { min: 0 }, ysigma: { min: 0 } },
  guess([u, v], data, out) {
    // Quantiles of a sample: an image of 256 × 256 need not be sorted.
    const stride = Math.max(1, Math.floor(data.length / 512));
    const sample = new Float64Array(Math.ceil(data.length / stride));
    for (let i = 0; i < sample.length; i++) sample[i] = data[i * stride];
    const middle = quantile(sample, 0.5);
    let low = Infinity;
    let high = -Infinity;
    for (const value of data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const sign = high - middle >= middle - low ? 1 : -1;
    const offset = quantile(sample, sign > 0 ? 0.2 : 0.8);
    const height = (sign > 0 ? high : low) - offset;
    let sum = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i < data.length; i++) {
      const w = (data[i] - offset) / height - threshold;
      if (!(w > 0)) continue;
      sum += w;
      x += w * u[i];
      y += w * v[i];
    }
    x /= sum;
    y /= sum;
    let xx = 0;
    let yy = 0;
    for (let i = 0; i < data.length; i++) {
      const w = (data[i] - offset) / height - threshold;
      if (!(w > 0)) continue;
      xx += w * (u[i] - x) * (u[i] - x);
      yy += w * (v[i] - y) * (v[i] - y);
    }
    const width = (square: number, column: Float64Array): number =>
      square > 0 ? Math.sqrt(square / (sum * truncation)) : spread(column);
    out.set([0.9 * height, x, y, width(xx, u), width(yy, v), offset]);
  },
};

function spread(column: Float64Array): number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of column) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return 0.1 * (high - low) || 1;
}
