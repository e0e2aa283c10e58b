// Runs of the careful solver, one after another, until one of them ends with a clear success: what one
// kind of step and one measure of the variables cannot do, another often can. With a method named
// there is one run. Asked and told as the solver is.
//
// Variables are measured by the columns of J first; these have their largest values far from the
// minimum, where they may hold a variable back for good. So later runs measure by the start. The
// runs share the steps allowed: none may use up what the others need.
// Twin: native/optim/careful-search.h.

import type { FinalFactor } from './careful-final.ts';
import { running, type CarefulMethod, type CarefulOptions } from './careful-options.ts';
import { CarefulSolver } from './careful-solver.ts';
import { lastSuccess, statusCode } from './status.ts';

interface Run {
  readonly method: CarefulMethod;
  /** Measures variables by the start, and begins there; else by J, from the best point so far. */
  readonly isFresh: boolean;
  readonly geodesic: boolean;
}

const autoRuns: readonly Run[] = [
  { method: 'lm', isFresh: false, geodesic: false },
  { method: 'trf', isFresh: true, geodesic: false },
  { method: 'dogbox', isFresh: true, geodesic: false },
  { method: 'lm', isFresh: false, geodesic: true },
];

/** A run takes at most this part of the steps left, or as many as this. */
const share = 0.5;
const leastShare = 100;
/**
 * Where J is nearer to losing rank than this, the gradient may vanish far from any minimum, as where
 * two terms of a sum have become one: the other runs tell.
 */
const mostCondition = 1e7;
/** Of two points whose sums differ by less than this part, one that ended with a success is better. */
const nearlyEqual = 1e-9;

export type SearchOptions = Omit<CarefulOptions, 'method'> & { readonly method: CarefulMethod | 'auto' };

export class CarefulSearch {
  readonly n: number;
  maxIter: number;
  points: number;
  /** Steps tried and points evaluated in the runs before the present one. */
  #iterations = 0;
  #evaluations = 0;
  #factorings = 0;
  readonly #options: SearchOptions;
  readonly #runs: readonly Run[];
  /** One solver per run, so that the best one's state is kept. */
  readonly #solvers: CarefulSolver[] = [];
  readonly #init: Float64Array;
  /** Sizes of the variables at the start. */
  readonly #sizes: Float64Array;
  #run = 0;
  #solver: CarefulSolver;
  #best: CarefulSolver | null = null;
  #bestStatus = running;

  constructor(n: number, options: SearchOptions) {
    this.n = n;
    this.#options = options;
    this.maxIter = options.maxIter;
    this.points = options.points;
    this.#runs = options.method === 'auto'
      ? autoRuns
      : [{ method: options.method, isFresh: false, geodesic: options.geodesic }];
    this.#init = new Float64Array(n);
    this.#sizes = new Float64Array(n);
    this.#solver = this.#solverOf(0);
  }

  get x(): Float64Array {
    return this.#solver.x;
  }

  get want(): number {
    return this.#solver.want;
  }

  get triangle(): Float64Array {
    return this.#solver.triangle;
  }

  get velocity(): Float64Array {
    return this.#solver.velocity;
  }

  get probeLength(): number {
    return this.#solver.probeLength;
  }

  /** The point that the present run holds best: where a second derivative is wanted. */
  get center(): Float64Array {
    return this.#solver.base;
  }

  get base(): Float64Array {
    return (this.#best ?? this.#solver).base;
  }

  get baseValue(): number {
    return (this.#best ?? this.#solver).baseValue;
  }

  get baseTriangle(): Float64Array {
    return (this.#best ?? this.#solver).baseTriangle;
  }

  get iteration(): number {
    return this.#iterations + this.#solver.iteration;
  }

  get evaluations(): number {
    return this.#evaluations + this.#solver.evaluations;
  }

  get factorings(): number {
    return this.#factorings + this.#solver.factorings;
  }

  /**
   * Begins. The first run starts at the n values of `from`; later ones at those of `init`, whose
   * steps so far, `iterations`, count as done.
   */
  start(from: Float64Array, init: Float64Array = from, iterations = 0): void {
    const { n } = this;
    let largest = 0;
    for (let j = 0; j < n; j++) {
      const size = Math.abs(init[j]!);
      this.#init[j] = init[j]!;
      if (size > largest) largest = size;
    }
    for (let j = 0; j < n; j++) {
      const size = Math.abs(init[j]!);
      this.#sizes[j] = size > 0 ? size : largest > 0 ? largest : 1;
    }
    this.#iterations = iterations;
    this.#evaluations = this.#factorings = 0;
    this.#best = null;
    this.#bestStatus = running;
    this.#begin(0, from);
  }

  /** Consumes what was wanted; returns a status code, or `running` with the next wish. */
  advance(value: number): number {
    const status = this.#solver.advance(value);
    if (status === running) return running;
    this.keep(status);
    if (this.#bestStatus === statusCode.notFinite || this.#bestStatus === statusCode.exact ||
        this.#iterations >= this.maxIter || this.#run + 1 >= this.#runs.length) return this.#bestStatus;
    if (this.#bestStatus <= lastSuccess && this.finish().conditionNumber <= mostCondition)
      return this.#bestStatus;
    const next = this.#run + 1;
    this.#begin(next, this.#runs[next]!.isFresh ? this.#init : this.base);
    return running;
  }

  /** Takes over the present run's outcome if it is the best so far. */
  keep(status: number): void {
    const solver = this.#solver, best = this.#best;
    this.#iterations += solver.iteration;
    this.#evaluations += solver.evaluations;
    this.#factorings += solver.factorings;
    solver.iteration = solver.evaluations = solver.factorings = 0;
    if (best !== null && best !== solver) {
      const value = solver.baseValue, other = best.baseValue;
      const isSuccess = status <= lastSuccess, wasSuccess = this.#bestStatus <= lastSuccess;
      const isNear = Math.abs(value - other) <= nearlyEqual * other;
      if (!(isNear ? isSuccess && !wasSuccess : value < other)) return;
    }
    this.#best = solver;
    this.#bestStatus = status;
  }

  /** Rank, condition and covariance at the best point. */
  finish(): FinalFactor {
    return (this.#best ?? this.#solver).finish();
  }

  #begin(run: number, from: Float64Array): void {
    const solver = this.#solverOf(run), left = this.maxIter - this.#iterations;
    const part = Math.trunc(share * left);
    const fair = part > leastShare ? part : leastShare;
    solver.maxIter = run + 1 < this.#runs.length && fair < left ? fair : left;
    solver.point.points = this.points;
    this.#run = run;
    this.#solver = solver;
    solver.start(from, 0);
  }

  #solverOf(run: number): CarefulSolver {
    const options = this.#options, { method, isFresh, geodesic } = this.#runs[run]!;
    return (this.#solvers[run] ??= new CarefulSolver(this.n, {
      ...options, method, geodesic: geodesic || options.geodesic,
      xScale: options.xScale ?? (isFresh ? this.#sizes : null),
    }));
  }
}
