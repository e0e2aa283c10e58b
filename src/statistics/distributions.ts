// Normal, Student, F and chi-square distributions: probabilities of either tail with relative
// accuracy, and quantiles. Quantiles by Newton's method on the logarithms of probability and
// variable: there the function is concave, so that it converges from anywhere.

import { erfc } from '../portable/math/error-function.ts';
import { exp } from '../portable/math/exp.ts';
import { log } from '../portable/math/log.ts';
import { incompleteBeta, incompleteGamma, type Tail } from './gamma.ts';

const sqrtHalf = 0.7071067811865476;
const sqrtTwoPi = 2.5066282746310002;

/** P(Z > z) of the standard normal distribution. */
export function normalSurvival(z: number): number {
  return erfc(z * sqrtHalf) / 2;
}

/** P(Z ≤ z) */
export function normalCdf(z: number): number {
  return normalSurvival(-z);
}

/** The z with P(Z ≤ z) = p. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0.5) return 0;
  return p < 0.5 ? -normalUpperQuantile(p) : normalUpperQuantile(1 - p);
}

/** The z ≥ 0 with P(Z > z) = q, for q ≤ ½. */
function normalUpperQuantile(q: number): number {
  if (q === 0) return Infinity;
  // Abramowitz & Stegun (1964), 26.2.23: to 4.5e-4.
  const t = Math.sqrt(-2 * log(q));
  let z =
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  // Halley's method: the error is cubed.
  for (let k = 0; k < 3; k++) {
    const density = exp((-z * z) / 2) / sqrtTwoPi;
    if (density === 0) break;
    const u = (normalSurvival(z) - q) / density;
    z += u / (1 - (z * u) / 2);
  }
  return z < 0 ? 0 : z;
}

/** A longer step, on logarithms, would often end where no probability is left. */
const maxStep = 8;
const maxSteps = 500;

/** The x > 0 whose tail has probability p. */
function quantile(tail: (x: number) => Tail, p: number, start: number, upper: boolean): number {
  let x = start,
    low = 0,
    high = Infinity,
    last = Infinity;
  for (let k = 0; k < maxSteps; k++) {
    const { probability, density } = tail(x);
    if (probability > p === upper) low = x;
    else high = x;
    const newton = (log(p / probability) * probability) / density;
    let step = upper ? -newton : newton;
    // Where nothing is left of the tail there is no slope: half of the way back, on logarithms.
    if (!(Math.abs(step) < Infinity)) step = upper ? -maxStep : maxStep;
    step = Math.max(-maxStep, Math.min(maxStep, step));
    let next = x * exp(step);
    if (!(next >= low && next <= high)) next = Math.sqrt(low) * Math.sqrt(high);
    if (!(next > 0 && next < Infinity)) return next;
    x = next;
    const size = Math.abs(step);
    // Newton's steps shrink until rounding makes them.
    if (size < 1e-15 || (size < 1e-9 && size >= last)) break;
    last = size;
  }
  return x;
}

/** P(χ² ≤ x), or with `upper` P(χ² > x). */
export function chiSquareTail(x: number, dof: number, upper: boolean): number {
  return incompleteGamma(dof / 2, x / 2, upper).probability;
}

/** The x with P(χ² ≤ x) = p. */
export function chiSquareQuantile(p: number, dof: number): number {
  if (!(p >= 0 && p <= 1 && dof > 0)) return NaN;
  if (p === 0) return 0;
  if (p === 1) return Infinity;
  const upper = p > 0.5;
  const tail = (x: number): Tail => incompleteGamma(dof / 2, x, upper);
  return 2 * quantile(tail, upper ? 1 - p : p, dof / 2, upper);
}

/** P(F ≤ x), or with `upper` P(F > x), with dof1 and dof2 degrees of freedom. */
export function fTail(x: number, dof1: number, dof2: number, upper: boolean): number {
  if (dof2 === Infinity) return chiSquareTail(x * dof1, dof1, upper);
  return incompleteBeta(dof1 / 2, dof2 / 2, x * (dof1 / dof2), upper).probability;
}

/** The x with P(F ≤ x) = p, or with `upper` P(F > x) = p. */
export function fQuantile(p: number, dof1: number, dof2: number, upper: boolean = false): number {
  if (!(p >= 0 && p <= 1 && dof1 > 0 && dof2 > 0)) return NaN;
  if (p === 0 || p === 1) return (p === 0) === upper ? Infinity : 0;
  // The smaller probability has the digits.
  const side = p <= 0.5 ? upper : !upper;
  const tail = (odds: number): Tail => incompleteBeta(dof1 / 2, dof2 / 2, odds, side);
  return quantile(tail, p <= 0.5 ? p : 1 - p, dof1 / dof2, side) * (dof2 / dof1);
}

/** P(|T| > |t|) of Student's distribution; normal where dof is infinite. */
export function studentTwoSided(t: number, dof: number): number {
  if (dof === Infinity) return erfc(Math.abs(t) * sqrtHalf);
  const scaled = t / Math.sqrt(dof);
  return incompleteBeta(0.5, dof / 2, scaled * scaled, true).probability;
}

/** P(T ≤ t) */
export function studentCdf(t: number, dof: number): number {
  const half = studentTwoSided(t, dof) / 2;
  return t > 0 ? 1 - half : half;
}

/** The t with P(T ≤ t) = p. */
export function studentQuantile(p: number, dof: number): number {
  if (!(p >= 0 && p <= 1 && dof > 0)) return NaN;
  if (dof === Infinity) return normalQuantile(p);
  if (p === 0.5) return 0;
  const tail = p < 0.5 ? p : 1 - p;
  // T² has the F distribution with 1 and dof degrees of freedom.
  const t = Math.sqrt(fQuantile(2 * tail, 1, dof, true));
  return p < 0.5 ? -t : t;
}

/** The q with P(|T| ≤ q) = level: half the width of an interval in standard errors. */
export function twoSidedQuantile(level: number, dof: number): number {
  return dof > 0 ? studentQuantile((1 + level) / 2, dof) : NaN;
}
