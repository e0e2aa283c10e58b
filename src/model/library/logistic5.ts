// The five-parameter logistic curve: logistic4 with an asymmetry (Prentice 1976).

import { exp } from '../../portable/math/exp.ts';
import { log } from '../../portable/math/log.ts';
import { pow } from '../../portable/math/pow.ts';
import { bestValue } from '../guess/linear.ts';
import { guessSigmoid, positiveLogarithms } from './logistic4.ts';
import type { LibraryModel } from './library-model.ts';

/** Sums of squares that differ by less say nothing about the direction. */
const clearly = 0.5;
const asymmetries: readonly number[] = [0.35, 0.6, 1, 1.8, 4];

/**
 * f = top + (bottom − top)/(1 + (x/ec50)^hill)^asym for doses x ≥ 0; as logistic4 at asym = 1.
 * With another asym the response at ec50 is not half way: bottom and top are mixed 1 : 2^asym − 1.
 */
export const logistic5: LibraryModel<'bottom' | 'top' | 'ec50' | 'hill' | 'asym'> = {
  name: 'logistic5',
  names: ['bottom', 'top', 'ec50', 'hill', 'asym'],
  expression: 'top + (bottom - top)/(1 + (x/ec50)^hill)^asym',
  hints: { ec50: { min: 0 }, asym: { min: 0 } },
  guess([x], y, out) {
    const curve = positiveLogarithms(x, y);
    const { bottom, top, half, steepness } = guessSigmoid(curve);
    // The asymmetry that fits best, with the half-way dose near its place and the plateaus solved
    // for. A curve can be read from either end, with the other sign of hill and nearly the same
    // shape; hill > 0 is kept unless the other reading is clearly closer.
    const n = curve.x.length;
    const shape = new Float64Array(n);
    const basis = [shape, new Float64Array(n).fill(1)];
    let least = Infinity;
    for (const direction of [1, -1])
      for (const asym of asymmetries) {
        // Half way the logit rises by 2·asym·(1 − 2^(−1/asym))·hill.
        const hill = (direction * steepness) / (2 * asym * (1 - pow(2, -1 / asym)));
        const middle = log(half) - log(pow(2, 1 / asym) - 1) / hill;
        const best = bestValue([-0.6, 0, 0.6], curve.y, basis, (shift) => {
          for (let i = 0; i < n; i++)
            shape[i] = pow(1 + exp(hill * (curve.x[i] - middle) - shift), -asym);
        }, 2);
        if (!(best.ssr < (direction > 0 || out[3] < 0 ? 1 : clearly) * least)) continue;
        least = best.ssr;
        const [difference, high] = best.coefficients;
        out.set([high + difference, high, exp(middle + best.value / hill), hill, asym]);
      }
    // Data that cannot be solved for, as a single dose.
    if (least === Infinity) out.set([bottom, top, half, steepness, 1]);
  },
};
