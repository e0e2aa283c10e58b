// Fits of a batch, one after another on the calling thread. `advance` does one evaluation and one
// decision, so that a scheduler (slices.ts, worker.ts) can stop between any two.

import type { CallbackModel, FitJob, Floats } from '../../engine/engine.ts';
import type { Program } from '../../model/program.ts';
import { CarefulFit, type FastEnd } from './careful-fit.ts';
import { factor, inverseColumn, pivotRank } from '../linalg/cholesky.ts';
import { LeastSquaresSolver, mostFastSteps, running } from '../optim/least-squares-solver.ts';
import { pointLoss, type PointLoss } from '../optim/losses.ts';
import { lastSuccess, statusCode } from '../optim/status.ts';
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

/** Where Σs² is not above this there is no point left that a robust loss lets count. */
const leastWeight = 1e-4;

/** Methods and options that the fast path does not know. */
function isDirect({ method, xScale, geodesic }: FitJob): boolean {
  return (method !== 'auto' && method !== 'lm') || xScale !== null || geodesic;
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
  readonly #loss: PointLoss | null;
  /** Where S stands among the sums. */
  readonly #last: number;
  #weights: Float64Array | null = null;
  /** The path that a fit goes on by where its own numbers ask for it. */
  #careful: CarefulFit | undefined;
  #isCareful = false;
  /** Whether no fit takes the fast path. */
  readonly #isDirect: boolean;
  #prepared = false;
  #fit = 0;
  #first = 0;
  #points = 0;

  constructor(job: FitJob) {
    const { program } = job;
    this.#job = job;
    this.#params = program.params;
    this.#varying = program.varying;
    this.#solver = new LeastSquaresSolver(program.params, program.varying, {
      ftol: job.ftol, xtol: job.xtol, gtol: job.gtol, maxIter: job.maxIter, polish: job.polish,
      lower: job.lower, upper: job.upper, isRobust: job.loss !== 'linear' && job.loss !== 'poisson',
      handOver: job.careful ? mostFastSteps : Infinity,
    }, job.loss !== 'linear');
    this.#loss = pointLoss(job.loss);
    this.#isDirect = isDirect(job);
    this.#last = (this.#varying.length * (this.#varying.length + 3)) / 2;
    this.#evaluator = isProgram(program) ? evaluatorOf(program) : callbackEvaluator(program, job.x.length);
    this.#x = job.x.map((values) => new Source(values, job.xShared));
    this.#y = new Source(job.y, job.yShared);
    this.#sigma = job.sigma === null ? null : new Source(job.sigma, job.sigmaShared);
    const slots = isProgram(program) ? program.dataSlots : job.x.length;
    this.#derived = slots - job.x.length;
    const columns = Array.from({ length: slots }, () => empty);
    this.#data = { columns, offsets: columns.map(() => 0) };
    this.#observed = { y: empty, yOffset: 0, weights: null, weightOffset: 0, loss: this.#loss };
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
    const { lossScale } = this.#job;
    if (this.#loss !== null && lossScale !== null) this.#loss.scale = lossScale[lossScale.length === 1 ? 0 : fit]!;
    this.#isCareful = false;
    if (this.#isDirect) this.#startCareful({ base: null, status: running, iterations: 0 });
    else this.#solver.start(init, initShared ? 0 : fit * this.#params);
  }

  advance(): boolean {
    if (this.#isCareful) {
      if (!this.#careful!.advance()) return false;
      this.#writeCareful();
      return true;
    }
    const solver = this.#solver;
    if (this.#loss !== null) this.#loss.leastCurvature = solver.leastCurvature;
    this.#evaluator.accumulate(solver.x, this.#data, this.#observed, this.#points, solver.sums);
    const status = this.#honest(solver.advance(), solver.baseSums);
    if (status === running) return false;
    if (this.#job.careful && solver.needsCare(status)) {
      this.#startCareful({ base: solver.base, status, iterations: solver.iteration });
      return false;
    }
    this.#writeFast(status);
    return true;
  }

  abandon(code: number): void {
    if (this.#isCareful) {
      this.#careful!.abandon(code);
      this.#writeCareful();
    } else this.#writeFast(code);
  }

  /** No fit has succeeded whose loss takes every point for an outlier. */
  #honest(status: number, sums: Float64Array): number {
    const { loss } = this.#job;
    if (status > lastSuccess || status === running || loss === 'linear' || loss === 'poisson') return status;
    return sums[this.#last + 2]! > leastWeight ? status : statusCode.singular;
  }

  #startCareful(fast: FastEnd): void {
    const { init, initShared } = this.#job;
    this.#isCareful = true;
    this.#careful ??= new CarefulFit(this.#job, this.#evaluator);
    const at = initShared ? 0 : this.#fit * this.#params;
    this.#careful.start(this.#data, this.#observed, this.#points, init, at, fast);
  }

  #writeFast(status: number): void {
    const { outputs } = this.#job;
    const { base, baseSums, iteration } = this.#solver;
    this.#write(status, base, iteration, baseSums);
    if (outputs.stdErr !== null || outputs.covariance !== null) {
      const scale = status === statusCode.notFinite ? NaN : this.#covarianceScale(baseSums);
      this.#writeCovariance(this.#inverse(baseSums), scale);
    }
  }

  #writeCareful(): void {
    const { outputs } = this.#job;
    const { params, status, iterations, covariance, sums } = this.#careful!;
    this.#write(this.#honest(status, sums), params, iterations, sums);
    if (outputs.stdErr !== null || outputs.covariance !== null)
      this.#writeCovariance(covariance, this.#covarianceScale(sums));
  }

  #write(status: number, params: Float64Array, iterations: number, sums: Float64Array): void {
    const { outputs, loss } = this.#job;
    const fit = this.#fit;
    const ssr = sums[this.#last]!;
    for (let k = 0; k < params.length; k++) outputs.params[fit * params.length + k] = params[k]!;
    outputs.ssr[fit] = ssr;
    outputs.status[fit] = status;
    outputs.iterations[fit] = iterations;
    if (outputs.r2 !== null) {
      const squares = loss === 'linear' ? ssr : sums[this.#last + 3]!;
      outputs.r2[fit] = 1 - squares / totalSumOfSquares(this.#observed, this.#points);
    }
    if (outputs.residuals !== null) this.#writeResiduals(outputs.residuals, params);
    outputs.sums?.set(sums, fit * sums.length);
  }

  /** What (JᵀJ)⁻¹ is multiplied by. With a loss as Huber 1981, section 7.6, has it. */
  #covarianceScale(sums: Float64Array): number {
    const { covarianceFactor, loss } = this.#job;
    const points = this.#points, degrees = points - this.#varying.length;
    if (covarianceFactor !== 0) return covarianceFactor;
    if (!(degrees > 0)) return NaN;
    if (loss === 'linear') return sums[this.#last]! / degrees;
    return sums[this.#last + 1]! / degrees / (sums[this.#last + 2]! / points);
  }

  /** (JᵀJ)⁻¹ of the free parameters from the sums at the best point; NaN where singular. */
  #inverse(sums: Float64Array): Float64Array {
    const n = this.#varying.length;
    const factors = sums.slice(0, (n * (n + 1)) / 2);
    const isFixed = this.#solver.activeColumns();
    for (let i = 0, k = 0; i < n; i++)
      for (let j = 0; j <= i; j++, k++)
        if (isFixed[i] === 1 || isFixed[j] === 1) factors[k] = i === j ? 1 : 0;
    const inverse = new Float64Array(n * n);
    if (!factor(factors, n, pivotRank)) return inverse.fill(NaN);
    const column = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      inverseColumn(factors, n, j, column);
      // Nothing is known about the spread of a parameter that a bound holds.
      for (let i = 0; i < n; i++)
        inverse[j * n + i] = isFixed[i] === 1 || isFixed[j] === 1 ? NaN : column[i]!;
    }
    return inverse;
  }

  #writeCovariance(inverse: Float64Array, scale: number): void {
    const { stdErr, covariance } = this.#job.outputs;
    const varying = this.#varying, n = varying.length, fit = this.#fit;
    if (covariance !== null)
      for (let k = 0; k < n * n; k++) covariance[fit * n * n + k] = inverse[k]! * scale;
    if (stdErr === null) return;
    for (let k = 0; k < this.#params; k++) stdErr[fit * this.#params + k] = 0;
    for (let j = 0; j < n; j++)
      stdErr[fit * this.#params + varying[j]!] = Math.sqrt(inverse[j * n + j]! * scale);
  }

  #writeResiduals(residuals: Float64Array, params: Float64Array): void {
    const m = this.#points;
    const first = this.#job.yShared ? this.#fit * m : this.#first;
    const fitted = residuals.subarray(first, first + m);
    this.#evaluator.evaluate(params, this.#data, m, fitted, null);
    const { y, yOffset } = this.#observed;
    for (let i = 0; i < m; i++) fitted[i] = y[yOffset + i]! - fitted[i]!;
  }
}

const empty: Float64Array = new Float64Array(0);
