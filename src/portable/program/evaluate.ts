// A program at given points: what `predict` and checks against a user's function need.

import type { Program } from '../../model/program.ts';
import { evaluatorOf, interpreterOf } from './choose.ts';
import type { DataColumns } from './evaluator.ts';

/** Fewer points than this are not worth generating code for, which takes some tenths of a millisecond. */
const fewPoints = 16;

/** A view of `values` as doubles; a copy only where they are single precision. */
export function asDoubles(values: Float64Array | Float32Array): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** Predictor columns and room for derived ones. */
export function dataColumns(program: Program, x: readonly (Float64Array | Float32Array)[], points: number): DataColumns {
  const columns = x.map(asDoubles);
  while (columns.length < program.dataSlots) columns.push(new Float64Array(points));
  return { columns, offsets: columns.map(() => 0) };
}

/** f and, where `jacobian` is given (points × columns, row-major), its derivatives at every point. */
export function evaluateProgram(
  program: Program,
  x: readonly (Float64Array | Float32Array)[],
  points: number,
  params: Float64Array,
  value: Float64Array,
  jacobian: Float64Array | null,
): void {
  const evaluator = points < fewPoints ? interpreterOf(program) : evaluatorOf(program);
  const data = dataColumns(program, x, points);
  evaluator.prepare(data, points);
  evaluator.evaluate(params, data, points, value, jacobian);
}
