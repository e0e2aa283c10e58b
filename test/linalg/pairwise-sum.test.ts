import { describe, expect, it } from 'vitest';
import { blockPoints, PairwiseSum } from '../../src/portable/linalg/pairwise-sum.ts';
import { pairwiseSum, totalSumOfSquares } from '../../src/portable/linalg/vector.ts';

const terms = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sqrt(i + 2) * (i % 3 === 0 ? -1 : 1));

/** The definition, by recursion: the left part is the largest power of two of blocks. */
function reference(values: readonly number[]): number {
  if (values.length <= blockPoints) return values.reduce((s, v) => s + v, 0);
  const blocks = Math.ceil(values.length / blockPoints);
  const left = 2 ** Math.ceil(Math.log2(blocks) - 1) * blockPoints;
  return reference(values.slice(0, left)) + reference(values.slice(left));
}

function byBlocks(values: readonly number[], emptyBlocks: number): number {
  const sum = new PairwiseSum(1);
  const out = new Float64Array(1);
  for (let from = 0; from < values.length; from += blockPoints) {
    sum.block[0] = values.slice(from, from + blockPoints).reduce((s, v) => s + v, 0);
    sum.push();
  }
  for (let k = 0; k < emptyBlocks; k++) {
    sum.block[0] = 0;
    sum.push();
  }
  sum.totalInto(out);
  return out[0]!;
}

describe('pairwise sums', () => {
  it.each([0, 1, 7, 127, 128, 129, 256, 257, 640, 1000, 1024, 1025, 5000])('%i terms are added in the stated order', (count) => {
    const values = terms(count);
    expect(pairwiseSum(count, (i) => values[i]!)).toBe(reference(values));
    expect(byBlocks(values, 0)).toBe(reference(values));
  });

  it.each([1, 2, 3, 5, 8, 13])('%i blocks of zeros may follow without changing a bit', (empty) => {
    for (const count of [100, 300, 900]) expect(byBlocks(terms(count), empty)).toBe(reference(terms(count)));
  });

  it('can be used again', () => {
    const sum = new PairwiseSum(1);
    const out = new Float64Array(1);
    for (let round = 0; round < 2; round++) {
      sum.clear();
      for (const value of [1, 2, 3]) {
        sum.block[0] = value;
        sum.push();
      }
      sum.totalInto(out);
      expect(out[0]).toBe(6);
    }
  });
});

describe('totalSumOfSquares', () => {
  const y = Float64Array.of(9, 1, 2, 3, 4, 9);
  it('is taken about the mean of the points meant', () => {
    expect(totalSumOfSquares({ y, yOffset: 1, weights: null, weightOffset: 0 }, 4)).toBe(5);
  });
  it('is taken about the weighted mean, with squared weights', () => {
    const weights = Float64Array.of(1, 1, 0.5, 0.5);
    const mean = (1 + 2 + 0.25 * 3 + 0.25 * 4) / 2.5;
    const expected = (1 - mean) ** 2 + (2 - mean) ** 2 + 0.25 * (3 - mean) ** 2 + 0.25 * (4 - mean) ** 2;
    expect(totalSumOfSquares({ y, yOffset: 1, weights, weightOffset: 0 }, 4)).toBeCloseTo(expected, 14);
  });
});
