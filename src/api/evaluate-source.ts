// f(x; p) at given points, for sources of every kind.

import { selectEngine } from '../engine/select.ts';
import { caller, throwFault, type Signature } from './callback.ts';
import { programOf, type ModelSource } from './model-source.ts';

/** f at every point, by the program where there is one. */
export function evaluateSource(
  source: ModelSource,
  columns: readonly Float64Array[],
  points: number,
  params: Float64Array,
): Float64Array {
  const out = new Float64Array(points);
  if (source.parsed !== null) {
    selectEngine('auto').evaluate(programOf(source.parsed, []), columns, points, params, out, null);
    return out;
  }
  const value = caller(signatureOf(source), throwFault);
  const x = new Float64Array(columns.length);
  for (let i = 0; i < points; i++) {
    for (let k = 0; k < columns.length; k++) x[k] = columns[k][i];
    out[i] = value(x, params);
  }
  return out;
}

/** How the user's function is called. Only sources with a function run as callbacks. */
export function signatureOf(source: ModelSource): Signature {
  return { ...source, fn: source.fn! };
}
