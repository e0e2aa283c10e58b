// The Gaussian peak, by its height.

import { largestPeak } from '../guess/peak.ts';
import type { LibraryModel } from './library-model.ts';

/** Full width at half height over σ: 2·√(2·ln 2). */
export const gaussianWidth = 2.3548200450309493;

/**
 * f = amp·e^(−(x − cen)²/(2·sigma²)); amp is the height in units of y, cen and sigma in units of
 * x. The area is amp·sigma·√(2π).
 */
export const gaussian: LibraryModel<'amp' | 'cen' | 'sigma'> = {
  name: 'gaussian',
  names: ['amp', 'cen', 'sigma'],
  expression: 'amp*exp(-(x - cen)^2/(2*sigma^2))',
  role: 'peak',
  hints: { sigma: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = peak.fwhm / gaussianWidth;
  },
};
