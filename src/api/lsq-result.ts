// The result of leastSquares. What costs more than the run may have cost, the singular value
// decomposition above all, is computed when it is first read.

import {
  correlatedPairs,
  correlationMatrix,
  covarianceMatrix,
} from '../statistics/covariance.ts';
import { DenseMatrix, type Matrix } from '../statistics/matrix.ts';
import { NotConvergedError } from './errors.ts';
import type { DerivativeKind } from './residual-system.ts';
import { comparable, isSuccess, statusAt, statusMessage, type Status, type Warning } from './result.ts';
import type { RunOutcome } from './run.ts';
import type { Trace } from './trace.ts';
import type { EngineName, Loss } from './types.ts';
import { didNotMove, fewerPoints, highCorrelation, notConverged, rankDeficient } from './warnings.ts';

/** The outcome of a run over residuals. */
export interface LsqResult {
  /** The best point found. */
  readonly x: Float64Array;
  /** ½ Σ C²·ρ((rᵢ/C)²) there: ½ Σ rᵢ² without a loss, as SciPy's `cost`. */
  readonly cost: number;
  /** r at `x`, without the loss. */
  readonly residuals: Float64Array;
  /** ∂rᵢ/∂xⱼ at `x`, without the loss. */
  readonly jacobian: Matrix;
  /**
   * Of x: s²·(JᵀJ)⁻¹ with s² = Σr²/(m − n), with a loss Huber's (1981, section 7.6). Absent where
   * it cannot be estimated or was not asked for; NaN in rows and columns of variables at a bound.
   */
  readonly covariance?: Matrix | undefined;
  /** Roots of the diagonal of `covariance`. */
  readonly stdErr?: Float64Array | undefined;
  /** Number of directions that the residuals resolve, of those not stopped by a bound. */
  readonly rank: number;
  /**
   * Largest over smallest singular value of J, its columns divided by their lengths; computed when
   * it is read, which takes seconds from some 300 variables on.
   */
  readonly conditionNumber: number;
  /** −1 or 1 where the lower or upper bound stops a variable, else 0. */
  readonly activeBounds: Int8Array;
  /** How the Jacobian was had: 'symbolic' where the function was compiled. */
  readonly derivatives: DerivativeKind;
  /** Why the function was not compiled, where that was tried. */
  readonly reason?: string;
  /** C of the loss. */
  readonly lossScale: number;
  /** Whether status is 'ftol', 'xtol', 'gtol' or 'exact'. */
  readonly success: boolean;
  readonly status: Status;
  /** The status in one sentence. */
  readonly message: string;
  /** Variables are called x[0], x[1] … */
  readonly warnings: readonly Warning[];
  /** Steps tried, accepted or not. */
  readonly nIter: number;
  /** Calls of the function, those for differences and checks included. */
  readonly nEval: number;
  /** Jacobians. */
  readonly nJac: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  readonly trace?: Trace;
  /** This result, or NotConvergedError when it is not a success. */
  orThrow(): LsqResult;
  /** The result as text. */
  report(): string;
  toJSON(): unknown;
}

export interface LsqRecord {
  readonly outcome: RunOutcome;
  /** From (JᵀJ)⁻¹ to the covariance. */
  readonly factor: number;
  readonly covariance: 'auto' | 'pseudo-inverse' | false;
  readonly start: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly derivatives: DerivativeKind;
  readonly reason?: string;
  readonly loss: Loss;
  readonly lossScale: number;
  readonly iterations: number;
  readonly evaluations: number;
  readonly jacobians: number;
  readonly elapsedSeconds: number;
  readonly notes: readonly Warning[];
}

/** As for fits (fit-warnings.ts). */
const correlationLimit = 0.999;
/** Entries of a null vector below this share of its largest one are noise. */
const shareTolerance = 1e-3;

/** The singular value decomposition of more would hold up a report. */
const manyVariables = 100;

const nameOf = (j: number): string => `x[${j}]`;

function atBound(names: readonly string[]): Warning {
  const verb = names.length === 1 ? 'ended at its bound' : 'ended at their bounds';
  const message = `${names.join(', ')} ${verb}: without it the cost would be lower`;
  return { code: 'param-at-bound', message, params: [...names] };
}

export class LeastSquaresResult implements LsqResult {
  readonly x: Float64Array;
  readonly cost: number;
  readonly residuals: Float64Array;
  readonly jacobian: Matrix;
  readonly activeBounds: Int8Array;
  readonly derivatives: DerivativeKind;
  readonly lossScale: number;
  readonly success: boolean;
  readonly status: Status;
  readonly message: string;
  readonly nIter: number;
  readonly nEval: number;
  readonly nJac: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName = 'portable';
  declare readonly trace?: Trace;
  declare readonly reason?: string;
  readonly #record: LsqRecord;
  #covariance: DenseMatrix | null | undefined;
  #warnings: readonly Warning[] | undefined;

  constructor(record: LsqRecord) {
    const { outcome } = record;
    this.#record = record;
    this.x = outcome.x;
    this.cost = outcome.value / 2;
    this.residuals = outcome.residuals;
    this.jacobian = new DenseMatrix(outcome.residuals.length, outcome.x.length, outcome.jacobian);
    this.activeBounds = outcome.active;
    this.derivatives = record.derivatives;
    this.lossScale = record.lossScale;
    this.success = isSuccess(outcome.status);
    this.status = statusAt(outcome.status);
    this.message = messageOf(this.status, outcome.residuals);
    this.nIter = record.iterations;
    this.nEval = record.evaluations;
    this.nJac = record.jacobians;
    this.elapsedSeconds = record.elapsedSeconds;
    if (outcome.trace !== null) this.trace = outcome.trace;
    if (record.reason !== undefined) this.reason = record.reason;
  }

  get rank(): number {
    return this.#hasJacobian ? this.#record.outcome.finish().rank : 0;
  }

  get conditionNumber(): number {
    return this.#hasJacobian ? this.#record.outcome.finish().conditionNumber : NaN;
  }

  get covariance(): DenseMatrix | undefined {
    if (this.#covariance === undefined) this.#covariance = this.#estimate();
    return this.#covariance ?? undefined;
  }

  get stdErr(): Float64Array | undefined {
    const { covariance } = this;
    if (covariance === undefined) return undefined;
    return this.x.map((_, j) => Math.sqrt(covariance.get(j, j)));
  }

  get warnings(): readonly Warning[] {
    return (this.#warnings ??= Object.freeze(this.#collect()));
  }

  /** The residuals have values where the run ended. */
  get #hasJacobian(): boolean {
    return Number.isFinite(this.cost);
  }

  #estimate(): DenseMatrix | null {
    const { outcome, covariance, factor } = this.#record;
    const n = this.x.length;
    if (covariance === false || !this.#hasJacobian || !Number.isFinite(factor)) return null;
    const values = new Float64Array(n * n);
    const isFull = outcome.finish().covarianceInto(values, covariance === 'pseudo-inverse');
    if (!isFull && covariance !== 'pseudo-inverse') return null;
    for (let k = 0; k < values.length; k++) values[k] *= factor;
    return covarianceMatrix(values, n, (j) => this.activeBounds[j] !== 0);
  }

  #collect(): Warning[] {
    const { notes, start, outcome, covariance } = this.#record;
    const warnings = [...notes];
    const n = this.x.length,
      m = this.residuals.length;
    if (!this.success) warnings.push(notConverged(this.status));
    const held = Array.from(this.x.keys()).filter((j) => this.activeBounds[j] !== 0);
    if (held.length > 0) warnings.push(atBound(held.map(nameOf)));
    if (covariance !== false && this.#hasJacobian) {
      if (m <= n) warnings.push(fewerPoints(m, n));
      else if (this.rank < n - held.length)
        for (const vector of outcome.finish().nullVectors()) warnings.push(cannotTell(vector));
    }
    const still = Array.from(this.x.keys()).filter(
      (j) => this.x[j] === start[j] && this.activeBounds[j] === 0,
    );
    if (still.length > 0 && this.nIter > 0 && this.status !== 'exact')
      warnings.push(didNotMove(still.map(nameOf)));
    const matrix = this.covariance;
    const correlation = matrix === undefined ? null : correlationMatrix(matrix);
    if (correlation !== null)
      for (const [i, j, r] of correlatedPairs(correlation, correlationLimit))
        warnings.push(highCorrelation(nameOf(i), nameOf(j), r));
    return warnings;
  }

  orThrow(): this {
    if (!this.success)
      throw new NotConvergedError(`the run did not succeed: ${this.message}`, this);
    return this;
  }

  report(): string {
    const { loss, lower, upper, start } = this.#record;
    const { stdErr } = this;
    const lines = [
      `status       ${this.status}, ${this.message}`,
      `cost         ${this.cost}${loss === 'linear' ? '' : `, loss ${loss}, scale ${this.lossScale}`}`,
      `residuals    ${this.residuals.length}, variables ${this.x.length}, rank ${this.rank}` +
        (this.x.length > manyVariables ? '' : `, condition ${this.conditionNumber.toPrecision(3)}`),
      `work         ${this.nIter} iterations, ${this.nEval} evaluations, ${this.nJac} Jacobians ` +
        `(${this.derivatives}), ${(this.elapsedSeconds * 1000).toPrecision(3)} ms`,
      '',
    ];
    this.x.forEach((value, j) => {
      const error = stdErr === undefined || Number.isNaN(stdErr[j]) ? '' : ` ± ${stdErr[j].toPrecision(3)}`;
      const isHeld = this.activeBounds[j];
      const bound = isHeld === 0 ? '' : `, at its ${isHeld < 0 ? 'lower' : 'upper'} bound`;
      const range =
        lower[j] === -Infinity && upper[j] === Infinity ? '' : `, within ${lower[j]} to ${upper[j]}`;
      lines.push(`${nameOf(j).padEnd(11)}  ${value}${error} (start ${start[j]}${range})${bound}`);
    });
    for (const { code, message } of this.warnings) lines.push('', `warning ${code}: ${message}`);
    return lines.join('\n');
  }

  toJSON(): Record<string, unknown> {
    const { message, elapsedSeconds, engine } = this;
    return { ...this.#contents(), message, elapsedSeconds, engine };
  }

  /** Everything but times and names. */
  #contents(): Record<string, unknown> {
    const { cost, rank, success, status, nIter, nEval, nJac, warnings } = this;
    return {
      x: Array.from(this.x),
      cost,
      residuals: Array.from(this.residuals),
      jacobian: this.jacobian.toArray(),
      covariance: this.covariance?.toArray() ?? null,
      stdErr: this.stdErr === undefined ? null : Array.from(this.stdErr),
      rank,
      conditionNumber: this.x.length > manyVariables ? null : this.conditionNumber,
      activeBounds: Array.from(this.activeBounds),
      derivatives: this.derivatives,
      lossScale: this.lossScale,
      success,
      status,
      nIter,
      nEval,
      nJac,
      warnings,
    };
  }

  static {
    Object.defineProperty(this.prototype, comparable, {
      value(this: LeastSquaresResult) {
        return this.#contents();
      },
    });
    // What console.log shows in Node, where getters would show nothing.
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: LeastSquaresResult) {
        return this.report();
      },
    });
  }
}

function messageOf(status: Status, residuals: Float64Array): string {
  if (status !== 'notFinite') return statusMessage(status);
  const first = residuals.findIndex((r) => !Number.isFinite(r));
  if (first >= 0) return `residual ${first} is ${residuals[first]} (was it set?) at the start`;
  return 'the Jacobian or the sum of squares is not finite at the start';
}

function cannotTell(vector: Float64Array): Warning {
  const largest = vector.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const names = Array.from(vector.keys())
    .filter((j) => Math.abs(vector[j]) > shareTolerance * largest)
    .map(nameOf);
  return rankDeficient(names);
}
