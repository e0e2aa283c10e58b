// What the public functions receive: data, parameters, models and options.

import type { EngineName, Floats } from '../engine/engine.ts';

export type { EngineName, Floats };

/** Numbers in a row: an array, a typed array, or anything indexed with a length. */
export type VecLike = ArrayLike<number>;

/** One predictor, or several by name: the model then receives them as `x.dose`, `x.time`. */
export type Predictors<V = VecLike> = V | { readonly [name: string]: V };

/** What the model receives as x. */
export type Point<X> = X extends VecLike ? number : { readonly [K in keyof X]: number };

export interface ParamSpec {
  /** Where the fit starts, or the value it keeps when `vary` is false. */
  value?: number;
  /** false keeps the parameter at `value`. Default true. */
  vary?: boolean;
}
export type ParamSpecs = Record<string, number | ParamSpec>;
export type Values<P> = { readonly [K in keyof P]: number };
export type ModelFn<P, X = number> = (x: X, p: Values<P>) => number;

/** How a model will run: as a compiled expression or as a callback, and why. */
export interface ModelExplanation {
  readonly compiled: boolean;
  /** Why it was not compiled. */
  readonly reason?: string;
  readonly expression?: string;
  readonly derivatives: 'symbolic' | '2-point';
  /** Size of the expression graph. */
  readonly nodes?: number;
}

/** A model with named parameters `N` and, where X is not `number`, named predictors. */
export interface Model<N extends string, X = number> {
  readonly name: string;
  readonly paramNames: readonly N[];
  /** Names of the independent variables, in order. */
  readonly predictors: readonly string[];
  explain(): ModelExplanation;
  /**
   * f at every point.
   * @param x one array; for several predictors their arrays in the order of `predictors`, or by
   *   name
   * @param p a value for every parameter
   * @returns one value per point
   * @throws InputError when x or p does not fit the model; CallbackError when its function throws
   */
  evaluate(
    x: X extends number ? VecLike : readonly VecLike[] | { readonly [K in keyof X]: VecLike },
    p: { readonly [K in N]: number },
  ): Float64Array;
}

/** A model of any predictors. */
// oxlint-disable-next-line typescript/no-explicit-any -- evaluate takes x in the form of the model
export type AnyModel<N extends string> = Model<N, any>;

export interface ModelOptions {
  /** Values and functions that the model captures, by name. */
  scope?: Record<string, number | ((...a: number[]) => number)>;
  /** Shown by `report()`. Default: the name of the function. */
  name?: string;
  /** Throw when the function cannot be compiled, instead of running it as a callback. */
  require?: 'compiled';
}

export interface EngineOptions {
  /**
   * 'auto' (default) is native where its binary loads, else portable. A named engine that is
   * missing throws EngineError.
   */
  engine?: 'auto' | EngineName;
  /**
   * 'reproducible' (default): same bits on every engine, thread count and CPU. 'fast': fused
   * multiply-add, other orders of summation.
   */
  numerics?: 'reproducible' | 'fast';
}

export interface Progress {
  /** Fits that have come to their status. */
  readonly done: number;
  readonly total: number;
  readonly elapsedSeconds: number;
  /** Time left at the rate so far; Infinity before the first fit is done. */
  readonly etaSeconds: number;
}

/**
 * Only the asynchronous verbs can be interrupted; the synchronous ones look at `signal` before they
 * begin and report once, at the end.
 */
export interface RunControl {
  signal?: AbortSignal;
  /**
   * Called at most every `progressEveryMs` (default 100), and once at the end, on the caller's
   * thread. Return false to stop.
   */
  onProgress?: (p: Progress) => void | boolean;
  progressEveryMs?: number;
  /** No further work is begun after this many seconds. Default: no limit. */
  maxSeconds?: number;
}

/** When a fit stops. Each test is off at 0; not all may be. */
export interface Tolerances {
  /**
   * Actual and predicted relative reductions of the sum of squares are both at most this. Default
   * 1e-12; 1e-8 saves about an iteration where parameters need no more than four digits.
   */
  ftol?: number;
  /** The relative step in scaled norm is at most this. Default 1e-8. */
  xtol?: number;
  /**
   * The cosine between the residuals and every column of the Jacobian is at most this. Default
   * 1e-8.
   */
  gtol?: number;
  /** Steps tried, accepted or not: 1 to 65535. Default 200. */
  maxIter?: number;
}

export interface CurveFitOptions<X extends Predictors = Predictors>
  extends EngineOptions, RunControl, Tolerances {
  /** The independent variable, or several by name; as many values as y. Copied. */
  x: X;
  y: VecLike;
  /** Standard deviations of y, all positive: one for all points, or one per point. */
  sigma?: VecLike | number;
  /**
   * 'relative' (default): only ratios of sigma matter, standard errors are scaled so that the
   * reduced chi-square is 1. 'absolute': sigma is taken as it is.
   */
  sigmaIs?: 'absolute' | 'relative';
  /**
   * What to do with points where x, y or sigma is NaN or infinite: 'throw' (default) or 'drop' them
   * with a warning.
   */
  nonFinite?: 'throw' | 'drop';
  /** 'auto' (default): standard errors and covariance; false: neither. */
  covariance?: 'auto' | false;
}

export type BatchOutput = 'stdErr' | 'covariance' | 'residuals' | 'r2';

/** Arrays of a batch, one entry or row per fit. */
export interface BatchArrays {
  /** fits × params */
  params: Float64Array;
  /** fits × params; 0 for fixed parameters, NaN where it cannot be estimated */
  stdErr: Float64Array;
  /** The minimised sum of squares Σ((y − f)/σ)². */
  ssr: Float64Array;
  /** Codes of `statuses`; `statusOf(i)` has the word. */
  status: Uint8Array;
  iterations: Uint16Array;
  r2: Float64Array;
  /** fits × varying × varying; NaN where it cannot be estimated */
  covariance: Float64Array;
  /** y − f, laid out as y */
  residuals: Float64Array;
}

export interface BatchOptions<N extends string, X extends Predictors<Floats> = Floats>
  extends EngineOptions, RunControl, Tolerances {
  /**
   * Everything that curveFit takes as a model; with a plain function, `params` names the
   * parameters.
   */
  model: AnyModel<N> | ModelFn<Record<N, unknown>, Point<X>>;
  /**
   * One x for all fits (m values), or laid out as y. Where x has as many values as y and there are
   * no `offsets`, the number of fits follows from a per-fit `init`; without one it is one fit.
   */
  x: X;
  /**
   * fits × m, one curve after another; or ragged with `offsets`. Never copied as a whole, and not
   * to be changed while the fit runs.
   */
  y: Floats;
  /** Where each fit begins in y, and the end: fits + 1 ascending positions. */
  offsets?: Uint32Array;
  /**
   * Standard deviations of y, all positive: one number, m values for all fits, or laid out as y.
   */
  sigma?: Floats | number;
  sigmaIs?: 'absolute' | 'relative';
  /**
   * Points with NaN or infinity: 'throw' (default) lets only their own fit end as 'notFinite';
   * 'drop' leaves them out. A shared x must be finite.
   */
  nonFinite?: 'throw' | 'drop';
  /** Starts shared by all fits, and which parameters vary. */
  params?: { readonly [K in N]?: number | ParamSpec };
  /**
   * Starts: one value per parameter, or fits × params. They take the place of the values in
   * `params`, those of fixed parameters included.
   */
  init?: Floats;
  /** Threads to use, 1 to 1024. Results do not depend on it. */
  threads?: number;
  precision?: 'f64';
  /** What to compute beyond params, ssr, status and iterations. */
  outputs?: readonly BatchOutput[];
  /**
   * Results are written here when given, e.g. on a SharedArrayBuffer; an array given here is also
   * computed.
   */
  out?: Partial<BatchArrays>;
}
