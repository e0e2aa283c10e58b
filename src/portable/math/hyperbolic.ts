// Hyperbolic functions and their inverses. Near zero an odd minimax polynomial; elsewhere e^r kept
// as a pair (sinh, cosh), 1 − 2 / (e^2x + 1) (tanh), or the logarithm of a pair of doubles (the
// inverses), so that only the last addition rounds at full size. Polynomials by Remez' exchange
// at 200 bits, relative to the function, low coefficients rounded first.
import { expEven, expOdd, ln2High, ln2Low, log2OfE } from './exp.ts';
import { logReduced, logSeries, minusExponent } from './log.ts';
import { powersOfTwo, powersOfTwoOrigin, roundingMagic, scaleInTwoSteps } from './scaling.ts';

// sinh x = x + x³·u(x²) on |x| ≤ 1: error 2^-61.7.
const u0 = 0.16666666666666669;
const u1 = 0.008333333333332912;
const u2 = 0.00019841269841593408;
const u3 = 2.7557319106758167e-6;
const u4 = 2.5052130998409593e-8;
const u5 = 1.6056659195614954e-10;
const u6 = 7.776599297504436e-13;

// tanh x = x + x³·v(x²) on |x| ≤ 3/4: error 2^-59.2.
const v0 = -0.3333333333333327;
const v1 = 0.13333333333324343;
const v2 = -0.05396825396377872;
const v3 = 0.021869488423932663;
const v4 = -0.008863233866911267;
const v5 = 0.003592112149932328;
const v6 = -0.0014557313728676457;
const v7 = 0.0005895600137811295;
const v8 = -0.00023762140572154683;
const v9 = 9.344513480730618e-5;
const v10 = -3.3619391289064854e-5;
const v11 = 9.493885075460788e-6;
const v12 = -1.4860810276743813e-6;

// asinh x = x + x³·w(x²) on |x| ≤ 1/2: error 2^-60.4.
const w0 = -0.1666666666666661;
const w1 = 0.07499999999984416;
const w2 = -0.044642857127830206;
const w3 = 0.030381943716315828;
const w4 = -0.02237213835606195;
const w5 = 0.017352386920095844;
const w6 = -0.013960231906961988;
const w7 = 0.01151298178634161;
const w8 = -0.009534132515953185;
const w9 = 0.007465571541384469;
const w10 = -0.004747466270035711;
const w11 = 0.001718050860836709;

/** Above it x ± 1/x is x to less than 2^-57: asinh and acosh are log(2x). */
const largeArgument = 268435456;
/** Below it atanh is the series that the logarithm uses; 0.17 < (√2 − 1) / (√2 + 1). */
const atanhSeriesEnd = 0.17;
/** From here on 1 − tanh x < 2^-62. */
const tanhEnd = 22;
/** 2^27 + 1. */
const splitter = 134217729;

/** Hyperbolic sine. At most 1 ulp. */
export function sinh(x: number): number {
  const a = Math.abs(x);
  if (a < 1) {
    const z = x * x;
    const w = z * z;
    const u = ((u6 * z + u5) * w + (u4 * z + u3)) * w + (u2 * z + u1);
    return x + x * z * (u * z + u0);
  }
  const result = a < 708 ? exponentialHalf(a, -1) : exponentialHalfCareful(a);
  return x < 0 ? -result : result;
}

/** Hyperbolic cosine. At most 1 ulp. */
export function cosh(x: number): number {
  const a = Math.abs(x);
  return a < 708 ? exponentialHalf(a, 1) : exponentialHalfCareful(a);
}

/** (e^a + sign·e^−a) / 2 for 0 ≤ a < 708, with e^r = high + low and e^−r from one polynomial. */
function exponentialHalf(a: number, sign: number): number {
  const k = a * log2OfE + roundingMagic - roundingMagic;
  const upper = a - k * ln2High;
  const lower = k * ln2Low;
  const r = upper - lower;
  const s = r * r;
  const t = s * s;
  const even = t * expEven(s, t) + s * 0.5;
  const odd = r * s * expOdd(s, t) + (upper - r - lower);
  const high = 1 + r;
  const low = 1 - high + r + (even + odd);
  const inverse = 1 - r + (even - odd);
  const scale = powersOfTwo[(k + (powersOfTwoOrigin - 1)) | 0];
  const inverseScale = powersOfTwo[(powersOfTwoOrigin - 1 - k) | 0] * sign;
  return high * scale + (low * scale + inverse * inverseScale);
}

/** e^a / 2 for a ≥ 708, where e^−a is nothing and e^a may overflow before its half does. */
function exponentialHalfCareful(a: number): number {
  if (a !== a) return NaN;
  const c = a > 711 ? 711 : a;
  const k = c * log2OfE + roundingMagic - roundingMagic;
  const upper = c - k * ln2High;
  const lower = k * ln2Low;
  const r = upper - lower;
  const s = r * r;
  const t = s * s;
  const even = t * expEven(s, t) + s * 0.5;
  const odd = r * s * expOdd(s, t) + (upper - r - lower);
  const high = 1 + r;
  return scaleInTwoSteps(high + (1 - high + r + (even + odd)), k - 1);
}

/** Hyperbolic tangent. At most 1 ulp. */
export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 0.75) {
    const z = x * x;
    if (z === 0) return x; // −0 + 0 would lose the sign
    const w = z * z;
    const q = w * w;
    const first = (v4 * z + v3) * w + (v2 * z + v1);
    const middle = (v8 * z + v7) * w + (v6 * z + v5);
    const last = (v12 * z + v11) * w + (v10 * z + v9);
    const v = (last * q + middle) * q + first;
    return x + x * z * (v * z + v0);
  }
  const c = a > tanhEnd ? 2 * tanhEnd : 2 * a;
  const k = c * log2OfE + roundingMagic - roundingMagic;
  const r = c - k * ln2High - k * ln2Low;
  const s = r * r;
  const t = s * s;
  const p = r + s * (0.5 + s * expEven(s, t) + r * expOdd(s, t));
  const scale = powersOfTwo[(k + powersOfTwoOrigin) | 0];
  const whole = 1 + scale;
  const part = scale * p;
  const sum = whole + part;
  const w = 2 / sum;
  const difference = 1 - w;
  const result = difference + (1 - difference - w + w * w * ((whole - sum + part) * 0.5));
  return x < 0 ? -result : result;
}

/** log(1 + high + low) for 0 ≤ high and |low| of the order of an ulp of high. */
function log1pPair(high: number, low: number): number {
  const u = 1 + high;
  const minusK = minusExponent(u);
  if (minusK === 0) return logReduced(high, low, 0);
  const scale = powersOfTwo[minusK + powersOfTwoOrigin];
  const back = u - 1;
  const lost = 1 - (u - back) + (high - back) + low;
  return logReduced(u * scale - 1, lost * scale, minusK);
}

/** Inverse hyperbolic sine. At most 1 ulp. */
export function asinh(x: number): number {
  const a = Math.abs(x);
  if (a < 0.5) {
    const z = x * x;
    if (z === 0) return x; // −0 + 0 would lose the sign
    const w = z * z;
    const q = w * w;
    const first = (w4 * z + w3) * w + (w2 * z + w1);
    const middle = (w8 * z + w7) * w + (w6 * z + w5);
    const last = w11 * w + (w10 * z + w9);
    const v = (last * q + middle) * q + first;
    return x + x * z * (v * z + w0);
  }
  const result = a > largeArgument ? logTwice(a) : asinhMiddle(a);
  return x < 0 ? -result : result;
}

/** log(2a) for large a. */
function logTwice(a: number): number {
  if (!(a < Infinity)) return a;
  const minusK = minusExponent(a);
  return logReduced(a * powersOfTwo[minusK + powersOfTwoOrigin] - 1, 0, minusK - 1);
}

/** log(a + √(1 + a²)), square, sum and root as pairs (Dekker 1971). */
function asinhMiddle(a: number): number {
  const aSpread = splitter * a;
  const aHigh = aSpread - (aSpread - a);
  const aLow = a - aHigh;
  const square = a * a;
  const squareLow = aHigh * aHigh - square + 2 * aHigh * aLow + aLow * aLow;
  const w = 1 + square;
  const back = w - 1;
  const wLow = 1 - (w - back) + (square - back) + squareLow;
  const root = Math.sqrt(w);
  const rootSpread = splitter * root;
  const rootHigh = rootSpread - (rootSpread - root);
  const rootLow = root - rootHigh;
  const error = w - rootHigh * rootHigh - 2 * rootHigh * rootLow - rootLow * rootLow;
  const correction = (error + wLow) * 0.5 / root;
  const high = root + a;
  const low = root - high + a + correction;
  const minusK = minusExponent(high);
  const scale = powersOfTwo[minusK + powersOfTwoOrigin];
  return logReduced(high * scale - 1, low * scale, minusK);
}

/** Inverse hyperbolic cosine: log(1 + (x − 1) + √(x² − 1)), with pairs. At most 1 ulp. */
export function acosh(x: number): number {
  if (!(x >= 1)) return NaN;
  if (x > largeArgument) return logTwice(x);
  const xSpread = splitter * x;
  const xHigh = xSpread - (xSpread - x);
  const xLow = x - xHigh;
  const square = x * x;
  const squareLow = xHigh * xHigh - square + 2 * xHigh * xLow + xLow * xLow;
  const difference = square - 1;
  const differenceLow = square - difference - 1 + squareLow;
  const w = difference + differenceLow;
  const wLow = difference - w + differenceLow;
  const root = Math.sqrt(w);
  const rootSpread = splitter * root;
  const rootHigh = rootSpread - (rootSpread - root);
  const rootLow = root - rootHigh;
  const error = w - rootHigh * rootHigh - 2 * rootHigh * rootLow - rootLow * rootLow;
  const correction = root > 0 ? ((error + wLow) * 0.5) / root : 0;
  const excess = x - 1;
  const excessLow = x - excess - 1;
  const high = root + excess;
  return log1pPair(high, root - high + excess + (correction + excessLow));
}

/** Inverse hyperbolic tangent, log((1 + x) / (1 − x)) / 2 by a quotient pair. At most 1 ulp. */
export function atanh(x: number): number {
  const a = Math.abs(x);
  if (a < atanhSeriesEnd) {
    const z = x * x;
    return x + x * (z * (logSeries(z) * 0.5));
  }
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN;
  const n = 1 + a;
  const nLow = 1 - n + a;
  const d = 1 - a;
  const dLow = 1 - d - a;
  const quotient = n / d;
  const qSpread = splitter * quotient;
  const qHigh = qSpread - (qSpread - quotient);
  const qLow = quotient - qHigh;
  const dSpread = splitter * d;
  const dHigh = dSpread - (dSpread - d);
  const dRest = d - dHigh;
  const error = n - qHigh * dHigh - qHigh * dRest - qLow * dHigh - qLow * dRest;
  const low = (error + (nLow - quotient * dLow)) / d;
  const minusK = minusExponent(quotient);
  const scale = powersOfTwo[minusK + powersOfTwoOrigin];
  const result = logReduced(quotient * scale - 1, low * scale, minusK) * 0.5;
  return x < 0 ? -result : result;
}
