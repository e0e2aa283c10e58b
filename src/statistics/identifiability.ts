// Which parameters cannot be told apart: a column of the Jacobian that the others explain gives a
// null vector; its large entries name the culprits. And how near the whole is to that: the singular
// values of the Jacobian with columns of length 1.

import { jacobiSvd } from '../portable/linalg/svd.ts';
import { coefficientsOf, pivotedQr } from './pivoted-qr.ts';

/** A column of the Jacobian that depends on others, all by index. */
export interface Dependence {
  readonly column: number;
  /** The columns it depends on; empty when it is zero and the parameter has no influence at all. */
  readonly on: readonly number[];
  /**
   * Changes of the parameters that leave every fitted value as it is, to first order: one per
   * column, that of `column` itself 1.
   */
  readonly direction: Float64Array;
}

/**
 * Derivatives by differences are right to about half of the digits, √ε = 1.5e-8. A remainder of a
 * unit column below this is rounding.
 */
const rankTolerance = 2 ** -26;

/** Entries of a null vector below this share of its largest one are noise. */
const shareTolerance = 1e-3;

/**
 * @param jacobian points × columns, row-major
 * @returns at least one dependence, since it is asked for when the covariance cannot be had; none
 *   when the Jacobian is not finite
 */
export function dependences(
  jacobian: Float64Array,
  points: number,
  columns: number,
  tolerance: number = rankTolerance,
): Dependence[] {
  // The engine found no covariance, so the weakest column is to blame even above the tolerance.
  return find(jacobian, points, columns, tolerance, true);
}

/** The same, without blame where no column depends on others. */
export function exactDependences(
  jacobian: Float64Array,
  points: number,
  columns: number,
  tolerance: number,
): Dependence[] {
  return find(jacobian, points, columns, tolerance, false);
}

function find(
  jacobian: Float64Array,
  points: number,
  columns: number,
  tolerance: number,
  mustBlame: boolean,
): Dependence[] {
  const qr = pivotedQr(jacobian, points, columns, tolerance, mustBlame);
  if (qr === null) return [];
  const found = qr.zero.map((column): Dependence => {
    const direction = new Float64Array(columns);
    direction[column] = 1;
    return { column, on: [], direction };
  });
  for (const column of qr.rest) {
    const c = coefficientsOf(qr, column);
    const largest = c.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    const direction = new Float64Array(columns);
    direction[column] = 1;
    const on: number[] = [];
    qr.chosen.forEach((j, k) => {
      if (!(Math.abs(c[k]) > shareTolerance * largest)) return;
      on.push(j);
      // The columns were scaled to length 1.
      direction[j] = -c[k] * (qr.lengths[column] / qr.lengths[j]);
    });
    on.sort((a, b) => a - b);
    found.push({ column, on, direction });
  }
  return found;
}

export interface Spectrum {
  /** Singular values of the Jacobian with columns of length 1, descending. */
  readonly values: Float64Array;
  /**
   * Changes of the parameters that are hardest to see in the data, one per column: what moves the
   * fitted values least, each parameter in units of what it does alone.
   */
  readonly weakest: Float64Array;
  /** The same in the parameters' own units. */
  readonly change: Float64Array;
}

/** null when the Jacobian is not finite or a column is zero. */
export function spectrum(jacobian: Float64Array, points: number, n: number): Spectrum | null {
  if (points < n) return null;
  const qr = pivotedQr(jacobian, points, n, 0);
  if (qr === null || qr.zero.length > 0) return null;
  // The transposed triangle by columns: column k is row k of R, in the order of choice.
  const order = [...qr.chosen, ...qr.rest];
  const g = new Float64Array(n * n),
    v = new Float64Array(n * n),
    values = new Float64Array(n);
  qr.r.forEach((row, k) => order.forEach((j, i) => (g[k * n + i] = row[j])));
  jacobiSvd(g, n, v, values);
  const weakest = new Float64Array(n);
  // Rᵀ = U·Σ·Vᵀ, so the right singular vectors of R are the columns of U.
  order.forEach((j, i) => (weakest[j] = g[(n - 1) * n + i]));
  return { values, weakest, change: weakest.map((share, j) => share / qr.lengths[j]) };
}
