// Tied parameters: a formula over other parameters, as in { expr: 'amp/wid' }. Formulas over tied
// parameters are written out down to those that are not tied, so each stands for itself.

import { portableEngine } from '../engine/portable.ts';
import { parseText, substitute, type ParsedModel } from '../model/compile.ts';
import { inputError } from './errors.ts';
import { programOf } from './model-source.ts';
import { didYouMean } from './suggest.ts';

export interface Tie {
  /** Position of the tied parameter. */
  readonly index: number;
  /** The formula as it was given. */
  readonly source: string;
  /** The formula over all parameters, no tied one among those it reads. */
  readonly parsed: ParsedModel;
  value(params: Float64Array): number;
  /** Derivatives by all parameters; 0 for those that do not vary. */
  gradient(params: Float64Array, out: Float64Array): void;
}

/** @param formulas by position of the tied parameter */
export function readTies(
  names: readonly string[],
  formulas: ReadonlyMap<number, string>,
  varying: readonly number[],
): Tie[] {
  const parsed = new Map<string, ParsedModel>();
  for (const [index, source] of formulas)
    parsed.set(names[index], parseTie(source, names, `params.${names[index]}.expr`));
  const written = new Map<string, ParsedModel>();
  const open: string[] = [];
  const write = (name: string): ParsedModel => {
    const known = written.get(name);
    if (known !== undefined) return known;
    const at = open.indexOf(name);
    if (at >= 0)
      throw inputError(
        'ERR_PARAMS',
        `params.${name}.expr`,
        `is circular: ${[...open.slice(at), name].join(' → ')}`,
      );
    open.push(name);
    const own = parsed.get(name)!;
    const inner = new Map(
      own.params.filter((other) => parsed.has(other)).map((other) => [other, write(other)]),
    );
    open.pop();
    const tie = substitute(own, names, inner);
    written.set(name, tie);
    return tie;
  };
  return Array.from(formulas, ([index, source]) =>
    makeTie(index, source, write(names[index]), varying),
  );
}

function parseTie(source: string, names: readonly string[], path: string): ParsedModel {
  const parse = parseText(source, []);
  if (!parse.ok) throw inputError('ERR_PARAMS', path, parse.reason);
  const { params } = parse.model;
  if (params.length === 0)
    throw inputError(
      'ERR_PARAMS',
      path,
      'names no parameter; use { value, vary: false } for a constant',
    );
  for (const name of params)
    if (!names.includes(name))
      throw inputError(
        'ERR_PARAMS',
        path,
        `names '${name}', which is no parameter${didYouMean(name, names)}`,
      );
  return parse.model;
}

function makeTie(
  index: number,
  source: string,
  parsed: ParsedModel,
  varying: readonly number[],
): Tie {
  const one = new Float64Array(1);
  const columns = new Float64Array(varying.length);
  return {
    index,
    source,
    parsed,
    value(params) {
      portableEngine.evaluate(programOf(parsed, []), [], 1, params, one, null);
      return one[0];
    },
    gradient(params, out) {
      portableEngine.evaluate(programOf(parsed, varying), [], 1, params, one, columns);
      out.fill(0);
      varying.forEach((k, j) => (out[k] = columns[j]));
    },
  };
}

/** Writes the values of tied parameters. */
export function applyTies(ties: readonly Tie[], params: Float64Array): void {
  for (const tie of ties) params[tie.index] = tie.value(params);
}

/**
 * The standard error of a tied parameter from the covariance of the varying ones, by the delta
 * method: √(gᵀ·C·g).
 * @param covariance varying × varying
 */
export function tieDeviation(
  tie: Tie,
  params: Float64Array,
  varying: readonly number[],
  covariance: Float64Array,
): number {
  const gradient = new Float64Array(params.length);
  tie.gradient(params, gradient);
  const n = varying.length;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    const g = gradient[varying[i]];
    // A parameter that the formula does not read has no say, even where its variance is not known.
    if (g === 0) continue;
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const h = gradient[varying[j]];
      if (h !== 0) sum += covariance[i * n + j] * h;
    }
    variance += g * sum;
  }
  // Rounding may leave a variance that is 0 slightly negative.
  return variance < 0 ? 0 : Math.sqrt(variance);
}
