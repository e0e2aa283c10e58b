// Logistic growth to a limit (Verhulst 1838).

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { condensed, quantile } from '../guess/curve.ts';
import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Limits tried, over the largest values seen. */
const limits: readonly number[] = [0.97, 1.02, 1.1, 1.3, 1.7, 2.5, 5];

/**
 * f = amp/(1 + e^(−rate·(x − mid))); amp, the limit, in units of y; rate, that of early growth, in
 * reciprocal units of x; mid, where half the limit is reached, in units of x.
 */
export const logisticGrowth: LibraryModel<'amp' | 'rate' | 'mid'> = {
  name: 'logisticGrowth',
  names: ['amp', 'rate', 'mid'],
  expression: 'amp/(1 + exp(-rate*(x - mid)))',
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
        if (!(share > 0.02 && share < 0.98)) continue;
        v[i] = log(share / (1 - share));
        weight[i] = share * share * (1 - share) * (1 - share);
      }
      const { slope, intercept } = straightLine(x, v, weight);
      const mid = slope === 0 ? x[x.length >> 1] : -intercept / slope;
      let ssr = 0;
      for (let i = 0; i < x.length; i++) {
        const r = y[i] - amp / (1 + exp(-slope * (x[i] - mid)));
        ssr += r * r;
      }
      if (!(ssr < least)) continue;
      least = ssr;
      out.set([amp, slope, mid]);
    }
  },
};
