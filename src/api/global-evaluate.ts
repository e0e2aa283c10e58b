// The evaluation of all sets at once, as the solver of globalFit asks for it: values and triangles of
// [J, r], either from an engine job that returns sums of products for every set, or, with all
// digits, from the Jacobian itself by orthogonal transformations.

import type { FitJob, FitMethod } from '../engine/engine.ts';
import type { Program } from '../model/program.ts';
import { blockRows, RowTriangle } from '../portable/linalg/qr.ts';
import { triangleSize, unknownsOf, type ArrowShape } from '../arrow/arrow-system.ts';
import { pointLoss, type PointLoss } from '../portable/optim/losses.ts';
import { statusCode } from '../portable/optim/status.ts';
import { applyTies } from './ties.ts';
import type { GlobalProblem } from './global-data.ts';
import { evaluateProblem, jacobianOf } from './problem.ts';

/**
 * A pivot at or below this share of its diagonal element is rounding: sums of products have lost
 * their digits there.
 */
const lostPivot = 1e-15;
/** Least share of ρ′ that s² of a loss keeps (losses.ts), as where one curve is fitted with care. */
const leastCurvature: number = 2 ** -10;
/** Points that are evaluated in one call. */
const blockPoints: number = 8 * blockRows;

/** One piece of a set, with views on its data. */
interface Piece {
  readonly set: number;
  readonly first: number;
  readonly columns: readonly Float64Array[];
  readonly points: number;
}

export class GlobalEvaluator {
  readonly shape: ArrowShape;
  /** Parameters of all sets at the point evaluated last. */
  readonly params: Float64Array;
  /** Of the loss, at the point evaluated last with all digits: Σψ² and Σs². */
  influence = 0;
  curvature = 0;
  /** That point, as unknowns; NaN after an evaluation that was not finished. */
  readonly accurateAt: Float64Array;
  /** The job that evaluates; its outputs are used again and again. */
  readonly #job: FitJob;
  readonly #problem: GlobalProblem;
  readonly #sums: Float64Array;
  readonly #width: number;
  readonly #loss: PointLoss | null;
  /** Column of the program for every column of a triangle, the right side last. */
  readonly #order: Int32Array;
  readonly #pieces: Piece[] = [];
  readonly #rows: RowTriangle;
  /** By number of points. */
  readonly #values: Map<number, Float64Array> = new Map();
  readonly #jacobians: Map<number, Float64Array> = new Map();

  constructor(problem: GlobalProblem, method: FitMethod, fused: boolean) {
    const { sets, offsets, program, localVarying, sharedVarying } = problem;
    const n = program.varying.length;
    this.#problem = problem;
    this.shape = { sets, locals: localVarying.length, shared: sharedVarying.length };
    this.params = problem.init.slice();
    this.accurateAt = new Float64Array(unknownsOf(this.shape)).fill(NaN);
    this.#width = ((n + 1) * (n + 2)) / 2 + (method.loss === 'linear' ? 0 : 3);
    this.#sums = new Float64Array(sets * this.#width);
    this.#loss = pointLoss(method.loss);
    if (this.#loss !== null) {
      this.#loss.leastCurvature = leastCurvature;
      if (method.lossScale !== null) this.#loss.scale = method.lossScale[0];
    }
    const column = (k: number): number => program.varying.indexOf(k);
    this.#order = Int32Array.of(...localVarying.map(column), ...sharedVarying.map(column), n);
    this.#rows = new RowTriangle(n + 1);
    for (let set = 0; set < sets; set++)
      for (let first = offsets[set]; first < offsets[set + 1]; first += blockPoints) {
        const points = Math.min(blockPoints, offsets[set + 1] - first);
        const columns = problem.x.map((values) => values.subarray(first, first + points));
        this.#pieces.push({ set, first, columns, points });
      }
    this.#job = {
      ...jobOf(problem, method, fused),
      maxIter: 0,
      init: this.params,
      outputs: { ...outputsOf(this.params, sets), sums: this.#sums },
    };
  }

  /** The job whose sums `cheapInto` reads. */
  jobAt(x: Float64Array): FitJob {
    this.#spread(x);
    this.#job.outputs.params.set(this.params);
    return this.#job;
  }

  /** Triangles from the sums of the job that has just run; the value, NaN where one is not finite. */
  cheapInto(triangles: Float64Array): number {
    const { sets } = this.shape;
    const order = this.#order,
      sums = this.#sums;
    const columns = order.length;
    const { ssr } = this.#job.outputs;
    let value = 0,
      at = 0;
    for (let set = 0; set < sets; set++) {
      value += ssr[set];
      const from = set * this.#width;
      const start = at;
      for (let j = 0; j < columns; j++) {
        const column = at;
        for (let i = 0; i <= j; i++) {
          const a = Math.max(order[i], order[j]),
            b = Math.min(order[i], order[j]);
          const product = sums[from + (a * (a + 1)) / 2 + b];
          let rest = product;
          const row = start + (i * (i + 1)) / 2;
          for (let k = 0; k < i; k++) rest -= triangles[row + k] * triangles[column + k];
          const pivot = triangles[row + i];
          if (i < j) triangles[at++] = pivot === 0 ? 0 : rest / pivot;
          else {
            triangles[at++] = rest > lostPivot * product ? Math.sqrt(rest) : 0;
            value += product - product;
          }
        }
      }
    }
    return value;
  }

  /**
   * Triangles with all digits, and the value.
   * @yields after every piece, so that an event loop may turn
   */
  *accurateInto(x: Float64Array, triangles: Float64Array): Generator<void, number> {
    this.#spread(x);
    const size = triangleSize(this.shape);
    const rows = this.#rows;
    this.influence = this.curvature = 0;
    this.accurateAt.fill(NaN);
    let value = 0;
    rows.clear();
    for (let p = 0; p < this.#pieces.length; p++) {
      const piece = this.#pieces[p];
      value += this.#addPiece(piece);
      if (this.#pieces[p + 1]?.set === piece.set) {
        yield;
        continue;
      }
      triangles.set(rows.triangle, piece.set * size);
      rows.clear();
      yield;
    }
    this.accurateAt.set(x);
    return value;
  }

  /** y − f at `params`, of all sets. */
  residuals(): Float64Array {
    const { y } = this.#problem;
    const out = new Float64Array(y.length);
    for (const piece of this.#pieces) {
      const f = this.#evaluate(piece, null);
      for (let i = 0; i < piece.points; i++) out[piece.first + i] = y[piece.first + i] - f[i];
    }
    return out;
  }

  /** The unknowns at a point, from parameters of all sets. */
  unknownsInto(params: Float64Array, x: Float64Array): void {
    this.#each((unknown, at) => (x[unknown] = params[at]));
  }

  #spread(x: Float64Array): void {
    const { params } = this;
    this.#each((unknown, at) => (params[at] = x[unknown]));
    const { ties, names } = this.#problem.params;
    if (ties.length === 0) return;
    const n = names.length;
    for (let set = 0; set < this.shape.sets; set++)
      applyTies(ties, params.subarray(set * n, (set + 1) * n));
  }

  #each(visit: (unknown: number, at: number) => void): void {
    const { sets, locals, shared } = this.shape;
    const { localVarying, sharedVarying, params } = this.#problem;
    const n = params.names.length;
    for (let set = 0; set < sets; set++) {
      for (let j = 0; j < shared; j++) visit(j, set * n + sharedVarying[j]);
      for (let j = 0; j < locals; j++) visit(shared + set * locals + j, set * n + localVarying[j]);
    }
  }

  #evaluate({ set, columns, points }: Piece, jacobian: Float64Array | null): Float64Array {
    const { engine, program, params } = this.#problem;
    const n = params.names.length;
    const own = this.params.subarray(set * n, (set + 1) * n);
    if (typeof program.value === 'function')
      return evaluateProblem(this.#problemOf(columns), columns, points, own);
    const f = reused(this.#values, points, points);
    engine.evaluate(program as Program, columns, points, own, f, jacobian);
    return f;
  }

  /** What calls of a model outside of a fit need to know: no weights. */
  #problemOf(columns: readonly Float64Array[]): Parameters<typeof jacobianOf>[0] {
    const { source, params, engine, program, init } = this.#problem;
    const y = columns[0] ?? new Float64Array(0);
    return { source, params, engine, program, columns, y, sigma: null, init };
  }

  /** Folds the rows of one piece into the triangle; its share of the value. */
  #addPiece(piece: Piece): number {
    const { set, columns, first, points } = piece;
    const { program, y, sigma, params } = this.#problem;
    const order = this.#order,
      rows = this.#rows,
      loss = this.#loss;
    const n = program.varying.length;
    let jacobian: Float64Array;
    let f: Float64Array;
    if (typeof program.value === 'function') {
      const p = params.names.length;
      jacobian = jacobianOf(this.#problemOf(columns), this.params.slice(set * p, (set + 1) * p));
      f = this.#evaluate(piece, null);
    } else {
      jacobian = reused(this.#jacobians, points, points * n);
      f = this.#evaluate(piece, jacobian);
    }
    let value = 0;
    for (let from = 0; from < points; from += blockRows) {
      const count = Math.min(blockRows, points - from);
      for (let k = 0; k < count; k++) {
        const i = from + k;
        const weight = sigma === null ? 1 : 1 / sigma[first + i];
        let r = (y[first + i] - f[i]) * weight,
          factor = weight;
        if (loss === null) value += r * r;
        else {
          loss.apply(r, y[first + i], f[i]);
          value += loss.cost;
          factor *= loss.factor;
          r = loss.residual;
          this.influence += loss.influence * loss.influence;
          this.curvature += loss.factor * loss.factor;
        }
        for (let j = 0; j < n; j++)
          rows.block[j * blockRows + k] = factor * jacobian[i * n + order[j]];
        rows.block[n * blockRows + k] = r;
      }
      rows.push(count);
    }
    return value;
  }
}

function reused(
  arrays: Map<number, Float64Array>,
  points: number,
  length: number,
): Float64Array {
  let array = arrays.get(points);
  if (array === undefined) arrays.set(points, (array = new Float64Array(length)));
  return array;
}

/** Sets as fits of a batch. */
export function jobOf(
  problem: GlobalProblem,
  method: FitMethod,
  fused: boolean,
): Omit<FitJob, 'maxIter' | 'init' | 'outputs'> {
  const { sets, offsets, x, y, sigma, program } = problem;
  const points = offsets[1];
  const isEven = offsets.every((begin, set) => begin === set * points);
  return {
    ...method,
    program,
    fits: sets,
    points: isEven ? points : 0,
    offsets: isEven ? null : offsets,
    x,
    xShared: false,
    y,
    yShared: false,
    sigma,
    sigmaShared: false,
    initShared: false,
    ftol: 1e-8,
    xtol: 1e-8,
    gtol: 1e-8,
    covarianceFactor: 1,
    fused,
  };
}

export function outputsOf(params: Float64Array, sets: number): FitJob['outputs'] {
  return {
    params: params.slice(),
    ssr: new Float64Array(sets).fill(NaN),
    status: new Uint8Array(sets).fill(statusCode.aborted),
    iterations: new Uint16Array(sets),
    stdErr: null,
    covariance: null,
    r2: null,
    residuals: null,
    sums: null,
  };
}
