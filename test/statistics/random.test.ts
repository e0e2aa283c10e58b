import { describe, expect, it } from 'vitest';
import { Random } from '../../src/statistics/random.ts';

const draws = (seed: number, count: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.uniform());
};

describe('xoshiro256++ seeded by SplitMix64', () => {
  // Computed with 64-bit integers of another language from the published algorithms.
  it.each([
    [0, [0.3245752680314067, 0.38223929651167343, 0.3596172076473553], 0.2163544283277452],
    [1, [0.8116121588818848, 0.7471047161582187, 0.10015090353378375], 0.5735645892508566],
    [12345, [0.5530478066930038, 0.20495565689034478, 0.08512324022636453], 0.7884845215692572],
    [Number.MAX_SAFE_INTEGER, [0.5402110137824018, 0.5858995679283506, 0.8627889745267634], 0.8909184790617667],
  ])('seed %d', (seed, first, thousandth) => {
    const values = draws(seed, 1000);
    expect(values.slice(0, 3)).toEqual(first);
    expect(values[999]).toBe(thousandth);
  });

  it('gives other numbers for other seeds and the same for the same', () => {
    expect(draws(7, 5)).toEqual(draws(7, 5));
    expect(draws(7, 5)).not.toEqual(draws(8, 5));
  });
});

describe('distributions', () => {
  it('draws every integer below a count, none more often than others', () => {
    const random = new Random(3);
    const counts = new Int32Array(7);
    for (let i = 0; i < 70000; i++) counts[random.below(7)]!++;
    // Four standard deviations of a binomial count.
    for (const count of counts) expect(Math.abs(count - 10000)).toBeLessThan(4 * Math.sqrt(10000 * (6 / 7)));
    expect(random.below(1)).toBe(0);
  });

  it('draws normal numbers with moments 0, 1, 0, 3', () => {
    const random = new Random(11);
    const moments = [0, 0, 0, 0];
    const n = 200000;
    for (let i = 0; i < n; i++) {
      const z = random.normal();
      for (let k = 0, power = z; k < 4; k++, power *= z) moments[k]! += power / n;
    }
    const variances = [1, 2, 15, 96]; // of zᵏ
    [0, 1, 0, 3].forEach((expected, k) =>
      expect(Math.abs(moments[k]! - expected)).toBeLessThan(4 * Math.sqrt(variances[k]! / n)),
    );
  });
});
