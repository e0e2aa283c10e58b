// The contract that both engines satisfy. Everything here is validated and resolved by the facade;
// engines trust it. Arrays are read and written in place: one curve after another.

import type { Program } from '../model/program.ts';
import type { LeastSquaresMethod } from '../portable/optim/methods.ts';
import type { Loss } from '../portable/optim/losses.ts';

export type Floats = Float64Array | Float32Array;
export type EngineName = 'native' | 'portable';
export type Simd = 'none' | 'scalar' | 'sse2' | 'avx2' | 'avx512' | 'neon';

/** A model that could not be compiled: called point by point, differentiated by differences. */
export interface CallbackModel {
  readonly params: number;
  /** Index of the parameter that each Jacobian column belongs to, ascending. */
  readonly varying: Int32Array;
  /** f at one point: one value per predictor, and all parameters. The arrays are reused. */
  readonly value: (x: Float64Array, params: Float64Array) => number;
  /** How derivatives are taken; default '2-point'. */
  readonly scheme?: DifferenceScheme;
  /** Bounds of all parameters, which differences keep to. */
  readonly lower?: Float64Array;
  readonly upper?: Float64Array;
  /** Typical size of every parameter, the least for steps. */
  readonly scale?: Float64Array;
}

/** Forward or central differences; one-sided where a bound leaves no room. */
export type DifferenceScheme = '2-point' | '3-point';

/** What is minimised, how, and where parameters may go. */
export interface FitMethod {
  /**
   * 'auto' and 'lm': the normal equations over lanes, then the careful path (QR) for fits whose own
   * numbers ask for it; the others are run by the careful path from the start.
   */
  readonly method: LeastSquaresMethod;
  /** Bounds of all parameters, ±Infinity where there is none; both null without any. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  readonly loss: Loss;
  /** C in Σ C²·ρ((r/C)²): one for all fits or one per fit; null counts as 1. */
  readonly lossScale: Float64Array | null;
  /** Fixed scale of every parameter; null scales by the columns of the Jacobian. */
  readonly xScale: Float64Array | null;
  /** Undamped steps after convergence, until the parameters stand still at rounding level. */
  readonly polish: boolean;
  /** Whether a fit may go on by the careful path. */
  readonly careful: boolean;
  readonly geodesic: boolean;
  /** Where the Jacobian is rank-deficient: the covariance of the pseudo-inverse instead of NaN. */
  readonly pseudoInverse: boolean;
}

/** The method where nothing is said. */
export const plainMethod: FitMethod = {
  method: 'auto', lower: null, upper: null, loss: 'linear', lossScale: null, xScale: null,
  polish: false, careful: true, geodesic: false, pseudoInverse: false,
};

/** A batch of fits of one program. A single fit is a batch of one. */
export interface FitJob extends FitMethod {
  /** A callback runs on the portable engine only, on the caller's thread. */
  readonly program: Program | CallbackModel;
  readonly fits: number;
  /** Points per fit; 0 when `offsets` is given. */
  readonly points: number;
  /** fits + 1 ascending positions into y, and into x and sigma where these are not shared. */
  readonly offsets: Uint32Array | null;
  /** One array per predictor: `points` values when shared, else laid out as y. */
  readonly x: readonly Floats[];
  readonly xShared: boolean;
  readonly y: Floats;
  /** Whether all fits have the same `points` values of y. */
  readonly yShared: boolean;
  /** Standard deviations of y, all positive and finite: `points` values when shared, else laid out as y. */
  readonly sigma: Floats | null;
  readonly sigmaShared: boolean;
  /** Start of every parameter, fixed ones included: `params` values when shared, else fits × params. */
  readonly init: Float64Array;
  readonly initShared: boolean;
  readonly ftol: number;
  readonly xtol: number;
  readonly gtol: number;
  readonly maxIter: number;
  /**
   * Factor from (JᵀJ)⁻¹ to the covariance: this number, or, where it is 0, the reduced
   * chi-square ssr / (points − columns) of each fit.
   */
  readonly covarianceFactor: number;
  /** Allow fused multiply-add and other orders of summation. */
  readonly fused: boolean;
  readonly outputs: FitOutputs;
}

/** Arrays that the job fills; null where not asked for. A fit that was not run keeps what was there. */
export interface FitOutputs {
  /** fits × params */
  readonly params: Float64Array;
  /** The minimised number: Σ((y − f)/σ)², or the sum of the loss. */
  readonly ssr: Float64Array;
  /** Codes of `statuses`. */
  readonly status: Uint8Array;
  /** Steps tried, accepted or not. */
  readonly iterations: Uint16Array;
  /** fits × params; 0 for fixed parameters, NaN where not estimable. */
  readonly stdErr: Float64Array | null;
  /** fits × columns × columns; NaN where not estimable. */
  readonly covariance: Float64Array | null;
  readonly r2: Float64Array | null;
  /** y − f, unweighted, laid out as y; fits × points where y is shared. */
  readonly residuals: Float64Array | null;
  /**
   * fits × width, width = (n + 1)(n + 2)/2, and three more with a loss: the lower triangle by rows
   * of AᵀA with A = [J, r], weighted, at the parameters returned.
   */
  readonly sums: Float64Array | null;
}

export interface RunOptions {
  readonly threads: number;
  /** Seconds after which no further work is begun; Infinity for none. */
  readonly maxSeconds: number;
}

export interface AsyncRunOptions extends RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progressEveryMs: number;
  /** Number of fits finished so far. Return false to stop. */
  readonly onProgress?: ((done: number) => boolean | void) | undefined;
}

export interface FitOutcome {
  /** Fits that came to a status of their own. */
  readonly done: number;
  /** Why the job ended early, or null when every fit was run. */
  readonly stopped: 'aborted' | 'maxSeconds' | 'stoppedByCallback' | null;
}

export interface Engine {
  readonly name: EngineName;
  readonly simd: Simd;
  /** Number of threads used when none is asked for. */
  readonly defaultThreads: number;
  fitBatchSync(job: FitJob, options: RunOptions): FitOutcome;
  fitBatch(job: FitJob, options: AsyncRunOptions): Promise<FitOutcome>;
  /** f and, where `jacobian` is given (points × columns, row-major), its derivatives at every point. */
  evaluate(
    program: Program,
    x: readonly Floats[],
    points: number,
    params: Float64Array,
    value: Float64Array,
    jacobian: Float64Array | null,
  ): void;
}
