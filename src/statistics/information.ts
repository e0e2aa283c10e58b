// Akaike weights: how likely each of several models is the best of them, given their information
// criteria (Burnham & Anderson 2002, section 2.9).

import { exp } from '../portable/math/exp.ts';

/** exp(−Δ/2), scaled to a sum of 1; NaN entries have no share. */
export function akaikeWeights(criteria: readonly number[]): number[] {
  const best = criteria.reduce((least, v) => (v < least ? v : least), Infinity);
  // An exact fit has −∞: all weight is on such fits.
  const shares = criteria.map((v) =>
    Number.isNaN(v) ? 0 : v === best ? 1 : best === -Infinity ? 0 : exp((best - v) / 2),
  );
  const total = shares.reduce((sum, v) => sum + v, 0);
  return shares.map((v) => v / total);
}
