// The Breit–Wigner–Fano resonance (Fano 1961, Phys. Rev. 124): a dip to 0 beside a peak.

import { condensed, quantile, smoothed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·(q·sigma/2 + x − cen)²/((sigma/2)² + (x − cen)²); amp, the level far from the resonance,
 * in units of y; cen and sigma, its full width, in units of x; q, the asymmetry, has no unit. The
 * peak at cen + sigma/(2q) has the height amp·(1 + q²), the zero is at cen − q·sigma/2.
 */
export const breitWigner: LibraryModel<'amp' | 'cen' | 'sigma' | 'q'> = {
  name: 'breitWigner',
  names: ['amp', 'cen', 'sigma', 'q'],
  expression: 'amp*(q*sigma/2 + x - cen)^2/((sigma/2)^2 + (x - cen)^2)',
  hints: { sigma: { min: 0 } },
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 256);
    const n = x.length;
    const smooth = smoothed(y, n > 60 ? 2 : n > 30 ? 1 : 0);
    const level = quantile(y, 0.5);
    let high = 0;
    let low = 0;
    const sign = level < 0 ? -1 : 1;
    for (let i = 1; i < n; i++) {
      if (sign * smooth[i] > sign * smooth[high]) high = i;
      if (sign * smooth[i] < sign * smooth[low]) low = i;
    }
    const spacing = (x[n - 1] - x[0]) / n || 1;
    const between = x[high] - x[low];
    const distance = Math.max(Math.abs(between), spacing);
    // f = A + B·σ'(x − c)/(σ'² + (x − c)²) + C·σ'²/(…), σ' = σ/2, is linear in A, B, C: the quotients
    // are q² − 1 = C/A and 2q = B/A.
    const even = new Float64Array(n);
    const odd = new Float64Array(n);
    const basis = [new Float64Array(n).fill(1), odd, even];
    let least = Infinity;
    for (const place of [0, 0.15, 0.3, 0.5, 0.7, 0.85, 1]) {
      const center = x[low] + place * between;
      const found = bestValue([0.1, 0.25, 0.5, 1, 2], y, basis, (ratio) => {
        const half = ratio * distance;
        for (let i = 0; i < n; i++) {
          const t = (x[i] - center) / half;
          even[i] = 1 / (1 + t * t);
          odd[i] = t * even[i];
        }
      }, 2);
      if (!(found.ssr < least)) continue;
      least = found.ssr;
      const [amp, slant, bump] = found.coefficients;
      // The odd part has the sign of q, the even one its size.
      const size = Math.sqrt(Math.max(0.01, 1 + bump / amp));
      out.set([amp, center, 2 * found.value * distance, slant / amp < 0 ? -size : size]);
    }
  },
};
