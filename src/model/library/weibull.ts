// The cumulative Weibull curve.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { pow } from '../../portable/math/pow.ts';
import { condensed, quantile } from '../guess/curve.ts';
import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Limits tried, over the largest values seen. */
const limits: readonly number[] = [0.97, 1.02, 1.1, 1.3, 1.7, 2.5];

/**
 * f = amp·(1 − e^(−(x/scale)^shape)) for x ≥ 0; amp, the limit, in units of y; scale, where 63 % of
 * it are reached, in units of x; shape has no unit.
 */
export const weibull: LibraryModel<'amp' | 'scale' | 'shape'> = {
  name: 'weibull',
  names: ['amp', 'scale', 'shape'],
  expression: '-amp*expm1(-(x/scale)^shape)',
  hints: { scale: { min: 0 }, shape: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 128);
    const high = quantile(y, 0.95);
    const low = quantile(y, 0.05);
    const top = Math.abs(high) >= Math.abs(low) ? high : low;
    const u = x.map((value) => (value > 0 ? log(value) : 0));
    const v = new Float64Array(x.length);
    const weight = new Float64Array(x.length);
    let least = Infinity;
    for (const limit of limits) {
      const amp = limit * top;
      for (let i = 0; i < x.length; i++) {
        const left = 1 - y[i] / amp;
        weight[i] = 0;
        if (!(x[i] > 0 && left > 0.02 && left < 0.98)) continue;
        // ln(−ln(1 − y/amp)) = shape·(ln x − ln scale), with the weight of an error of y.
        const l = log(left);
        v[i] = log(-l);
        weight[i] = left * left * l * l;
      }
      const { slope, intercept } = straightLine(u, v, weight);
      const shape = slope > 0.05 ? slope : 1;
      const scale = slope > 0.05 ? exp(-intercept / slope) : x[x.length >> 1];
      let ssr = 0;
      for (let i = 0; i < x.length; i++) {
        const r = y[i] - amp * (1 - exp(-pow(x[i] / scale, shape)));
        ssr += r * r;
      }
      if (!(ssr < least)) continue;
      least = ssr;
      out.set([amp, scale, shape]);
    }
  },
};
