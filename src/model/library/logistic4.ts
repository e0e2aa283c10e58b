// The four-parameter logistic curve of dose and response.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { ascending } from '../guess/curve.ts';
import type { Curve } from '../guess/curve.ts';
import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = top + (bottom − top)/(1 + (x/ec50)^hill) for doses x ≥ 0; bottom and top, the responses at
 * dose 0 and at large doses where hill > 0, in units of y; ec50, the dose half way, in units of x;
 * hill, the steepness, has no unit. The curve falls where bottom > top.
 */
export const logistic4: LibraryModel<'bottom' | 'top' | 'ec50' | 'hill'> = {
  name: 'logistic4',
  names: ['bottom', 'top', 'ec50', 'hill'],
  expression: 'top + (bottom - top)/(1 + (x/ec50)^hill)',
  hints: { ec50: { min: 0 } },
  guess([x], y, out) {
    const { bottom, top, half, steepness } = guessSigmoid(positiveLogarithms(x, y));
    out[0] = bottom;
    out[1] = top;
    out[2] = half;
    out[3] = steepness;
  },
};

export interface Sigmoid {
  readonly bottom: number;
  readonly top: number;
  readonly half: number;
  readonly steepness: number;
}

/** ln x for x > 0; other doses stand below the smallest as if diluted by another factor of 10. */
export function positiveLogarithms(x: Float64Array, y: Float64Array): Curve {
  let least = Infinity;
  for (const dose of x) if (dose > 0 && dose < least) least = dose;
  const floor = least < Infinity ? log(least) - 2.302585092994046 : 0;
  return ascending(x.map((dose) => (dose > 0 ? log(dose) : floor)), y);
}

/** Share of the range of ln x at either end that shows a plateau. */
const endShare = 0.1;

function meanWithin({ x, y }: Curve, low: number, high: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < x.length; i++)
    if (x[i] >= low && x[i] <= high) {
      sum += y[i];
      count++;
    }
  return sum / count;
}

/** By the logits of the points between the levels at the ends: a straight line over ln x. */
export function guessSigmoid(curve: Curve): Sigmoid {
  const { x, y } = curve;
  const n = x.length;
  const reach = endShare * (x[n - 1] - x[0]);
  const first = meanWithin(curve, x[0], x[0] + reach);
  const last = meanWithin(curve, x[n - 1] - reach, x[n - 1]);
  const rise = last - first;
  let half = 0.5 * (x[0] + x[n - 1]);
  let steepness = 4 / (x[n - 1] - x[0] || 1);
  const logit = new Float64Array(n);
  const weight = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    // Levels a little beyond the ends: the plateaus are not always reached.
    const share = ((y[i] - first) / rise + 0.03) / 1.06;
    if (!(share > 0.05 && share < 0.95)) continue;
    logit[i] = log(share / (1 - share));
    weight[i] = share * share * (1 - share) * (1 - share);
  }
  const { slope, intercept } = straightLine(x, logit, weight);
  if (slope > 0) {
    half = -intercept / slope;
    steepness = slope;
  }
  half = Math.min(x[n - 1], Math.max(x[0], half));
  return { bottom: first, top: last, half: exp(half), steepness };
}
