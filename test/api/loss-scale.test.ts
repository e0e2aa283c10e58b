// The scale of a loss from the median of the residuals' magnitudes, against sorting them.

import { describe, expect, it } from 'vitest';
import { scaleFromResiduals } from '../../src/api/loss-scale.ts';
import { noise } from './data.ts';

/** 1/Φ⁻¹(3/4) */
const factor = 1.482602218505602;

function bySorting(residuals: Float64Array): number {
  const sorted = residuals.map((r) => Math.abs(r)).sort();
  const half = sorted.length >> 1;
  return factor * (sorted.length % 2 === 1 ? sorted[half]! : sorted[half - 1]! / 2 + sorted[half]! / 2);
}

describe('the scale from residuals', () => {
  const next = noise(7);
  const shapes: Record<string, (i: number, count: number) => number> = {
    'at random': () => next(),
    'in order': (i) => i + 1,
    'in falling order': (i, count) => count - i,
    'with many alike': () => 1 + Math.floor(3 * Math.abs(next())),
    'with outliers': (i) => (i % 5 === 0 ? 1e300 * next() : next()),
    'up and down': (i, count) => Math.min(i, count - i) + 1,
  };

  it.each(Object.keys(shapes))('is that of the median, %s', (shape) => {
    for (let count = 1; count < 70; count++) {
      const residuals = Float64Array.from({ length: count }, (_, i) => shapes[shape]!(i, count));
      const before = residuals.slice();
      expect(scaleFromResiduals(residuals, 1), `${count} residuals`).toBe(bySorting(residuals));
      expect(residuals).toEqual(before);
    }
  });

  it('is the mean where most residuals are 0, and stays as it was where none says anything', () => {
    expect(scaleFromResiduals(Float64Array.of(0, 0, 0, -4), 9)).toBeCloseTo(1.2533141373155003, 15);
    expect(scaleFromResiduals(new Float64Array(5), 9)).toBe(9);
    expect(scaleFromResiduals(new Float64Array(5).fill(NaN), 9)).toBe(9);
    expect(scaleFromResiduals(new Float64Array(5).fill(-Infinity), 9)).toBe(9);
    expect(scaleFromResiduals(Float64Array.of(1, NaN, 2, Infinity, 3), 9)).toBe(factor * 3);
  });
});
