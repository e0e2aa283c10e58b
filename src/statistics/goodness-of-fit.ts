// Goodness of fit. What was minimised is summed in the order of the engines, the rest in the order
// of the points. aic and bic are those of lmfit, the log-likelihood is that of a Gaussian with the
// scale at its maximum (as statsmodels' WLS has it).

import { pairwiseSum, totalSumOfSquares } from '../portable/linalg/vector.ts';
import { log } from '../portable/math/log.ts';

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
  /** Σ (r/σ)², what was minimised. */
  readonly chi2: number;
  /** chi2 / dof; NaN without degrees of freedom */
  readonly reducedChi2: number;
  /** 1 − chi2 / Σ ((y − ȳ)/σ)², with ȳ the mean weighted by 1/σ². */
  readonly r2: number;
  /** 1 − (1 − r2)·(n − 1)/dof */
  readonly adjR2: number;
  /** √(ssr/n) */
  readonly rmse: number;
  /** Σ|r| / n */
  readonly mae: number;
  /** Gaussian log-likelihood at its maximum over the scale: −n/2·(ln(2π·chi2/n) + 1) − Σ ln σ. */
  readonly logLik: number;
  /** n·ln(chi2/n) + 2k. It differs from 2k − 2·logLik by a number that depends on the data only. */
  readonly aic: number;
  /** aic + 2k(k + 1)/(n − k − 1); NaN where n ≤ k + 1 */
  readonly aicc: number;
  /** n·ln(chi2/n) + k·ln n */
  readonly bic: number;
}

/**
 * @param residuals y − f
 * @param chi2 the minimised sum of squares Σ (r/σ)²
 * @param r2 1 − chi2 / weighted total sum of squares
 * @param varying number of varying parameters
 */
export function goodnessOfFit(
  residuals: Float64Array,
  sigma: Float64Array | null,
  chi2: number,
  r2: number,
  varying: number,
): FitStats {
  const n = residuals.length,
    dof = n - varying;
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
  if (sigma === null) ssr = chi2;
  const deviance = n * log(chi2 / n);
  const aic = deviance + 2 * varying;
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
    logLik: -(n * log(2 * Math.PI) + deviance + n) / 2 - logSigma,
    aic,
    aicc: spare > 0 ? aic + (2 * varying * (varying + 1)) / spare : NaN,
    bic: deviance + varying * log(n),
  };
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
