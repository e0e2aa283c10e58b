// The pseudo-Voigt peak: a Gaussian and a Lorentzian of the same width and height, mixed.

import type { Peak } from '../guess/peak.ts';
import { largestPeak } from '../guess/peak.ts';
import type { LibraryModel } from './library-model.ts';

/** How Lorentzian a peak looks, 0.05 to 0.95, by its width at a quarter of its height. */
export function lorentzianShare(peak: Peak): number {
  const share = (peak.tail - Math.SQRT2) / (1.7320508075688772 - Math.SQRT2);
  return Math.min(0.95, Math.max(0.05, share));
}

/**
 * f = amp·[(1 − eta)·2^(−t²) + eta/(1 + t²)], t = (x − cen)/sigma; amp is the height in units of y;
 * sigma, the half width at half height of both, and cen in units of x; eta, the share of the
 * Lorentzian, has no unit.
 */
export const pseudoVoigt: LibraryModel<'amp' | 'cen' | 'sigma' | 'eta'> = {
  name: 'pseudoVoigt',
  names: ['amp', 'cen', 'sigma', 'eta'],
  expression: 'amp*((1 - eta)*exp2(-((x - cen)/sigma)^2) + eta/(1 + ((x - cen)/sigma)^2))',
  role: 'peak',
  hints: { sigma: { min: 0 }, eta: { min: 0, max: 1 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = 0.5 * peak.fwhm;
    out[3] = lorentzianShare(peak);
  },
};
