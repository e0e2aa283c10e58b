// A sine wave about an offset whose amplitude decays exponentially.

import { exp } from '../../portable/math/exp.ts';
import { atan2 } from '../../portable/math/inverse-trigonometric.ts';
import { cos, sin } from '../../portable/math/trigonometric.ts';
import { ascending, thinned } from '../guess/curve.ts';
import { frequencies } from '../guess/frequency.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** Points for which waves are computed. */
const mostPoints = 2048;
/** Rates tried, over the range of x. */
const rates: readonly number[] = [-1, 0, 1, 2.5, 5, 10, 20];

/**
 * f = amp·e^(−decay·x)·sin(2π·freq·x + phase) + offset; amp and offset in units of y, freq in
 * cycles per unit of x, phase in radians, decay, a rate, in reciprocal units of x.
 */
export const dampedSine: LibraryModel<'amp' | 'freq' | 'phase' | 'decay' | 'offset'> = {
  name: 'dampedSine',
  names: ['amp', 'freq', 'phase', 'decay', 'offset'],
  expression: 'amp*exp(-decay*x)*sin(2*pi*freq*x + phase) + offset',
  guess([givenX], givenY, out) {
    const curve = ascending(givenX, givenY);
    const { x, y } = thinned(curve, mostPoints);
    const n = x.length;
    const range = x[n - 1] - x[0] || 1;
    const waveSine = new Float64Array(n);
    const waveCosine = new Float64Array(n);
    const basis = [new Float64Array(n), new Float64Array(n), new Float64Array(n).fill(1)];
    const decays = rates.map((rate) => x.map((t) => exp((-rate * (t - x[0])) / range)));
    let freq = 0;
    const setFrequency = (value: number): void => {
      freq = value;
      for (let i = 0; i < n; i++) {
        const angle = 2 * Math.PI * freq * (x[i] - x[0]);
        waveSine[i] = sin(angle);
        waveCosine[i] = cos(angle);
      }
    };
    const setRate = (rate: number): void => {
      const known = rates.indexOf(rate);
      for (let i = 0; i < n; i++) {
        const size = known >= 0 ? decays[known][i] : exp((-rate * (x[i] - x[0])) / range);
        basis[0][i] = size * waveSine[i];
        basis[1][i] = size * waveCosine[i];
      }
    };
    let best = {
      freq: 1 / range, rate: 0, ssr: Infinity, coefficients: new Float64Array(3) as Float64Array,
    };
    const attempt = (value: number, refinements: number): void => {
      setFrequency(value);
      const found = bestValue(rates, y, basis, setRate, refinements);
      if (found.ssr < best.ssr)
        best = { freq, rate: found.value, ssr: found.ssr, coefficients: found.coefficients };
    };
    for (const value of frequencies(curve, 3)) attempt(value, 0);
    const { freq: middle } = best;
    for (const shift of [-0.4, -0.2, 0.2, 0.4]) attempt(Math.abs(middle + shift / range), 0);
    attempt(best.freq, 3);
    const [a, b, offset] = best.coefficients;
    const decay = best.rate / range;
    const turn = atan2(b, a) - 2 * Math.PI * best.freq * x[0];
    out[0] = Math.sqrt(a * a + b * b) * exp(decay * x[0]);
    out[1] = best.freq;
    out[2] = turn - 2 * Math.PI * Math.floor(turn / (2 * Math.PI) + 0.5);
    out[3] = decay;
    out[4] = offset;
  },
};
