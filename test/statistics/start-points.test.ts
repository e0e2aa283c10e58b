import { describe, expect, it } from 'vitest';
import { Random } from '../../src/statistics/random.ts';
import { startPointsInto, type StartSpace } from '../../src/statistics/start-points.ts';

const space = (init: number, lower: number, upper: number): StartSpace => ({
  init: Float64Array.of(7, init),
  varying: [1],
  lower: Float64Array.of(-Infinity, lower),
  upper: Float64Array.of(Infinity, upper),
  scale: null,
});

/** Values of the one parameter that varies. */
function points(of: StartSpace, count: number, seed = 3): number[] {
  const out = new Float64Array(2 * count);
  startPointsInto(of, new Random(seed), out, 0, count);
  for (let i = 0; i < count; i++) expect(out[2 * i]).toBe(7);
  return Array.from({ length: count }, (_, i) => out[2 * i + 1]!);
}

describe('starts', () => {
  it('lie one in each part of the room between two bounds', () => {
    const cells = points(space(0.5, -3, 5), 64).map((p) => Math.floor(((p + 3) / 8) * 64));
    expect(cells.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });

  it('are even in the logarithm where the bounds are far apart, on either side of 0', () => {
    for (const sign of [1, -1]) {
      const [low, high] = sign > 0 ? [1e-4, 1e4] : [-1e4, -1e-4];
      const exponents = points(space(sign, low!, high!), 80).map((p) => Math.floor((Math.log10(Math.abs(p)) + 4) * 10 - 1e-9));
      expect(exponents.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, i) => i));
      expect(points(space(sign, low!, high!), 80).every((p) => Math.sign(p) === sign)).toBe(true);
    }
  });

  it('stay beyond a single bound, at up to a hundred times or a hundredth of the distance', () => {
    const above = points(space(3, 2, Infinity), 300).map((p) => p - 2);
    expect(Math.min(...above)).toBeGreaterThan(0.0099);
    expect(Math.min(...above)).toBeLessThan(0.02);
    expect(Math.max(...above)).toBeLessThan(100.1);
    expect(Math.max(...above)).toBeGreaterThan(50);
    const below = points(space(1, -Infinity, 2), 300);
    expect(below.every((p) => p < 2)).toBe(true);
  });

  it('without bounds are near, far and farther from the start, some with the other sign', () => {
    const all = points(space(-5, -Infinity, Infinity), 300).map((p) => p / -5);
    const near = all.filter((_, i) => i % 3 === 0), far = all.filter((_, i) => i % 3 === 1), wide = all.filter((_, i) => i % 3 === 2);
    expect(near.every((f) => f > 0.49 && f < 2.01)).toBe(true);
    expect(far.every((f) => f > 0.099 && f < 10.01)).toBe(true);
    expect(wide.every((f) => Math.abs(f) > 0.0099 && Math.abs(f) < 100.1)).toBe(true);
    const flipped = wide.filter((f) => f < 0).length;
    expect(flipped).toBeGreaterThan(10);
    expect(flipped).toBeLessThan(45);
  });

  it('around 0 have the scale of the parameter and both signs', () => {
    const all = points({ ...space(0, -Infinity, Infinity), scale: Float64Array.of(1, 1e6) }, 90);
    expect(all.every((p) => Math.abs(p) > 0.99e4 && Math.abs(p) < 1.01e8)).toBe(true);
    expect(all.some((p) => p < 0) && all.some((p) => p > 0)).toBe(true);
  });

  it('never leave the range of doubles or the bounds', () => {
    expect(points(space(1e308, -Infinity, Infinity), 30).every(Number.isFinite)).toBe(true);
    const box = points(space(0, -1.7e308, 1.7e308), 30);
    expect(box.every((p) => p > -1.7e308 && p < 1.7e308)).toBe(true);
    const narrow = space(1 + 2 ** -52, 1, 1 + 2 ** -51);
    expect(points(narrow, 30).every((p) => p === 1 + 2 ** -52)).toBe(true);
  });

  it('follow from the seed', () => {
    const of = space(2, -Infinity, Infinity);
    expect(points(of, 16, 9)).toEqual(points(of, 16, 9));
    expect(points(of, 16, 9)).not.toEqual(points(of, 16, 10));
  });
});
