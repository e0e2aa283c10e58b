// The compiled program against the user's own function, at sample points: the last line of
// defence against a construct that the parser misunderstood or a function that is not a function
// of its arguments alone.

import { compileProgram } from './compile-program.ts';
import type { ParsedModel } from './parsed-model.ts';
import type { Program } from './program.ts';

/** Points tried; a third each in three ranges of magnitude. */
const samples = 18;
/** Allowed difference: regrouping and other functions cost a few ulp of intermediate values. */
const relativeTolerance = 1e-8;
const absoluteTolerance = 1e-12;
/** Values beyond this are not compared: some intermediate may have overflowed. */
const largest = 1e150;

/** Fixed pseudo-random numbers in (0, 1): the golden-ratio sequence (Weyl 1916). */
function weyl(k: number): number {
  const t = k * 0.6180339887498949;
  return t - Math.floor(t);
}

/** Sample values: positive and near 1 first, where most models are defined; then both signs. */
function sample(s: number, k: number): number {
  const u = weyl(s * 37 + k * 11 + 1);
  if (s % 3 === 0) return 0.3 + 1.4 * u;
  if (s % 3 === 1) return 4 * u - 2;
  return (k % 2 === 0 ? 10 : 3) * u + 0.1;
}

/**
 * Whether the program gives the function's values.
 * @param named the function takes its predictors as an object of named values
 * @param evaluate runs a program at one point
 */
export function verifyModel(
  // eslint-disable-next-line typescript/no-explicit-any -- any function of the user's
  fn: (x: any, p: any) => unknown, model: ParsedModel, named: boolean,
  evaluate: (
    program: Program, x: Float64Array, p: Float64Array,
  ) => { value: number; jacobian: Float64Array },
): { ok: true } | { ok: false; reason: string } {
  const program = compileProgram(model, []);
  for (let s = 0; s < samples; s++) {
    const x = Float64Array.from(model.predictors, (_, k) => sample(s, k));
    const p = Float64Array.from(model.params, (_, k) => sample(s, k + x.length));
    const names = Object.fromEntries(model.params.map((name, k) => [name, p[k]!]));
    const point = named
      ? Object.fromEntries(model.predictors.map((name, k) => [name, x[k]!])) : x[0];
    let expected: unknown;
    try {
      expected = model.predictors.length === 0 ? fn(names, undefined) : fn(point, names);
    } catch (error) {
      return { ok: false, reason: `the function throws where it was tried: ${String(error)}` };
    }
    if (expected instanceof Promise) expected.catch(() => {});
    if (typeof expected !== 'number')
      return { ok: false, reason: `the function returns ${describe(expected)} and not a number` };
    const { value } = evaluate(program, x, p);
    if (!agree(expected, value))
      return {
        ok: false,
        reason: `compiled it gives ${value} where the function gives ${expected}, at ${
          describePoint(model, x, p)}`,
      };
  }
  return { ok: true };
}

function agree(expected: number, value: number): boolean {
  // Where the function is NaN or huge, an intermediate may have overflowed that the program avoids.
  if (!(Math.abs(expected) <= largest)) return true;
  return Math.abs(value - expected) <=
    relativeTolerance * Math.max(Math.abs(value), Math.abs(expected)) + absoluteTolerance;
}

function describe(value: unknown): string {
  return value === null ? 'null' : value === undefined ? 'undefined' : `a ${typeof value}`;
}

function describePoint(model: ParsedModel, x: Float64Array, p: Float64Array): string {
  return [...model.predictors.map((name, k) => `${name} = ${x[k]}`),
    ...model.params.map((name, k) => `${name} = ${p[k]}`)].join(', ');
}
