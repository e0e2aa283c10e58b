// The Moffat peak of star images (Moffat 1969, A&A 3, 455), by its height.

import { largestPeak } from '../guess/peak.ts';
import { exponentOf, exponentWidth } from './pearson7.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp/(1 + ((x − cen)/sigma)²)^beta; amp is the height in units of y, cen and sigma in units of
 * x, beta has no unit. The full width at half height is 2·sigma·√(2^(1/beta) − 1).
 */
export const moffat: LibraryModel<'amp' | 'cen' | 'sigma' | 'beta'> = {
  name: 'moffat',
  names: ['amp', 'cen', 'sigma', 'beta'],
  expression: 'amp*exp(-beta*log1p(((x - cen)/sigma)^2))',
  role: 'peak',
  hints: { sigma: { min: 0 }, beta: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    const beta = exponentOf(peak);
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = peak.fwhm / (2 * Math.sqrt(exponentWidth(beta)));
    out[3] = beta;
  },
};
