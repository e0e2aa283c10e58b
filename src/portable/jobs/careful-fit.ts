// One fit of a job by the careful path (optim/careful-solver.ts): points are evaluated in blocks of
// 128, weighted, brought through the loss, and folded into the triangle of [J, r]. The minimised
// number is summed in the order of pairwise-sum.ts: it has the bits of the fast path.
//
// 'auto' and 'lm' go on from the fast path's best point; what 'auto' does where that comes to no
// honest end is in optim/careful-search.ts. Twin: native/jobs/careful-fit.h.

import type { FitJob } from '../../engine/engine.ts';
import { blockPoints, PairwiseSum } from '../linalg/pairwise-sum.ts';
import { blockRows, RowTriangle } from '../linalg/qr.ts';
import { running, want } from '../optim/careful-options.ts';
import { CarefulSearch } from '../optim/careful-search.ts';
import { lossSums } from '../optim/losses.ts';
import type { DataColumns, Evaluator, Observations } from '../program/evaluator.ts';

/** First trust radius against the size of the start (MINPACK: 100). */
const firstRadius = 100;

/** Least share of ρ′ that the curvature of a loss keeps (losses.ts): Newton's, a radius guards the step. */
const leastCurvature: number = 2 ** -10;

/** What the fast path leaves behind. */
export interface FastEnd {
  /** Its best point (all parameters), or null where it was not run. */
  readonly base: Float64Array | null;
  readonly status: number;
  readonly iterations: number;
}

export class CarefulFit {
  /** The best point so far: all parameters, what is minimised there, and how that came about. */
  readonly params: Float64Array;
  value: number = NaN;
  status: number = running;
  iterations = 0;
  evaluations = 0;
  /** (JᵀJ)⁻¹ at the best point, n × n, not scaled; NaN where not estimable. */
  readonly covariance: Float64Array;
  /** Lower triangle by rows of AᵀA with A = [J, r], the minimised number in its last place; and the sums of a loss. */
  readonly sums: Float64Array;
  rank = 0;
  conditionNumber: number = NaN;

  readonly #job: FitJob;
  readonly #evaluator: Evaluator;
  readonly #n: number;
  readonly #search: CarefulSearch;
  readonly #init: Float64Array;
  readonly #start: Float64Array;
  readonly #from: Float64Array;
  readonly #point: Float64Array;
  readonly #triangle: RowTriangle;
  readonly #pairwise: PairwiseSum;
  readonly #totals: Float64Array;
  readonly #f: Float64Array;
  readonly #jacobian: Float64Array;
  readonly #probed: Float64Array;
  #data!: DataColumns;
  #shifted: { columns: Float64Array[]; offsets: number[] } = { columns: [], offsets: [] };
  #observed!: Observations;
  #points = 0;

  constructor(job: FitJob, evaluator: Evaluator) {
    const { program, method, lower, upper, xScale } = job;
    const { varying } = program;
    const n = varying.length;
    this.#job = job;
    this.#evaluator = evaluator;
    this.#n = n;
    this.params = new Float64Array(program.params);
    this.covariance = new Float64Array(n * n);
    this.sums = new Float64Array(((n + 1) * (n + 2)) / 2 + (job.loss === 'linear' ? 0 : lossSums));
    const pick = (values: Float64Array | null): Float64Array | null =>
      values === null ? null : Float64Array.from(varying, (k) => values[k]!);
    this.#search = new CarefulSearch(n, {
      method, ftol: job.ftol, xtol: job.xtol, gtol: job.gtol, maxIter: job.maxIter,
      polish: job.polish, geodesic: job.geodesic,
      lower: pick(lower), upper: pick(upper), xScale: pick(xScale),
      // Derivatives of callbacks cost n values each.
      lazy: 'value' in program && typeof program.value === 'function',
      points: job.points, radius: firstRadius,
    });
    this.#init = new Float64Array(n);
    this.#start = new Float64Array(program.params);
    this.#from = new Float64Array(n);
    this.#point = new Float64Array(program.params);
    this.#triangle = new RowTriangle(n + 1);
    this.#pairwise = new PairwiseSum(1 + lossSums);
    this.#totals = new Float64Array(1 + lossSums);
    this.#f = new Float64Array(blockPoints);
    this.#jacobian = new Float64Array(blockPoints * n);
    this.#probed = new Float64Array(blockPoints);
  }

  /** Begins a fit. `init`: the start of every parameter, from `at` on. */
  start(
    data: DataColumns, observed: Observations, points: number, init: Float64Array, at: number,
    fast: FastEnd,
  ): void {
    const { varying } = this.#job.program, search = this.#search;
    const params = this.#start.length;
    this.#data = data;
    this.#shifted = { columns: data.columns, offsets: [...data.offsets] };
    this.#observed = observed;
    this.#points = points;
    for (let k = 0; k < params; k++) this.#start[k] = init[at + k]!;
    this.#point.set(this.#start);
    const base = fast.base ?? this.#start;
    for (let j = 0; j < this.#n; j++) {
      this.#init[j] = this.#start[varying[j]!]!;
      this.#from[j] = base[varying[j]!]!;
    }
    this.status = running;
    this.value = NaN;
    search.points = points;
    search.start(this.#from, this.#init, fast.iterations);
  }

  /** One evaluation and one decision; true when the fit is finished. */
  advance(): boolean {
    const search = this.#search;
    const status = search.advance(this.#evaluate());
    if (status === running) return false;
    this.#finish(status);
    return true;
  }

  /** Ends where it stands, with this status. */
  abandon(code: number): void {
    const search = this.#search;
    search.keep(code);
    this.#finish(code);
  }

  // ------------------------------------------------------------------ evaluation

  /** Fills what is wanted; returns the minimised number at the point. */
  #evaluate(): number {
    const search = this.#search;
    const isProbe = (search.want & want.curvature) !== 0;
    const withTriangle = isProbe || (search.want & want.triangle) !== 0;
    this.#sumUp(isProbe ? search.center : search.x, withTriangle, isProbe);
    if (withTriangle) search.triangle.set(this.#triangle.triangle);
    return this.#totals[0]!;
  }

  /** Sums at `x` and, if wanted, the triangle: of [J, r], or of [J, a] with a probe at search.x. */
  #sumUp(x: Float64Array, withTriangle: boolean, isProbe: boolean): void {
    const { loss, y, yOffset, weights, weightOffset } = this.#observed;
    const n = this.#n, points = this.#points;
    const f = this.#f, jacobian = this.#jacobian, probed = this.#probed;
    const triangle = this.#triangle, pairwise = this.#pairwise, { block } = pairwise;
    const rows = triangle.block, last = n * blockRows;
    const search = this.#search, h = search.probeLength, { velocity } = search;
    triangle.clear();
    pairwise.clear();
    if (loss !== null) loss.leastCurvature = leastCurvature;
    for (let from = 0; from < points; from += blockPoints) {
      const count = points - from < blockPoints ? points - from : blockPoints;
      if (isProbe) this.#evaluateBlock(search.x, from, count, probed, null);
      this.#evaluateBlock(x, from, count, f, withTriangle ? jacobian : null);
      block.fill(0);
      for (let i = 0; i < count; i++) {
        const w = weights === null ? 1 : weights[weightOffset + from + i]!;
        const observed = y[yOffset + from + i]!;
        let r = (observed - f[i]!) * w, s = 1;
        if (loss === null) {
          block[0] = block[0]! + r * r;
        } else {
          loss.apply(r, observed, f[i]!);
          s = loss.factor;
          block[0] = block[0]! + loss.cost;
          block[1] = block[1]! + loss.influence * loss.influence;
          block[2] = block[2]! + loss.square;
          block[3] = block[3]! + r * r;
          r = loss.residual;
        }
        if (!withTriangle) continue;
        let along = 0;
        for (let j = 0; j < n; j++) {
          const slope = jacobian[i * n + j]!;
          rows[j * blockRows + i] = slope * w * s;
          if (isProbe) along += slope * velocity[j]!;
        }
        rows[last + i] = isProbe ? (2 / h) * ((probed[i]! - f[i]!) / h - along) * w * s : r;
      }
      if (withTriangle) triangle.push(count);
      pairwise.push();
    }
    pairwise.totalInto(this.#totals);
  }

  #evaluateBlock(
    x: Float64Array, from: number, count: number, f: Float64Array, jacobian: Float64Array | null,
  ): void {
    const point = this.#point, { varying } = this.#job.program, data = this.#shifted;
    for (let j = 0; j < this.#n; j++) point[varying[j]!] = x[j]!;
    for (let k = 0; k < data.offsets.length; k++) data.offsets[k] = this.#data.offsets[k]! + from;
    this.#evaluator.evaluate(point, data, count, f, jacobian);
  }

  // ------------------------------------------------------------------ the end

  #finish(status: number): void {
    const search = this.#search, { varying } = this.#job.program;
    this.status = status;
    this.value = search.baseValue;
    this.iterations = search.iteration;
    this.evaluations = search.evaluations;
    this.params.set(this.#start);
    this.covariance.fill(NaN);
    this.sums.fill(NaN);
    this.rank = 0;
    this.conditionNumber = NaN;
    // Stopped before anything was told, or a start that cannot be evaluated.
    if (!(Math.abs(this.value) < Infinity)) return;
    for (let j = 0; j < this.#n; j++) this.params[varying[j]!] = search.base[j]!;
    const final = search.finish();
    final.covarianceInto(this.covariance, this.#job.pseudoInverse);
    this.rank = final.rank;
    this.conditionNumber = final.conditionNumber;
    this.#fillSums();
  }

  /** AᵀA = RᵀR; the sums of a loss need the residuals themselves. */
  #fillSums(): void {
    const { sums } = this;
    const { baseTriangle, base } = this.#search;
    const columns = this.#n + 1, width = (columns * (columns + 1)) / 2;
    for (let i = 0, k = 0; i < columns; i++)
      for (let j = 0; j <= i; j++, k++) {
        let sum = 0;
        for (let l = 0; l <= j; l++)
          sum += baseTriangle[(i * (i + 1)) / 2 + l]! * baseTriangle[(j * (j + 1)) / 2 + l]!;
        sums[k] = sum;
      }
    sums[width - 1] = this.value;
    if (this.#observed.loss === null) return;
    this.#sumUp(base, false, false);
    for (let k = 1; k <= lossSums; k++) sums[width - 1 + k] = this.#totals[k]!;
  }
}
