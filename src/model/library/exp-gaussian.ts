// The exponentially modified Gaussian of chromatography (Grushka 1972, Anal. Chem. 44): a Gaussian
// convolved with a decay. On either side of its ridge the form that can neither overflow nor
// cancel: the scaled error function e^(z²)·erfc z = w(iz), or erfc itself (Delley 1985).

import { largestPeak } from '../guess/peak.ts';
import { gaussianWidth } from './gaussian.ts';
import type { LibraryModel } from './library-model.ts';

const z = '((sigma/tau - (x - cen)/sigma)/sqrt(2))';

/**
 * f = amp/(2·tau)·e^(−t²/2)·e^(z²)·erfc z, t = (x − cen)/sigma, z = (sigma/tau − t)/√2; amp is the
 * AREA in units of y times x; cen, the centre of the Gaussian, sigma and tau, the time constant of
 * the tail to the right, in units of x.
 */
export const expGaussian: LibraryModel<'amp' | 'cen' | 'sigma' | 'tau'> = {
  name: 'expGaussian',
  names: ['amp', 'cen', 'sigma', 'tau'],
  expression: `amp/(2*tau)*(${z} > 0 ? exp(-((x - cen)/sigma)^2/2)*faddeevaReal(0, max(${z}, 0))` +
    ` : exp((sigma/tau)^2/2 - (x - cen)/tau)*erfc(min(${z}, 0)))`,
  role: 'peak',
  hints: { sigma: { min: 0 }, tau: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    // A peak with a tail is steeper on the left; half of what the right has more is its tail.
    const left = peak.left > 0 ? peak.left : 0.5 * peak.fwhm;
    const sigma = Math.min(left, 0.5 * peak.fwhm) / (0.5 * gaussianWidth);
    const tau = Math.max(0.3 * sigma, (peak.right - left) / 0.7);
    out[0] = peak.area;
    out[1] = peak.center - 0.6 * Math.min(tau, 2 * sigma);
    out[2] = 0.8 * sigma;
    out[3] = tau;
    // Where the peak runs out of the data, or others stand beside it, the height says more.
    const typical = peak.height * peak.fwhm;
    if (!(peak.area / typical > 0.5 && peak.area / typical < 3)) out[0] = 1.1 * typical;
  },
};
