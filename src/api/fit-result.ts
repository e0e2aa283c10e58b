// The result of one fit. What costs time is computed when it is first read: a fit of a small curve
// takes microseconds, and most callers look at a few numbers only.

import type { Loss } from '../portable/optim/losses.ts';
import { correlationMatrix, covarianceMatrix } from '../statistics/covariance.ts';
import { studentTwoSided } from '../statistics/distributions.ts';
import { goodnessOfFit, sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import { bootstrap } from './bootstrap.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { NotConvergedError } from './errors.ts';
import { comparableParts, fitToJSON, type FitJSON } from './fit-json.ts';
import { fitWarnings } from './fit-warnings.ts';
import { markdownText } from './markdown.ts';
import type { CommonSettings } from './options.ts';
import { readPredictors } from './predictors.ts';
import { evaluateProblem, type Problem } from './problem.ts';
import type { Refits } from './refit.ts';
import { reportText } from './report.ts';
import { comparable, isSuccess, statusAt, statusMessage } from './result.ts';
import type {
  Band,
  FitResult,
  FitStats,
  FittedParam,
  Matrix,
  Status,
  Warning,
} from './result.ts';
import type { StartsSummary } from './starts.ts';
import type { Trace } from './trace.ts';
import type { EngineName } from './types.ts';
import {
  confidenceBand,
  confidenceIntervals,
  predictionBand,
  quantileDof,
  type Fitted,
} from './uncertainty.ts';
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
  /** The minimised number. */
  readonly chi2: number;
  readonly status: number;
  readonly iterations: number;
  /** Evaluations over all points; default: one more than iterations. */
  readonly evaluations?: number;
  readonly elapsedSeconds: number;
  /** Warnings from before the fit. */
  readonly notes: readonly Warning[];
  /** Whether standard deviations are known and need no factor from the residuals. */
  readonly isAbsolute: boolean;
  readonly details: () => FitDetails;
  /** What was minimised; default 'linear'. */
  readonly loss?: Loss;
  /** C of the loss; default 1. */
  readonly lossScale?: number;
  readonly trace?: Trace;
  readonly starts?: StartsSummary;
  /** The options, for `toJSON`. */
  readonly options?: Partial<CommonSettings>;
  /** Absent where the fit cannot be done again. */
  readonly refits?: Refits;
  /** The warnings of a result that was read from JSON, and the engine it came from. */
  readonly warnings?: readonly Warning[];
  readonly engine?: EngineName;
  /** The fitted values, where the model is gone that they came from. */
  readonly fitted?: Float64Array;
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
  diagnosis?: Diagnosis;
}

function readDigits(o: { digits?: number } | undefined): number {
  return o?.digits === undefined ? 6 : readInteger(o.digits, 'digits', 1, 17);
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
      const { names, vary, lower, upper, ties } = problem.params;
      const deviations = this.#deviations;
      const dof = quantileDof(this.#record);
      const out: NameRecord<FittedParam> = {};
      names.forEach((name, k) => {
        const [value, init, min, max] = [params[k], problem.init[k], lower[k], upper[k]];
        const stdErr = deviations[k];
        const isKnown = stdErr !== null && stdErr > 0 && dof > 0;
        const tValue = isKnown ? value / stdErr : null;
        const tie = ties.find(({ index }) => index === k);
        out[name] = Object.freeze({
          value,
          stdErr,
          init,
          min,
          max,
          vary: vary[k],
          atBound: this.#isAtBound(k) ? (value === min ? 'lower' : 'upper') : null,
          tValue,
          pValue: tValue === null ? null : studentTwoSided(tValue, dof),
          ...(tie && { expr: tie.source }),
        });
      });
      this.#known.params = Object.freeze(out);
    }
    return this.#known.params;
  }

  /** Standard errors of varying and tied parameters; null where there is none. */
  get #deviations(): readonly (number | null)[] {
    const { vary, ties } = this.#record.problem.params;
    const { stdErr } = this.#details;
    return vary.map((varies, k) => {
      const has = varies || ties.some(({ index }) => index === k);
      return has && stdErr !== null && Number.isFinite(stdErr[k]) ? stdErr[k] : null;
    });
  }

  #isAtBound(k: number): boolean {
    const { problem, params } = this.#record;
    const { vary, lower, upper } = problem.params;
    return vary[k] && (params[k] === lower[k] || params[k] === upper[k]);
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
    if (this.#known.stats === undefined) {
      const { problem, chi2, loss = 'linear' } = this.#record;
      const { residuals, r2 } = this.#details;
      const { y, sigma, params } = problem;
      const sums = sumsOfSquares(y, residuals, sigma);
      const isSquares = loss === 'linear';
      const estimator = isSquares ? 'squares' : loss === 'poisson' ? 'poisson' : 'robust';
      this.#known.stats = Object.freeze(
        goodnessOfFit(
          residuals,
          sigma,
          chi2,
          isSquares ? r2 : 1 - sums.chi2 / sums.total,
          params.varying.length,
          { estimator, y },
          sums.total,
        ),
      );
    }
    return this.#known.stats;
  }

  get residuals(): Float64Array {
    return this.#details.residuals;
  }

  get fitted(): Float64Array {
    const { problem, params, fitted } = this.#record;
    return (this.#known.fitted ??=
      fitted ?? evaluateProblem(problem, problem.columns, problem.y.length, params));
  }

  get covariance(): Matrix | null {
    if (this.#known.covariance === undefined) {
      const { covariance } = this.#details;
      const { varying } = this.#record.problem.params;
      this.#known.covariance =
        covariance === null
          ? null
          : covarianceMatrix(covariance, varying.length, (j) => this.#isAtBound(varying[j]));
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
      this.#record.warnings ??
        fitWarnings(this.#record, this.#details, this.covariance, this.correlation),
    ));
  }

  get nIter(): number {
    return this.#record.iterations;
  }

  get nEval(): number {
    return this.#record.evaluations ?? this.#record.iterations + 1;
  }

  get loss(): Loss {
    return this.#record.loss ?? 'linear';
  }

  get elapsedSeconds(): number {
    return this.#record.elapsedSeconds;
  }

  get engine(): EngineName {
    return this.#record.engine ?? this.#record.problem.engine.name;
  }

  get starts(): StartsSummary | undefined {
    return this.#record.starts;
  }

  get trace(): Trace | undefined {
    return this.#record.trace;
  }

  predict(x: unknown): Float64Array {
    const { problem, params } = this.#record;
    const { columns, points } = readPredictors(x, problem.source, -1, true, false);
    return evaluateProblem(problem, columns, points, params);
  }

  confidenceIntervals(
    level?: number,
    how?: 'linear' | 'profile',
  ): NameRecord<readonly [number, number]> {
    return confidenceIntervals(this.#fitted, level, how);
  }

  confidenceBand(x: unknown, level?: number): Band {
    return confidenceBand(this.#fitted, x, level);
  }

  predictionBand(x: unknown, level?: number, sigma?: unknown): Band {
    return predictionBand(this.#fitted, x, level, sigma);
  }

  bootstrap(o: unknown): Promise<NameRecord<Float64Array>> {
    return bootstrap(this.#record, this.fitted, o);
  }

  diagnose(): Diagnosis {
    return (this.#known.diagnosis ??= diagnose(this.#fitted, this));
  }

  get #fitted(): Fitted {
    const { residuals, covariance } = this;
    return { record: this.#record, residuals, covariance, stdErr: this.#deviations };
  }

  orThrow(): this {
    if (!this.success)
      throw new NotConvergedError(`the fit did not succeed: ${this.message}`, this);
    return this;
  }

  report(o?: { digits?: number }): string {
    return reportText(this, this.#record, readDigits(o));
  }

  toMarkdown(o?: { digits?: number }): string {
    return markdownText(this, this.#record, readDigits(o));
  }

  toJSON(): FitJSON {
    return fitToJSON(this, this.#record, this.#details);
  }

  static {
    const define = (key: symbol, value: (this: CurveFitResult) => unknown): void => {
      Object.defineProperty(this.prototype, key, { value });
    };
    define(comparable, function () {
      return comparableParts(this);
    });
    // What console.log shows in Node, where getters would show nothing.
    define(Symbol.for('nodejs.util.inspect.custom'), function () {
      return this.report();
    });
  }
}
