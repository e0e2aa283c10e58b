// pow: x^y = 2^(y·log2 x), the logarithm as a pair of doubles good to 2^-64 of its value, so that
// the exponent is right to 2^-54 even near ±1024 (Ng's method). Products are kept exact by
// splitting factors into halves of 26 bits (Dekker 1971), never by fused operations.
import { minusExponent } from './log.ts';
import { exp2ReducedPair } from './exp.ts';
import { powersOfTwo, powersOfTwoOrigin, roundingMagic, scaleInTwoSteps } from './scaling.ts';

const smallestNormal = 2.2250738585072014e-308;
const largest = 1.7976931348623157e308;
/** 2^64: with any x but 1, x^±2^64 is 0 or infinite. */
const largestExponent = 18446744073709551616;
/** 2^27 + 1. */
const splitter = 134217729;
/** 2 / (3·ln 2), to 26 bits and the rest. */
const scale = 0.9617966939259756;
const scaleHigh = 0.9617967009544373;
const scaleLow = -7.028461650952758e-9;

// 3·atanh(s) / s = 3 + z + z²·c(z), z = s² ≤ 0.02944, c minimax of degree 6: error 2^-65.6
// relative to the logarithm, by Remez' exchange at 220 bits, low coefficients rounded first.
const c0 = 0.6000000000000058;
const c1 = 0.4285714285630892;
const c2 = 0.33333333596454584;
const c3 = 0.2727269104735064;
const c4 = 0.23079524546816185;
const c5 = 0.19898398769653577;
const c6 = 0.19680474222597633;

/** (2^k·(1 + f))^y for √½ ≤ 1 + f < √2 and |y| ≤ 2^64. */
function powReduced(f: number, minusK: number, y: number): number {
  // s = f / (2 + f) as sHigh + sLow.
  const d = f + 2;
  const dSpread = splitter * d;
  const dHigh = dSpread - (dSpread - d);
  const dLow = f - (dHigh - 2);
  const inverse = 1 / d;
  const quotient = f * inverse;
  const sSpread = splitter * quotient;
  const sHigh = sSpread - (sSpread - quotient);
  const sLow = (f - sHigh * dHigh - sHigh * dLow) * inverse;
  const s = sHigh + sLow;
  // 3·atanh(s) / s as tHigh + tLow.
  const z = s * s;
  const w = z * z;
  const c = ((c6 * z + c5) * w + (c4 * z + c3)) * w + (c2 * z + c1);
  const zHigh = sHigh * sHigh;
  const rest = w * (c * z + c0) + sLow * (s + sHigh);
  const t = rest + zHigh + 3;
  const tSpread = splitter * t;
  const tHigh = tSpread - (tSpread - t);
  const tLow = rest - (tHigh - 3 - zHigh);
  // 3/2·log(1 + f) as product + error, then the halves of the sum.
  const product = sHigh * tHigh;
  const error = sLow * tHigh + tLow * s;
  const sum = product + error;
  const sumSpread = splitter * sum;
  const sumHigh = sumSpread - (sumSpread - sum);
  const sumLow = error - (sumHigh - product);
  // log2 x as high + low.
  const log2High = sumHigh * scaleHigh;
  const log2Low = sumLow * scale + sumHigh * scaleLow;
  const total = log2High + log2Low - minusK;
  const totalSpread = splitter * total;
  const high = totalSpread - (totalSpread - total);
  const low = log2Low - (high + minusK - log2High);
  // y·log2 x as main + small.
  const ySpread = splitter * y;
  const yHigh = ySpread - (ySpread - y);
  const main = yHigh * high;
  const small = y * low + (y - yHigh) * high;
  const exponent = main + small;
  if (Math.abs(exponent) < 1020) {
    const k = exponent + roundingMagic - roundingMagic;
    const fraction = main - k;
    const r = fraction + small;
    return exp2ReducedPair(r, fraction - r + small) * powersOfTwo[(k + powersOfTwoOrigin) | 0];
  }
  if (!(Math.abs(exponent) < 1100)) return exponent > 0 ? Infinity : 0;
  const k = exponent + roundingMagic - roundingMagic;
  const fraction = main - k;
  const r = fraction + small;
  return scaleInTwoSteps(exp2ReducedPair(r, fraction - r + small), k);
}

/** x^y as the operator `**`. At most 2 ulp. */
export function pow(x: number, y: number): number {
  if (!(x >= smallestNormal && x <= largest && Math.abs(y) < largestExponent)) {
    return powCareful(x, y);
  }
  const minusK = minusExponent(x);
  return powReduced(x * powersOfTwo[minusK + powersOfTwoOrigin] - 1, minusK, y);
}

function powCareful(x: number, y: number): number {
  if (y === 0) return 1;
  const magnitude = Math.abs(x);
  if (x !== x || y !== y || (magnitude === 1 && Math.abs(y) === Infinity)) return NaN;
  const isInteger = Math.trunc(y) === y;
  const isOdd = isInteger && Math.abs(y) < 9007199254740992 && Math.trunc(y * 0.5) !== y * 0.5;
  const isNegative = isOdd && (x < 0 || 1 / x < 0);
  let result: number;
  if (magnitude === 0 || magnitude === Infinity) {
    result = (magnitude === 0) === y < 0 ? Infinity : 0;
  } else if (x < 0 && !isInteger) {
    return NaN;
  } else {
    const limited = Math.max(-largestExponent, Math.min(largestExponent, y));
    const shift = magnitude < smallestNormal ? 54 : 0;
    const normal = shift > 0 ? magnitude * 18014398509481984 : magnitude;
    const minusK = minusExponent(normal);
    const f = normal * powersOfTwo[minusK + powersOfTwoOrigin] - 1;
    result = powReduced(f, minusK + shift, limited);
  }
  return isNegative ? -result : result;
}
