// The skewed Gaussian (Azzalini 1985, Scand. J. Stat. 12).

import { exp } from '../../portable/math/exp.ts';
import { erf } from '../../portable/math/error-function.ts';
import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import { largestPeak } from '../guess/peak.ts';
import { gaussianWidth } from './gaussian.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·e^(−t²/2)·(1 + erf(gamma·t/√2)), t = (x − cen)/sigma; amp, the height where gamma = 0, in
 * units of y; cen and sigma, those of the Gaussian before it is skewed, in units of x; gamma, the
 * skewness, has no unit. The area is amp·sigma·√(2π).
 */
export const skewedGaussian: LibraryModel<'amp' | 'cen' | 'sigma' | 'gamma'> = {
  name: 'skewedGaussian',
  names: ['amp', 'cen', 'sigma', 'gamma'],
  expression: 'amp*exp(-((x - cen)/sigma)^2/2)*(1 + erf(gamma*(x - cen)/(sigma*sqrt(2))))',
  role: 'peak',
  hints: { sigma: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 128);
    const peak = largestPeak(x, y);
    const curve = new Float64Array(x.length);
    let least = Infinity;
    for (const gamma of [-5, -2, -0.8, 0.8, 2, 5]) {
      // The peak lies towards the side of the skew by about 0.6 σ; σ grows to keep the width.
      const size = Math.abs(gamma);
      const sigma = (peak.fwhm / gaussianWidth) * (1 + 0.55 * (size / (1 + size)));
      const middle = peak.center - (Math.sign(gamma) * 0.65 * sigma * size) / (0.6 + size);
      const best = bestValue([-0.3, 0, 0.3], y, [curve], (shift) => {
        const center = middle + shift * sigma;
        for (let i = 0; i < x.length; i++) {
          const t = (x[i] - center) / sigma;
          curve[i] = exp(-0.5 * t * t) * (1 + erf(gamma * t * Math.SQRT1_2));
        }
      }, 2);
      if (!(best.ssr < least)) continue;
      least = best.ssr;
      out.set([best.coefficients[0], middle + best.value * sigma, sigma, gamma]);
    }
  },
};
