// The Doniach–Šunjić line of metals in photoemission (1970, J. Phys. C 3, 285).

import { largestPeak } from '../guess/peak.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·cos(π·gamma/2 + (1 − gamma)·atan t)/(1 + t²)^((1 − gamma)/2), t = (x − cen)/sigma; amp,
 * the height where gamma = 0, in units of y; cen and sigma, the half width of the Lorentzian, in
 * units of x; gamma, the asymmetry, has no unit: 0 is a Lorentzian, the tail of a positive one lies
 * to the left.
 */
export const doniach: LibraryModel<'amp' | 'cen' | 'sigma' | 'gamma'> = {
  name: 'doniach',
  names: ['amp', 'cen', 'sigma', 'gamma'],
  expression: 'amp*cos(pi*gamma/2 + (1 - gamma)*atan((x - cen)/sigma))' +
    '*exp((gamma - 1)/2*log1p(((x - cen)/sigma)^2))',
  role: 'peak',
  hints: { sigma: { min: 0 }, gamma: { min: -1, max: 1 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    const slant = (peak.left - peak.right) / peak.fwhm;
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = 0.5 * peak.fwhm;
    out[3] = Math.min(0.3, Math.max(-0.3, slant));
  },
};
