// Fits of a batch, one after another on the calling thread. `advance` does one evaluation and one
// decision, so that a scheduler (slices.ts, worker.ts) can stop between any two.

import type { CallbackModel, FitJob, Floats } from '../../engine/engine.ts';
import type { Program } from '../../model/program.ts';
import { factor, inverseColumn, pivotRank } from '../linalg/cholesky.ts';
import { LeastSquaresSolver, running } from '../optim/least-squares-solver.ts';
import { statusCode } from '../optim/status.ts';
import { callbackEvaluator } from '../program/callback.ts';
import { evaluatorOf } from '../program/choose.ts';
import type { DataColumns, Evaluator, Observations } from '../program/evaluator.ts';
import { totalSumOfSquares } from '../linalg/vector.ts';

export interface Fitter {
  start(fit: number): void;
  /** One evaluation and one decision; true when the fit is finished and its results are written. */
  advance(): boolean;
  /** Writes the best point found, with this status. */
  abandon(code: number): void;
}

const isProgram = (model: Program | CallbackModel): model is Program => !('value' in model && typeof model.value === 'function');

export function createFitter(job: FitJob): Fitter {
  return new BatchFitter(job);
}

/** A column of the job, read as doubles from the first point of the fit at hand. */
class Source {
  readonly #values: Floats;
  readonly #isShared: boolean;
  #copy: Float64Array | undefined;
  offset = 0;

  constructor(values: Floats, isShared: boolean) {
    this.#values = values;
    this.#isShared = isShared;
  }

  /** Doubles are used where they are, single precision is widened into scratch. */
  at(first: number, points: number): Float64Array {
    const from = this.#isShared ? 0 : first;
    if (this.#values instanceof Float64Array) {
      this.offset = from;
      return this.#values;
    }
    this.offset = 0;
    if (this.#copy !== undefined && this.#isShared) return this.#copy;
    if (this.#copy === undefined || this.#copy.length < points) this.#copy = new Float64Array(points);
    for (let i = 0; i < points; i++) this.#copy[i] = this.#values[from + i]!;
    return this.#copy;
  }
}

class BatchFitter implements Fitter {
  readonly #job: FitJob;
  readonly #params: number;
  readonly #varying: Int32Array;
  readonly #solver: LeastSquaresSolver;
  readonly #evaluator: Evaluator;
  readonly #x: Source[];
  readonly #y: Source;
  readonly #sigma: Source | null;
  readonly #data: DataColumns;
  readonly #derived: number;
  readonly #observed: Observations;
  #weights: Float64Array | null = null;
  #prepared = false;
  #fit = 0;
  #first = 0;
  #points = 0;

  constructor(job: FitJob) {
    const { program } = job;
    this.#job = job;
    this.#params = program.params;
    this.#varying = program.varying;
    this.#solver = new LeastSquaresSolver(program.params, program.varying, job);
    this.#evaluator = isProgram(program) ? evaluatorOf(program) : callbackEvaluator(program, job.x.length);
    this.#x = job.x.map((values) => new Source(values, job.xShared));
    this.#y = new Source(job.y, false);
    this.#sigma = job.sigma === null ? null : new Source(job.sigma, job.sigmaShared);
    const slots = isProgram(program) ? program.dataSlots : job.x.length;
    this.#derived = slots - job.x.length;
    const columns = Array.from({ length: slots }, () => empty);
    this.#data = { columns, offsets: columns.map(() => 0) };
    this.#observed = { y: empty, yOffset: 0, weights: null, weightOffset: 0 };
  }

  start(fit: number): void {
    const { offsets, points, init, initShared, xShared, sigmaShared } = this.#job;
    const data = this.#data, observed = this.#observed;
    this.#fit = fit;
    this.#first = offsets === null ? fit * points : offsets[fit]!;
    this.#points = offsets === null ? points : offsets[fit + 1]! - this.#first;
    const m = this.#points;
    for (let k = 0; k < this.#x.length; k++) {
      data.columns[k] = this.#x[k]!.at(this.#first, m);
      data.offsets[k] = this.#x[k]!.offset;
    }
    if (this.#derived > 0 && !(xShared && this.#prepared)) {
      for (let k = this.#x.length; k < data.columns.length; k++)
        if (data.columns[k]!.length < m) data.columns[k] = new Float64Array(m);
      this.#evaluator.prepare(data, m);
      this.#prepared = true;
    }
    observed.y = this.#y.at(this.#first, m);
    observed.yOffset = this.#y.offset;
    if (this.#sigma !== null && !(sigmaShared && this.#weights !== null)) {
      const sigma = this.#sigma.at(this.#first, m), from = this.#sigma.offset;
      if (this.#weights === null || this.#weights.length < m) this.#weights = new Float64Array(m);
      for (let i = 0; i < m; i++) this.#weights[i] = 1 / sigma[from + i]!;
    }
    observed.weights = this.#weights;
    this.#solver.start(init, initShared ? 0 : fit * this.#params);
  }

  advance(): boolean {
    const solver = this.#solver;
    this.#evaluator.accumulate(solver.x, this.#data, this.#observed, this.#points, solver.sums);
    const status = solver.advance();
    if (status === running) return false;
    this.#write(status);
    return true;
  }

  abandon(code: number): void {
    this.#write(code);
  }

  #write(status: number): void {
    const { outputs } = this.#job;
    const { base, baseSums, iteration } = this.#solver;
    const fit = this.#fit, params = this.#params;
    const ssr = baseSums[baseSums.length - 1]!;
    for (let k = 0; k < params; k++) outputs.params[fit * params + k] = base[k]!;
    outputs.ssr[fit] = ssr;
    outputs.status[fit] = status;
    outputs.iterations[fit] = iteration;
    if (outputs.stdErr !== null || outputs.covariance !== null) this.#writeCovariance(ssr, status);
    if (outputs.r2 !== null)
      outputs.r2[fit] = 1 - ssr / totalSumOfSquares(this.#observed, this.#points);
    if (outputs.residuals !== null) this.#writeResiduals(outputs.residuals);
  }

  #writeCovariance(ssr: number, status: number): void {
    const { outputs, covarianceFactor } = this.#job;
    const { stdErr, covariance } = outputs;
    const varying = this.#varying, n = varying.length, fit = this.#fit;
    const factors = this.#solver.baseSums.slice(0, (n * (n + 1)) / 2);
    const degrees = this.#points - n;
    let scale = covarianceFactor !== 0 ? covarianceFactor : degrees > 0 ? ssr / degrees : NaN;
    if (status === statusCode.notFinite || !factor(factors, n, pivotRank)) scale = NaN;
    const column = new Float64Array(n);
    if (stdErr !== null)
      for (let k = 0; k < this.#params; k++) stdErr[fit * this.#params + k] = 0;
    for (let j = 0; j < n; j++) {
      inverseColumn(factors, n, j, column);
      if (covariance !== null)
        for (let i = 0; i < n; i++) covariance[(fit * n + j) * n + i] = column[i]! * scale;
      if (stdErr !== null) stdErr[fit * this.#params + varying[j]!] = Math.sqrt(column[j]! * scale);
    }
  }

  #writeResiduals(residuals: Float64Array): void {
    const first = this.#first, m = this.#points;
    const fitted = residuals.subarray(first, first + m);
    this.#evaluator.evaluate(this.#solver.base, this.#data, m, fitted, null);
    const { y, yOffset } = this.#observed;
    for (let i = 0; i < m; i++) fitted[i] = y[yOffset + i]! - fitted[i]!;
  }
}

const empty: Float64Array = new Float64Array(0);
