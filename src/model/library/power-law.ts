// Power law; the guess is a straight line through the logarithms, weighted for errors of y.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** f = amp·x^exponent for x ≥ 0; amp in units of y at x = 1, exponent has no unit. */
export const powerLaw: LibraryModel<'amp' | 'exponent'> = {
  name: 'powerLaw',
  names: ['amp', 'exponent'],
  expression: 'amp*x^exponent',
  role: 'baseline',
  guess([x], y, out) {
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += y[i];
    const sign = sum < 0 ? -1 : 1;
    const u = new Float64Array(x.length);
    const v = new Float64Array(x.length);
    const weight = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) {
      if (!(x[i] > 0 && sign * y[i] > 0)) continue;
      u[i] = log(x[i]);
      v[i] = log(sign * y[i]);
      weight[i] = y[i] * y[i];
    }
    const { slope, intercept } = straightLine(u, v, weight);
    out[0] = sign * exp(intercept);
    out[1] = slope;
  },
};
