// The shapes of results, the sentence for each status and the codes of warnings.

import { lastSuccess, statuses, type Status } from '../portable/optim/status.ts';
import type { Matrix } from '../statistics/matrix.ts';
import type { BatchArrays, EngineName, Predictors } from './types.ts';
import type { FitStats } from '../statistics/goodness-of-fit.ts';

export type { FitStats };

export type { Matrix, Status };

export type WarningCode =
  | 'param-did-not-move'
  | 'rank-deficient'
  | 'high-correlation'
  | 'badly-scaled'
  | 'starts-at-default'
  | 'nonfinite-data-dropped'
  | 'fewer-points-than-params'
  | 'engine-fallback'
  | 'model-not-compiled'
  | 'not-converged'
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
  /** null when fixed, or when it cannot be estimated */
  readonly stdErr: number | null;
  /** Where the fit started. */
  readonly init: number;
  readonly vary: boolean;
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
   * which parameters are to blame.
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
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  /** The fitted model at new points: x in the form in which the data had it. */
  predict(x: Predictors): Float64Array;
  /** This result, or NotConvergedError when it is not a success. */
  orThrow(): FitResult<N>;
  /** The result as text. @param o digits: significant digits, 1 to 17, default 6 */
  report(o?: { digits?: number }): string;
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
