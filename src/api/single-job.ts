// The engine job of one fit, and what its result needs beyond the solution.

import type { CallbackModel, FitJob, FitMethod, FitOutputs } from '../engine/engine.ts';
import type { Program } from '../model/program.ts';
import { statusCode } from '../portable/optim/status.ts';
import { sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import type { FitDetails } from './fit-result.ts';
import { programOf } from './model-source.ts';
import type { CommonSettings } from './options.ts';
import type { ParamSet } from './params.ts';
import { evaluateProblem, type Problem } from './problem.ts';
import type { Outcome } from './rescale.ts';
import { applyTies, tieDeviation } from './ties.ts';

/**
 * 0 asks the engine for the reduced chi-square of each fit. The variance of counts is known from
 * their mean, so theirs is 1.
 */
export function covarianceFactor(settings: CommonSettings): number {
  return isAbsolute(settings) ? 1 : 0;
}

/** Whether standard errors are taken as they are, without a factor estimated from the residuals. */
export function isAbsolute({ sigmaIs, estimator }: CommonSettings): boolean {
  return sigmaIs === 'absolute' || estimator === 'poisson';
}

/** What is minimised and how, as the engines see it. */
export function methodOf(settings: CommonSettings, params: ParamSet): FitMethod {
  const { lossScale } = settings;
  return {
    method: settings.method,
    lower: params.hasBounds ? params.lower : null,
    upper: params.hasBounds ? params.upper : null,
    loss: settings.estimator === 'poisson' ? 'poisson' : settings.loss,
    lossScale: typeof lossScale === 'number' ? Float64Array.of(lossScale) : null,
    xScale: params.scale,
    polish: settings.polish,
    careful: true,
    geodesic: settings.geodesicAcceleration,
    pseudoInverse: settings.covariance === 'pseudo-inverse',
  };
}

/** Where a fit ends when it has not before: tests, steps and evaluations. */
export function limitsOf(
  settings: CommonSettings,
): Pick<FitJob, 'ftol' | 'xtol' | 'gtol' | 'maxIter'> {
  const { ftol, xtol, gtol, maxIter, maxEval } = settings;
  // One evaluation where the fit begins, then one with every step.
  return { ftol, xtol, gtol, maxIter: Math.min(maxIter, maxEval - 1) };
}

/** The status in the words of the options: the limit on evaluations is one on steps to engines. */
export function limitStatus(settings: CommonSettings, code: number): number {
  const isMaxEval = code === statusCode.maxIter && settings.maxEval <= settings.maxIter;
  return isMaxEval ? statusCode.maxEval : code;
}

/** The job of one fit. Outputs hold what a fit that is never begun shall show. */
export function singleJob(
  problem: Problem,
  settings: CommonSettings,
  withCovariance: boolean,
): FitJob {
  const { columns, y, sigma, init, program, params } = problem;
  const method = methodOf(settings, params);
  const limits = limitsOf(settings);
  // Member by member: spreads of records this large cost as much as a small fit.
  return {
    method: method.method,
    lower: method.lower,
    upper: method.upper,
    loss: method.loss,
    lossScale: method.lossScale,
    xScale: method.xScale,
    polish: method.polish,
    careful: method.careful,
    geodesic: method.geodesic,
    pseudoInverse: method.pseudoInverse,
    ftol: limits.ftol,
    xtol: limits.xtol,
    gtol: limits.gtol,
    maxIter: limits.maxIter,
    program,
    fits: 1,
    points: y.length,
    offsets: null,
    x: columns,
    xShared: true,
    y,
    yShared: false,
    sigma,
    sigmaShared: true,
    init,
    initShared: true,
    covarianceFactor: covarianceFactor(settings),
    fused: settings.numerics === 'fast',
    outputs: singleOutputs(init, program.varying.length, y.length, withCovariance),
  };
}

export function singleOutputs(
  init: Float64Array,
  varying: number,
  points: number,
  withCovariance: boolean,
): FitOutputs {
  return {
    params: init.slice(),
    ssr: new Float64Array([NaN]),
    status: new Uint8Array([statusCode.aborted]),
    iterations: new Uint16Array(1),
    stdErr: withCovariance ? new Float64Array(init.length) : null,
    covariance: withCovariance ? new Float64Array(varying * varying) : null,
    r2: new Float64Array(1),
    residuals: new Float64Array(points),
    sums: null,
  };
}

/** The program of the same model with other varying parameters. */
export function programFor(
  { source, program }: Problem,
  varying: readonly number[],
): Program | CallbackModel {
  return typeof program.value === 'function'
    ? { ...(program as CallbackModel), varying: Int32Array.from(varying) }
    : programOf(source.parsed!, varying);
}

/**
 * Fills in tied parameters and their standard errors, which engines know nothing of.
 * @param fit which of the fits in the outputs
 */
export function finishTies(
  { ties, varying, names }: ParamSet,
  outputs: Pick<FitOutputs, 'params' | 'stdErr' | 'covariance'>,
  fit: number = 0,
): void {
  if (ties.length === 0) return;
  const n = names.length,
    columns = varying.length ** 2;
  const params = outputs.params.subarray(fit * n, (fit + 1) * n);
  applyTies(ties, params);
  const { stdErr, covariance } = outputs;
  if (stdErr === null || covariance === null) return;
  const own = covariance.subarray(fit * columns, (fit + 1) * columns);
  for (const tie of ties) stdErr[fit * n + tie.index] = tieDeviation(tie, params, varying, own);
}

export function detailsOf({ outputs }: FitJob, { beyondRange }: Outcome): FitDetails {
  const { residuals, stdErr, covariance, r2 } = outputs;
  return {
    residuals: residuals!,
    stdErr,
    covariance,
    r2: r2![0],
    wantsCovariance: covariance !== null,
    isBeyondRange: beyondRange > 0,
  };
}

/** Residuals at a point where no fit ended by itself: there is no covariance. */
export function detailsAt(
  problem: Problem,
  params: Float64Array,
): FitDetails & { readonly chi2: number } {
  const { columns, y, sigma } = problem;
  const residuals = evaluateProblem(problem, columns, y.length, params);
  for (let i = 0; i < y.length; i++) residuals[i] = y[i] - residuals[i];
  const { chi2, total } = sumsOfSquares(y, residuals, sigma);
  return {
    residuals,
    stdErr: null,
    covariance: null,
    r2: 1 - chi2 / total,
    wantsCovariance: false,
    isBeyondRange: false,
    chi2,
  };
}
