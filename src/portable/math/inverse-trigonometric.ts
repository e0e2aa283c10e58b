// asin, acos, atan (at most 1 ulp) and atan2 (at most 2 ulp).
//
// atan: |x| up to 0.66 directly, up to 1.5575 as π/4 + atan((x − 1)/(x + 1)), beyond as
// π/2 − atan(1/x); asin and acos beyond 1/2 by asin x = π/2 − 2·asin √((1 − x)/2) (Abramowitz and
// Stegun 1964, 4.4). Leading terms are added by Fast2Sum (Dekker 1971), so that only the last
// addition rounds. Polynomials in x²: minimax by Remez exchange in 200-bit arithmetic, relative
// error 2^-59.3 (atan, |x| ≤ 0.661) and 2^-59.9 (asin, |x| ≤ 1/2).

const piHigh = 3.141592653589793;
const piLow = 1.2246467991473532e-16;
const piOver2High = 1.5707963267948966;
const piOver2Low = 6.123233995736766e-17;
const piOver4High = 0.7853981633974483;
const piOver4Low = 3.061616997868383e-17;
const threePiOver4High = 2.356194490192345;
const threePiOver4Low = 9.184850993605148e-17;

const splitter = 134217729; // 2^27 + 1 (Veltkamp)

// Up to here directly, and from here by the reciprocal: above tan 1 = 1.5574…, where results exceed
// 1 and their ulp is twice as large.
const directLimit = 0.66;
const reciprocalLimit = 1.5575;

// offset + atan t, |t| ≤ 0.667.
function shiftedArcTangent(t: number, offsetHigh: number, offsetLow: number): number {
  const z = t * t;
  const zz = z * z;
  let even = -0.0018844110815071419;
  even = even * zz - 0.0196315862090739;
  even = even * zz - 0.04000697406809358;
  even = even * zz - 0.05240781347463872;
  even = even * zz - 0.06666225089526885;
  even = even * zz - 0.09090906817238405;
  even = even * zz - 0.14285714283648038;
  even = even * zz - 0.3333333333333323;
  let odd = 0.00859193128563528;
  odd = odd * zz + 0.031062964523587158;
  odd = odd * zz + 0.0466021937255875;
  odd = odd * zz + 0.05878684246393952;
  odd = odd * zz + 0.07692269585312396;
  odd = odd * zz + 0.11111111022424107;
  odd = odd * zz + 0.1999999999997554;
  const c = t * (z * (odd * z + even));
  const s = offsetHigh + t;
  return s + (offsetHigh - s + t + (offsetLow + c));
}

/** Arc tangent in [−π/2, π/2]; at most 1 ulp. */
export function atan(x: number): number {
  const a = Math.abs(x);
  let value;
  if (a >= reciprocalLimit) value = shiftedArcTangent(-1 / a, piOver2High, piOver2Low);
  else if (a >= directLimit) value = shiftedArcTangent((a - 1) / (a + 1), piOver4High, piOver4Low);
  else return x === 0 ? x : shiftedArcTangent(x, 0, 0);
  return x < 0 ? -value : value;
}

/** Angle of the point (x, y) in [−π, π]; at most 2 ulp, with the signs of zeros as ECMAScript. */
export function atan2(y: number, x: number): number {
  let ax = Math.abs(x);
  let ay = Math.abs(y);
  const largest = ax > ay ? ax : ay;
  if (!(largest < 1e300) || largest === 0) {
    if (x !== x || y !== y) return NaN;
    // Room for ax + ay; one where both are infinite; 0 / 1 where both are zero.
    ax *= 0.25;
    ay *= 0.25;
    if (ax === Infinity && ay === Infinity) ax = ay = 1;
    if (largest === 0) ax = 1;
  }
  const left = x < 0 || (x === 0 && 1 / x < 0);
  let t;
  let offsetHigh;
  let offsetLow;
  if (ay >= reciprocalLimit * ax) {
    t = -ax / ay;
    offsetHigh = piOver2High;
    offsetLow = piOver2Low;
  } else if (ay >= directLimit * ax) {
    t = (ay - ax) / (ay + ax);
    offsetHigh = left ? threePiOver4High : piOver4High;
    offsetLow = left ? threePiOver4Low : piOver4Low;
  } else {
    t = ay / ax;
    offsetHigh = left ? piHigh : 0;
    offsetLow = left ? piLow : 0;
  }
  const value = shiftedArcTangent(left ? -t : t, offsetHigh, offsetLow);
  return y < 0 || (y === 0 && 1 / y < 0) ? -value : value;
}

// asin(s)/s − 1 for z = s² ≤ 1/4.
function arcSineTail(z: number): number {
  const zz = z * z;
  let even = 0.03262923265549155;
  even = even * zz + 0.021707524012246644;
  even = even * zz + 0.01078017863804068;
  even = even * zz + 0.013980816593269312;
  even = even * zz + 0.02237221495391309;
  even = even * zz + 0.0446428571745682;
  even = even * zz + 0.1666666666666676;
  let odd = -0.02099962519064383;
  odd = odd * zz + 0.0037065238615491885;
  odd = odd * zz + 0.011398934319245784;
  odd = odd * zz + 0.017351612467552735;
  odd = odd * zz + 0.030381942709364226;
  odd = odd * zz + 0.07499999999970862;
  return z * (odd * z + even);
}

// asin √z − √z, with s = √z rounded and z ≤ 1/4.
function arcSineRest(s: number, z: number): number {
  const split = splitter * s;
  const top = split - (split - s);
  const tail = s - top;
  // z − s² exactly; 1e-300 saves 0/0 and changes no other sum.
  const residual = z - top * top - 2 * top * tail - tail * tail;
  return s * arcSineTail(z) + residual / (s + s + 1e-300);
}

/** Arc sine in [−π/2, π/2], NaN outside [−1, 1]; at most 1 ulp. */
export function asin(x: number): number {
  const a = Math.abs(x);
  if (a < 0.5) return x + x * arcSineTail(x * x);
  const z = 0.5 * (1 - a);
  const s = Math.sqrt(z);
  const twice = s + s;
  const c = arcSineRest(s, z);
  const h = piOver2High - twice;
  const value = h + (piOver2High - h - twice + (piOver2Low - (c + c)));
  return x < 0 ? -value : value;
}

/** Arc cosine in [0, π], NaN outside [−1, 1]; at most 1 ulp. */
export function acos(x: number): number {
  const a = Math.abs(x);
  if (a < 0.5) {
    const h = piOver2High - x;
    return h + (piOver2High - h - x + (piOver2Low - x * arcSineTail(x * x)));
  }
  const z = 0.5 * (1 - a);
  const s = Math.sqrt(z);
  const twice = s + s;
  const c = arcSineRest(s, z);
  if (x > 0) return twice + (c + c);
  const h = piHigh - twice;
  return h + (piHigh - h - twice + (piLow - (c + c)));
}
