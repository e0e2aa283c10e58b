// The Lorentzian (Cauchy) peak, by its height.

import { largestPeak } from '../guess/peak.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp/(1 + ((x − cen)/sigma)²); amp is the height in units of y; sigma, the half width at half
 * height, and cen in units of x. The area is π·amp·sigma.
 */
export const lorentzian: LibraryModel<'amp' | 'cen' | 'sigma'> = {
  name: 'lorentzian',
  names: ['amp', 'cen', 'sigma'],
  expression: 'amp/(1 + ((x - cen)/sigma)^2)',
  role: 'peak',
  hints: { sigma: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = 0.5 * peak.fwhm;
  },
};
