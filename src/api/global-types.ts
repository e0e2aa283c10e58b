// What globalFit receives and returns.

import type { FitStats, FittedParam, Matrix, Status, Warning } from './result.ts';
import type {
  AnyModel,
  EngineName,
  EngineOptions,
  Loss,
  ModelFn,
  ParamSpec,
  Point,
  Predictors,
  RunControl,
  Tolerances,
  VecLike,
} from './types.ts';

/** One of several sets of points; sets may differ in length. */
export interface DataSet<N extends string, X extends Predictors = Predictors> {
  /** The independent variable, or several by name; as many values as y. Copied. */
  readonly x: X;
  readonly y: VecLike;
  /** Standard deviations of y, all positive: one for all points, or one per point. */
  readonly sigma?: VecLike | number;
  /** Weights in Σ w·r², in place of sigma (w = 1/σ²); 0 leaves a point out. */
  readonly weights?: VecLike | number;
  /** Where the local parameters of this set start, or the values that fixed ones keep. */
  readonly params?: { readonly [K in N]?: number };
}

export interface GlobalFitOptions<
  N extends string,
  S extends N = N,
  X extends Predictors = Predictors,
>
  extends EngineOptions, RunControl, Tolerances {
  /** Everything that curveFit takes; with a plain function, `params` names the parameters. */
  model: AnyModel<N> | ModelFn<Record<N, unknown>, Point<X>>;
  data: readonly DataSet<N, X>[];
  /** Parameters with one value for all sets. The others have a value of their own in each. */
  shared: readonly S[];
  /**
   * Starts, bounds, ties, and which parameters vary: for all sets alike. A parameter without a start
   * begins at the guess for its set, a shared one at the median of the guesses.
   */
  params?: { readonly [K in N]?: number | ParamSpec } & Record<string, number | ParamSpec>;
  /**
   * 'relative' (default): only ratios of sigma matter, also between sets. 'absolute': sigma is taken
   * as it is.
   */
  sigmaIs?: 'absolute' | 'relative';
  nonFinite?: 'throw' | 'drop';
  /** 'least-squares' (default), or 'poisson' for counts. */
  estimator?: 'least-squares' | 'poisson';
  loss?: Loss;
  /** C: residuals beyond are outliers. Default 1. */
  lossScale?: number;
  /** 'auto' (default): standard errors and covariances; false: neither. */
  covariance?: 'auto' | false;
  /** Threads for the evaluation of many sets, 1 to 1024. Results do not depend on it. */
  threads?: number;
}

/** The outcome of one fit of several sets. */
export interface GlobalFitResult<N extends string, S extends N = N> {
  /** Parameters that all sets share, those that are fixed included. */
  readonly shared: { readonly [K in S]: FittedParam };
  /** The other parameters, by set. */
  readonly local: readonly { readonly [K in Exclude<N, S>]: FittedParam }[];
  /** Values of all parameters, by set. */
  readonly values: readonly { readonly [K in N]: number }[];
  /** Over the points of all sets; k counts every varying parameter of every set. */
  readonly stats: FitStats;
  /** y − f at every point that was used, by set. */
  readonly residuals: readonly Float64Array[];
  /** Of the shared varying parameters; null where it cannot be estimated. */
  readonly covariance: Matrix | null;
  /** Names of the shared varying parameters, in the order of `covariance`. */
  readonly varying: readonly S[];
  /**
   * The covariance of all varying parameters of one set: local ones first, then the shared, in the
   * order of `names`. null where it cannot be estimated.
   */
  covarianceOf(set: number): { readonly names: readonly N[]; readonly matrix: Matrix | null };
  readonly success: boolean;
  readonly status: Status;
  /** The status in one sentence. */
  readonly message: string;
  readonly warnings: readonly Warning[];
  /** Steps tried, accepted or not. */
  readonly nIter: number;
  /** Evaluations of model and Jacobian over the points of all sets. */
  readonly nEval: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  /** The fitted model of one set at new points: x in the form in which the data had it. */
  predict(set: number, x: Predictors): Float64Array;
  /** This result, or NotConvergedError when it is not a success. */
  orThrow(): GlobalFitResult<N, S>;
  /** The result as text. @param o digits: significant digits, 1 to 17, default 6 */
  report(o?: { digits?: number }): string;
  toJSON(): unknown;
}
