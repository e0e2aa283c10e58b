// Whether numbers look like a sample of a normal distribution: Shapiro & Wilk's W with the weights
// and significance of Royston (1995, Applied Statistics 44, algorithm AS R94) up to 5,000 numbers;
// beyond, Anderson & Darling's A² with mean and variance estimated (D'Agostino & Stephens 1986,
// table 4.9).

import { asin } from '../portable/math/inverse-trigonometric.ts';
import { exp } from '../portable/math/exp.ts';
import { log } from '../portable/math/log.ts';
import { normalCdf, normalQuantile, normalSurvival } from './distributions.ts';

export interface NormalityTest {
  readonly method: 'shapiro-wilk' | 'anderson-darling';
  /** W, 1 for a perfect sample; or A² with Stephens' correction, small for a good one. */
  readonly statistic: number;
  /** Probability of a sample that looks as little normal, or less. */
  readonly pValue: number;
}

/** Royston's approximations hold for 3 to 5,000 numbers. */
const mostForShapiro = 5000;

/** Polynomials of AS R94, lowest power first. */
const firstWeight = [0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056];
const secondWeight = [0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633];
const smallShift = [-2.273, 0.459];
const smallMean = [0.544, -0.39978, 0.025054, -6.714e-4];
const smallDeviation = [1.3822, -0.77857, 0.062767, -0.0020322];
const largeMean = [-1.5861, -0.31082, -0.083751, 0.0038915];
const largeDeviation = [-0.4803, -0.082676, 0.0030302];

function polynomial(c: readonly number[], x: number): number {
  return c.reduceRight((sum, v) => sum * x + v, 0);
}

/** null for fewer than 3 numbers, for equal ones, and where one is not finite. */
export function normalityTest(values: ArrayLike<number>): NormalityTest | null {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n < 3 || !Number.isFinite(sorted[n - 1] - sorted[0]) || sorted[0] === sorted[n - 1])
    return null;
  return n <= mostForShapiro ? shapiroWilk(sorted) : andersonDarling(sorted);
}

function shapiroWilk(sorted: Float64Array): NormalityTest {
  const n = sorted.length,
    half = Math.floor(n / 2);
  // Weights of the upper half, largest first; the lower half has them with the other sign.
  const a = new Float64Array(half);
  if (n === 3) a[0] = Math.sqrt(0.5);
  else {
    let squares = 0;
    for (let i = 0; i < half; i++) {
      a[i] = -normalQuantile((i + 1 - 0.375) / (n + 0.25));
      squares += 2 * a[i] * a[i];
    }
    const length = Math.sqrt(squares),
      u = 1 / Math.sqrt(n);
    const [m1, m2] = a;
    const first = polynomial(firstWeight, u) + m1 / length;
    if (n > 5) {
      const second = polynomial(secondWeight, u) + m2 / length;
      const factor = Math.sqrt(
        (squares - 2 * m1 * m1 - 2 * m2 * m2) / (1 - 2 * first * first - 2 * second * second),
      );
      for (let i = 2; i < half; i++) a[i] /= factor;
      a[1] = second;
    } else {
      const factor = Math.sqrt((squares - 2 * m1 * m1) / (1 - 2 * first * first));
      for (let i = 1; i < half; i++) a[i] /= factor;
    }
    a[0] = first;
  }
  const range = sorted[n - 1] - sorted[0];
  const at = (i: number): number => (sorted[i] - sorted[0]) / range;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += at(i) / n;
  let squares = 0,
    product = 0;
  for (let i = 0; i < n; i++) squares += (at(i) - mean) * (at(i) - mean);
  for (let i = 0; i < half; i++) product += a[i] * (at(n - 1 - i) - at(i));
  const w = Math.min(1, (product * product) / squares);
  return { method: 'shapiro-wilk', statistic: w, pValue: shapiroSignificance(w, n) };
}

function shapiroSignificance(w: number, n: number): number {
  if (n === 3) {
    // Exact: 6/π·(asin √w − asin √¾)
    const p = (6 / Math.PI) * (asin(Math.sqrt(w)) - asin(Math.sqrt(0.75)));
    return Math.max(0, Math.min(1, p));
  }
  const logN = log(n);
  let y = log(1 - w);
  const isSmall = n <= 11;
  if (isSmall) {
    const shift = polynomial(smallShift, n);
    if (y >= shift) return 0;
    y = -log(shift - y);
  }
  const mean = isSmall ? polynomial(smallMean, n) : polynomial(largeMean, logN);
  const deviation = exp(isSmall ? polynomial(smallDeviation, n) : polynomial(largeDeviation, logN));
  return normalSurvival((y - mean) / deviation);
}

function andersonDarling(sorted: Float64Array): NormalityTest {
  const n = sorted.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += sorted[i] / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (sorted[i] - mean) * (sorted[i] - mean);
  const deviation = Math.sqrt(squares / (n - 1));
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const below = normalCdf((sorted[i] - mean) / deviation);
    const above = normalSurvival((sorted[n - 1 - i] - mean) / deviation);
    sum += (2 * i + 1) * (log(below) + log(above));
  }
  const statistic = (-n - sum / n) * (1 + 0.75 / n + 2.25 / (n * n));
  return { method: 'anderson-darling', statistic, pValue: andersonSignificance(statistic) };
}

function andersonSignificance(a: number): number {
  if (!(a < 150)) return 0;
  const p =
    a >= 0.6
      ? exp(1.2937 - 5.709 * a + 0.0186 * a * a)
      : a >= 0.34
        ? exp(0.9177 - 4.279 * a - 1.38 * a * a)
        : a >= 0.2
          ? 1 - exp(-8.318 + 42.796 * a - 59.938 * a * a)
          : 1 - exp(-13.436 + 101.14 * a - 223.73 * a * a);
  return Math.max(0, Math.min(1, p));
}
