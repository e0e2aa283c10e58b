// One run of the careful solver over residuals: what it wants is evaluated, the triangle of [J, −r]
// is formed in blocks of rows, and the course is recorded. A run is a generator that yields the
// calls of user functions (see residual-system.ts): a generator costs a hundred nanoseconds per
// call, which is little beside a user's function, and lets one text serve both drivers.

import { pairwiseSum } from '../portable/linalg/vector.ts';
import { blockRows, RowTriangle } from '../portable/linalg/qr.ts';
import { running, want, type CarefulMethod } from '../portable/optim/careful-options.ts';
import { CarefulSolver } from '../portable/optim/careful-solver.ts';
import { nearCurvature, nearReduction } from '../portable/optim/least-squares-solver.ts';
import { pointLoss, type Loss, type PointLoss } from '../portable/optim/losses.ts';
import { statusCode } from '../portable/optim/status.ts';
import type { FinalFactor } from '../portable/optim/careful-final.ts';
import type { State } from './checkpoint.ts';
import { CallbackError } from './errors.ts';
import { Journal } from './journal.ts';
import { pointText, type ResidualSystem, type Steps } from './residual-system.ts';
import { allocate } from './validate.ts';
import { Tracer, type Trace, type TraceOption } from './trace.ts';
import type { IterState, Progress } from './types.ts';

export interface RunSettings {
  readonly method: CarefulMethod;
  readonly ftol: number;
  readonly xtol: number;
  readonly gtol: number;
  readonly maxIter: number;
  /** Of residuals, those for differences included. */
  readonly maxEval: number;
  readonly maxSeconds: number;
  /** n values each; null without any bound. */
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
  readonly xScale: Float64Array | null;
  readonly loss: Loss;
  readonly lossScale: number;
  /** Rounds of estimating the scale of the loss that went before. */
  readonly round: number;
  /** Iterations of other runs that went before. */
  readonly before: number;
  readonly geodesic: boolean;
  readonly polish: boolean;
  readonly trace: TraceOption;
  readonly callback: ((state: IterState) => boolean | void) | undefined;
  readonly onNonFinite: 'reject-step' | 'stop' | 'throw';
  readonly onProgress: ((p: Progress) => boolean | void) | undefined;
  readonly progressEveryMs: number;
  /** performance.now() where the work began. */
  readonly started: number;
  /** Counts that the loss needs beside the residuals: y, and f as it was evaluated last. */
  readonly counts: { readonly y: Float64Array; readonly f: Float64Array } | null;
  /** Half, where what is reported is the cost ½Σ; 1 for the sum itself. */
  readonly factor: 0.5 | 1;
}

export interface RunOutcome {
  readonly x: Float64Array;
  /** At `x`. */
  readonly residuals: Float64Array;
  /** ∂r/∂x at `x`, row-major m × n. */
  readonly jacobian: Float64Array;
  /** Σ r² or the sum of the loss. */
  readonly value: number;
  readonly status: number;
  readonly iterations: number;
  readonly trace: Trace | null;
  readonly active: Int8Array;
  /** Rank, condition and (JᵀJ)⁻¹ at `x`. */
  finish(): FinalFactor;
  /** Σψ² and Σs² of the loss at `x` (losses.ts). */
  readonly influence: number;
  readonly curvature: number;
}

export class Run {
  readonly #system: ResidualSystem;
  readonly #settings: RunSettings;
  readonly #solver: CarefulSolver;
  readonly #loss: PointLoss | null;
  readonly #rows: RowTriangle;
  readonly #tracer: Tracer | null;
  readonly #journal: Journal;
  readonly #residuals: Float64Array;
  readonly #residualsAt: Float64Array;
  /** The last two Jacobians: the solver may look ahead and come back. */
  #last: Linearization;
  #kept: Linearization;
  #step = 0;
  #reported = -1;
  #lastProgress: number;

  constructor(
    system: ResidualSystem,
    start: Float64Array,
    settings: RunSettings,
    resumed: State | null,
  ) {
    const { m, n } = system;
    this.#system = system;
    this.#settings = settings;
    this.#solver = new CarefulSolver(n, {
      method: settings.method,
      ftol: settings.ftol,
      xtol: settings.xtol,
      gtol: settings.gtol,
      maxIter: settings.maxIter,
      lower: settings.lower,
      upper: settings.upper,
      xScale: settings.xScale,
      geodesic: settings.geodesic,
      polish: settings.polish,
      lazy: true,
      points: m,
      radius: firstRadius,
    });
    this.#loss = pointLoss(settings.loss);
    if (this.#loss !== null) this.#loss.scale = settings.lossScale;
    this.#rows = new RowTriangle(n + 1);
    this.#tracer = settings.trace === false ? null : new Tracer(settings.trace);
    this.#journal =
      resumed === null ? new Journal(start.slice()) : Journal.from(resumed, system, settings);
    this.#residuals = new Float64Array(m).fill(NaN);
    this.#residualsAt = new Float64Array(n).fill(NaN);
    this.#last = linearization(m, n);
    this.#kept = linearization(m, n);
    this.#lastProgress = settings.started;
  }

  *steps(): Steps<RunOutcome> {
    const solver = this.#solver;
    const { callback } = this.#settings;
    const keepsJournal = callback !== undefined;
    solver.start(this.#journal.start, 0);
    let status: number = running;
    do {
      const stopped = this.#limit();
      if (stopped !== running) {
        status = stopped;
        break;
      }
      yield null;
      const isTrial = (solver.want & want.value) !== 0;
      if (isTrial) this.#step = distance(solver.x, solver.base);
      const hasTriangle = (solver.want & (want.triangle | want.curvature)) !== 0;
      let value: number;
      if (this.#journal.isReplaying) value = this.#journal.replay(solver.triangle);
      else {
        value = yield* this.#evaluate();
        if (isTrial && !Number.isFinite(value) && this.#settings.onNonFinite !== 'reject-step') {
          this.#refuse();
          // A start without a value is what the solver says itself.
          if (solver.evaluations > 0) {
            status = statusCode.notFinite;
            break;
          }
        }
        if (keepsJournal) this.#journal.add(value, hasTriangle ? solver.triangle : null);
      }
      if (isTrial) this.#approach(value);
      status = solver.advance(value);
      if (this.#report(status)) {
        status = statusCode.stoppedByCallback;
        break;
      }
    } while (status === running);
    return yield* this.#finish(status);
  }

  /** Near a minimum the curvature of a loss is taken nearly as it is: see least-squares-solver.ts. */
  #approach(value: number): void {
    const { baseValue } = this.#solver;
    const actual = baseValue - value;
    if (this.#loss !== null && actual >= 0 && actual <= nearReduction * baseValue)
      this.#loss.leastCurvature = nearCurvature;
  }

  /** Throws where a value that is not finite is a fault. */
  #refuse(): void {
    if (this.#settings.onNonFinite !== 'throw') return;
    const r = this.#residuals;
    const i = r.findIndex((value) => !Number.isFinite(value));
    const what = i < 0 ? 'the sum of squares overflows' : `residuals[${i}] is ${r[i]}`;
    const { x } = this.#solver;
    throw new CallbackError(`${what} at x = ${pointText(x)}`, x.slice(), undefined);
  }

  /** A limit that has been reached: a status, or running. */
  #limit(): number {
    const { maxEval, maxSeconds, started, onProgress, progressEveryMs, maxIter } = this.#settings;
    if (this.#journal.isReplaying) return running;
    // At least the start is evaluated, so that there is a point to return.
    if (this.#solver.evaluations > 0) {
      if (this.#system.evaluations >= maxEval) return statusCode.maxEval;
      if (maxSeconds < Infinity && performance.now() - started >= maxSeconds * 1000)
        return statusCode.maxSeconds;
    }
    if (onProgress === undefined) return running;
    const now = performance.now();
    if (now - this.#lastProgress < progressEveryMs) return running;
    this.#lastProgress = now;
    const { baseValue } = this.#solver;
    const iteration = this.#settings.before + this.#solver.iteration;
    const elapsedSeconds = (now - started) / 1000;
    const goesOn = onProgress({
      done: iteration,
      total: maxIter,
      elapsedSeconds,
      etaSeconds: iteration > 0 ? (elapsedSeconds / iteration) * (maxIter - iteration) : Infinity,
      best: baseValue * this.#settings.factor,
    });
    return goesOn === false ? statusCode.stoppedByCallback : running;
  }

  /** Records a finished iteration; true when the callback stops the run. */
  #report(status: number): boolean {
    const solver = this.#solver;
    const { callback, factor } = this.#settings;
    // Between a trial and the Jacobian there, the iteration is not over.
    const isBetween = status === running && solver.want === want.triangle;
    if (isBetween || solver.iteration === this.#reported) return false;
    this.#reported = solver.iteration;
    if (this.#tracer === null && callback === undefined) return false;
    const { gradient, active } = solver.point;
    let gradNorm = 0;
    for (let j = 0; j < gradient.length; j++)
      if (active[j] === 0 && !(Math.abs(gradient[j]) <= gradNorm)) gradNorm = Math.abs(gradient[j]);
    const f = solver.baseValue * factor;
    gradNorm *= 2 * factor;
    this.#tracer?.add(f, gradNorm, solver.iteration === 0 ? 0 : this.#step, solver.base);
    if (callback === undefined || this.#journal.isReplaying || solver.iteration === 0) return false;
    const checkpoint = this.#journal.checkpoint.bind(this.#journal, this.#system, this.#settings);
    const x = solver.base.slice();
    const iter = this.#settings.before + solver.iteration;
    const answer: unknown = callback({ iter, f, x, gradNorm, checkpoint });
    return answer === true;
  }

  /** What the solver wants at its point. */
  *#evaluate(): Steps<number> {
    const solver = this.#solver;
    const { x } = solver;
    if ((solver.want & want.curvature) !== 0) return yield* this.#probe();
    let value = NaN;
    if ((solver.want & want.value) !== 0) {
      yield* this.#system.residualsInto(x, this.#residuals);
      this.#residualsAt.set(x);
      value = this.#sum();
    }
    if ((solver.want & want.triangle) !== 0) {
      if (Number.isFinite(value) || solver.want === want.triangle) {
        yield* this.#ensureJacobian(x);
        this.#triangle();
      }
    }
    return value;
  }

  *#ensureResiduals(x: Float64Array): Steps {
    if (same(this.#residualsAt, x)) return;
    // With counts their fitted values would be missing.
    const known = [this.#last, this.#kept].find(({ at }) => same(at, x));
    if (this.#settings.counts === null && known !== undefined) this.#residuals.set(known.residuals);
    else yield* this.#system.residualsInto(x, this.#residuals);
    this.#residualsAt.set(x);
  }

  *#ensureJacobian(x: Float64Array): Steps {
    yield* this.#ensureResiduals(x);
    if (same(this.#last.at, x)) return;
    [this.#last, this.#kept] = [this.#kept, this.#last];
    const { at, residuals, jacobian } = this.#last;
    if (same(at, x)) return;
    at.fill(NaN);
    yield* this.#system.jacobianInto(x, this.#residuals, jacobian);
    at.set(x);
    residuals.set(this.#residuals);
  }

  /** The minimised number at the residuals at hand. */
  #sum(): number {
    const r = this.#residuals,
      loss = this.#loss;
    const { counts } = this.#settings;
    return pairwiseSum(r.length, (i) => {
      if (loss === null) return r[i] * r[i];
      loss.apply(-r[i], counts === null ? 0 : counts.y[i], counts === null ? 0 : counts.f[i]);
      return loss.cost;
    });
  }

  /** The triangle of [J, −r], or of [J, rhs], with the loss applied row by row. */
  #triangle(rhs?: (i: number) => number): void {
    const { m, n } = this.#system;
    const { counts } = this.#settings;
    const rows = this.#rows,
      { jacobian } = this.#last,
      r = this.#residuals,
      loss = this.#loss;
    rows.clear();
    for (let from = 0; from < m; from += blockRows) {
      const size = Math.min(blockRows, m - from);
      for (let k = 0; k < size; k++) {
        const i = from + k;
        let factor = 1,
          right = -r[i];
        if (loss !== null) {
          loss.apply(-r[i], counts === null ? 0 : counts.y[i], counts === null ? 0 : counts.f[i]);
          ({ factor } = loss);
          right = loss.residual;
        }
        if (rhs !== undefined) right = factor * rhs(i);
        for (let j = 0; j < n; j++) rows.block[j * blockRows + k] = factor * jacobian[i * n + j];
        rows.block[n * blockRows + k] = right;
      }
      rows.push(size);
    }
    this.#solver.triangle.set(rows.triangle);
  }

  /** The second derivative along the velocity: see careful-options.ts. */
  *#probe(): Steps<number> {
    const solver = this.#solver;
    const { n } = this.#system;
    yield* this.#ensureJacobian(solver.base);
    const { residuals: base, jacobian } = this.#last;
    const { counts } = this.#settings;
    const f = counts?.f.slice();
    const { velocity, probeLength: h } = solver;
    yield* this.#system.residualsInto(solver.x, this.#residuals);
    const probed = this.#residuals.slice();
    // The loss of the rows is that at the base.
    this.#residuals.set(base);
    if (f !== undefined) counts!.f.set(f);
    if (!probed.every(Number.isFinite)) return NaN;
    this.#triangle((i) => {
      let slope = 0;
      for (let j = 0; j < n; j++) slope += jacobian[i * n + j] * velocity[j];
      // Residuals here have the other sign: r(base) − r(x) of the solver is r(x) − r(base).
      return (2 / h) * ((probed[i] - base[i]) / h - slope);
    });
    return 0;
  }

  *#finish(status: number): Steps<RunOutcome> {
    const solver = this.#solver;
    const x = solver.base.slice();
    const isStart = status === statusCode.notFinite && !(Math.abs(solver.baseValue) < Infinity);
    if (!isStart) yield* this.#ensureJacobian(x);
    let influence = 0,
      curvature = 0;
    const loss = this.#loss;
    if (loss !== null) {
      this.#residuals.forEach((r, i) => {
        const { counts } = this.#settings;
        loss.apply(-r, counts === null ? 0 : counts.y[i], counts === null ? 0 : counts.f[i]);
        influence += loss.influence * loss.influence;
        curvature += loss.square;
      });
    }
    return {
      x,
      residuals: this.#residuals,
      jacobian: this.#last.jacobian,
      value: solver.baseValue,
      status,
      iterations: solver.iteration,
      trace: this.#tracer === null ? null : this.#tracer.finish(x.length),
      active: solver.point.active,
      finish: () => solver.finish(),
      influence: loss === null ? solver.baseValue : influence,
      curvature: loss === null ? this.#system.m : curvature,
    };
  }
}

/** MINPACK's first trust radius: 100 times the scaled size of the start (Moré 1978, section 5). */
const firstRadius = 100;

/** Residuals and Jacobian at a point; NaN where there is none yet. */
interface Linearization {
  readonly at: Float64Array;
  readonly residuals: Float64Array;
  readonly jacobian: Float64Array;
}

function linearization(m: number, n: number): Linearization {
  return {
    at: new Float64Array(n).fill(NaN),
    residuals: new Float64Array(m),
    jacobian: allocate(m * n, 'x0'),
  };
}

function same(a: Float64Array, b: Float64Array): boolean {
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false;
  return true;
}

function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return Math.sqrt(sum);
}
