// Certified problems of nonlinear regression: the NIST Statistical Reference Datasets (National
// Institute of Standards and Technology, 2003; in the public domain). The model as text, the data,
// both starts, and the solution: as certified, and `refined` to double precision by Newton's method
// in 70 digits on the decimal data. Tests and benches read them here.

import { readFileSync } from 'node:fs';

/**
 * @typedef {{ params: number[], stdErr: number[], ssr: number }} Solution
 * @typedef {{
 *   name: string, difficulty: string, model: string, paramNames: string[], x: number[], y: number[],
 *   starts: number[][], dof: number, certified: Solution, refined: Solution, condition: number,
 * }} CertifiedProblem
 */

/** @returns {CertifiedProblem[]} */
export function certifiedProblems() {
  const text = readFileSync(new URL('certified.ndjson', import.meta.url), 'utf8');
  return text.trim().split('\n').map((line) => JSON.parse(line));
}

/**
 * The model as a plain function.
 * @param {CertifiedProblem} problem
 * @returns {(x: number, p: Record<string, number>) => number}
 */
export function plainFunction({ model, paramNames }) {
  const body = model
    .replace(/\b(exp|atan)\(/g, 'Math.$1(')
    .replace(/\bb\d\b/g, (name) => (paramNames.includes(name) ? `p.${name}` : name));
  return /** @type {any} */ (new Function('x', 'p', `return ${body};`));
}

/**
 * @param {CertifiedProblem} problem
 * @param {number} which
 * @returns {Record<string, number>}
 */
export function startOf({ paramNames, starts }, which) {
  return Object.fromEntries(paramNames.map((name, k) => [name, starts[which][k]]));
}

/**
 * Terms of a sum that may change places: the same minimum in another order. Positions in
 * paramNames.
 * @type {Record<string, number[][]>}
 */
const interchangeable = {
  Lanczos3: [[0, 1], [2, 3], [4, 5]],
  MGH17: [[1, 3], [2, 4]],
  Gauss1: [[2, 3, 4], [5, 6, 7]],
};

/**
 * Every way to put the terms of a problem: positions in paramNames.
 * @param {CertifiedProblem} problem
 * @returns {number[][]}
 */
function orders({ name, paramNames }) {
  const terms = interchangeable[name] ?? [];
  /** @type {(rest: number[][]) => number[][][]} */
  const permutations = (rest) =>
    rest.length < 2 ? [rest] : rest.flatMap((term, i) => permutations(rest.toSpliced(i, 1)).map((others) => [term, ...others]));
  return permutations(terms).map((permuted) => {
    const order = paramNames.map((_, k) => k);
    terms.forEach((term, i) => term.forEach((position, j) => (order[position] = permuted[i][j])));
    return order;
  });
}

/**
 * The fewest right digits of several numbers: −log₁₀ of the largest relative error, 16 at most.
 * What is missing or not finite has none.
 * @param {readonly (number | null)[]} values
 * @param {readonly number[]} truth
 * @returns {number}
 */
export function rightDigits(values, truth) {
  const digits = truth.map((right, k) => {
    const error = Math.abs((values[k] ?? NaN) - right) / Math.abs(right);
    return Number.isNaN(error) ? -Infinity : -Math.log10(Math.max(error, 1e-16));
  });
  return Math.min(...digits);
}

/**
 * Right digits of a fit, in the order of its terms that has the most.
 * @param {{
 *   values: Record<string, number>, params: Record<string, { stdErr: number | null }>,
 *   stats: { ssr: number },
 * }} fit
 * @param {CertifiedProblem} problem
 * @returns {{ params: number, stdErr: number, ssr: number }}
 */
export function digitsOf(fit, problem) {
  const { paramNames, refined } = problem;
  const ssr = rightDigits([fit.stats.ssr], [refined.ssr]);
  return orders(problem)
    .map((order) => {
      const names = order.map((k) => paramNames[k]);
      return {
        params: rightDigits(names.map((name) => fit.values[name]), refined.params),
        stdErr: rightDigits(names.map((name) => fit.params[name].stdErr), refined.stdErr),
        ssr,
      };
    })
    .sort((a, b) => b.params - a.params)[0];
}
