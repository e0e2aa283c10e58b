// Goodness of fit. What was minimised is summed in the order of the engines, the rest in the order
// of the points. aic and bic are those of lmfit, the log-likelihood is that of a Gaussian with the
// scale at its maximum (as statsmodels' WLS has it), or of Poisson counts.

import { pairwiseSum, totalSumOfSquares } from '../portable/linalg/vector.ts';
import { log } from '../portable/math/log.ts';
import { fTail } from './distributions.ts';
import { logGamma } from './gamma.ts';

/**
 * Goodness of fit. r = y − f; σ = 1 where no sigma was given; k is the number of varying
 * parameters.
 */
export interface FitStats {
  /** Points. */
  readonly n: number;
  /** Degrees of freedom, n − k. */
  readonly dof: number;
  /** Σ r² */
  readonly ssr: number;
  /** What was minimised: Σ (r/σ)², the sum of a robust loss, or the Poisson deviance. */
  readonly chi2: number;
  /** chi2 / dof; NaN without degrees of freedom */
  readonly reducedChi2: number;
  /** 1 − Σ (r/σ)² / Σ ((y − ȳ)/σ)², with ȳ the mean weighted by 1/σ². */
  readonly r2: number;
  /** 1 − (1 − r2)·(n − 1)/dof */
  readonly adjR2: number;
  /** √(ssr/n) */
  readonly rmse: number;
  /** Σ|r| / n */
  readonly mae: number;
  /**
   * Against a constant: r2/(k − 1) over (1 − r2)/dof. NaN for k < 2, without degrees of freedom,
   * and where something else than squares was minimised.
   */
  readonly fValue: number;
  /** Probability of an F at least this large if the constant were the truth. */
  readonly fPValue: number;
  /**
   * Gaussian log-likelihood at its maximum over the scale: −n/2·(ln(2π·chi2/n) + 1) − Σ ln σ.
   * Poisson: Σ (y·ln f − f − ln y!). NaN, as the criteria below, for a robust loss, which is no
   * likelihood.
   */
  readonly logLik: number;
  /**
   * n·ln(chi2/n) + 2k; Poisson: chi2 + 2k. It differs from 2k − 2·logLik by a number that depends
   * on the data only.
   */
  readonly aic: number;
  /** aic + 2k(k + 1)/(n − k − 1); NaN where n ≤ k + 1 */
  readonly aicc: number;
  /** aic with k·ln n in place of 2k */
  readonly bic: number;
}

/** What a fit minimised. */
export type Estimator = 'squares' | 'robust' | 'poisson';

/** Beyond least squares: what was minimised, and the data. */
export interface Estimated {
  readonly estimator: Estimator;
  readonly y: Float64Array;
}

/**
 * @param residuals y − f
 * @param chi2 the minimised number
 * @param r2 1 − Σ (r/σ)² / weighted total sum of squares
 * @param varying number of varying parameters
 * @param total weighted total sum of squares; without it F is as good as 1 − r2
 */
export function goodnessOfFit(
  residuals: Float64Array,
  sigma: Float64Array | null,
  chi2: number,
  r2: number,
  varying: number,
  estimated?: Estimated,
  total?: number,
): FitStats {
  const n = residuals.length,
    dof = n - varying;
  const estimator = estimated?.estimator ?? 'squares';
  let ssr = 0,
    absolute = 0,
    logSigma = 0;
  for (let i = 0; i < n; i++) {
    const r = residuals[i];
    ssr += r * r;
    absolute += Math.abs(r);
    if (sigma !== null) logSigma += log(sigma[i]);
  }
  // Without weights the two are one number; the engine's has the canonical order of summation.
  if (sigma === null && estimator === 'squares') ssr = chi2;
  const explained = total === undefined ? r2 / (1 - r2) : (total - chi2) / chi2;
  const fValue =
    estimator === 'squares' && varying > 1 && dof > 0 ? (explained * dof) / (varying - 1) : NaN;
  const minusTwoLogLik =
    estimator === 'poisson' ? chi2 : estimator === 'squares' ? n * log(chi2 / n) : NaN;
  const aic = minusTwoLogLik + 2 * varying;
  const spare = n - varying - 1;
  return {
    n,
    dof,
    ssr,
    chi2,
    reducedChi2: dof > 0 ? chi2 / dof : NaN,
    r2,
    adjR2: dof > 0 ? 1 - ((1 - r2) * (n - 1)) / dof : NaN,
    rmse: Math.sqrt(ssr / n),
    mae: absolute / n,
    fValue,
    fPValue: fTail(Math.max(0, fValue), varying - 1, dof, true),
    logLik:
      estimator === 'poisson'
        ? poissonLogLik(estimated!.y, residuals)
        : -(n * log(2 * Math.PI) + minusTwoLogLik + n) / 2 - logSigma,
    aic,
    aicc: spare > 0 ? aic + (2 * varying * (varying + 1)) / spare : NaN,
    bic: minusTwoLogLik + varying * log(n),
  };
}

function poissonLogLik(y: Float64Array, residuals: Float64Array): number {
  return pairwiseSum(y.length, (i) => {
    const f = y[i] - residuals[i];
    return (y[i] === 0 ? 0 : y[i] * log(f)) - f - logGamma(y[i] + 1);
  });
}

/**
 * Σ (r/σ)² and Σ ((y − ȳ)/σ)² in the order of the engines.
 * @param sigma null counts as 1 everywhere
 */
export function sumsOfSquares(
  y: Float64Array,
  residuals: Float64Array,
  sigma: Float64Array | null,
): { readonly chi2: number; readonly total: number } {
  const weights = sigma && sigma.map((deviation) => 1 / deviation);
  const chi2 = pairwiseSum(y.length, (i) => {
    const r = weights === null ? residuals[i] : residuals[i] * weights[i];
    return r * r;
  });
  const observed = { y, yOffset: 0, weights, weightOffset: 0 };
  return { chi2, total: totalSumOfSquares(observed, y.length) };
}
