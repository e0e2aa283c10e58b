// The course of a run: one row per iteration, kept in bounded memory.

/** What to record; true records everything but the points. */
export type TraceOption =
  | boolean
  | {
      /** Keep the points as well. */
      x?: boolean;
      /** Keep every so many iterations. Default 1. */
      every?: number;
      /**
       * Most rows kept, at least 2. When they are full, every other row is dropped and `every` is
       * doubled, so that the trace spans the whole run. Default 100000.
       */
      max?: number;
    };

/** Rows of a run, the start first. */
export interface Trace {
  /** Number of rows. */
  readonly count: number;
  /** What is minimised at the best point so far: the cost. */
  readonly f: Float64Array;
  /** Largest entry in magnitude of its gradient there. */
  readonly gradNorm: Float64Array;
  /** Euclidean length of the step that was tried; 0 for the start. */
  readonly step: Float64Array;
  /** count × n, row-major: the best points. Present when `trace.x` was asked for. */
  readonly x?: Float64Array;
}

/** Rows kept where nothing is said. */
const most = 100000;

export class Tracer {
  readonly #keepsX: boolean;
  readonly #max: number;
  #every: number;
  #rows: { f: number; gradNorm: number; step: number; x: Float64Array | null }[] = [];
  #iterations = 0;

  constructor(option: Exclude<TraceOption, false>) {
    const { x = false, every = 1, max = most } = option === true ? {} : option;
    this.#keepsX = x;
    this.#every = every;
    this.#max = Math.max(2, max);
  }

  /** One more iteration. */
  add(f: number, gradNorm: number, step: number, x: Float64Array): void {
    if (this.#iterations++ % this.#every !== 0) return;
    if (this.#rows.length === this.#max) {
      this.#rows = this.#rows.filter((_, k) => k % 2 === 0);
      this.#every *= 2;
      if ((this.#iterations - 1) % this.#every !== 0) return;
    }
    this.#rows.push({ f, gradNorm, step, x: this.#keepsX ? x.slice() : null });
  }

  finish(n: number): Trace {
    const rows = this.#rows;
    const column = (name: 'f' | 'gradNorm' | 'step'): Float64Array =>
      Float64Array.from(rows, (row) => row[name]);
    const trace = {
      count: rows.length,
      f: column('f'),
      gradNorm: column('gradNorm'),
      step: column('step'),
    };
    if (!this.#keepsX) return trace;
    const x = new Float64Array(rows.length * n);
    rows.forEach((row, k) => x.set(row.x!, k * n));
    return { ...trace, x };
  }
}
