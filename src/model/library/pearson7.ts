// The Pearson VII peak of diffraction lines, by its height and its half width.

import { pow } from '../../portable/math/pow.ts';
import type { Peak } from '../guess/peak.ts';
import { largestPeak } from '../guess/peak.ts';
import { lorentzianShare } from './pseudo-voigt.ts';
import type { LibraryModel } from './library-model.ts';

/** 1 for a Lorentzian, growing towards a Gaussian. */
export function exponentOf(peak: Peak): number {
  return Math.min(10, 1 / lorentzianShare(peak));
}

/** 2^(1/m) − 1: the square of the half width at half height, over the scale. */
export function exponentWidth(m: number): number {
  return pow(2, 1 / m) - 1;
}

/**
 * f = amp/(1 + (2^(1/expon) − 1)·((x − cen)/sigma)²)^expon; amp is the height in units of y; sigma,
 * the half width at half height, and cen in units of x; expon has no unit: 1 is a Lorentzian, large
 * values approach a Gaussian.
 */
export const pearson7: LibraryModel<'amp' | 'cen' | 'sigma' | 'expon'> = {
  name: 'pearson7',
  names: ['amp', 'cen', 'sigma', 'expon'],
  expression: 'amp*exp(-expon*log1p((exp2(1/expon) - 1)*((x - cen)/sigma)^2))',
  role: 'peak',
  hints: { sigma: { min: 0 }, expon: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = 0.5 * peak.fwhm;
    out[3] = exponentOf(peak);
  },
};
