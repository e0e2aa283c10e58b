// Polynomials. The guess is the least-squares polynomial by orthogonal polynomials over the data
// (Forsythe 1957, J. SIAM 5), rewritten in powers of x.

import { dot } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

export const maxDegree = 20;

/** f = c0 + c1·x + … ; ck in units of y over units of x to the k-th. */
export function polynomial(degree: number): LibraryModel {
  const names = Array.from({ length: degree + 1 }, (_, k) => `c${k}`);
  const terms = names.map((name, k) => (k === 0 ? name : k === 1 ? `${name}*x` : `${name}*x^${k}`));
  return {
    name: 'polynomial', names, expression: terms.join(' + '), role: 'baseline',
    guess: ([x], y, out) => guessPolynomial(x, y, out),
  };
}

/** The polynomials p₀ … by their values at the points and by their coefficients in powers of x. */
function guessPolynomial(x: Float64Array, y: Float64Array, out: Float64Array): void {
  const m = x.length;
  const count = out.length;
  out.fill(0);
  let values = new Float64Array(m).fill(1);
  let before = new Float64Array(m);
  let powers = new Float64Array(count);
  let powersBefore = new Float64Array(count);
  powers[0] = 1;
  let norm = m;
  let normBefore = 0;
  const rest = y.slice();
  for (let k = 0; k < count && norm > 0; k++) {
    const coefficient = dot(rest, values) / norm;
    for (let i = 0; i < m; i++) rest[i] -= coefficient * values[i];
    for (let j = 0; j <= k; j++) out[j] += coefficient * powers[j];
    // p[k+1] = (x − α)·p[k] − β·p[k−1]
    let alpha = 0;
    for (let i = 0; i < m; i++) alpha += (x[i] * values[i] * values[i]) / norm;
    const beta = k === 0 ? 0 : norm / normBefore;
    const next = before;
    let square = 0;
    for (let i = 0; i < m; i++) {
      next[i] = (x[i] - alpha) * values[i] - beta * before[i];
      square += next[i] * next[i];
    }
    const nextPowers = powersBefore.map(
      (old, j) => (j > 0 ? powers[j - 1] : 0) - alpha * powers[j] - beta * old);
    before = values;
    values = next;
    powersBefore = powers;
    powers = nextPowers;
    normBefore = norm;
    norm = square;
  }
}
