// In which combination the model knows parameters that the data cannot tell apart. A null vector of
// the Jacobian says it for small changes only; here the parameters are moved far, along a product
// or a sum that would stay the same, and the model is asked whether its values stay the same, too.

import { evaluateProblem, type Problem } from './problem.ts';

/** Parameters that enter as one number only. */
export interface Relation {
  /** By index. */
  readonly members: readonly number[];
  /** "a·b", "a/b²", "a + b" */
  readonly text: string;
  /** What it comes to at the solution. */
  readonly value: number;
}

/** Differences beyond this share of the largest value are no rounding. */
const agreement = 1e-9;
/** How far parameters are moved: a factor, and a share of their size. */
const factors: readonly number[] = [1.25, 0.8];
const shares: readonly number[] = [0.25, -0.25];
/** Exponents that are tried, the usual ones first. */
const exponents: readonly number[] = [1, -1, 2, -2, 3, -3];
/** Pairs grow with the square of the parameters concerned. */
const mostMembers = 12;

const superscripts: Readonly<Record<number, string>> = { 1: '', 2: '²', 3: '³' };

function power(x: number, exponent: number): number {
  let product = 1;
  for (let k = 0; k < Math.abs(exponent); k++) product *= x;
  return exponent < 0 ? 1 / product : product;
}

/** @param suspects parameters that cannot be told apart, by index */
export function relationsAmong(
  problem: Problem,
  params: Float64Array,
  suspects: readonly number[],
): Relation[] {
  const found: Relation[] = [];
  if (suspects.length > mostMembers) return found;
  const isSame = sameCurve(problem, params);
  let rest = suspects.slice();
  while (rest.length > 1) {
    const [base, ...others] = rest as [number, ...number[]];
    const relation =
      product(problem, params, base, others, isSame) ?? sum(problem, params, base, others, isSame);
    if (relation !== null) found.push(relation);
    const done = relation?.members ?? [base];
    rest = rest.filter((k) => !done.includes(k));
  }
  return found;
}

/** base·b^m·c^l… with all others that make up for a change of `base`. */
function product(
  { params: { names } }: Problem,
  params: Float64Array,
  base: number,
  others: readonly number[],
  isSame: (moved: Float64Array) => boolean,
): Relation | null {
  if (params[base] === 0) return null;
  const powers: [number, number][] = [[base, 1]];
  for (const other of others) {
    if (params[other] === 0) continue;
    const exponent = exponents.find((m) =>
      factors.every((t) => {
        const moved = params.slice();
        moved[base] *= power(t, -m);
        moved[other] *= t;
        return isSame(moved);
      }),
    );
    if (exponent !== undefined) powers.push([other, exponent]);
  }
  if (powers.length === 1) return null;
  const term = ([k, m]: [number, number]): string => names[k] + superscripts[Math.abs(m)]!;
  const above = powers.filter(([, m]) => m > 0).map(term);
  const below = powers.filter(([, m]) => m < 0).map(term);
  return {
    members: powers.map(([k]) => k),
    text: [above.join('·'), ...below].join('/'),
    value: powers.reduce((value, [k, m]) => value * power(params[k], m), 1),
  };
}

/** base ± b ± c… */
function sum(
  { params: { names } }: Problem,
  params: Float64Array,
  base: number,
  others: readonly number[],
  isSame: (moved: Float64Array) => boolean,
): Relation | null {
  const terms: [number, number][] = [[base, 1]];
  for (const other of others) {
    const size = Math.max(Math.abs(params[base]), Math.abs(params[other]));
    const sign = [1, -1].find((s) =>
      shares.every((share) => {
        const d = share * (size === 0 ? 1 : size);
        const moved = params.slice();
        moved[base] -= s * d;
        moved[other] += d;
        return isSame(moved);
      }),
    );
    if (sign !== undefined) terms.push([other, sign]);
  }
  if (terms.length === 1) return null;
  return {
    members: terms.map(([k]) => k),
    text: terms.reduce(
      (text, [k, s]) => (text === '' ? names[k] : `${text} ${s > 0 ? '+' : '−'} ${names[k]}`),
      '',
    ),
    value: terms.reduce((value, [k, s]) => value + s * params[k], 0),
  };
}

/** Whether the model has the same values elsewhere; never asked outside of the bounds. */
function sameCurve(problem: Problem, params: Float64Array): (moved: Float64Array) => boolean {
  const { columns, y } = problem;
  const { lower, upper, ties } = problem.params;
  const evaluate = (at: Float64Array): Float64Array | null => {
    try {
      return evaluateProblem(problem, columns, y.length, at);
    } catch {
      // A callback that throws here has no value to compare.
      return null;
    }
  };
  const curve = evaluate(params);
  let scale = 0;
  for (const value of curve ?? []) {
    const size = Math.abs(value);
    if (size > scale && size < Infinity) scale = size;
  }
  return (moved) => {
    for (const tie of ties) moved[tie.index] = tie.value(moved);
    if (!moved.every((value, k) => value >= lower[k] && value <= upper[k])) return false;
    const other = curve === null ? null : evaluate(moved);
    return (
      other !== null &&
      other.every(
        (value, i) =>
          Math.abs(value - curve![i]) <= agreement * scale || Object.is(value, curve![i]),
      )
    );
  };
}
