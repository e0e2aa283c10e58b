// Points to start fits from. A Latin hypercube (McKay, Beckman & Conover 1979) spreads every
// parameter evenly over its range: with n points, one lies in each of the n parts of it.
//
// - Between two bounds: uniform; uniform in the logarithm where both have the same sign and one is
//   a thousand times the other.
// - Beyond one bound: the distance to it, times a factor.
// - Without bounds: the start, times a factor; where the start is 0, its scale (or 1) times a
//   factor, with either sign.
//
// A third of the points has factors up to 2 either way, a third up to 10, a third up to 100; in the
// last third every fourth value without bounds changes its sign.

import { exp } from '../portable/math/exp.ts';
import { log } from '../portable/math/log.ts';
import type { Random } from './random.ts';

export interface StartSpace {
  /** The start that is there already, of all parameters and within the bounds. */
  readonly init: Float64Array;
  readonly varying: readonly number[];
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly scale: Float64Array | null;
}

/** Logarithms of the largest factors: 2, 10, 100. */
const spreads: readonly number[] = [0.6931471805599453, 2.302585092994046, 4.605170185988092];
const wideRatio = 1000;
const flipped = 0.25;

/** Fills rows `first` to `end` − 1 of `out`, one start of all parameters per row. */
export function startPointsInto(
  { init, varying, lower, upper, scale }: StartSpace,
  random: Random,
  out: Float64Array,
  first: number,
  end: number,
): void {
  const n = init.length,
    rows = end - first;
  for (let i = first; i < end; i++) out.set(init, i * n);
  for (const k of varying) {
    const cells = permutation(rows, random);
    const low = lower[k],
      high = upper[k],
      start = init[k];
    const hasLow = low > -Infinity,
      hasHigh = high < Infinity;
    for (let row = 0; row < rows; row++) {
      const part = (cells[row] + random.uniform()) / rows;
      const spread = spreads[row % spreads.length];
      const factor = exp(spread * (2 * part - 1));
      let value: number;
      if (hasLow && hasHigh) value = between(low, high, part);
      else if (hasLow) value = low + (start - low) * factor;
      else if (hasHigh) value = high - (high - start) * factor;
      else if (start === 0)
        value = (scale === null ? 1 : scale[k]) * (random.uniform() < 0.5 ? -factor : factor);
      else {
        const isWide = spread === spreads[2];
        value = start * (isWide && random.uniform() < flipped ? -factor : factor);
      }
      out[(first + row) * n + k] = value > low && value < high ? value : start;
    }
  }
}

/** The numbers 0 … n − 1 in random order (Fisher–Yates). */
function permutation(n: number, random: Random): Uint32Array {
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const j = random.below(i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}

/** At the given part of the way from one bound to the other. */
function between(low: number, high: number, part: number): number {
  const sign = low < 0 ? -1 : 1;
  const near = sign > 0 ? low : -high,
    far = sign > 0 ? high : -low;
  if (near > 0 && far / near >= wideRatio) {
    const t = sign > 0 ? part : 1 - part;
    return sign * near * exp(t * log(far / near));
  }
  return low * (1 - part) + high * part;
}
