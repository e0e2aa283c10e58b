// The peak of Student's t distribution, by its height.

import { largestPeak } from '../guess/peak.ts';
import { exponentOf, exponentWidth } from './pearson7.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·(1 + ((x − cen)/sigma)²/nu)^(−(nu + 1)/2); amp is the height in units of y, cen and sigma
 * in units of x; nu, the degrees of freedom, has no unit: 1 is a Lorentzian.
 */
export const student: LibraryModel<'amp' | 'cen' | 'sigma' | 'nu'> = {
  name: 'student',
  names: ['amp', 'cen', 'sigma', 'nu'],
  expression: 'amp*exp(-(nu + 1)/2*log1p(((x - cen)/sigma)^2/nu))',
  role: 'peak',
  hints: { sigma: { min: 0 }, nu: { min: 0 } },
  guess([x], y, out) {
    const peak = largestPeak(x, y);
    const exponent = exponentOf(peak);
    const nu = 2 * exponent - 1;
    out[0] = peak.height;
    out[1] = peak.center;
    out[2] = (0.5 * peak.fwhm) / Math.sqrt(nu * exponentWidth(exponent));
    out[3] = nu;
  },
};
