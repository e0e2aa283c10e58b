// nonFinite: 'drop' and weights of 0 in a batch. Points that are not finite, or have no weight, are
// taken out of their fits, which makes the batch ragged; arrays are copied only if there is such a
// point.

import type { BatchData } from './batch-data.ts';
import { rangeOf } from './batch-data.ts';
import type { Floats } from '../engine/engine.ts';
import { allocate } from './validate.ts';

export interface DroppedPoints {
  readonly data: BatchData;
  /** Position in the caller's y of every point that is left. */
  readonly positions: Uint32Array;
  /** Points that were not finite. */
  readonly points: number;
  /** Fits that lost such points. */
  readonly fits: number;
}

/**
 * null when no point is taken out.
 * @param isDropping whether points that are not finite are; those with an infinite sigma, which have
 *   no weight, always are
 */
export function dropPoints(data: BatchData, isDropping: boolean): DroppedPoints | null {
  const { x, xShared, y, sigma, sigmaShared, fits } = data;
  const isFiniteAt = (values: Floats, i: number): boolean => Number.isFinite(values[i]);
  const hasWeight = (first: number, i: number): boolean =>
    sigma === null || sigma[sigmaShared ? i : first + i] !== Infinity;
  const isSound = (first: number, i: number): boolean =>
    !isDropping ||
    (isFiniteAt(y, first + i) &&
      x.every((values) => isFiniteAt(values, xShared ? i : first + i)) &&
      (sigma === null || isFiniteAt(sigma, sigmaShared ? i : first + i)));
  const keeps = (first: number, i: number): boolean => hasWeight(first, i) && isSound(first, i);

  let points = 0,
    fitsHit = 0,
    removed = 0;
  const offsets = new Uint32Array(fits + 1);
  for (let fit = 0; fit < fits; fit++) {
    const range = rangeOf(data, fit);
    let kept = 0,
      unsound = 0;
    for (let i = 0; i < range.points; i++) {
      if (!isSound(range.first, i)) unsound++;
      else if (hasWeight(range.first, i)) kept++;
    }
    removed += range.points - kept;
    points += unsound;
    if (unsound > 0) fitsHit++;
    // A fit that has lost all its points keeps one, whose NaN makes its status 'notFinite'.
    offsets[fit + 1] = offsets[fit] + Math.max(kept, 1);
  }
  if (removed === 0) return null;

  const total = offsets[fits];
  const positions = new Uint32Array(total);
  const kept = {
    x: x.map(() => allocate(total, 'x')),
    y: allocate(total, 'y').fill(NaN),
    sigma: sigma && allocate(total, 'sigma').fill(1),
  };
  for (let fit = 0; fit < fits; fit++) {
    const range = rangeOf(data, fit);
    let at = offsets[fit];
    positions[at] = range.first;
    for (let i = 0; i < range.points; i++) {
      if (!keeps(range.first, i)) continue;
      const from = range.first + i;
      positions[at] = from;
      for (let k = 0; k < x.length; k++) kept.x[k][at] = x[k][xShared ? i : from];
      kept.y[at] = y[from];
      if (sigma !== null) kept.sigma![at] = sigma[sigmaShared ? i : from];
      at++;
    }
  }
  const { init, initShared } = data;
  const ragged = {
    fits,
    points: 0,
    offsets,
    ...kept,
    xShared: false,
    sigmaShared: false,
    init,
    initShared,
  };
  return { data: ragged, positions, points, fits: fitsHit };
}
