// The log-normal peak, by its height.

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { largestPeak } from '../guess/peak.ts';
import { gaussianWidth } from './gaussian.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·e^(−ln(x/cen)²/(2·sigma²)) for x > 0, else 0; amp is the height in units of y, cen, its
 * place, in units of x, sigma, the width of ln x, has no unit. With amp/x in the place of amp it is
 * the density.
 */
export const logNormal: LibraryModel<'amp' | 'cen' | 'sigma'> = {
  name: 'logNormal',
  names: ['amp', 'cen', 'sigma'],
  expression: 'x > 0 ? amp*exp(-(log(x/cen)/sigma)^2/2) : 0',
  role: 'peak',
  hints: { cen: { min: 0 }, sigma: { min: 0 } },
  guess([x], y, out) {
    let count = 0;
    for (const value of x) if (value > 0) count++;
    const u = new Float64Array(count);
    const v = new Float64Array(count);
    let at = 0;
    for (let i = 0; i < x.length; i++)
      if (x[i] > 0) {
        u[at] = log(x[i]);
        v[at++] = y[i];
      }
    if (count < 2) return void out.set([1, 1, 1]);
    const peak = largestPeak(u, v);
    out[0] = peak.height;
    out[1] = exp(peak.center);
    out[2] = peak.fwhm / gaussianWidth;
  },
};
