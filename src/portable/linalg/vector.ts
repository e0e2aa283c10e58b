// Sums over the points of one data set, in the order of pairwise-sum.ts. Twin: native/linalg/vector.h.

import { blockPoints } from './pairwise-sum.ts';

/** Σ term(i) for i in [0, count): blocks in order, block totals combined pairwise. */
export function pairwiseSum(count: number, term: (i: number) => number): number {
  const levels: number[] = [];
  let blocks = 0;
  for (let from = 0; from < count; from += blockPoints, blocks++) {
    const to = Math.min(from + blockPoints, count);
    let total = 0;
    for (let i = from; i < to; i++) total += term(i);
    let level = 0;
    for (let n = blocks; (n & 1) === 1; n >>>= 1, level++) total = levels[level]! + total;
    levels[level] = total;
  }
  let sum = 0;
  let first = true;
  for (let n = blocks, level = 0; n > 0; n >>>= 1, level++) {
    if ((n & 1) === 0) continue;
    sum = first ? levels[level]! : levels[level]! + sum;
    first = false;
  }
  return sum;
}

/** Σ (w·(y − ȳ))² about the weighted mean ȳ = Σ w²y / Σ w². */
export function totalSumOfSquares(
  observed: {
    readonly y: Float64Array; readonly yOffset: number;
    readonly weights: Float64Array | null; readonly weightOffset: number;
  },
  points: number,
): number {
  const { y, yOffset, weights, weightOffset } = observed;
  const weight = (i: number): number => (weights === null ? 1 : weights[weightOffset + i]!);
  const weightSum = pairwiseSum(points, (i) => weight(i) * weight(i));
  const weighted = pairwiseSum(points, (i) => weight(i) * weight(i) * y[yOffset + i]!);
  const mean = weighted / weightSum;
  return pairwiseSum(points, (i) => {
    const t = weight(i) * (y[yOffset + i]! - mean);
    return t * t;
  });
}
