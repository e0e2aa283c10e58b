// log, log1p, log2 and log10: x = 2^k·(1 + f) with √½ ≤ 1 + f < √2, and with s = f / (2 + f)
// log(1 + f) = 2·atanh(s) = f − f²/2 + s·(f²/2 + R(s²)): only small terms are rounded before the
// last two additions (Ng's arrangement; Tang 1990, ACM TOMS 16, 378-400, for the error analysis).
import { highWord, powersOfTwo, powersOfTwoOrigin } from './scaling.ts';

/** Upper word of √2, which ends the mantissa's interval, less one. */
const sqrtTwoWord = 0x3ff6a09d;
const smallestNormal = 2.2250738585072014e-308;
const largest = 1.7976931348623157e308;
/** ln 2 to 42 bits, so that its products with exponents are exact, and the rest. */
const ln2High = 0.6931471805598903;
const ln2Low = 5.497923018708371e-14;
/** log10(2), likewise. */
const log10Of2High = 0.30102999566395283;
const log10Of2Low = 2.8363394551044964e-14;
/** 1 / ln 2 and 1 / ln 10 to 26 bits, and the rest. */
const log2OfEHigh = 1.4426950514316559;
const log2OfELow = -1.0542692476429138e-8;
const log10OfEHigh = 0.4342944845557213;
const log10OfELow = -2.6524694553078553e-9;
/** 2^27 + 1 splits a double into two of 26 bits (Dekker 1971). */
const splitter = 134217729;

// (2·atanh(s) − 2s) / s = z·r(z), z = s² ≤ 0.02944, r minimax of degree 6: error 2^-59.3 relative
// to the logarithm, by Remez' exchange at 220 bits, low coefficients rounded first.
const r0 = 0.666666666666671;
const r1 = 0.3999999999954207;
const r2 = 0.28571428718673747;
const r3 = 0.222222007004456;
const r4 = 0.18183465003022956;
const r5 = 0.1531637642074718;
const r6 = 0.14774361478270817;

// 1 / (1 + f) on the same interval to 1 %, for corrections below half an ulp.
const g0 = 1.0049953516664938;
const g1 = -1.080617198869478;
const g2 = 0.9142432180489305;

/** −k. Negated, so that k = 0 contributes a −0 to the last sum and log1p(−0) is −0. */
export function minusExponent(x: number): number {
  return (sqrtTwoWord - highWord(x)) >> 20;
}

/** (2·atanh(s) − 2s) / s³ from z = s², s² ≤ 0.02944. */
export function logSeries(z: number): number {
  const w = z * z;
  return ((r6 * w + (r5 * z + r4)) * w + (r3 * z + r2)) * w + (r1 * z + r0);
}

/** log(1 + f) − (f − h), where h = f²/2 as rounded. */
export function logTail(f: number, h: number): number {
  const s = f / (f + 2);
  const z = s * s;
  return s * (z * logSeries(z) + h);
}

/** log(2^k·(1 + f + c)), with |c| of the order of an ulp. */
export function logReduced(f: number, c: number, minusK: number): number {
  const h = f * f * 0.5;
  const correction = minusK * -ln2Low + c * ((g2 * f + g1) * f + g0);
  return f - (h - (logTail(f, h) + correction)) + minusK * -ln2High;
}

function logExact(f: number, minusK: number): number {
  const h = f * f * 0.5;
  return f - (h - (logTail(f, h) + minusK * -ln2Low)) + minusK * -ln2High;
}

/** Natural logarithm. At most 1 ulp. */
export function log(x: number): number {
  if (!(x >= smallestNormal && x <= largest)) {
    return x > 0 && x < 1 ? logDenormal(x, logExact) : outside(x);
  }
  const minusK = minusExponent(x);
  return logExact(x * powersOfTwo[minusK + powersOfTwoOrigin] - 1, minusK);
}

/** The reduction for 0 < x < 2^-1022, scaled by 2^54. */
function logDenormal(x: number, reduced: (f: number, minusK: number) => number): number {
  const scaled = x * 18014398509481984;
  const minusK = minusExponent(scaled);
  return reduced(scaled * powersOfTwo[minusK + powersOfTwoOrigin] - 1, minusK + 54);
}

/** Any logarithm of 0, of a negative number, of infinity and of NaN. */
function outside(x: number): number {
  return x === 0 ? -Infinity : x > 0 ? x : NaN;
}

/** log(1 + x). At most 1 ulp. The rounding error of 1 + x enters to first order. */
export function log1p(x: number): number {
  if (!(x > -1 && x < 1e300)) return x === -1 ? -Infinity : x > 0 ? log(x) : NaN;
  const u = 1 + x;
  const minusK = minusExponent(u);
  if (minusK === 0) return logExact(x, 0);
  const scale = powersOfTwo[minusK + powersOfTwoOrigin];
  const back = u - 1;
  const lost = 1 - (u - back) + (x - back);
  return logReduced(u * scale - 1, lost * scale, minusK);
}

function log2Reduced(f: number, minusK: number): number {
  const h = f * f * 0.5;
  const tail = logTail(f, h);
  const top = f - h;
  const spread = splitter * top;
  const high = spread - (spread - top);
  const low = f - high - h + tail;
  const product = high * log2OfEHigh;
  const rest = low * log2OfEHigh + (low + high) * log2OfELow;
  const sum = product - minusK;
  return sum + (product - (sum + minusK) + rest);
}

/** Binary logarithm. At most 1 ulp; exact for powers of two. */
export function log2(x: number): number {
  if (!(x >= smallestNormal && x <= largest)) {
    return x > 0 && x < 1 ? logDenormal(x, log2Reduced) : outside(x);
  }
  const minusK = minusExponent(x);
  return log2Reduced(x * powersOfTwo[minusK + powersOfTwoOrigin] - 1, minusK);
}

function log10Reduced(f: number, minusK: number): number {
  const h = f * f * 0.5;
  const tail = logTail(f, h);
  const top = f - h;
  const spread = splitter * top;
  const high = spread - (spread - top);
  const low = f - high - h + tail;
  const product = high * log10OfEHigh;
  const whole = minusK * -log10Of2High;
  const rest = low * log10OfEHigh + (low + high) * log10OfELow + minusK * -log10Of2Low;
  const sum = product + whole;
  return sum + (whole - sum + product + rest);
}

/** Decimal logarithm. At most 1 ulp; exact for powers of ten. */
export function log10(x: number): number {
  if (!(x >= smallestNormal && x <= largest)) {
    return x > 0 && x < 1 ? logDenormal(x, log10Reduced) : outside(x);
  }
  const minusK = minusExponent(x);
  return log10Reduced(x * powersOfTwo[minusK + powersOfTwoOrigin] - 1, minusK);
}
