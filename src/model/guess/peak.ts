// The largest peak of a curve: where, how high, how wide. Height and place are read from averages
// over about a third of the width, so that noise does not decide.

import type { Curve } from './curve.ts';
import { condensed, smoothed } from './curve.ts';

export interface Peak {
  /** With its sign. */
  readonly height: number;
  readonly center: number;
  /** Distance to half the height on either side. */
  readonly left: number;
  readonly right: number;
  /** Width at half the height. */
  readonly fwhm: number;
  /** Width at a quarter of the height, over `fwhm`: √2 for a Gaussian, √3 for a Lorentzian. */
  readonly tail: number;
  /** Area under the points, by trapezoids. */
  readonly area: number;
  /** First and last x. */
  readonly start: number;
  readonly end: number;
}

function peakIndex(y: Float64Array, sign: number): number {
  let at = 0;
  for (let i = 1; i < y.length; i++) if (sign * y[i] > sign * y[at]) at = i;
  return at;
}

/** Distance from point `at` to where y falls below a level; NaN where the data end before. */
function reach({ x, y }: Curve, at: number, direction: -1 | 1, level: number, sign: number): number {
  for (let i = at + direction; i >= 0 && i < x.length; i += direction) {
    const value = sign * y[i];
    if (value >= level) continue;
    const before = sign * y[i - direction];
    const part = (before - level) / (before - value);
    return Math.abs(x[i - direction] + part * (x[i] - x[i - direction]) - x[at]);
  }
  return NaN;
}

/** Points in a row around `at` above half the height. */
function countAbove(y: Float64Array, at: number, sign: number): number {
  const level = 0.5 * sign * y[at];
  let count = 1;
  for (let i = at - 1; i >= 0 && sign * y[i] > level; i--) count++;
  for (let i = at + 1; i < y.length && sign * y[i] > level; i++) count++;
  return count;
}

/** @param sign of the peak, 0 for that of the value farthest from 0 */
export function largestPeak(x: Float64Array, y: Float64Array, sign: -1 | 0 | 1 = 0): Peak {
  const curve = condensed(x, y);
  const n = curve.x.length;
  // Noise makes single points rise: the count of neighbours above half says how far to average.
  let half = n > 40 ? 2 : n > 20 ? 1 : 0;
  let smooth = smoothed(curve.y, half);
  const chosen = sign !== 0 ? sign
    : Math.abs(smooth[peakIndex(smooth, 1)]) >= Math.abs(smooth[peakIndex(smooth, -1)]) ? 1 : -1;
  let at = peakIndex(smooth, chosen);
  half = Math.floor((countAbove(smooth, at, chosen) - (half > 0 ? 1 : 0)) / 6);
  smooth = smoothed(curve.y, half);
  at = peakIndex(smooth, chosen);
  const height = smooth[at];
  const size = chosen * height;
  const flat: Curve = { x: curve.x, y: smooth };
  const sides = (fraction: number): [number, number] => {
    const left = reach(flat, at, -1, fraction * size, chosen);
    const right = reach(flat, at, 1, fraction * size, chosen);
    const all = curve.x[n - 1] - curve.x[0];
    return [
      Number.isNaN(left) ? (Number.isNaN(right) ? 0.5 * all : right) : left,
      Number.isNaN(right) ? (Number.isNaN(left) ? 0.5 * all : left) : right,
    ];
  };
  const [left, right] = sides(0.5);
  const [farLeft, farRight] = sides(0.25);
  const spacing = n > 1 ? (curve.x[n - 1] - curve.x[0]) / (n - 1) : 1;
  const fwhm = left + right > 0 ? left + right : spacing > 0 ? spacing : 1;
  let area = 0;
  for (let i = 1; i < n; i++)
    area += 0.5 * (curve.y[i] + curve.y[i - 1]) * (curve.x[i] - curve.x[i - 1]);
  return {
    height, center: curve.x[at] + 0.5 * (right - left) * (Math.abs(right - left) < 0.5 * fwhm ? 1 : 0),
    left, right, fwhm, tail: (farLeft + farRight) / fwhm, area,
    start: curve.x[0], end: curve.x[n - 1],
  };
}
