// A sine wave about an offset. The guess takes the frequencies that stand out in the spectrum and
// keeps the one with which sine, cosine and offset, which are linear, fit best.

import { atan2 } from '../../portable/math/inverse-trigonometric.ts';
import { cos, sin } from '../../portable/math/trigonometric.ts';
import { ascending, thinned } from '../guess/curve.ts';
import { frequencies } from '../guess/frequency.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Points for which waves are computed. */
const mostPoints = 2048;

/**
 * f = amp·sin(2π·freq·x + phase) + offset; amp and offset in units of y, freq in cycles per unit of
 * x, phase in radians.
 */
export const sine: LibraryModel<'amp' | 'freq' | 'phase' | 'offset'> = {
  name: 'sine',
  names: ['amp', 'freq', 'phase', 'offset'],
  expression: 'amp*sin(2*pi*freq*x + phase) + offset',
  guess([givenX], givenY, out) {
    const curve = ascending(givenX, givenY);
    const { x, y } = thinned(curve, mostPoints);
    const n = x.length;
    const range = x[n - 1] - x[0] || 1;
    const s = new Float64Array(n);
    const c = new Float64Array(n);
    const one = new Float64Array(n).fill(1);
    const basis = [s, c, one];
    const fill = (freq: number): void => {
      for (let i = 0; i < n; i++) {
        const angle = 2 * Math.PI * freq * (x[i] - x[0]);
        s[i] = sin(angle);
        c[i] = cos(angle);
      }
    };
    const found = bestValue(frequencies(curve, 4), y, basis, fill);
    // Half a cycle over the data to either side is how far a fit can see.
    const width = 0.3 / range;
    const near = [found.value - width, found.value, found.value + width];
    const best = bestValue(near.filter((freq) => freq > 0), y, basis, fill, 6);
    const [a, b, offset] = best.coefficients;
    const turn = atan2(b, a) - 2 * Math.PI * best.value * x[0];
    out[0] = Math.sqrt(a * a + b * b);
    out[1] = best.value;
    out[2] = turn - 2 * Math.PI * Math.floor(turn / (2 * Math.PI) + 0.5);
    out[3] = offset;
  },
};
