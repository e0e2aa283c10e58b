// Losses: what a residual r = (y − f)/σ contributes to the sum that is minimised. With a = |r|/C and
// z = a² the sum is Σ C²·ρ(z); its gradient is Jᵀψ with ψ = ρ′·r, its Hessian nearly Jᵀ·s²·J with
// s² = ρ′ + 2zρ″ (Triggs et al. 2000, "Bundle adjustment: a modern synthesis", section 4.3). As rows
// of [J, r] that is [s·J, ψ/s]. ρ of soft_l1, huber, cauchy and arctan as in SciPy; tukey and welsch
// as in Holland & Welsch 1977, scaled to ρ′(0) = 1.
//
// poisson: the deviance 2(f − y + y·ln(y/f)) of counts with Fisher's scoring, s² = 1/f (McCullagh &
// Nelder 1989, section 2.5).
//
// Twin: native/optim/losses.h.

import { atan } from '../math/inverse-trigonometric.ts';
import { exp, expm1 } from '../math/exp.ts';
import { log, log1p } from '../math/log.ts';

/** The position is the number that crosses to the native engine. */
export const losses = [
  'linear', // z
  'soft_l1', // 2(√(1 + z) − 1)
  'huber', // z up to 1, then 2a − 1
  'cauchy', // ln(1 + z)
  'arctan', // arctan z
  'tukey', // (1 − (1 − z)³)/3 up to 1, then 1/3
  'welsch', // 1 − exp(−z)
  'poisson',
] as const;

export type Loss = (typeof losses)[number];

/** Residuals beyond count as this many scales: z² stays a double. */
const mostScales = 1e75;
/** s² is at least this much, so that the quotient ψ/s is a number. */
const leastSquare: number = 2 ** -200;

/** Sums that are kept with a loss behind the triangle: Σψ² with ψ = ρ′·r, Σs², Σr². */
export const lossSums = 3;

/** One loss at one point after the other. */
export interface PointLoss {
  /** Huber's is the one that generated code has in place (program/generate.ts). */
  readonly isHuber: boolean;
  scale: number;
  /**
   * s² is at least this share of ρ′. Where the loss curves down less would be left, or nothing, and
   * steps overshoot far from the minimum.
   */
  leastCurvature: number;
  /** What `apply` found: the sum's share C²ρ, ψ and s². */
  cost: number;
  influence: number;
  square: number;
  /** The row's factor s, and its residual ψ/s. */
  readonly factor: number;
  readonly residual: number;
  /** @param r (y − f)·w */
  apply(r: number, y: number, f: number): void;
}

/** null for 'linear', which changes nothing. */
export function pointLoss(loss: Loss): PointLoss | null {
  return loss === 'linear' ? null : loss === 'poisson' ? new PoissonLoss() : new RobustLoss(loss);
}

abstract class LossPoint {
  isHuber = false;
  scale = 1;
  leastCurvature = 0.75;
  cost = 0;
  influence = 0;
  square = 1;

  get factor(): number {
    return Math.sqrt(this.square);
  }

  get residual(): number {
    return this.influence / Math.sqrt(this.square);
  }
}

class RobustLoss extends LossPoint implements PointLoss {
  readonly #code: number;

  constructor(loss: Loss) {
    super();
    this.#code = losses.indexOf(loss);
    this.isHuber = loss === 'huber';
  }

  apply(r: number, _y: number, _f: number): void {
    if (this.#code === 2) return this.#huber(r);
    const c = this.scale;
    let a = Math.abs(r) / c;
    let bounded = r;
    if (a > mostScales) {
      a = mostScales;
      bounded = r < 0 ? -(mostScales * c) : mostScales * c;
    }
    const z = a * a;
    let rho = 0, slope = 0, square = 0;
    switch (this.#code) {
      case 1: {
        const q = Math.sqrt(1 + z);
        const t = 1 / (q * (1 + q));
        // 2(q − 1), without the difference
        rho = 2 * z * t * q;
        slope = t * (1 + q);
        square = slope * slope * slope;
        break;
      }
      case 3: {
        rho = log1p(z);
        slope = 1 / (1 + z);
        square = (1 - z) * (slope * slope);
        break;
      }
      case 4: {
        rho = atan(z);
        slope = 1 / (1 + z * z);
        square = (1 - 3 * (z * z)) * (slope * slope);
        break;
      }
      case 5: {
        const isInside = a < 1;
        const t = 1 - z;
        rho = isInside ? z * (1 - z * (1 - z / 3)) : 1 / 3;
        slope = isInside ? t * t : 0;
        square = isInside ? t * (1 - 5 * z) : 0;
        break;
      }
      default: {
        rho = -expm1(-z);
        slope = exp(-z);
        square = slope * (1 - 2 * z);
      }
    }
    const least = this.leastCurvature * slope;
    if (!(square > least)) square = least;
    if (!(square > leastSquare)) square = leastSquare;
    // A model that is infinite or not a number is no outlier of the data: then the sum is none.
    this.cost = Math.abs(r) < Infinity ? c * c * rho : NaN;
    this.influence = bounded * slope;
    this.square = square;
  }

  /** Without the quotient r/C: within C nothing is to be computed. */
  #huber(r: number): void {
    const c = this.scale, size = Math.abs(r);
    if (size > c) {
      this.cost = c * (2 * size - c);
      this.influence = r < 0 ? -c : c;
      this.square = this.leastCurvature * (c / size);
    } else {
      this.cost = r * r;
      this.influence = r;
      this.square = 1;
    }
  }
}

class PoissonLoss extends LossPoint implements PointLoss {
  apply(_r: number, y: number, f: number): void {
    const d = y - f, inverse = 1 / f;
    const t = d * inverse;
    // y·ln(y/f) by the relative distance, which has all digits where y is near f. Where f is far
    // above y, nothing would be left of y.
    const logarithm = t > -0.5 ? log1p(t) : log(y) - log(f);
    const deviance = y === 0 ? 2 * f : 2 * (y * logarithm - d);
    this.cost = f > 0 ? deviance : Infinity;
    this.influence = t;
    this.square = inverse;
  }
}
