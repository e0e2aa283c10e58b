// exp, exp2 and expm1: x = k·ln 2 + r with |r| ≤ ln 2 / 2 (Cody and Waite 1980, chapter 6), a
// polynomial in r whose even and odd halves are evaluated side by side (Estrin 1960), and an exact
// scaling by 2^k.
// Polynomials are minimax in the relative error of the whole function, found by Remez' exchange
// at 200 bits with the low coefficients rounded to double one after the other.
import { powersOfTwo, powersOfTwoOrigin, roundingMagic, scaleInTwoSteps } from './scaling.ts';

/** 1 / ln 2. */
export const log2OfE: number = 1.4426950408889634;
/** ln 2 to 42 bits, so that its products with integers below 2^11 are exact, and the rest. */
export const ln2High: number = 0.6931471805598903;
export const ln2Low: number = 5.497923018708371e-14;

// e^r = 1 + r + r²·p(r), p of degree 9 on |r| ≤ 0.34658: relative error 2^-55.8, for exp.
const p0 = 0.500000000000001;
const p1 = 0.16666666666665478;
const p2 = 0.04166666666653009;
const p3 = 0.008333333333706365;
const p4 = 0.0013888888946461213;
const p5 = 0.00019841269683234223;
const p6 = 2.480148742716917e-5;
const p7 = 2.7556981797847955e-6;
const p8 = 2.7633079691318047e-7;
const p9 = 2.530564366088269e-8;

// e^r = 1 + r + r²/2 + r³·q(r), q of degree 9 on |r| ≤ 0.34658: relative error 2^-62.9, where
// e^r − 1 or the even and odd halves are wanted.
const q0 = 0.16666666666666688;
const q1 = 0.041666666666666824;
const q2 = 0.008333333333313896;
const q3 = 0.0013888888888777917;
const q4 = 0.0001984126990335938;
const q5 = 2.4801587559147005e-5;
const q6 = 2.7557228701262006e-6;
const q7 = 2.755706821179987e-7;
const q8 = 2.511391876516441e-8;
const q9 = 2.097729521451021e-9;

// 2^r = 1 + r·ln 2 + r²·w(r), w of degree 10 on |r| ≤ 1/2: relative error 2^-63.2. ln 2 is
// the sum of two doubles.
const ln2 = 0.6931471805599453;
const ln2Rest = 2.3190468138462996e-17;
const w0 = 0.24022650695910072;
const w1 = 0.055504108664821646;
const w2 = 0.00961812910762787;
const w3 = 0.001333355814639929;
const w4 = 0.0001540353039457066;
const w5 = 1.5252733849631418e-5;
const w6 = 1.3215485803808893e-6;
const w7 = 1.0178053492050598e-7;
const w8 = 7.055274087106518e-9;
const w9 = 4.4563748179419235e-10;
const w10 = 2.5208273028787828e-11;

/** Σ q[2j]·s^j: with s = r², (sinh r − r) / r³. Needs t = s². */
export function expOdd(s: number, t: number): number {
  return (q8 * t + (q6 * s + q4)) * t + (q2 * s + q0);
}

/** Σ q[2j+1]·s^j: with s = r², (cosh r − 1 − r²/2) / r⁴. Needs t = s². */
export function expEven(s: number, t: number): number {
  return (q9 * t + (q7 * s + q5)) * t + (q3 * s + q1);
}

/** e^r for r = high + low: high enters exactly, so that rounding r costs nothing to first order. */
function expReduced(high: number, low: number): number {
  const r = high + low;
  const s = r * r;
  const t = s * s;
  const even = ((p8 * s + p6) * t + (p4 * s + p2)) * s + p0;
  const odd = (p9 * t + (p7 * s + p5)) * t + (p3 * s + p1);
  return 1 + (high + (s * (odd * r + even) + low));
}

/** e^x. At most 1 ulp. */
export function exp(x: number): number {
  if (!(Math.abs(x) < 708)) return expCareful(x);
  const k = x * log2OfE + roundingMagic - roundingMagic;
  const scale = powersOfTwo[(k + powersOfTwoOrigin) | 0];
  return expReduced(x - k * ln2High, k * -ln2Low) * scale;
}

/** The same beyond |x| = 708, where 2^k alone, or the result, may leave the normal range. */
function expCareful(x: number): number {
  if (x !== x) return NaN;
  const c = x > 710 ? 710 : x < -746 ? -746 : x;
  const k = c * log2OfE + roundingMagic - roundingMagic;
  return scaleInTwoSteps(expReduced(c - k * ln2High, k * -ln2Low), k);
}

/**
 * e^x − 1. At most 1 ulp. With A = 1 − 2^−k the result is 2^k·(A + (e^r − 1)); A + r is kept with
 * its rounding error, because for k = 1 it may cancel, and so is A, inexact from k = 54 on. The
 * signs are arranged so that −0 gives −0.
 */
export function expm1(x: number): number {
  if (!(Math.abs(x) < 708)) return x < 0 ? -1 : expCareful(x);
  const k = x * log2OfE + roundingMagic - roundingMagic;
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const s = r * r;
  const t = s * s;
  const power = powersOfTwo[(powersOfTwoOrigin - k) | 0];
  const a = -(power - 1);
  const lost = high - r - low;
  const rest = lost * r + lost + (1 - a - power);
  const tail = s * r * (expEven(s, t) * r + expOdd(s, t)) + rest;
  const sum = a + r;
  return (sum - (sum - a - r - tail - s * 0.5)) * powersOfTwo[(k + powersOfTwoOrigin) | 0];
}

/** 2^(r + low) for |r| ≤ 1/2 and |low| below an ulp of r. */
export function exp2ReducedPair(r: number, low: number): number {
  const s = r * r;
  const t = s * s;
  const even = ((w10 * s + w8) * t + (w6 * s + w4)) * t + (w2 * s + w0);
  const odd = (w9 * t + (w7 * s + w5)) * t + (w3 * s + w1);
  const first = r * ln2;
  const sum = 1 + first;
  return sum + (1 - sum + first + (s * (odd * r + even) + (r * ln2Rest + low * ln2)));
}

/** 2^x. At most 1 ulp; exact for integers. */
export function exp2(x: number): number {
  if (!(Math.abs(x) < 1022)) return exp2Careful(x);
  const k = x + roundingMagic - roundingMagic;
  return exp2ReducedPair(x - k, 0) * powersOfTwo[(k + powersOfTwoOrigin) | 0];
}

function exp2Careful(x: number): number {
  if (x !== x) return NaN;
  const c = x > 1025 ? 1025 : x < -1076 ? -1076 : x;
  const k = c + roundingMagic - roundingMagic;
  return scaleInTwoSteps(exp2ReducedPair(c - k, 0), k);
}
