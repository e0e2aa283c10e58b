// The gamma function and its incomplete integrals for positive arguments, to about 1e-14. Factors
// such as xᵃe⁻ˣ/Γ(a) are built from Stirling's error and the deviance, which keep all digits where
// a is large (Loader 2000, "Fast and accurate computation of binomial probabilities").

import { exp } from '../portable/math/exp.ts';
import { log } from '../portable/math/log.ts';

/** ln √(2π) */
const halfLogTwoPi = 0.9189385332046727;
/** Stirling's series is used from here on: its eighth term is then below 2^-54. */
const stirlingLimit = 12;
const spacing: number = 2 ** -53;
/** Terms of a series or fraction; a about 1e8 needs some 1e5 of them. */
const maxTerms = 1000000;
const tiny: number = 2 ** -1000;

/**
 * lnΓ(1 + x) − ((x + ½)·ln x − x + ln √(2π)) for x > 0, by B₂ₖ/(2k(2k − 1)x^(2k−1)) (Abramowitz &
 * Stegun 1964, 6.1.41).
 */
export function stirlingError(x: number): number {
  if (x < stirlingLimit) return logGamma(1 + x) - ((x + 0.5) * log(x) - x + halfLogTwoPi);
  const z = 1 / (x * x);
  let sum = -3617 / 122400;
  sum = sum * z + 1 / 156;
  sum = sum * z - 691 / 360360;
  sum = sum * z + 1 / 1188;
  sum = sum * z - 1 / 1680;
  sum = sum * z + 1 / 1260;
  sum = sum * z - 1 / 360;
  sum = sum * z + 1 / 12;
  return sum / x;
}

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  if (x === 1 || x === 2) return 0;
  if (x > 1e305) return x * (log(x) - 1);
  // Γ(x) = Γ(x + n)/(x(x + 1)…(x + n − 1))
  let shifted = x,
    product = 1;
  while (shifted < stirlingLimit + 1) {
    product *= shifted;
    shifted++;
  }
  const y = shifted - 1;
  const large = (y + 0.5) * log(y) - y + halfLogTwoPi + stirlingError(y);
  return product === 1 ? large : large - log(product);
}

/** x·ln(x/m) + m − x, without cancellation where x is near m. */
export function deviance(x: number, m: number): number {
  const d = x - m;
  if (Math.abs(d) > 0.1 * (x + m)) {
    if (x === 0) return m;
    const ratio = x / m;
    return x * (ratio > 0 && ratio < Infinity ? log(ratio) : log(x) - log(m)) - d;
  }
  // With v = (x − m)/(x + m): ln(x/m) = 2·artanh v (Loader 2000, section 4).
  const v = d / (x + m);
  let sum = d * v,
    term = 2 * x * v;
  for (let k = 3; k < 100; k += 2) {
    term *= v * v;
    const next = sum + term / k;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** xᵃe⁻ˣ/Γ(a) for a > 0, x > 0. */
function gammaFactor(a: number, x: number): number {
  return Math.sqrt(a) * exp(-stirlingError(a) - deviance(a, x) - halfLogTwoPi);
}

/** A tail of a distribution and how fast it changes with the logarithm of the variable. */
export interface Tail {
  readonly probability: number;
  /** The density of the logarithm of the variable. */
  readonly density: number;
}

/** Σ xᵏ/(a(a + 1)…(a + k)) (Abramowitz & Stegun 1964, 6.5.29) */
function gammaSeries(a: number, x: number): number {
  let term = 1 / a,
    sum = term;
  for (let k = 1; k < maxTerms; k++) {
    term *= x / (a + k);
    sum += term;
    if (!(term > sum * spacing)) break;
  }
  return sum;
}

/** 1/(x + 1 − a − 1·(1 − a)/(x + 3 − a − …)) by Lentz's method (6.5.31). */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a,
    c = 1 / tiny,
    d = 1 / b,
    value = d;
  for (let k = 1; k < maxTerms; k++) {
    const an = -k * (k - a);
    b += 2;
    d = an * d + b;
    if (d === 0) d = tiny;
    c = b + an / c;
    if (c === 0) c = tiny;
    d = 1 / d;
    const factor = d * c;
    value *= factor;
    if (!(Math.abs(factor - 1) > spacing * 2)) break;
  }
  return value;
}

/** P(a, x), the regularised lower incomplete gamma function, or with `upper` Q = 1 − P. */
export function incompleteGamma(a: number, x: number, upper: boolean): Tail {
  if (!(a > 0) || Number.isNaN(x)) return { probability: NaN, density: NaN };
  if (x <= 0) return { probability: upper ? 1 : 0, density: 0 };
  if (x === Infinity) return { probability: upper ? 0 : 1, density: 0 };
  const density = gammaFactor(a, x);
  const isLow = x < a + 1;
  const one = density * (isLow ? gammaSeries(a, x) : gammaFraction(a, x));
  const probability = isLow === upper ? 1 - one : one;
  return { probability, density };
}

/** xᵃyᵇ/B(a, b) for y = 1 − x. */
function betaFactor(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const error = stirlingError(n) - stirlingError(a) - stirlingError(b);
  const exponent = error - deviance(a, n * x) - deviance(b, n * y);
  return Math.sqrt(a) * Math.sqrt(b / n) * exp(exponent - halfLogTwoPi);
}

/**
 * The continued fraction of Didonato & Morris (1992, equation 9) by Lentz's method. Its terms hold
 * a·y − b·x as it is: the fraction of 26.5.8 of Abramowitz & Stegun loses those digits.
 */
function betaFraction(a: number, b: number, x: number, y: number): number {
  const lambda = a * y - b * x;
  let beta = (a / (a + 1)) * (lambda + 1);
  if (beta === 0) beta = tiny;
  let c = beta,
    d = 0,
    value = 1 / beta;
  for (let n = 1; n < maxTerms; n++) {
    const s = a + 2 * n - 1;
    const w = n * (b - n) * x;
    const alpha = ((a + n - 1) / s) * ((a + b + n - 1) / s) * w * x;
    beta = n + w / s + ((a + n) / (s + 2)) * (lambda + 1 + n * (1 + y));
    d = alpha * d + beta;
    if (d === 0) d = tiny;
    c = beta + alpha / c;
    if (c === 0) c = tiny;
    d = 1 / d;
    const factor = d * c;
    // The fraction stands in the denominator.
    value /= factor;
    if (!(Math.abs(factor - 1) > spacing * 2)) break;
  }
  return value;
}

/**
 * I_x(a, b), the regularised incomplete beta function, at x = odds/(1 + odds), or with `upper`
 * 1 − I. The density is that of ln(odds).
 */
export function incompleteBeta(a: number, b: number, odds: number, upper: boolean): Tail {
  if (!(a > 0 && b > 0) || Number.isNaN(odds)) return { probability: NaN, density: NaN };
  if (odds <= 0) return { probability: upper ? 1 : 0, density: 0 };
  if (odds === Infinity) return { probability: upper ? 0 : 1, density: 0 };
  const y = 1 / (1 + odds),
    x = odds > 1 ? 1 / (1 + 1 / odds) : odds * y;
  const density = betaFactor(a, b, x, y);
  const isLow = x < (a + 1) / (a + b + 2);
  const one = density * (isLow ? betaFraction(a, b, x, y) : betaFraction(b, a, y, x));
  const probability = isLow === upper ? 1 - one : one;
  return { probability, density };
}

