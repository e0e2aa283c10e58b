// Which points drive a fit: leverage, studentized residuals and Cook's distance (Cook 1977,
// Technometrics 19; Belsley, Kuh & Welsch 1980, chapter 2), from an orthonormal basis of the
// columns of the weighted Jacobian at the solution.

import { pivotedQr } from './pivoted-qr.ts';

export interface Influence {
  /** Diagonal of J(JᵀJ)⁻¹Jᵀ, 0 to 1: how much of each fitted value its own observation makes. */
  readonly leverage: Float64Array;
  /** r/(s·√(1 − h)), s² the reduced chi-square; NaN where h is 1. */
  readonly studentized: Float64Array;
  /** How far all fitted values move without this point: t²·h/((1 − h)·k). */
  readonly cook: Float64Array;
}

/** What is left of a unit column by rounding. */
const rankTolerance: number = 2 ** -40;
/** A leverage within this of 1 is 1: the point alone determines a parameter. */
const fullLeverage: number = 1 - 2 ** -40;

/**
 * @param jacobian weighted by 1/σ, points × columns, row-major
 * @param weighted residuals over σ
 * @param variance of unit weight
 * @returns null when the Jacobian is not finite
 */
export function influence(
  jacobian: Float64Array,
  columns: number,
  weighted: Float64Array,
  variance: number,
): Influence | null {
  const points = weighted.length;
  const qr = pivotedQr(jacobian, points, columns, rankTolerance);
  if (qr === null) return null;
  const leverage = new Float64Array(points);
  for (const column of qr.q)
    for (let i = 0; i < points; i++) leverage[i] += column[i] * column[i];
  const studentized = new Float64Array(points),
    cook = new Float64Array(points);
  for (let i = 0; i < points; i++) {
    const h = Math.min(1, leverage[i]);
    leverage[i] = h;
    const t = h < fullLeverage ? weighted[i] / Math.sqrt(variance * (1 - h)) : NaN;
    studentized[i] = t;
    cook[i] = (t * t * h) / ((1 - h) * qr.q.length);
  }
  return { leverage, studentized, cook };
}
