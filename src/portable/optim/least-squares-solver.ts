// Levenberg–Marquardt on the normal equations, asked for one evaluation at a time.
//
// Minimises S(p) = Σ r². With J = ∂f/∂p, g = Jᵀr and H = JᵀJ, a step δ solves
//   (H + λ·D) δ = g,   D = the running maximum of diag(H)
// (Marquardt 1963; scaling kept as in Moré 1978, "The Levenberg–Marquardt algorithm", section 6).
// The damping λ follows the gain ratio (Nielsen 1999, "Damping parameter in Marquardt's method",
// section 4; Madsen, Nielsen & Tingleff 2004, algorithm 3.16). The tests are MINPACK's, formed from
// sums alone: they hold for undamped progress only (λ·D ≤ diag(H)), since a step that damping has
// made small says nothing about the distance to a minimum.
//
// Twin: native/optim/least-squares-solver.h, the same arithmetic over lanes.

import { factor, solve } from '../linalg/cholesky.ts';
import { statusCode } from './status.ts';

/** First damping, relative to the scaled diagonal. Small: starts are mostly near (Moré 1978 uses a step bound instead). */
export const initialDamping = 1e-3;
/** Smallest damping: keeps the factorisation positive definite at the level of rounding. */
export const minDamping = 1e-12;
/** Most that one good step may lower the damping. */
export const maxDampingDrop = 0.1;
/** Least gain ratio at which a step is accepted (MINPACK lmder: 1e-4). */
export const minRatio = 1e-4;
/** Tests for convergence hold up to this damping, relative to the curvature of each column. */
export const testDamping = 1;
/** Pivots must exceed this fraction of their diagonal element. */
export const pivotTolerance = 1e-14;
/** Damping at which no step can be found any more. */
export const maxDamping = 1e40;

export interface LeastSquaresOptions {
  readonly ftol: number;
  readonly xtol: number;
  readonly gtol: number;
  readonly maxIter: number;
}

export const running = -1;

export class LeastSquaresSolver {
  /** The point to evaluate now: all parameters. */
  readonly x: Float64Array;
  /**
   * Sums at `x`, to be filled before `advance`: the lower triangle, packed by rows, of AᵀA with
   * A = [J, r]: H in its first n rows, then g, then S.
   */
  readonly sums: Float64Array;
  /** The best point so far, and the sums there. */
  readonly base: Float64Array;
  readonly baseSums: Float64Array;
  /** Steps tried. */
  iteration = 0;

  readonly #varying: Int32Array;
  readonly #options: LeastSquaresOptions;
  readonly #matrix: Float64Array;
  readonly #step: Float64Array;
  readonly #scale: Float64Array;
  #damping = initialDamping;
  #growth = 2;
  #predicted = 0;
  #stepIsSmall = false;
  #isFirst = true;

  constructor(params: number, varying: Int32Array, options: LeastSquaresOptions) {
    const n = varying.length;
    this.x = new Float64Array(params);
    this.base = new Float64Array(params);
    this.sums = new Float64Array(((n + 1) * (n + 2)) / 2);
    this.baseSums = new Float64Array(this.sums.length);
    this.#varying = varying;
    this.#options = options;
    this.#matrix = new Float64Array((n * (n + 1)) / 2);
    this.#step = new Float64Array(n);
    this.#scale = new Float64Array(n);
  }

  start(init: Float64Array, at: number): void {
    for (let k = 0; k < this.x.length; k++) this.x[k] = this.base[k] = init[at + k]!;
    this.#scale.fill(0);
    this.baseSums.fill(NaN);
    this.iteration = 0;
    this.#damping = initialDamping;
    this.#growth = 2;
    this.#isFirst = true;
  }

  /** Consumes the sums at `x`; returns a status code, or `running` with the next point in `x`. */
  advance(): number {
    const { sums, baseSums } = this;
    const { ftol, gtol, maxIter } = this.#options;
    const n = this.#varying.length;
    const last = sums.length - 1;
    const value = sums[last]!;
    // Every term is a square: the total is finite only if all of J and r are.
    let size = value;
    for (let j = 0; j < n; j++) size += sums[(j * (j + 3)) / 2]!;
    const isFinite = size < Infinity;

    let accepted = isFinite;
    let ftolMet = false;
    let xtolMet = false;
    let stalled = false;
    if (this.#isFirst) {
      this.#isFirst = false;
      if (!isFinite) {
        baseSums.set(sums);
        return statusCode.notFinite;
      }
    } else {
      this.iteration++;
      const baseValue = baseSums[last]!;
      const actual = baseValue - value;
      const ratio = actual / this.#predicted;
      accepted = isFinite && ratio > minRatio;
      // λ·D_j ≤ H_jj for every column: D is a maximum, and H may since have become much smaller.
      let undamped = true;
      for (let j = 0; j < n; j++) {
        const curvature = baseSums[(j * (j + 3)) / 2]!;
        if (curvature > 0 && !(this.#damping * this.#scale[j]! <= testDamping * curvature)) undamped = false;
      }
      // ftol: |actual| ≤ ftol·S, predicted ≤ ftol·S, and the ratio of the two is at most 2.
      const limit = ftol * baseValue;
      ftolMet =
        undamped && Math.abs(actual) <= limit && this.#predicted <= limit && ratio <= 2;
      // xtol: ‖δ‖ ≤ xtol·‖p‖ in the norm scaled by D.
      xtolMet = undamped && isFinite && this.#stepIsSmall;
      stalled = !accepted && this.#stepIsSmall;
      if (accepted) {
        const t = 2 * ratio - 1;
        const shrink = 1 - t * t * t;
        const lowered = this.#damping * (shrink > maxDampingDrop ? shrink : maxDampingDrop);
        this.#damping = lowered > minDamping ? lowered : minDamping;
        this.#growth = 2;
      } else {
        this.#damping = this.#damping * this.#growth;
        this.#growth = this.#growth * 2;
      }
    }

    let gtolMet = false;
    let isFlat = false;
    if (accepted) {
      this.base.set(this.x);
      baseSums.set(sums);
      gtolMet = true;
      isFlat = n > 0;
      const limit = gtol * gtol;
      for (let j = 0; j < n; j++) {
        const curvature = sums[(j * (j + 3)) / 2]!;
        const gradient = sums[(n * (n + 1)) / 2 + j]!;
        if (curvature > this.#scale[j]!) this.#scale[j] = curvature;
        if (curvature > 0) isFlat = false;
        // gtol: the squared cosine between r and column j, at most gtol².
        const cosine2 = (gradient / curvature) * (gradient / value);
        if (!(gradient === 0 || cosine2 <= limit)) gtolMet = false;
      }
    }

    if (isFlat) return statusCode.singular;
    if (accepted && value === 0) return statusCode.exact;
    if (ftolMet) return statusCode.ftol;
    if (xtolMet) return statusCode.xtol;
    if (stalled) return statusCode.noProgress;
    if (gtolMet) return statusCode.gtol;
    if (this.iteration >= maxIter) return statusCode.maxIter;
    return this.#propose() ? running : statusCode.noProgress;
  }

  /** Solves for the next step; more damping until the matrix is safely positive definite. */
  #propose(): boolean {
    const { baseSums, base, x } = this;
    const { xtol } = this.#options;
    const varying = this.#varying;
    const matrix = this.#matrix, step = this.#step, scale = this.#scale;
    const n = varying.length;
    const triangle = matrix.length;
    for (;;) {
      if (!(this.#damping < maxDamping)) return false;
      for (let k = 0; k < triangle; k++) matrix[k] = baseSums[k]!;
      for (let j = 0; j < n; j++) {
        const d = scale[j]! > 0 ? scale[j]! : 1;
        const k = (j * (j + 3)) / 2;
        matrix[k] = matrix[k]! + this.#damping * d;
      }
      if (factor(matrix, n, pivotTolerance)) break;
      this.#damping = this.#damping * 10;
    }
    for (let j = 0; j < n; j++) step[j] = baseSums[triangle + j]!;
    solve(matrix, n, step);

    let predicted = 0, stepNorm = 0, baseNorm = 0;
    for (let j = 0; j < n; j++) {
      const d = scale[j]! > 0 ? scale[j]! : 1;
      const delta = step[j]!;
      const p = base[varying[j]!]!;
      // S(p) − ‖r − Jδ‖² = δᵀ(g + λDδ)
      predicted += delta * (baseSums[triangle + j]! + this.#damping * d * delta);
      stepNorm += d * delta * delta;
      baseNorm += d * p * p;
      x[varying[j]!] = p + delta;
    }
    this.#predicted = predicted;
    this.#stepIsSmall = stepNorm <= xtol * xtol * baseNorm;
    return true;
  }
}
