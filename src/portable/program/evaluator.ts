// What a program can be asked for, however it is run: by generated code (generate.ts) or, where
// generating code is forbidden, by the interpreter (interpret.ts). Both do the same arithmetic.

import type { Program } from '../../model/program.ts';
import { generateEvaluator } from './generate.ts';
import { interpretingEvaluator } from './interpret.ts';

/** Columns of one data set: predictors and derived columns, each with the offset of its first point. */
export interface DataColumns {
  /** One per data slot of the program. */
  readonly columns: Float64Array[];
  /** Where the first point stands in each column. */
  readonly offsets: number[];
}

export interface Observations {
  y: Float64Array;
  yOffset: number;
  /** 1/σ per point, or null. */
  weights: Float64Array | null;
  weightOffset: number;
}

export interface Evaluator {
  /** Fills the derived data columns [predictors, dataSlots) for `points` points. */
  prepare(data: DataColumns, points: number): void;
  /** Sums of the products of all pairs of columns of [J, r], r = (y − f)·w, packed by rows. */
  accumulate(
    params: Float64Array,
    data: DataColumns,
    observed: Observations,
    points: number,
    sums: Float64Array,
  ): void;
  /** f and, if wanted, the Jacobian (points × columns, row-major). */
  evaluate(
    params: Float64Array,
    data: DataColumns,
    points: number,
    value: Float64Array,
    jacobian: Float64Array | null,
  ): void;
}

let canGenerate: boolean | undefined;

/** Whether code may be generated here (a content security policy may forbid it). */
export function mayGenerate(): boolean {
  if (canGenerate === undefined) {
    try {
      canGenerate = new Function('return 1')() === 1;
    } catch {
      canGenerate = false;
    }
  }
  return canGenerate;
}

const cache = new WeakMap<Program, Evaluator>();
const interpreters = new WeakMap<Program, Evaluator>();

/** The interpreter of a program, made once. */
export function interpreterOf(program: Program): Evaluator {
  let interpreter = interpreters.get(program);
  if (interpreter === undefined) interpreters.set(program, interpreter = interpretingEvaluator(program));
  return interpreter;
}

/** The evaluator of a program, made once. */
export function evaluatorOf(program: Program): Evaluator {
  let evaluator = cache.get(program);
  if (evaluator === undefined) {
    evaluator = mayGenerate() ? generateEvaluator(program) : interpreterOf(program);
    cache.set(program, evaluator);
  }
  return evaluator;
}
