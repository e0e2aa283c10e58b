// Exponential decay, or growth for a negative rate, to an offset.

import { exp } from '../../portable/math/exp.ts';
import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Rates tried, in reciprocals of the range of x. */
const rates: readonly number[] = [-8, -4, -2, -1, -0.3, 0.3, 1, 2, 4, 8, 16, 32, 64];
const points = 128;

/**
 * f = amp·e^(−decay·x) + offset; amp and offset in units of y, decay, a rate, in reciprocal units
 * of x.
 */
export const exponential: LibraryModel<'amp' | 'decay' | 'offset'> = {
  name: 'exponential',
  names: ['amp', 'decay', 'offset'],
  expression: 'amp*exp(-decay*x) + offset',
  role: 'baseline',
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, points);
    const start = x[0];
    const range = x[x.length - 1] - start || 1;
    const curve = new Float64Array(x.length);
    const basis = [curve, new Float64Array(x.length).fill(1)];
    const best = bestValue(rates, y, basis, (rate) => {
      for (let i = 0; i < x.length; i++) curve[i] = exp((-rate * (x[i] - start)) / range);
    }, 6);
    const decay = best.value / range;
    out[0] = best.coefficients[0] * exp(decay * start);
    out[1] = decay;
    out[2] = best.coefficients[1];
  },
};
