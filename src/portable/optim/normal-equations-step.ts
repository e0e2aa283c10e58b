// A step of least squares from sums alone: (H + λ·D) δ = g with H = JᵀJ and g = Jᵀr, where wanted
// inside bounds.
//
// Bounds by projection and an active set (Kanzow, Yamashita & Fukushima 2004, "Levenberg–Marquardt
// methods with strong local convergence properties for solving nonlinear equations with convex
// constraints", section 4): a parameter at a bound that the gradient pushes outward stays; what a
// step carries beyond a bound is put on it, and the others are solved for again with that known.
//
// Twin: native/optim/normal-equations-step.h, the same arithmetic over lanes.

import { factor, solve } from '../linalg/cholesky.ts';

/** Pivots must exceed this fraction of their diagonal element. */
export const pivotTolerance = 1e-14;

export class NormalEquationsStep {
  readonly n: number;
  readonly varying: Int32Array;
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  /** D: the running maximum of diag(H). */
  readonly scale: Float64Array;
  /** δ */
  readonly delta: Float64Array;
  /** Columns that stay at a bound, or that the step ended on one. */
  readonly isFixed: Uint8Array;
  /** S(p) − ‖r − Jδ‖² */
  predicted = 0;
  /** ‖δ‖² and ‖p‖² in the norm scaled by D; a column that was always zero says nothing. */
  stepNorm = 0;
  baseNorm = 0;
  /** After `computeUndamped`: Σ H_jj·p_j², about the square of the model's size. */
  modelNorm = 0;
  /** After `computeUndamped`: whether the least pivot is this small a fraction of its diagonal. */
  isIllConditioned = false;
  readonly #matrix: Float64Array;
  readonly #trial: Float64Array;

  constructor(varying: Int32Array, lower: Float64Array | null, upper: Float64Array | null) {
    const n = varying.length;
    this.n = n;
    this.varying = varying;
    this.lower = lower;
    this.upper = upper;
    this.scale = new Float64Array(n);
    this.delta = new Float64Array(n);
    this.isFixed = new Uint8Array(n);
    this.#matrix = new Float64Array((n * (n + 1)) / 2);
    this.#trial = new Float64Array(n);
  }

  /** Marks the columns whose parameter is at a bound with the gradient pushing outward. */
  markActive(base: Float64Array, sums: Float64Array): void {
    const { lower, upper, isFixed, varying, n } = this;
    if (lower === null || upper === null) return;
    const triangle = (n * (n + 1)) / 2;
    for (let j = 0; j < n; j++) {
      const k = varying[j]!, p = base[k]!, g = sums[triangle + j]!;
      isFixed[j] = (p <= lower[k]! && g < 0) || (p >= upper[k]! && g > 0) ? 1 : 0;
    }
  }

  /**
   * δ at `base`; x = base + δ. False where the matrix is not safely positive definite, or where a
   * step cut by bounds promises no reduction.
   */
  compute(base: Float64Array, sums: Float64Array, damping: number, x: Float64Array): boolean {
    const { n, varying, scale, delta } = this;
    const triangle = (n * (n + 1)) / 2;
    if (this.lower !== null) return this.#computeBounded(base, sums, damping, x);
    if (!this.#factor(sums, damping)) return false;
    for (let j = 0; j < n; j++) delta[j] = sums[triangle + j]!;
    solve(this.#matrix, n, delta);
    let predicted = 0, stepNorm = 0, baseNorm = 0;
    for (let j = 0; j < n; j++) {
      const d = scale[j]! > 0 ? scale[j]! : 1;
      const step = delta[j]!;
      const p = base[varying[j]!]!;
      // S(p) − ‖r − Jδ‖² = δᵀ(g + λDδ)
      predicted += step * (sums[triangle + j]! + damping * d * step);
      stepNorm += scale[j]! * step * step;
      baseNorm += scale[j]! * p * p;
      x[varying[j]!] = p + step;
    }
    this.predicted = predicted;
    this.stepNorm = stepNorm;
    this.baseNorm = baseNorm;
    return true;
  }

  /**
   * The Gauss–Newton step, x = base + δ, for a base where the fit has converged. False where there
   * is none: the matrix is near singular, or the step leaves the bounds.
   * @param illConditioned least pivot ratio that counts as well conditioned
   */
  computeUndamped(base: Float64Array, sums: Float64Array, illConditioned: number, x: Float64Array): boolean {
    const { n, varying, delta, isFixed, lower, upper } = this;
    const matrix = this.#matrix;
    const triangle = (n * (n + 1)) / 2;
    this.markActive(base, sums);
    for (let k = 0; k < triangle; k++) matrix[k] = sums[k]!;
    if (lower !== null) this.#isolate(0);
    let isRegular = factor(matrix, n, pivotTolerance);
    this.isIllConditioned = !isRegular;
    for (let j = 0; j < n; j++) {
      const diagonal = isFixed[j] === 1 ? 1 : sums[(j * (j + 3)) / 2]!;
      if (!(illConditioned * diagonal * matrix[(j * (j + 3)) / 2]! <= 1)) this.isIllConditioned = true;
    }
    for (let j = 0; j < n; j++) delta[j] = isFixed[j] === 1 ? 0 : sums[triangle + j]!;
    solve(matrix, n, delta);
    let predicted = 0, modelNorm = 0;
    for (let j = 0; j < n; j++) {
      predicted += delta[j]! * sums[triangle + j]!;
      const k = varying[j]!;
      modelNorm += sums[(j * (j + 3)) / 2]! * (base[k]! * base[k]!);
      const moved = base[k]! + delta[j]!;
      if (lower !== null && (moved < lower[k]! || moved > upper![k]!)) isRegular = false;
      x[k] = moved;
    }
    this.predicted = predicted;
    this.modelNorm = modelNorm;
    return isRegular;
  }

  /** H + λD factored, without bounds. */
  #factor(sums: Float64Array, damping: number): boolean {
    const { n, scale } = this;
    const matrix = this.#matrix;
    for (let k = 0; k < matrix.length; k++) matrix[k] = sums[k]!;
    for (let j = 0; j < n; j++) {
      const d = scale[j]! > 0 ? scale[j]! : 1;
      const k = (j * (j + 3)) / 2;
      matrix[k] = matrix[k]! + damping * d;
    }
    return factor(matrix, n, pivotTolerance);
  }

  /** Rows and columns of fixed parameters become those of the unit matrix; λD on the others. */
  #isolate(damping: number): void {
    const { n, scale, isFixed } = this;
    const matrix = this.#matrix;
    for (let i = 0, k = 0; i < n; i++)
      for (let j = 0; j <= i; j++, k++) {
        if (i === j) {
          const d = scale[j]! > 0 ? scale[j]! : 1;
          matrix[k] = isFixed[j] === 1 ? 1 : matrix[k]! + damping * d;
        } else if (isFixed[i] === 1 || isFixed[j] === 1) matrix[k] = 0;
      }
  }

  #computeBounded(base: Float64Array, sums: Float64Array, damping: number, x: Float64Array): boolean {
    const { n, varying, scale, delta, isFixed } = this;
    const lower = this.lower!, upper = this.upper!;
    const matrix = this.#matrix;
    const triangle = (n * (n + 1)) / 2;
    this.markActive(base, sums);
    for (let j = 0; j < n; j++) {
      delta[j] = 0;
      x[varying[j]!] = base[varying[j]!]!;
    }
    // At least one more parameter is put on its bound in every round but the last.
    for (let isOutside = true; isOutside; ) {
      for (let k = 0; k < triangle; k++) matrix[k] = sums[k]!;
      this.#isolate(damping);
      if (!factor(matrix, n, pivotTolerance)) return false;
      const trial = this.#trial;
      for (let j = 0; j < n; j++) {
        // What is known of δ moves to the right-hand side.
        let g = sums[triangle + j]!;
        for (let i = 0; i < n; i++) {
          const h = sums[i < j ? (j * (j + 1)) / 2 + i : (i * (i + 1)) / 2 + j]!;
          g = g - (isFixed[i] === 1 ? h * delta[i]! : 0);
        }
        trial[j] = isFixed[j] === 1 ? delta[j]! : g;
      }
      solve(matrix, n, trial);
      isOutside = false;
      for (let j = 0; j < n; j++) {
        if (isFixed[j] === 1) continue;
        const k = varying[j]!, p = base[k]!;
        const moved = p + trial[j]!;
        const bound = moved < lower[k]! ? lower[k]! : upper[k]!;
        if (moved < lower[k]! || moved > upper[k]!) {
          isOutside = true;
          isFixed[j] = 1;
          delta[j] = bound - p;
          x[k] = bound;
        } else {
          delta[j] = trial[j]!;
          x[k] = moved;
        }
      }
    }
    let predicted = 0, stepNorm = 0, baseNorm = 0;
    for (let j = 0; j < n; j++) {
      const d = scale[j]!;
      const step = delta[j]!, p = base[varying[j]!]!;
      let curved = 0;
      for (let i = 0; i < n; i++)
        curved += sums[i < j ? (j * (j + 1)) / 2 + i : (i * (i + 1)) / 2 + j]! * delta[i]!;
      predicted += step * (2 * sums[triangle + j]! - curved);
      stepNorm += d * step * step;
      baseNorm += d * p * p;
    }
    this.predicted = predicted;
    this.stepNorm = stepNorm;
    this.baseNorm = baseNorm;
    return predicted >= 0;
  }
}
