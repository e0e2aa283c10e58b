// The Hill curve of cooperative binding, from 0.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

const coefficients: readonly number[] = [0.5, 0.8, 1.2, 2, 3.5, 6];
/** Steps of the half-way concentration over the range of ln x. */
const places: readonly number[] = [0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 1.05];

/**
 * f = vmax·x^n/(k^n + x^n) for x ≥ 0; vmax, the limit, in units of y; k, where half of it is
 * reached, in units of x; n, the Hill coefficient, has no unit.
 */
export const hill: LibraryModel<'vmax' | 'k' | 'n'> = {
  name: 'hill',
  names: ['vmax', 'k', 'n'],
  expression: 'vmax - vmax/(1 + (x/k)^n)',
  hints: { k: { min: 0 }, n: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 64);
    let first = Infinity;
    for (const value of x) if (value > 0 && value < first) first = value;
    if (first === Infinity) return void out.set([1, 1, 1]);
    const start = log(first);
    const range = log(x[x.length - 1]) - start || 1;
    const u = x.map((value) => (value > 0 ? log(value) : -Infinity));
    const curve = new Float64Array(x.length);
    let least = Infinity;
    for (const n of coefficients) {
      const best = bestValue(places, y, [curve], (place) => {
        const middle = start + place * range;
        for (let i = 0; i < u.length; i++) curve[i] = 1 / (1 + exp(-n * (u[i] - middle)));
      }, 2);
      if (!(best.ssr < least)) continue;
      least = best.ssr;
      out.set([best.coefficients[0], exp(start + best.value * range), n]);
    }
  },
};
