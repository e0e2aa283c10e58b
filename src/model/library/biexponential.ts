// Two exponential decays to an offset. The guess tries all pairs from a row of rates, each the
// double of the last, so that one exponential per point gives them all by squaring.

import { exp } from '../../portable/math/exp.ts';
import { condensed } from '../guess/curve.ts';
import { fitLinear } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

const rateCount = 10;
/** The slowest rate tried, over the range of x. */
const slowest = 0.25;
const points = 96;

/**
 * f = a1·e^(−k1·x) + a2·e^(−k2·x) + offset; amplitudes and offset in units of y, rates in
 * reciprocal units of x. The two terms may change places; the guess has k1 > k2.
 */
export const biexponential: LibraryModel<'a1' | 'k1' | 'a2' | 'k2' | 'offset'> = {
  name: 'biexponential',
  names: ['a1', 'k1', 'a2', 'k2', 'offset'],
  expression: 'a1*exp(-k1*x) + a2*exp(-k2*x) + offset',
  role: 'baseline',
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, points);
    const start = x[0];
    const range = x[x.length - 1] - start || 1;
    const curves = [Float64Array.from(x, (t) => exp((-slowest * (t - start)) / range))];
    while (curves.length < rateCount) {
      const last = curves[curves.length - 1];
      curves.push(last.map((value) => value * value));
    }
    const one = new Float64Array(x.length).fill(1);
    const coefficients = new Float64Array(3);
    let least = Infinity;
    for (let slow = 0; slow < rateCount; slow++)
      for (let fast = slow + 1; fast < rateCount; fast++) {
        const ssr = fitLinear([curves[fast], curves[slow], one], y, coefficients);
        if (!(ssr < least)) continue;
        least = ssr;
        out[1] = (slowest * 2 ** fast) / range;
        out[3] = (slowest * 2 ** slow) / range;
        out[0] = coefficients[0] * exp(out[1] * start);
        out[2] = coefficients[1] * exp(out[3] * start);
        out[4] = coefficients[2];
      }
  },
};
