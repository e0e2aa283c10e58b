// The Voigt peak, a Gaussian convolved with a Lorentzian, by its height: the real part of
// Faddeeva's function over its value at the centre.

import { largestPeak } from '../guess/peak.ts';
import { lorentzianShare } from './pseudo-voigt.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·Re w(z)/Re w(z₀), z = (x − cen + i·gamma)/(sigma·√2), z₀ = i·gamma/(sigma·√2); amp is the
 * height in units of y, sigma the standard deviation of the Gaussian and gamma the half width of
 * the Lorentzian in units of x; their signs do not matter. The area is
 * amp·sigma·√(2π)/Re w(z₀).
 */
export const voigt: LibraryModel<'amp' | 'cen' | 'sigma' | 'gamma'> = {
  name: 'voigt',
  names: ['amp', 'cen', 'sigma', 'gamma'],
  expression: 'amp*faddeevaReal((x - cen)/(abs(sigma)*sqrt(2)), abs(gamma)/(abs(sigma)*sqrt(2)))' +
    '/faddeevaReal(0, abs(gamma)/(abs(sigma)*sqrt(2)))',
  role: 'peak',
  hints: { sigma: { min: 0 }, gamma: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    const share = lorentzianShare(peak);
    out[0] = peak.height;
    out[1] = peak.center;
    // fwhm ≈ 1.07·γ + √(0.86·γ² + 5.55·σ²) (Olivero and Longbothum 1977), with γ = share·fwhm/2.
    out[3] = 0.5 * share * peak.fwhm;
    const rest = 1 - 0.535 * share;
    out[2] = (peak.fwhm * Math.sqrt(Math.max(0.01, rest * rest - 0.215 * share * share))) / 2.3548;
  },
};
