// Michaelis–Menten kinetics: a hyperbola through the origin.

import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Values of km tried, over the largest x. */
const ratios: readonly number[] = [0.003, 0.01, 0.03, 0.08, 0.2, 0.5, 1, 2, 5, 15];
const points = 128;

/** f = vmax·x/(km + x); vmax, the limit, in units of y; km, where half of it is reached, in units of x. */
export const michaelisMenten: LibraryModel<'vmax' | 'km'> = {
  name: 'michaelisMenten',
  names: ['vmax', 'km'],
  expression: 'vmax*x/(km + x)',
  hints: { km: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, points);
    const largest = x[x.length - 1] > 0 ? x[x.length - 1] : 1;
    const curve = new Float64Array(x.length);
    const best = bestValue(ratios, y, [curve], (ratio) => {
      for (let i = 0; i < x.length; i++) curve[i] = x[i] / (ratio * largest + x[i]);
    }, 6);
    out[0] = best.coefficients[0];
    out[1] = best.value * largest;
  },
};
