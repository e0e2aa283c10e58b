// cbrt and hypot, at most 1 ulp, and sqrt, correctly rounded.
//
// cbrt: x = m·2^(3q) with 1 ≤ m < 8; y ≈ ∛m to 17 bits, so that y³ is exact, and then
// ∛m = y·(1 + u)^(1/3) with u = (m − y³)/y³ below 2^-15. The first guess is minimax on [1, 2], by
// Remez exchange in 200-bit arithmetic, relative error 2^-19.6.
// hypot: both squares and their sum as a pair of doubles (Dekker 1971), one rounding before √.

import { highWord, powersOfTwo, powersOfTwoOrigin, roundingMagic } from './scaling.ts';

const splitter = 134217729; // 2^27 + 1 (Veltkamp)
/** Cube roots of 1, 2 and 4. */
const cubeRoots: Float64Array = new Float64Array([1, 1.2599210498948732, 1.5874010519681994]);
// 1.5·2^36: adding and subtracting it leaves 16 bits after the point.
const coarseMagic = 103079215104;

/** Square root, correctly rounded. */
export function sqrt(x: number): number {
  return Math.sqrt(x);
}

/** Cube root; at most 1 ulp. */
export function cbrt(x: number): number {
  const a = Math.abs(x);
  if (!(a >= 2.2250738585072014e-308 && a < Infinity)) {
    // Zeros, infinities and NaN are their own roots; the rest is subnormal.
    return a > 0 && a < 1 ? cbrt(x * 18014398509481984) * 0.000003814697265625 : x;
  }
  const biased = highWord(a) >>> 20;
  // third = ⌊biased / 3⌋; 1023 is a multiple of 3.
  const third = (biased - 1) * 0.3333333333333333 + roundingMagic - roundingMagic;
  const remainder = biased - 3 * third;
  // f in [1, 2) and m = f·2^remainder; powers of two are exact, the subnormal ones too.
  const origin = powersOfTwoOrigin + 1023 - biased;
  const f = a * powersOfTwo[origin];
  let guess = 0.005348451854921314;
  guess = guess * f - 0.05038612019200456;
  guess = guess * f + 0.20277686170697892;
  guess = guess * f - 0.4692294096598285;
  guess = guess * f + 0.8381613656514337;
  guess = guess * f + 0.4733300736294737;
  const m = a * powersOfTwo[origin + remainder];
  const y = guess * cubeRoots[remainder] + coarseMagic - coarseMagic;
  const cube = y * y * y;
  const u = (m - cube) / cube;
  // (1 + u)^(1/3) − 1 = u/3 − u²/9 + 5·u³/81 …
  const rest = y * (u * ((u * 0.06172839506172839 - 0.1111111111111111) * u + 0.3333333333333333));
  const root = (y + rest) * powersOfTwo[third - 341 + powersOfTwoOrigin];
  return x < 0 ? -root : root;
}

/** √(x² + y²) without undue overflow or underflow; infinite where either is; at most 1 ulp. */
export function hypot(x: number, y: number): number {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const a = ax > ay ? ax : ay;
  const b = ax > ay ? ay : ax;
  if (a >= 1e-130 && a <= 1e150 && b >= 0) return hypotOfOrdered(a, b);
  if (ax === Infinity || ay === Infinity) return Infinity;
  if (!(a >= 0 && b >= 0)) return NaN;
  // Powers of two that lead a, subnormal or huge, into the range above.
  const up = a < 1e-130;
  const scale = powersOfTwo[(up ? 700 : -600) + powersOfTwoOrigin];
  const back = powersOfTwo[(up ? -700 : 600) + powersOfTwoOrigin];
  return hypotOfOrdered(a * scale, b * scale) * back;
}

// a ≥ b ≥ 0, the square of a far from the ends of the range.
function hypotOfOrdered(a: number, b: number): number {
  const splitA = splitter * a;
  const aTop = splitA - (splitA - a);
  const aTail = a - aTop;
  const aSquare = a * a;
  const aError = aTop * aTop - aSquare + 2 * aTop * aTail + aTail * aTail;
  const splitB = splitter * b;
  const bTop = splitB - (splitB - b);
  const bTail = b - bTop;
  const bSquare = b * b;
  const bError = bTop * bTop - bSquare + 2 * bTop * bTail + bTail * bTail;
  const sum = aSquare + bSquare;
  return Math.sqrt(sum + (aSquare - sum + bSquare + (aError + bError)));
}
