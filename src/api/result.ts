// The shapes of results, the sentence for each status and the codes of warnings.

import { lastSuccess, statuses, type Status } from '../portable/optim/status.ts';
import type { Matrix } from '../statistics/matrix.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { StartsSummary } from './starts.ts';
import type { Trace } from './trace.ts';
import type { BatchArrays, EngineName, Loss, Predictors, VecLike } from './types.ts';
import type { FitStats } from '../statistics/goodness-of-fit.ts';

export type { FitStats };

export type { Matrix, Status };

export type WarningCode =
  | 'param-at-bound'
  | 'param-did-not-move'
  | 'rank-deficient'
  | 'high-correlation'
  | 'badly-scaled'
  | 'starts-at-default'
  | 'nonfinite-data-dropped'
  | 'fewer-points-than-params'
  | 'engine-fallback'
  | 'model-not-compiled'
  | 'gradient-mismatch'
  | 'not-converged'
  | 'residuals-correlated'
  | 'sigma-missing';

export interface Warning {
  readonly code: WarningCode;
  /** One sentence. */
  readonly message: string;
  /** The parameters it is about. */
  readonly params?: string[];
}

export interface FittedParam {
  readonly value: number;
  /** null when fixed, at an active bound, or when it cannot be estimated */
  readonly stdErr: number | null;
  /** Where the fit started. */
  readonly init: number;
  /** −Infinity where there is no lower bound. */
  readonly min: number;
  /** Infinity where there is no upper bound. */
  readonly max: number;
  readonly vary: boolean;
  /** The bound that the value equals. */
  readonly atBound: 'lower' | 'upper' | null;
  /** value / stdErr */
  readonly tValue: number | null;
  /**
   * Probability of a t value at least this large in magnitude if the parameter were 0: Student's t
   * with the degrees of freedom of the fit; normal where the standard deviations are known
   * (`sigmaIs: 'absolute'`, Poisson).
   */
  readonly pValue: number | null;
  /** The formula of a tied parameter. */
  readonly expr?: string;
}

/** A curve with limits on both sides. */
export interface Band {
  /** The points, as the first predictor has them. */
  readonly x: Float64Array;
  readonly fit: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export interface BootstrapOptions {
  /** Number of fits, 1 to 1,000,000. */
  samples: number;
  /** Default 0. The same seed gives the same numbers. */
  seed?: number;
  /**
   * 'residual' (default): the fitted curve plus residuals drawn with replacement, for a model that
   * is right and errors that are alike. 'case': points drawn with replacement, for errors that
   * differ from point to point.
   */
  kind?: 'residual' | 'case';
}

/** The outcome of one fit. */
export interface FitResult<N extends string> {
  readonly params: { readonly [K in N]: FittedParam };
  readonly values: { readonly [K in N]: number };
  readonly stats: FitStats;
  /** y − f at every point that was used. */
  readonly residuals: Float64Array;
  readonly fitted: Float64Array;
  /**
   * Of the varying parameters; null, never infinite, when it cannot be estimated: a warning says
   * which parameters are to blame. Rows and columns of parameters at an active bound are NaN.
   */
  readonly covariance: Matrix | null;
  readonly correlation: Matrix | null;
  /** Names of the varying parameters, in the order of `covariance`. */
  readonly varying: readonly N[];
  /** Whether status is 'ftol', 'xtol', 'gtol' or 'exact'. */
  readonly success: boolean;
  readonly status: Status;
  /** The status in one sentence. */
  readonly message: string;
  readonly warnings: readonly Warning[];
  /** Steps tried, accepted or not. */
  readonly nIter: number;
  /** Evaluations of model and Jacobian over all points. */
  readonly nEval: number;
  /** What was minimised: squares ('linear'), the sum of a robust loss, or the Poisson deviance. */
  readonly loss: Loss | 'poisson';
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  /** What many starts came to, where they were asked for. */
  readonly starts?: StartsSummary | undefined;
  /** The course of the fit, where it was asked for. */
  readonly trace?: Trace | undefined;
  /** The fitted model at new points: x in the form in which the data had it. */
  predict(x: Predictors): Float64Array;
  /**
   * Intervals that hold each parameter with probability `level`.
   *
   * 'linear': value ± q·stdErr. 'profile': where the minimum over the other parameters, found by
   * fitting again, has risen by q² times the variance of unit weight (Bates & Watts 1988, section
   * 6.1; the F test of lmfit's `conf_interval`): right also where the model is far from linear. A
   * robust loss is no likelihood: there the rise is measured in that of one standard error close to
   * the minimum. q is the quantile of Student's t with the degrees of freedom of the fit; of the
   * normal distribution where the standard deviations are known (`sigmaIs: 'absolute'`, Poisson).
   * @param level above 0 and below 1, default 0.95
   * @param how default 'linear'; tied parameters have a linear interval in either case
   * @returns [lower, upper] by name. A fixed parameter has its value twice. NaN where there is no
   *   standard error; in a profile, a bound of the parameter where it is reached first, and
   *   ±Infinity where the data set no limit.
   * @throws InputError ERR_RANGE for a level out of range
   * @remarks A profile takes some ten fits per parameter and holds the thread.
   */
  confidenceIntervals(
    level?: number,
    how?: 'linear' | 'profile',
  ): { readonly [K in N]: readonly [number, number] };
  /**
   * Limits that hold the true curve at each x with probability `level`: f ± q·√(gᵀCg), g the
   * derivatives of f by the parameters and C their covariance (delta method).
   * @param x in the form in which the data had it
   * @param level above 0 and below 1, default 0.95
   * @returns one value per point; NaN limits where there is no covariance
   */
  confidenceBand(x: Predictors, level?: number): Band;
  /**
   * Limits that hold one new observation at each x with probability `level`:
   * f ± q·√(gᵀCg + s²), s the standard deviation of the observation.
   * @param sigma standard deviations of the new observations: one, or one per point. Default: those
   *   of the data, where they are all alike or x is that of the data.
   * @throws InputError ERR_SHAPE where sigma differs from point to point and is not given
   */
  predictionBand(x: Predictors, level?: number, sigma?: VecLike | number): Band;
  /**
   * Parameters of fits to resampled data, run as one batch from the solution.
   * @returns for each parameter one value per sample; NaN where a fit did not converge
   * @see Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 9
   */
  bootstrap(o: BootstrapOptions): Promise<{ readonly [K in N]: Float64Array }>;
  /** What is wrong with this fit, or could be: its parameters, its residuals, its points. */
  diagnose(): Diagnosis;
  /** This result, or NotConvergedError when it is not a success. */
  orThrow(): FitResult<N>;
  /** The result as text. @param o digits: significant digits, 1 to 17, default 6 */
  report(o?: { digits?: number }): string;
  /** The result as tables in Markdown. */
  toMarkdown(o?: { digits?: number }): string;
  /** Plain data from which `fitResultFromJSON` makes this result again, data and model included. */
  toJSON(): unknown;
}

/** The outcome of many fits. Arrays that were not asked for are undefined. */
export interface BatchResult<N extends string> extends Readonly<Partial<BatchArrays>> {
  readonly nFits: number;
  readonly paramNames: readonly N[];
  /** fits × params */
  readonly params: Float64Array;
  readonly ssr: Float64Array;
  readonly status: Uint8Array;
  readonly iterations: Uint16Array;
  /** Number of fits whose status is a success. */
  readonly converged: number;
  readonly fitsPerSecond: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  /**
   * Whether the batch ended before every fit was run. Fits that were never begun have status
   * 'aborted' and NaN.
   */
  readonly aborted: boolean;
  readonly warnings: readonly Warning[];
  /** The values of one parameter, one per fit. */
  column(name: N): Float64Array;
  statusOf(i: number): Status;
  /** One curve as curveFit would return it, from x, y and sigma as they are now. */
  at(i: number): FitResult<N>;
  /** Indices of the fits whose status is not a success. */
  failures(): Uint32Array;
  /** Plain data from which `batchResultFromJSON` makes this result again; no data of the fits. */
  toJSON(): unknown;
}

const sentences: Readonly<Record<Status, string>> = {
  ftol: 'converged: actual and predicted reductions of the sum of squares are at most ftol',
  xtol: 'converged: the relative step is at most xtol',
  gtol: 'converged: the residuals are orthogonal to every column of the Jacobian within gtol',
  exact: 'converged: the sum of squares is zero',
  maxIter: 'stopped after maxIter steps, before any test for convergence was met',
  maxEval: 'stopped after maxEval evaluations, before any test for convergence was met',
  maxSeconds: 'stopped when maxSeconds had passed',
  aborted: 'aborted by the signal, or its batch ended before it was begun',
  stoppedByCallback: 'stopped because onProgress returned false',
  diverged: 'diverged: a parameter or the sum of squares left the range of doubles',
  notFinite: 'the model, its derivatives or the data are not finite at the start',
  lineSearchFailed: 'no acceptable step was found along the search direction',
  singular: 'the linear system of a step is singular',
  noProgress: 'no step lowers the sum of squares, and the gradient is not small',
};

export function statusMessage(status: Status): string {
  return sentences[status];
}

export function statusAt(code: number): Status {
  return statuses[code]!;
}

export function isSuccess(code: number): boolean {
  return code <= lastSuccess;
}

/**
 * Key of a method that returns what two engines must agree on: everything but times and names.
 * `compareEngines` looks for it.
 */
export const comparable: unique symbol = Symbol('nadir.comparable');
