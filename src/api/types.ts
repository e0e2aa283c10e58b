// What the public functions receive: data, parameters, models and options.

import type { EngineName, Floats } from '../engine/engine.ts';
import type { Loss as EngineLoss } from '../portable/optim/losses.ts';
import type { LeastSquaresMethod } from '../portable/optim/methods.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TraceOption } from './trace.ts';

export type { EngineName, Floats };

/** Numbers in a row: an array, a typed array, or anything indexed with a length. */
export type VecLike = ArrayLike<number>;

/** One predictor, or several by name: the model then receives them as `x.dose`, `x.time`. */
export type Predictors<V = VecLike> = V | { readonly [name: string]: V };

/** What the model receives as x. */
export type Point<X> = X extends VecLike ? number : { readonly [K in keyof X]: number };

export interface ParamSpec {
  /**
   * Where the fit starts, or the value it keeps when `vary` is false. A start on a bound is moved
   * inside: by one hundredth of the distance to the other bound or, where that is infinite, of the
   * bound's magnitude, or by 0.01 from a bound at 0.
   */
  value?: number;
  /** Lower bound: the model is never evaluated below. Default: none. */
  min?: number;
  /** Upper bound: the model is never evaluated above. Default: none. */
  max?: number;
  /** false keeps the parameter at `value`. Default true. */
  vary?: boolean;
  /**
   * A formula over other parameters that this one always follows, such as 'amp/wid'. Derivatives go
   * through it, and the parameter gets a standard error. With it there are no other members.
   */
  expr?: string;
  /**
   * Typical size, above 0: the fixed scale of the parameter in place of one from the Jacobian, and
   * the least size for steps of differences.
   */
  scale?: number;
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
  /**
   * Starts found in data: by what a library model knows of itself; for any other by trying values
   * on the scales of the data. Always finite and always the same for the same data.
   * @param x in the form that `evaluate` takes
   * @param y as many values
   */
  guess(
    x: X extends number ? VecLike : readonly VecLike[] | { readonly [K in keyof X]: VecLike },
    y: VecLike,
  ): Record<N, number>;
  /** The same model with `text` before every parameter: a sum of two peaks has a_amp and b_amp. */
  prefix<const S extends string>(text: S): Model<`${S}${N}`, X>;
  /**
   * The sum of both over the same predictors. `guess` finds baselines below the peaks.
   * @throws InputError ERR_PARAMS where both have a parameter of one name, ERR_SHAPE where their
   *   predictors differ
   */
  plus<M extends string>(other: Model<M, X>): Model<N | M, X>;
  /**
   * The product of both over the same predictors.
   * @throws InputError ERR_PARAMS where both have a parameter of one name, ERR_SHAPE where their
   *   predictors differ
   */
  times<M extends string>(other: Model<M, X>): Model<N | M, X>;
  /**
   * Plain data from which `modelFromJSON` makes the model anew, its guess included.
   * @throws InputError ERR_MODEL for a model that runs as a callback
   */
  toJSON(): unknown;
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
  /** Fits that have come to their status; iterations of a single run, with `maxIter` as total. */
  readonly done: number;
  readonly total: number;
  readonly elapsedSeconds: number;
  /** Time left at the rate so far; Infinity before the first fit is done. */
  readonly etaSeconds: number;
  /** The lowest value so far, of a single run. */
  readonly best?: number;
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

/**
 * 'auto' (default): Levenberg–Marquardt on the normal equations, and for fits whose own numbers ask
 * for it by QR. 'lm': the same without other step control. 'trf': trust region, reflected at bounds
 * (Branch, Coleman & Li 1999). 'dogbox': dogleg in a box (Voglis & Lagaris 2004). 'gauss-newton':
 * undamped, with a line search.
 */
export type LsqMethod = LeastSquaresMethod;

/**
 * ρ(z) of z = (r/C)²; what is minimised is Σ C²·ρ. linear z, soft_l1 2(√(1+z) − 1), huber z up to 1
 * and 2√z − 1 beyond, cauchy ln(1+z), arctan arctan(z), tukey (1 − (1−z)³)/3 up to 1 and 1/3
 * beyond, welsch 1 − exp(−z).
 */
export type Loss = Exclude<EngineLoss, 'poisson'>;

/**
 * 'auto', 'forward' and 'reverse': exact, where the model or the residuals compile. '2-point':
 * forward differences; '3-point': central ones. Steps never leave the bounds.
 */
export type Derivative = 'auto' | 'forward' | 'reverse' | '2-point' | '3-point';

/** A run between two iterations. */
export interface IterState {
  /** Steps tried so far. */
  readonly iter: number;
  /** What is minimised, at the best point so far. */
  readonly f: number;
  /** The best point so far; a copy. */
  readonly x: Float64Array;
  /** Largest entry in magnitude of the gradient there. */
  readonly gradNorm: number;
  /** The run as it stands, for `resumeFrom`. */
  checkpoint(): Checkpoint;
}

/** How a sum of squares, or of a loss, is minimised. */
export interface LsqControl {
  method?: LsqMethod;
  /**
   * Default 'linear': least squares. The others let outliers count less. Where 'cauchy', 'arctan',
   * 'tukey' or 'welsch' end as 'singular', every point an outlier, curveFit and curveFitBatch go on
   * from where 'soft_l1' leads (not with `trace`, `callback`, `onNonFinite` or `resumeFrom`).
   */
  loss?: Loss;
  /**
   * C: residuals beyond are outliers. Default 1. 'mad': 1.4826 times the median absolute deviation
   * of the residuals from 0, first of those at the start, then of those of the fit, until it
   * changes by less than 1 %, five times at most. Where more than half of the residuals are 0, and
   * so their median: 1.2533 times their mean absolute deviation; where all are 0, C stays as it
   * was, 1 at first. No effect with loss 'linear'.
   */
  lossScale?: number | 'mad';
  /**
   * 'jac' (default): parameters are scaled by the columns of the Jacobian, so that their units do
   * not matter. Or a typical size for every parameter.
   */
  xScale?: 'jac' | VecLike;
  jac?: Derivative;
  /** Second-order correction of steps (Transtrum & Sethna 2012). Default false. */
  geodesicAcceleration?: boolean;
  /** Evaluations of the model over all points. Default: no limit but `maxIter`. */
  maxEval?: number;
}

/** What curveFit and curveFitBatch share beyond the data. */
export interface FitControl extends LsqControl {
  /**
   * 'least-squares' (default), or 'poisson' for counts: minimises the deviance
   * 2 Σ (f − y + y·ln(y/f)); y at least 0, no sigma, no loss.
   */
  estimator?: 'least-squares' | 'poisson';
  /**
   * After convergence, undamped steps until the parameters stand still at rounding level. Default:
   * true unless `ftol` is given.
   */
  polish?: boolean;
  /**
   * 'auto' (default): standard errors and covariance, none where the data cannot tell parameters
   * apart. 'pseudo-inverse': in that case of what they can tell. false: neither.
   */
  covariance?: 'auto' | 'pseudo-inverse' | false;
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
  /** Steps tried, accepted or not: 1 to 65535. Default 1000: fits that wander take several methods in turn. */
  maxIter?: number;
}

export interface CurveFitOptions<X extends Predictors = Predictors>
  extends EngineOptions, RunControl, Tolerances, FitControl {
  /** The independent variable, or several by name; as many values as y. Copied. */
  x: X;
  y: VecLike;
  /** Standard deviations of y, all positive: one for all points, or one per point. */
  sigma?: VecLike | number;
  /**
   * Weights in Σ w·r², in place of sigma (w = 1/σ²): one for all points, or one per point, at least
   * 0; a point with weight 0 is left out.
   */
  weights?: VecLike | number;
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
  /**
   * Fits from this many starts, side by side, and keeps the best: the given or guessed start, and
   * others inside of the bounds or around it. 'auto': until the best minimum has been found three
   * times.
   */
  starts?: number | 'auto';
  /** Of the random starts. Default 0. */
  seed?: number;
  /**
   * Keeps what happened in every iteration. This, `callback`, `onNonFinite` and `resumeFrom` run
   * the fit iteration by iteration from JavaScript, by QR from the beginning.
   */
  trace?: TraceOption;
  /** Called once per iteration; return true to stop. */
  callback?: (state: IterState) => boolean | void;
  /**
   * What a model value of NaN or infinity does: 'reject-step' (default) tries a shorter step,
   * 'stop' ends the fit as 'notFinite', 'throw' throws CallbackError.
   */
  onNonFinite?: 'reject-step' | 'stop' | 'throw';
  /** A run to take up again: a checkpoint, or what JSON.parse makes of one. */
  resumeFrom?: Checkpoint;
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
  extends EngineOptions, RunControl, Tolerances, FitControl {
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
  /** Weights in Σ w·r², in place of sigma and laid out as it; 0 leaves a point out. */
  weights?: Floats | number;
  /**
   * Points with NaN or infinity: 'throw' (default) lets only their own fit end as 'notFinite';
   * 'drop' leaves them out. A shared x must be finite.
   */
  nonFinite?: 'throw' | 'drop';
  /**
   * Starts shared by all fits, bounds, ties, and which parameters vary. Names that the model does
   * not have are for ties.
   */
  params?: { readonly [K in N]?: number | ParamSpec } & Record<string, number | ParamSpec>;
  /**
   * Starts: one value per parameter, or fits × params. They take the place of the values in
   * `params`, those of fixed parameters included. 'guess' finds in the data of each fit what
   * `params` does not say; the default where a model from `models` has parameters without a start.
   */
  init?: 'guess' | Floats;
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
