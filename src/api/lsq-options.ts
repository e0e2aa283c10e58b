// The options of leastSquares: the table of those that are read alone, and bounds, scales and the
// like, which need the number of variables.

import { inputError } from './errors.ts';
import { insideBounds } from './inside-bounds.ts';
import { fitTable, type FitSettings, type Row, type Table } from './options.ts';
import type { JacobianFunction } from './residual-system.ts';
import type { Matrix } from './result.ts';
import type {
  Derivative,
  EngineOptions,
  FitControl,
  IterState,
  LsqControl,
  RunControl,
  Tolerances,
  VecLike,
} from './types.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TraceOption } from './trace.ts';
import { describe, isRecord, readBoolean, readNumber, readVector, readWord } from './validate.ts';

export interface Bounds {
  /** One number for all variables, or one per variable; −Infinity for none. */
  lower?: VecLike | number;
  /** One number for all variables, or one per variable; Infinity for none. */
  upper?: VecLike | number;
}

export interface LsqOptions
  extends
    EngineOptions,
    RunControl,
    Tolerances,
    Omit<LsqControl, 'jac'>,
    Pick<FitControl, 'covariance'> {
  /**
   * The function is never called outside, differences included. Lower bounds must be below upper
   * ones, and the start within; a start on a bound is moved inside by one hundredth of the distance
   * to the other bound or, where that is infinite, of the bound's magnitude, or by 0.01 from a
   * bound at 0.
   */
  bounds?: Bounds;
  /**
   * 'auto' (default): exact where the function compiles, else '2-point'. 'forward' and 'reverse'
   * insist on exact ones. Or a function that fills `out.data`, row by row, with ∂rᵢ/∂xⱼ (0 where it
   * writes nothing); it is compared with differences at the start.
   */
  jac?: Derivative | ((x: Float64Array, out: Matrix) => void | PromiseLike<void>);
  /**
   * Positions (rows[k], cols[k]) of the entries of the Jacobian that can differ from 0: columns
   * without a common row are differenced together.
   */
  jacSparsity?: { readonly rows: ArrayLike<number>; readonly cols: ArrayLike<number> };
  /**
   * Relative size of the noise in the residuals, for the steps of differences. Default 2⁻⁵², the
   * rounding of a formula; for a simulation that is solved to a tolerance, that tolerance. Where it
   * is given the function may answer differently for the same x.
   */
  noise?: number;
  /**
   * After convergence, undamped steps until x stands still at rounding level. Default: true where
   * derivatives are exact and `ftol` is not given.
   */
  polish?: boolean;
  /** Steps tried, accepted or not: 1 to 65535. Default 1000. */
  maxIter?: number;
  /**
   * Calls of the function, those for differences included. This and `maxSeconds` are looked at
   * between steps, not within a Jacobian. Default: no limit.
   */
  maxEval?: number;
  trace?: TraceOption;
  /** Called once per iteration; return true to stop. */
  callback?: (state: IterState) => boolean | void;
  /**
   * What residuals of NaN or infinity do: 'reject-step' (default) tries a shorter step, 'stop' ends
   * the run as 'notFinite', 'throw' throws CallbackError.
   */
  onNonFinite?: 'reject-step' | 'stop' | 'throw';
  /**
   * A run to take up again: a checkpoint, or what JSON.parse makes of one. It goes on to the same
   * bits as if it had not been interrupted; x0 is then of no account.
   */
  resumeFrom?: Checkpoint;
}

export interface LsqSettings
  extends Pick<
    FitSettings,
    | 'method'
    | 'loss'
    | 'lossScale'
    | 'xScale'
    | 'geodesicAcceleration'
    | 'covariance'
    | 'ftol'
    | 'xtol'
    | 'gtol'
    | 'maxIter'
    | 'maxEval'
    | 'engine'
    | 'numerics'
    | 'signal'
    | 'onProgress'
    | 'progressEveryMs'
    | 'maxSeconds'
    | 'trace'
    | 'callback'
    | 'onNonFinite'
    | 'resumeFrom'
  > {
  bounds: unknown;
  jac: Derivative | JacobianFunction;
  jacSparsity: unknown;
  noise: number | undefined;
  /** 'exact': where derivatives are. */
  polish: boolean | 'exact';
}

const derivativeWords: readonly Derivative[] = ['auto', 'forward', 'reverse', '2-point', '3-point'];

function readDerivative(value: unknown, name: string): Derivative | JacobianFunction {
  if (typeof value === 'function') return value as JacobianFunction;
  if (typeof value !== 'string')
    throw inputError(
      'ERR_TYPE',
      name,
      `expected a word such as '2-point' or a function, got ${describe(value)}`,
    );
  return readWord(value, name, derivativeWords);
}

const later: Row<unknown> = { default: undefined, check: (value) => value };

export const lsqTable: Table<LsqSettings> = {
  method: fitTable.method,
  loss: fitTable.loss,
  lossScale: fitTable.lossScale,
  xScale: fitTable.xScale,
  geodesicAcceleration: fitTable.geodesicAcceleration,
  covariance: fitTable.covariance,
  ftol: fitTable.ftol,
  xtol: fitTable.xtol,
  gtol: fitTable.gtol,
  maxIter: { ...fitTable.maxIter, default: 1000 },
  maxEval: fitTable.maxEval,
  engine: fitTable.engine,
  numerics: fitTable.numerics,
  signal: fitTable.signal,
  onProgress: fitTable.onProgress,
  progressEveryMs: fitTable.progressEveryMs,
  maxSeconds: fitTable.maxSeconds,
  trace: fitTable.trace,
  callback: fitTable.callback,
  onNonFinite: fitTable.onNonFinite,
  resumeFrom: fitTable.resumeFrom,
  bounds: later,
  jac: { default: 'auto', check: readDerivative },
  jacSparsity: later,
  noise: {
    default: undefined,
    // Below the spacing of doubles there is none, at 1 there is nothing else.
    check: (value, name) =>
      readNumber(value, name, 'a number from 2⁻⁵² to below 1', 2 ** -52, 1 - 2 ** -53),
  },
  polish: {
    default: 'exact',
    defaultFor: (given) => (given.has('ftol') ? false : 'exact'),
    check: readBoolean,
  },
};

export interface Limits {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Whether any of them is finite. */
  readonly areThere: boolean;
}

/** @throws InputError where bounds leave no room */
export function readBounds(given: unknown, n: number): Limits {
  const lower = new Float64Array(n).fill(-Infinity);
  const upper = new Float64Array(n).fill(Infinity);
  if (given === undefined) return { lower, upper, areThere: false };
  if (!isRecord(given))
    throw inputError('ERR_TYPE', 'bounds', `expected { lower, upper }, got ${describe(given)}`);
  for (const key of Object.keys(given)) {
    if (key !== 'lower' && key !== 'upper')
      throw inputError('ERR_OPTION', `bounds.${key}`, "unknown; bounds have 'lower' and 'upper'");
    const side = key === 'lower' ? lower : upper;
    const value = given[key];
    if (typeof value === 'number') side.fill(value);
    else if (value !== undefined) side.set(readVector(value, `bounds.${key}`, n, 'x0', true));
    side.forEach((bound, j) => {
      if (Number.isNaN(bound) || bound === (key === 'lower' ? Infinity : -Infinity))
        throw inputError('ERR_BOUNDS', `bounds.${key}[${j}]`, `expected a number, got ${bound}`);
    });
  }
  for (let j = 0; j < n; j++) {
    if (lower[j] < upper[j]) continue;
    const fault =
      lower[j] === upper[j]
        ? `equals upper[${j}]; leave a variable out that cannot move`
        : `${lower[j]} is above upper[${j}], which is ${upper[j]}`;
    throw inputError('ERR_BOUNDS', `bounds.lower[${j}]`, fault);
  }
  return { lower, upper, areThere: lower.some(Number.isFinite) || upper.some(Number.isFinite) };
}

/** The start, moved inside where it lies on a bound. @throws InputError where it lies outside */
export function startWithin(x0: Float64Array, { lower, upper }: Limits): Float64Array {
  return x0.map((value, j) => {
    if (value < lower[j] || value > upper[j])
      throw inputError(
        'ERR_START_OUTSIDE_BOUNDS',
        `x0[${j}]`,
        `the start ${value} lies outside of its bounds, ${lower[j]} to ${upper[j]}`,
      );
    return insideBounds(value, lower[j], upper[j]);
  });
}

/** Typical sizes, or null where the Jacobian decides. */
export function readScale(given: unknown, n: number): Float64Array | null {
  if (given === undefined || given === 'jac') return null;
  if (typeof given === 'string')
    throw inputError('ERR_RANGE', 'xScale', `expected 'jac' or sizes, got ${describe(given)}`);
  const scale = readVector(given, 'xScale', n, 'x0', true);
  scale.forEach((size, j) => {
    if (!(size > 0 && size < Infinity))
      throw inputError('ERR_RANGE', `xScale[${j}]`, `expected a number above 0, got ${size}`);
  });
  return scale;
}
