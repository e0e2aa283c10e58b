// The Bateman curve of absorption and elimination, one compartment (Bateman 1910). Written with
// e^x − 1, so that rates which nearly agree do not cancel.

import { exp, expm1 } from '../../portable/math/exp.ts';
import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Elimination rates tried, over the range of x, and absorption rates over those. */
const eliminations: readonly number[] = [0.15, 0.4, 1, 2.5, 6, 15];
const ratios: readonly number[] = [1.3, 2.2, 4, 8, 16, 40];

/**
 * f = amp·ka/(ka − ke)·(e^(−ke·x) − e^(−ka·x)) for x ≥ 0, at ka = ke its limit amp·ka·x·e^(−ke·x);
 * amp, the dose over the volume, in units of y; ka and ke, the rates of absorption and elimination,
 * in reciprocal units of x. With ka and ke exchanged and amp·ka/ke for amp the curve is the same:
 * the guess has ka > ke.
 */
export const bateman: LibraryModel<'amp' | 'ka' | 'ke'> = {
  name: 'bateman',
  names: ['amp', 'ka', 'ke'],
  expression:
    'ka == ke ? amp*ka*x*exp(-ke*x) : amp*ka*exp(-ke*x)*-expm1(-(ka - ke)*x)/(ka - ke)',
  hints: { ka: { min: 0 }, ke: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 64);
    const range = x[x.length - 1] || 1;
    const curve = new Float64Array(x.length);
    let least = Infinity;
    for (const ratio of ratios) {
      const best = bestValue(eliminations, y, [curve], (rate) => {
        const ke = rate / range;
        const more = (ratio - 1) * ke;
        const factor = (-ratio * ke) / more;
        for (let i = 0; i < x.length; i++) curve[i] = factor * exp(-ke * x[i]) * expm1(-more * x[i]);
      }, 2);
      if (!(best.ssr < least)) continue;
      least = best.ssr;
      const ke = best.value / range;
      out.set([best.coefficients[0], ratio * ke, ke]);
    }
  },
};
