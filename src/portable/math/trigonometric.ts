// sin, cos and tan with full argument reduction, at most 1 ulp.
//
// |x| < 157079: Cody and Waite (1980), π/2 in three parts, carried as high − excess. Beyond: Payne
// and Hanek (1983), the product with 2/π in exact integer columns of base 2^26. Then polynomials on
// [−π/4, π/4], for tan at half the angle; minimax by Remez exchange in 200-bit arithmetic, relative
// error 2^-57.9 (sin), 2^-63.9 (cos), 2^-58.3 (tan).

import { highWord, powersOfTwo, powersOfTwoOrigin, roundingMagic } from './scaling.ts';

const splitter = 134217729; // 2^27 + 1 (Veltkamp)
const twoOverPi = 0.6366197723675814;

// π/2 = part1 + part2 + part3 + 2^-130: 36 and 35 bits, so that products with turns < 2^17 are
// exact, and 53 bits. Up to 100,000 quarter turns the remainder is good to 2^-60. part3 is
// positive, which keeps the sign of −0.
const part1 = 1.5707963267923333;
const part2 = 2.5633441515839558e-12;
const part3 = 1.0562999066987428e-23;
const commonLimit = 157079;
const tinyLimit = 7.450580596923828e-9; // 2^-27: tan x = x in double precision

const piOver2High = 1.5707963267948966;
const piOver2Low = 6.123233995736766e-17;

// 2/π = Σ digit[i + 2]·2^(−26·i), i = 1 …; balanced digits. Three zeros in front.
const digits: Float64Array = new Float64Array([
  0, 0, 0, 42722830, -18553791, 21659402, -11021835, 13858563, 28715354, -28372764, 4324945,
  26128251, -4434405, 29957007, -29209133, -8382171, -17915747, 6588224, -31593699, -20666723,
  -1144797, 24988591, -12286742, -26099557, -12191772, 5137526, -29785261, 15192690, 4585660,
  -8500721, -14681960, -34794, 25231091, -3906857, -32871137, 28629499, 15891633, -26356782,
  -29399394, 25143478, -11371604, 33225084, 24853767, 15195689, 19476135, -16853012, 18845021,
  2185229,
]);
const base = 67108864; // 2^26
const inverseBase = 1 / 67108864;

// What reduceLarge found: high and excess. An array, because storing to it never allocates.
const reduced: Float64Array = new Float64Array(2);
const column: Float64Array = new Float64Array(7);

// x = quadrant·π/2 + (reduced[0] − reduced[1]) modulo 2π; returns the quadrant. For |x| ≥ 1.
function reduceLarge(x: number): number {
  if (!(Math.abs(x) < Infinity)) {
    reduced[0] = NaN;
    reduced[1] = 0;
    return 0;
  }
  // x = (d1 + d0·2^-26 + dm·2^-52)·2^(26·shift), 1 ≤ |d1| ≤ 2^26.
  const shift = Math.floor((((highWord(x) >>> 20) & 0x7ff) - 1023) / 26);
  const scaled = x * powersOfTwo[powersOfTwoOrigin - 26 * shift];
  const d1 = scaled + roundingMagic - roundingMagic;
  const rest = (scaled - d1) * base;
  const d0 = rest + roundingMagic - roundingMagic;
  const dm = (rest - d0) * base;
  // Columns of weight 2^(−26·n); those left of n = 0 are multiples of 4 quarter turns. Every
  // column stays below 2^53, so all of this is exact.
  let carry = 0;
  for (let n = 6; n > 0; n--) {
    const i = shift + n;
    const sum = d1 * digits[i + 2] + d0 * digits[i + 1] + dm * digits[i] + carry;
    carry = sum * inverseBase + roundingMagic - roundingMagic;
    column[n] = sum - carry * base;
  }
  const whole = d1 * digits[shift + 2] + d0 * digits[shift + 1] + dm * digits[shift] + carry;
  const quadrant = whole - 4 * (whole * 0.25 + roundingMagic - roundingMagic);

  // The fraction, in [−1/2, 1/2], as high + low; pairs of columns are exact doubles.
  const b2 = inverseBase * inverseBase;
  const first = (column[1] * base + column[2]) * b2;
  const second = (column[3] * base + column[4]) * (b2 * b2);
  const third = (column[5] * base + column[6]) * (b2 * b2 * b2);
  const high = first + second;
  const low = first - high + second + third;

  // Times π/2, the high product exactly (Dekker).
  const product = high * piOver2High;
  const splitHigh = splitter * high;
  const highTop = splitHigh - (splitHigh - high);
  const highTail = high - highTop;
  const splitPi = splitter * piOver2High;
  const piTop = splitPi - (splitPi - piOver2High);
  const piTail = piOver2High - piTop;
  const error = highTop * piTop - product + highTop * piTail + highTail * piTop + highTail * piTail;
  const tail = error + (high * piOver2Low + low * piOver2High);
  reduced[0] = product + tail;
  reduced[1] = reduced[0] - product - tail;
  return quadrant;
}

// sin(x + quarterTurns·π/2).
function sinShifted(x: number, quarterTurns: number): number {
  let quadrant;
  let y;
  let excess;
  if (Math.abs(x) < commonLimit) {
    const turns = x * twoOverPi + roundingMagic - roundingMagic;
    const a = x - turns * part1;
    const t = turns * part2;
    const b = a - t;
    const w = turns * part3 - (a - b - t);
    y = b - w;
    excess = w - (b - y);
    quadrant = (turns | 0) + quarterTurns;
  } else {
    quadrant = (reduceLarge(x) | 0) + quarterTurns;
    y = reduced[0];
    excess = reduced[1];
  }
  const z = y * y;
  let value;
  if ((quadrant & 1) === 0) {
    let s = 1.589542221661913e-10;
    s = s * z - 2.5050734146481323e-8;
    s = s * z + 2.7557313536868195e-6;
    s = s * z - 0.00019841269829354278;
    s = s * z + 0.008333333333321837;
    const v = z * y;
    // Written so that −0 stays −0.
    value = y - (z * (-0.5 * excess - v * s) + excess - v * -0.1666666666666663);
  } else {
    let c = -1.1358721730519934e-11;
    c = c * z + 2.0875704936599743e-9;
    c = c * z - 2.755731421427142e-7;
    c = c * z + 2.480158728899499e-5;
    c = c * z - 0.0013888888888873335;
    c = c * z + 0.041666666666666595;
    const half = 0.5 * z;
    const w = 1 - half;
    value = w + (1 - w - half + (z * (z * c) + y * excess));
  }
  return (quadrant & 2) === 0 ? value : -value;
}

/** Sine of x radians; at most 1 ulp for every finite x. */
export function sin(x: number): number {
  return sinShifted(x, 0);
}

/** Cosine of x radians; at most 1 ulp for every finite x. */
export function cos(x: number): number {
  return sinShifted(x, 1);
}

/** Tangent of x radians; at most 1 ulp for every finite x. */
export function tan(x: number): number {
  if (Math.abs(x) < tinyLimit) return x;
  let quadrant;
  let y;
  let excess;
  if (Math.abs(x) < commonLimit) {
    const turns = x * twoOverPi + roundingMagic - roundingMagic;
    const a = x - turns * part1;
    const t = turns * part2;
    const b = a - t;
    const w = turns * part3 - (a - b - t);
    y = b - w;
    excess = w - (b - y);
    quadrant = turns | 0;
  } else {
    quadrant = reduceLarge(x) | 0;
    y = reduced[0];
    excess = reduced[1];
  }
  // tan(y/2) = t + tRest.
  const v = 0.5 * y;
  const z = v * v;
  const zz = z * z;
  let even = 0.00032874919914554866;
  even = even * zz + 0.001461554355023795;
  even = even * zz + 0.008863278008544443;
  even = even * zz + 0.05396825400771595;
  even = even * zz + 0.33333333333333504;
  let odd = 0.0005591079020192257;
  odd = odd * zz + 0.003591498073097869;
  odd = odd * zz + 0.021869486812585593;
  odd = odd * zz + 0.13333333333289124;
  const s = v * (z * (odd * z + even));
  const rough = v + s;
  const c = s - 0.5 * excess * (rough * rough + 1);
  const t = v + c;
  const tRest = v - t + c;

  // tan y = 2t/(1 − t²), both as pairs of doubles; the odd quadrants want −1/tan y.
  const splitT = splitter * t;
  const tTop = splitT - (splitT - t);
  const tTail = t - tTop;
  const square = t * t;
  const squareRest = tTop * tTop - square + 2 * tTop * tTail + tTail * tTail;
  const d = 1 - square;
  const dRest = 1 - d - square - (squareRest + 2 * t * tRest);
  const isOdd = (quadrant & 1) !== 0;
  const numerator = isOdd ? -d : t + t;
  const numeratorRest = isOdd ? -dRest : tRest + tRest;
  const denominator = isOdd ? t + t : d;
  const denominatorRest = isOdd ? tRest + tRest : dRest;
  const q = numerator / denominator;
  const splitQ = splitter * q;
  const qTop = splitQ - (splitQ - q);
  const qTail = q - qTop;
  const splitD = splitter * denominator;
  const dTop = splitD - (splitD - denominator);
  const dTail = denominator - dTop;
  const residual = numerator - qTop * dTop - qTop * dTail - qTail * dTop - qTail * dTail;
  // 1/d within 1 %, which is enough for a correction of half an ulp.
  const inverse = square * square + square + 1;
  const weight = isOdd ? -q * inverse : inverse;
  return q + (residual + (numeratorRest - q * denominatorRest)) * weight;
}
