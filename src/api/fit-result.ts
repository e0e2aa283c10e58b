// The result of one fit. What costs time is computed when it is first read: a fit of a small curve
// takes microseconds, and most callers look at a few numbers only.

import { correlationMatrix, covarianceMatrix } from '../statistics/covariance.ts';
import { goodnessOfFit } from '../statistics/goodness-of-fit.ts';
import { NotConvergedError } from './errors.ts';
import { fitWarnings } from './fit-warnings.ts';
import { readPredictors } from './predictors.ts';
import { evaluateProblem, type Problem } from './problem.ts';
import { reportText } from './report.ts';
import { comparable, isSuccess, statusAt, statusMessage } from './result.ts';
import type { FitResult, FitStats, FittedParam, Matrix, Status, Warning } from './result.ts';
import type { EngineName } from './types.ts';
import { readInteger } from './validate.ts';

/** What an engine computes beyond the solution. */
export interface FitDetails {
  readonly residuals: Float64Array;
  /** One per parameter; null where not asked for or not to be had. */
  readonly stdErr: Float64Array | null;
  /** varying × varying */
  readonly covariance: Float64Array | null;
  readonly r2: number;
  /** Whether the covariance was asked for and the fit came to a status of its own. */
  readonly wantsCovariance: boolean;
  /** Whether the sum of squares or a variance is too small or too large for a double. */
  readonly isBeyondRange: boolean;
}

export interface FitRecord {
  readonly problem: Problem;
  readonly params: Float64Array;
  readonly chi2: number;
  readonly status: number;
  readonly iterations: number;
  readonly elapsedSeconds: number;
  /** Warnings from before the fit. */
  readonly notes: readonly Warning[];
  readonly isAbsolute: boolean;
  readonly details: () => FitDetails;
}

type NameRecord<T> = Record<string, T>;

/** Values of a record made once; undefined until then, and null is a value. */
interface Known {
  params?: NameRecord<FittedParam>;
  values?: NameRecord<number>;
  details?: FitDetails;
  stats?: FitStats;
  fitted?: Float64Array;
  covariance?: Matrix | null;
  correlation?: Matrix | null;
  warnings?: readonly Warning[];
}

export class CurveFitResult implements FitResult<string> {
  readonly #record: FitRecord;
  readonly #known: Known = {};

  constructor(record: FitRecord) {
    this.#record = record;
  }

  get #details(): FitDetails {
    return (this.#known.details ??= this.#record.details());
  }

  get params(): NameRecord<FittedParam> {
    if (this.#known.params === undefined) {
      const { problem, params } = this.#record;
      const { names, vary } = problem.params;
      const { stdErr } = this.#details;
      const out: NameRecord<FittedParam> = {};
      names.forEach((name, k) => {
        const deviation =
          vary[k] && stdErr !== null && Number.isFinite(stdErr[k]) ? stdErr[k] : null;
        const [value, init] = [params[k], problem.init[k]];
        out[name] = Object.freeze({ value, stdErr: deviation, init, vary: vary[k] });
      });
      this.#known.params = Object.freeze(out);
    }
    return this.#known.params;
  }

  get values(): NameRecord<number> {
    if (this.#known.values === undefined) {
      const { problem, params } = this.#record;
      const out: NameRecord<number> = {};
      problem.params.names.forEach((name, k) => (out[name] = params[k]));
      this.#known.values = Object.freeze(out);
    }
    return this.#known.values;
  }

  get stats(): FitStats {
    const { problem, chi2 } = this.#record;
    const { residuals, r2 } = this.#details;
    return (this.#known.stats ??= Object.freeze(
      goodnessOfFit(residuals, problem.sigma, chi2, r2, problem.params.varying.length),
    ));
  }

  get residuals(): Float64Array {
    return this.#details.residuals;
  }

  get fitted(): Float64Array {
    const { problem, params } = this.#record;
    return (this.#known.fitted ??= evaluateProblem(
      problem,
      problem.columns,
      problem.y.length,
      params,
    ));
  }

  get covariance(): Matrix | null {
    if (this.#known.covariance === undefined) {
      const { covariance } = this.#details;
      const n = this.#record.problem.params.varying.length;
      this.#known.covariance = covariance === null ? null : covarianceMatrix(covariance, n);
    }
    return this.#known.covariance;
  }

  get correlation(): Matrix | null {
    if (this.#known.correlation === undefined) {
      const { covariance } = this;
      this.#known.correlation = covariance === null ? null : correlationMatrix(covariance);
    }
    return this.#known.correlation;
  }

  get varying(): string[] {
    const { names, varying } = this.#record.problem.params;
    return varying.map((k) => names[k]);
  }

  get success(): boolean {
    return isSuccess(this.#record.status);
  }

  get status(): Status {
    return statusAt(this.#record.status);
  }

  get message(): string {
    return statusMessage(this.status);
  }

  get warnings(): readonly Warning[] {
    return (this.#known.warnings ??= Object.freeze(
      fitWarnings(this.#record, this.#details, this.covariance, this.correlation),
    ));
  }

  get nIter(): number {
    return this.#record.iterations;
  }

  get nEval(): number {
    return this.#record.iterations + 1;
  }

  get elapsedSeconds(): number {
    return this.#record.elapsedSeconds;
  }

  get engine(): EngineName {
    return this.#record.problem.engine.name;
  }

  predict(x: unknown): Float64Array {
    const { problem, params } = this.#record;
    const { columns, points } = readPredictors(x, problem.source, -1, true, false);
    return evaluateProblem(problem, columns, points, params);
  }

  orThrow(): this {
    if (!this.success)
      throw new NotConvergedError(`the fit did not succeed: ${this.message}`, this);
    return this;
  }

  report(o?: { digits?: number }): string {
    const digits = o?.digits === undefined ? 6 : readInteger(o.digits, 'digits', 1, 17);
    return reportText(this, this.#record.problem.source.name, digits);
  }

  toJSON(): Record<string, unknown> {
    const { elapsedSeconds, engine } = this;
    return { ...this.#contents(), message: this.message, elapsedSeconds, engine };
  }

  /** Everything but times and names. */
  #contents(): Record<string, unknown> {
    const {
      params,
      stats,
      status,
      success,
      nIter,
      nEval,
      varying,
      covariance,
      correlation,
      residuals,
      fitted,
      warnings,
    } = this;
    return {
      params,
      stats,
      status,
      success,
      nIter,
      nEval,
      varying,
      covariance: covariance?.toArray() ?? null,
      correlation: correlation?.toArray() ?? null,
      residuals: Array.from(residuals),
      fitted: Array.from(fitted),
      warnings,
    };
  }

  static {
    const define = (key: symbol, value: (this: CurveFitResult) => unknown): void => {
      Object.defineProperty(this.prototype, key, { value });
    };
    define(comparable, function () {
      return this.#contents();
    });
    // What console.log shows in Node, where getters would show nothing.
    define(Symbol.for('nodejs.util.inspect.custom'), function () {
      return this.report();
    });
  }
}
