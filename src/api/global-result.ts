// The result of globalFit. Parameters and standard errors are had from the block-arrow system of the
// solution when they are first read.

import { ArrowCovariance } from '../arrow/arrow-covariance.ts';
import { correlatedPairs, correlationMatrix, covarianceMatrix } from '../statistics/covariance.ts';
import { studentTwoSided } from '../statistics/distributions.ts';
import { goodnessOfFit, sumsOfSquares } from '../statistics/goodness-of-fit.ts';
import { timesPowerOfTwo } from '../statistics/power-of-two.ts';
import { DenseMatrix } from '../statistics/matrix.ts';
import { NotConvergedError } from './errors.ts';
import type { GlobalProblem, GlobalSettings } from './global-data.ts';
import { globalReport } from './global-report.ts';
import type { GlobalSolution } from './global-solve.ts';
import type { GlobalFitResult } from './global-types.ts';
import { readPredictors } from './predictors.ts';
import { evaluateProblem } from './problem.ts';
import {
  comparable,
  isSuccess,
  statusAt,
  statusMessage,
  type FitStats,
  type FittedParam,
  type Matrix,
  type Status,
  type Warning,
} from './result.ts';
import { isAbsolute } from './single-job.ts';
import { tieDeviation } from './ties.ts';
import type { EngineName } from './types.ts';
import { readInteger } from './validate.ts';
import {
  didNotMove,
  fewerPoints,
  highCorrelation,
  notConverged,
  rankDeficient,
} from './warnings.ts';

export interface GlobalRecord {
  readonly problem: GlobalProblem;
  readonly settings: GlobalSettings;
  readonly solution: GlobalSolution;
  /** What was minimised, at the parameters of the evaluator, with the scaled sigma. */
  readonly chi2: number;
  readonly elapsedSeconds: number;
  /** Warnings from before the fit. */
  readonly notes: readonly Warning[];
}

type Params = Record<string, FittedParam>;

/** As for one curve: see fit-warnings.ts. */
const correlationLimit = 0.999;

export class GlobalCurveFit implements GlobalFitResult<string> {
  readonly shared: Params;
  readonly stats: FitStats;
  readonly covariance: Matrix | null;
  readonly varying: readonly string[];
  readonly warnings: readonly Warning[];
  readonly nIter: number;
  readonly nEval: number;
  readonly elapsedSeconds: number;
  readonly engine: EngineName;
  readonly #record: GlobalRecord;
  readonly #factor: number;
  readonly #residuals: Float64Array;
  readonly #known: { local?: readonly Params[]; values?: readonly Record<string, number>[] } = {};
  /** null where no covariance was asked for, or the fit has not begun. */
  readonly #arrow: ArrowCovariance | null;

  constructor(record: GlobalRecord) {
    const { problem, settings, solution, chi2 } = record;
    const { names } = problem.params;
    this.#record = record;
    this.varying = problem.sharedVarying.map((k) => names[k]);
    this.nIter = solution.iterations;
    this.nEval = solution.evaluations;
    this.elapsedSeconds = record.elapsedSeconds;
    this.engine = problem.engine.name;

    this.#residuals = solution.evaluator.residuals();
    this.stats = this.#statistics(this.#residuals);
    const wantsCovariance =
      settings.covariance !== false && statusAt(solution.status) !== 'notFinite';
    this.#arrow = wantsCovariance
      ? new ArrowCovariance(
          solution.evaluator.shape,
          solution.solver.baseTriangles,
          solution.solver.atBounds,
        )
      : null;
    this.#factor = this.#covarianceFactor(chi2);
    const { shared } = solution.evaluator.shape;
    const scaled = this.#arrow?.ofShared().map((value) => value * this.#factor);
    this.covariance = scaled === undefined ? null : estimated(scaled, shared);
    const first = this.#paramsOf(0);
    this.shared = Object.fromEntries(problem.shared.map((k) => [names[k], first[names[k]]]));
    this.warnings = this.#findWarnings();
  }

  get local(): readonly Params[] {
    const { problem } = this.#record;
    return (this.#known.local ??= Array.from({ length: problem.sets }, (_, i) => {
      const all = this.#paramsOf(i);
      for (const k of problem.shared) delete all[problem.params.names[k]];
      return all;
    }));
  }

  get values(): readonly Record<string, number>[] {
    const { problem, solution } = this.#record;
    const { names } = problem.params;
    const { params } = solution.evaluator;
    return (this.#known.values ??= Array.from({ length: problem.sets }, (_, i) =>
      Object.fromEntries(names.map((name, k) => [name, params[i * names.length + k]])),
    ));
  }

  get residuals(): readonly Float64Array[] {
    const { offsets, sets } = this.#record.problem;
    return Array.from({ length: sets }, (_, i) =>
      this.#residuals.slice(offsets[i], offsets[i + 1]),
    );
  }

  get status(): Status {
    return statusAt(this.#record.solution.status);
  }

  get success(): boolean {
    return isSuccess(this.#record.solution.status);
  }

  get message(): string {
    return statusMessage(this.status);
  }

  covarianceOf(set: number): { readonly names: readonly string[]; readonly matrix: Matrix | null } {
    const { problem } = this.#record;
    const { localVarying, sharedVarying, params } = problem;
    const names = [...localVarying, ...sharedVarying].map((k) => params.names[k]);
    return { names, matrix: estimated(this.#covarianceOfSet(this.#index(set)), names.length) };
  }

  predict(set: number, x: unknown): Float64Array {
    const { problem, solution } = this.#record;
    const i = this.#index(set);
    const { source, params, engine, program, y, sigma, init } = problem;
    const { columns, points } = readPredictors(x, source, -1, true, false);
    const n = params.names.length;
    const own = solution.evaluator.params.slice(i * n, (i + 1) * n);
    const one = { source, params, engine, program, columns, y, sigma, init };
    return evaluateProblem(one, columns, points, own);
  }

  orThrow(): this {
    if (!this.success)
      throw new NotConvergedError(`the fit did not succeed: ${this.message}`, this);
    return this;
  }

  report(o?: { digits?: number }): string {
    const digits = o?.digits === undefined ? 6 : readInteger(o.digits, 'digits', 1, 17);
    return globalReport(this, this.#record.problem.own.name, digits);
  }

  toJSON(): Record<string, unknown> {
    const { elapsedSeconds, engine, message } = this;
    return { ...this.#contents(), message, elapsedSeconds, engine };
  }

  #contents(): Record<string, unknown> {
    const { shared, local, stats, status, success, nIter, nEval } = this;
    const { varying, covariance, warnings } = this;
    return {
      shared,
      local,
      stats,
      status,
      success,
      nIter,
      nEval,
      varying,
      covariance: covariance?.toArray() ?? null,
      residuals: this.residuals.map((values) => Array.from(values)),
      warnings,
    };
  }

  #index(set: number): number {
    return readInteger(set, 'set', 0, this.#record.problem.sets - 1);
  }

  #unknowns(): number {
    const { problem } = this.#record;
    return problem.sharedVarying.length + problem.sets * problem.localVarying.length;
  }

  #statistics(residuals: Float64Array): FitStats {
    const { problem, settings, chi2 } = this.#record;
    const { y, sigma } = problem;
    const squares = sumsOfSquares(y, residuals, sigma);
    const { total } = squares;
    const estimator =
      settings.estimator === 'poisson'
        ? 'poisson'
        : settings.loss === 'linear'
          ? 'squares'
          : 'robust';
    const r2 = 1 - squares.chi2 / total;
    const k = this.#unknowns();
    const { exponent } = problem;
    const unscale = (sum: number): number => timesPowerOfTwo(sum, 2 * exponent);
    const own = exponent === 0 ? sigma : sigma!.map((value) => timesPowerOfTwo(value, -exponent));
    const isPlain = own === null || (exponent !== 0 && own.every((value) => value === 1));
    return Object.freeze(
      goodnessOfFit(
        residuals,
        isPlain ? null : own,
        unscale(chi2),
        r2,
        k,
        { estimator, y },
        unscale(total),
      ),
    );
  }

  /** What (JᵀJ)⁻¹ is multiplied by; with a loss as Huber 1981, section 7.6, has it. */
  #covarianceFactor(chi2: number): number {
    const { settings, solution, problem } = this.#record;
    if (isAbsolute(settings)) return timesPowerOfTwo(1, -2 * problem.exponent);
    const points = problem.y.length;
    const dof = points - this.#unknowns();
    if (!(dof > 0)) return NaN;
    if (settings.loss === 'linear') return chi2 / dof;
    const { influence, curvature } = solution.evaluator;
    return influence / dof / (curvature / points);
  }

  /** By rows, NaN where it cannot be estimated. */
  #covarianceOfSet(set: number): Float64Array {
    const { locals, shared } = this.#record.solution.evaluator.shape;
    const n = locals + shared;
    if (this.#arrow === null) return new Float64Array(n * n).fill(NaN);
    return this.#arrow.ofSet(set).map((value) => value * this.#factor);
  }

  #paramsOf(set: number): Params {
    const { problem, solution, settings } = this.#record;
    const { names, vary, lower, upper, ties, varying } = problem.params;
    const { localVarying, sharedVarying, init } = problem;
    const n = names.length;
    const own = solution.evaluator.params.subarray(set * n, (set + 1) * n);
    const c = this.#covarianceOfSet(set);
    const order = [...localVarying, ...sharedVarying];
    const size = order.length;
    const dof = isAbsolute(settings) ? Infinity : this.stats.dof;
    // Ties take the covariance in the order of the parameters.
    const place = varying.map((k) => order.indexOf(k));
    const sorted = new Float64Array(size * size);
    if (ties.length > 0)
      place.forEach((i, a) =>
        place.forEach((j, b) => (sorted[a * size + b] = c[i * size + j])),
      );
    const out: Params = {};
    for (let k = 0; k < n; k++) {
      const tie = ties.find(({ index }) => index === k);
      const at = order.indexOf(k);
      const deviation =
        tie !== undefined
          ? tieDeviation(tie, own, varying, sorted)
          : at >= 0
            ? Math.sqrt(c[at * size + at])
            : NaN;
      const value = own[k];
      const stdErr = Number.isFinite(deviation) ? deviation : null;
      const t = stdErr !== null && stdErr > 0 ? value / stdErr : null;
      out[names[k]] = Object.freeze({
        value,
        stdErr,
        init: init[set * n + k],
        min: lower[k],
        max: upper[k],
        vary: vary[k],
        atBound: !vary[k]
          ? null
          : value === lower[k]
            ? 'lower'
            : value === upper[k]
              ? 'upper'
              : null,
        tValue: t,
        pValue: t === null ? null : studentTwoSided(t, dof),
        ...(tie === undefined ? {} : { expr: tie.source }),
      });
    }
    return out;
  }

  #findWarnings(): readonly Warning[] {
    const { problem, settings, solution, notes } = this.#record;
    const { names } = problem.params;
    const warnings = [...notes];
    if (!this.success) warnings.push(notConverged(this.status));
    const points = problem.y.length,
      k = this.#unknowns();
    if (points < k || (points === k && !isAbsolute(settings)))
      warnings.push(fewerPoints(points, k));
    else if (this.#arrow !== null)
      for (const combination of this.#arrow.combinations)
        warnings.push(rankDeficient(combination.map((unknown) => this.#nameOf(unknown))));
    const correlation = this.covariance === null ? null : correlationMatrix(this.covariance);
    if (correlation !== null)
      for (const [i, j, rho] of correlatedPairs(correlation, correlationLimit))
        warnings.push(highCorrelation(this.varying[i], this.varying[j], rho));
    const { params } = solution.evaluator;
    const still = problem.sharedVarying.filter((i) => Object.is(params[i], problem.init[i]));
    if (still.length > 0 && this.status !== 'exact' && this.status !== 'notFinite')
      warnings.push(didNotMove(still.map((i) => names[i])));
    return Object.freeze(warnings);
  }

  /** 'k', or 'amp of set 3'. */
  #nameOf(unknown: number): string {
    const { problem, solution } = this.#record;
    const { locals, shared } = solution.evaluator.shape;
    const { names } = problem.params;
    if (unknown < shared) return names[problem.sharedVarying[unknown]];
    const set = Math.trunc((unknown - shared) / locals);
    return `${names[problem.localVarying[(unknown - shared) % locals]]} of set ${set}`;
  }

  static {
    const define = (key: symbol, value: (this: GlobalCurveFit) => unknown): void => {
      Object.defineProperty(this.prototype, key, { value });
    };
    define(comparable, function () {
      return this.#contents();
    });
    define(Symbol.for('nodejs.util.inspect.custom'), function () {
      return this.report();
    });
  }
}

/** null where nothing of it can be estimated. */
function estimated(values: Float64Array, n: number): Matrix | null {
  if (n === 0 || values.every(Number.isNaN)) return null;
  return covarianceMatrix(values, n) ?? new DenseMatrix(n, n, values);
}
