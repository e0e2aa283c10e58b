// nonFinite: 'drop' in a batch. Points that are not finite are taken out of every fit, which makes
// the batch ragged; arrays are copied only if there is such a point.

import type { BatchData } from './batch-data.ts';
import { rangeOf } from './batch-data.ts';
import type { Floats } from '../engine/engine.ts';
import { allocate } from './validate.ts';

export interface DroppedPoints {
  readonly data: BatchData;
  /** Position in the caller's y of every point that is left. */
  readonly positions: Uint32Array;
  readonly points: number;
  /** Fits that lost points. */
  readonly fits: number;
}

/** null when every point is finite. */
export function dropPoints(data: BatchData): DroppedPoints | null {
  const { x, xShared, y, sigma, sigmaShared, fits } = data;
  const isFiniteAt = (values: Floats, i: number): boolean => Number.isFinite(values[i]);
  const keeps = (first: number, i: number): boolean =>
    isFiniteAt(y, first + i) &&
    x.every((values) => isFiniteAt(values, xShared ? i : first + i)) &&
    (sigma === null || isFiniteAt(sigma, sigmaShared ? i : first + i));

  let points = 0,
    fitsHit = 0;
  const offsets = new Uint32Array(fits + 1);
  for (let fit = 0; fit < fits; fit++) {
    const range = rangeOf(data, fit);
    let kept = 0;
    for (let i = 0; i < range.points; i++) if (keeps(range.first, i)) kept++;
    points += range.points - kept;
    if (kept < range.points) fitsHit++;
    // A fit that has lost all its points keeps one, whose NaN makes its status 'notFinite'.
    offsets[fit + 1] = offsets[fit] + Math.max(kept, 1);
  }
  if (points === 0) return null;

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
