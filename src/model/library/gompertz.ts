// Gompertz growth: an S with its turning point at 37 % of the limit.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { condensed, quantile } from '../guess/curve.ts';
import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Limits tried, over the largest values seen. */
const limits: readonly number[] = [0.97, 1.02, 1.1, 1.3, 1.7, 2.5, 4];

/**
 * f = amp·exp(−shift·e^(−rate·x)); amp, the limit, in units of y; shift, −ln(f/amp) at x = 0, has
 * no unit; rate in reciprocal units of x.
 */
export const gompertz: LibraryModel<'amp' | 'shift' | 'rate'> = {
  name: 'gompertz',
  names: ['amp', 'shift', 'rate'],
  expression: 'amp*exp(-shift*exp(-rate*x))',
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 128);
    const high = quantile(y, 0.95);
    const low = quantile(y, 0.05);
    const top = Math.abs(high) >= Math.abs(low) ? high : low;
    const v = new Float64Array(x.length);
    const weight = new Float64Array(x.length);
    let least = Infinity;
    for (const limit of limits) {
      const amp = limit * top;
      for (let i = 0; i < x.length; i++) {
        const share = y[i] / amp;
        weight[i] = 0;
        if (!(share > 0.02 && share < 0.99)) continue;
        // ln(−ln(y/amp)) = ln shift − rate·x, with the weight of an error of y.
        const l = log(share);
        v[i] = log(-l);
        weight[i] = share * share * l * l;
      }
      const { slope, intercept } = straightLine(x, v, weight);
      const shift = exp(intercept);
      let ssr = 0;
      for (let i = 0; i < x.length; i++) {
        const r = y[i] - amp * exp(-shift * exp(slope * x[i]));
        ssr += r * r;
      }
      if (!(ssr < least)) continue;
      least = ssr;
      out.set([amp, shift, -slope]);
    }
  },
};
