// Whether residuals look like noise in the order they are given: the runs test of Wald & Wolfowitz
// (1940) with its exact distribution, Durbin & Watson's statistic (1950) and the autocorrelation at
// lag 1.

import { exp } from '../portable/math/exp.ts';
import { normalCdf } from './distributions.ts';
import { logGamma } from './gamma.ts';

export interface RunsTest {
  /** Stretches of residuals of one sign. */
  readonly runs: number;
  /** How many are expected of independent signs: 1 + 2·n₊·n₋/(n₊ + n₋). */
  readonly expected: number;
  /** Residuals above and below 0; those equal to 0 are left out. */
  readonly positive: number;
  readonly negative: number;
  /** Probability of so few runs or fewer; NaN without residuals of both signs. */
  readonly pFew: number;
  /** Twice the smaller of the probabilities of so few and so many, at most 1. */
  readonly pTwoSided: number;
}

/** Above this many signs the normal approximation with continuity correction has three digits. */
const exactLimit = 400;

export function runsTest(residuals: ArrayLike<number>): RunsTest {
  let runs = 0,
    positive = 0,
    negative = 0,
    last = 0;
  for (let i = 0; i < residuals.length; i++) {
    const sign = Math.sign(residuals[i]);
    if (sign > 0) positive++;
    else if (sign < 0) negative++;
    else continue;
    if (sign !== last) runs++;
    last = sign;
  }
  const n = positive + negative;
  const expected = n === 0 ? NaN : 1 + (2 * positive * negative) / n;
  if (positive === 0 || negative === 0)
    return { runs, expected, positive, negative, pFew: NaN, pTwoSided: NaN };
  const [pFew, pMany] =
    n <= exactLimit
      ? exactRuns(runs, positive, negative)
      : normalRuns(runs, expected, positive, negative);
  const pTwoSided = Math.min(1, 2 * Math.min(pFew, pMany));
  return { runs, expected, positive, negative, pFew, pTwoSided };
}

/** P(R ≤ runs) and P(R ≥ runs): each order of the signs is equally likely. */
function exactRuns(runs: number, a: number, b: number): [number, number] {
  const logChoose = (n: number, k: number): number =>
    k < 0 || k > n ? -Infinity : logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  const total = logChoose(a + b, a);
  let few = 0,
    many = 0;
  const most = 2 * Math.min(a, b) + (a === b ? 0 : 1);
  for (let r = 2; r <= most; r++) {
    const k = Math.floor(r / 2);
    const p =
      r % 2 === 0
        ? 2 * exp(logChoose(a - 1, k - 1) + logChoose(b - 1, k - 1) - total)
        : exp(logChoose(a - 1, k) + logChoose(b - 1, k - 1) - total) +
          exp(logChoose(a - 1, k - 1) + logChoose(b - 1, k) - total);
    if (r <= runs) few += p;
    if (r >= runs) many += p;
  }
  return [Math.min(1, few), Math.min(1, many)];
}

function normalRuns(runs: number, expected: number, a: number, b: number): [number, number] {
  const n = a + b,
    product = 2 * a * b;
  const deviation = Math.sqrt((product * (product - n)) / (n * n * (n - 1)));
  return [
    normalCdf((runs + 0.5 - expected) / deviation),
    normalCdf((expected - runs + 0.5) / deviation),
  ];
}

/** Σ(rᵢ − rᵢ₋₁)²/Σrᵢ²: about 2 for independent residuals, near 0 where neighbours agree. */
export function durbinWatson(residuals: ArrayLike<number>): number {
  let changes = 0,
    squares = 0;
  for (let i = 0; i < residuals.length; i++) {
    const d = i === 0 ? 0 : residuals[i] - residuals[i - 1];
    changes += d * d;
    squares += residuals[i] * residuals[i];
  }
  return changes / squares;
}

/** Σrᵢrᵢ₋₁/Σrᵢ² */
export function autocorrelation(residuals: ArrayLike<number>): number {
  let products = 0,
    squares = 0;
  for (let i = 0; i < residuals.length; i++) {
    if (i > 0) products += residuals[i] * residuals[i - 1];
    squares += residuals[i] * residuals[i];
  }
  return products / squares;
}
