// sin, cos and tan over lanes: Cody–Waite reduction, Payne–Hanek beyond |x| = 157079, minimax
// polynomials. Twin of trigonometric.ts, which explains the method; the same bits, lane by lane.
// Fused multiply-adds may serve the polynomials only: the reductions are error-free.
#pragma once

#include "math/scaling.h"

namespace {

struct QuarterTurns {
  F64 high;  // x = quadrant·π/2 + (high − excess); only the low two bits of quadrant count
  F64 excess;
  I64 quadrant;
};

constexpr double trigonometricLimit = 157079;

// 2/π = Σ digit[i + 2]·2^(−26·i), i = 1 …; balanced digits. Three zeros in front.
static constexpr double twoOverPiDigits[] = {
    0, 0, 0, 42722830, -18553791, 21659402, -11021835, 13858563, 28715354, -28372764, 4324945,
    26128251, -4434405, 29957007, -29209133, -8382171, -17915747, 6588224, -31593699, -20666723,
    -1144797, 24988591, -12286742, -26099557, -12191772, 5137526, -29785261, 15192690, 4585660,
    -8500721, -14681960, -34794, 25231091, -3906857, -32871137, 28629499, 15891633, -26356782,
    -29399394, 25143478, -11371604, 33225084, 24853767, 15195689, 19476135, -16853012, 18845021,
    2185229};

// One value, |x| ≥ 1. Returns the quadrant as a double in [−2, 2].
static __attribute__((noinline)) double reduceLarge(double x, double& reduced, double& excess) {
  constexpr double splitter = 134217729.0;
  constexpr double base = 67108864.0;
  constexpr double inverseBase = 1.0 / 67108864.0;
  constexpr double piOver2High = 1.5707963267948966;
  constexpr double piOver2Low = 6.123233995736766e-17;

  if (!(__builtin_fabs(x) < __builtin_inf())) {
    reduced = __builtin_nan("");
    excess = 0;
    return 0;
  }
  const int exponent = static_cast<int>((__builtin_bit_cast(uint64_t, x) >> 52) & 0x7ff) - 1023;
  const int shift = exponent / 26;
  const double scale =
      __builtin_bit_cast(double, static_cast<uint64_t>(1023 - 26 * shift) << 52);
  const double scaled = x * scale;
  const double d1 = scaled + roundingMagic - roundingMagic;
  const double rest = (scaled - d1) * base;
  const double d0 = rest + roundingMagic - roundingMagic;
  const double dm = (rest - d0) * base;

  const double* const digits = twoOverPiDigits;
  double column[7];
  double carry = 0;
  for (int n = 6; n > 0; n--) {
    const int i = shift + n;
    const double sum = d1 * digits[i + 2] + d0 * digits[i + 1] + dm * digits[i] + carry;
    carry = sum * inverseBase + roundingMagic - roundingMagic;
    column[n] = sum - carry * base;
  }
  const double whole = d1 * digits[shift + 2] + d0 * digits[shift + 1] + dm * digits[shift] + carry;
  const double quadrant = whole - 4 * (whole * 0.25 + roundingMagic - roundingMagic);

  constexpr double b2 = inverseBase * inverseBase;
  const double first = (column[1] * base + column[2]) * b2;
  const double second = (column[3] * base + column[4]) * (b2 * b2);
  const double third = (column[5] * base + column[6]) * (b2 * b2 * b2);
  const double high = first + second;
  const double low = first - high + second + third;

  const double product = high * piOver2High;
  const double splitHigh = splitter * high;
  const double highTop = splitHigh - (splitHigh - high);
  const double highTail = high - highTop;
  constexpr double splitPi = splitter * piOver2High;
  constexpr double piTop = splitPi - (splitPi - piOver2High);
  constexpr double piTail = piOver2High - piTop;
  const double error =
      highTop * piTop - product + highTop * piTail + highTail * piTop + highTail * piTail;
  const double tail = error + (high * piOver2Low + low * piOver2High);
  reduced = product + tail;
  excess = reduced - product - tail;
  return quadrant;
}

// |x| < trigonometricLimit.
NADIR_INLINE QuarterTurns reduceCommon(F64 x) {
  const F64 shifted = x * splat(0.6366197723675814) + roundingMagic;
  const F64 turns = shifted - roundingMagic;
  const F64 a = x - turns * splat(1.5707963267923333);
  const F64 t = turns * splat(2.5633441515839558e-12);
  const F64 b = a - t;
  const F64 w = turns * splat(1.0562999066987428e-23) - (a - b - t);
  const F64 y = b - w;
  return {y, w - (b - y), bitsOf(shifted)};
}

static __attribute__((noinline)) QuarterTurns reduceCareful(F64 x) {
  const Mask common = absolute(x) < splat(trigonometricLimit);
  QuarterTurns turns = reduceCommon(select(common, x, splat(0)));
  for (int lane = 0; lane < lanes; lane++) {
    if (common[lane]) continue;
    double high;
    double excess;
    turns.quadrant[lane] = static_cast<int64_t>(reduceLarge(x[lane], high, excess));
    turns.high[lane] = high;
    turns.excess[lane] = excess;
  }
  return turns;
}

NADIR_INLINE QuarterTurns reduceToQuarterTurns(F64 x) {
  if (any(~(absolute(x) < splat(trigonometricLimit)))) return reduceCareful(x);
  return reduceCommon(x);
}

NADIR_INLINE F64 sinOfReduced(F64 y, F64 excess, F64 z) {
  F64 s = splat(1.589542221661913e-10);
  s = mulAdd(s, z, -2.5050734146481323e-8);
  s = mulAdd(s, z, 2.7557313536868195e-6);
  s = mulAdd(s, z, -0.00019841269829354278);
  s = mulAdd(s, z, 0.008333333333321837);
  const F64 v = z * y;
  return y - (mulAdd(z, splat(-0.5) * excess - v * s, excess) - v * splat(-0.1666666666666663));
}

NADIR_INLINE F64 cosOfReduced(F64 y, F64 excess, F64 z) {
  F64 c = splat(-1.1358721730519934e-11);
  c = mulAdd(c, z, 2.0875704936599743e-9);
  c = mulAdd(c, z, -2.755731421427142e-7);
  c = mulAdd(c, z, 2.480158728899499e-5);
  c = mulAdd(c, z, -0.0013888888888873335);
  c = mulAdd(c, z, 0.041666666666666595);
  const F64 half = splat(0.5) * z;
  const F64 w = splat(1) - half;
  return w + (splat(1) - w - half + (z * (z * c) + y * excess));
}

// The sine of (quadrant·π/2 + high − excess).
NADIR_INLINE F64 sinOfTurns(QuarterTurns turns, I64 quadrant) {
  const F64 z = turns.high * turns.high;
  const Mask odd = splatInt(0) - (quadrant & splatInt(1));
  const F64 value = select(odd, cosOfReduced(turns.high, turns.excess, z),
                           sinOfReduced(turns.high, turns.excess, z));
  return fromBits(bitsOf(value) ^ ((quadrant & splatInt(2)) << 62));
}

NADIR_INLINE F64 sin(F64 x) {
  const QuarterTurns turns = reduceToQuarterTurns(x);
  return sinOfTurns(turns, turns.quadrant);
}

NADIR_INLINE F64 cos(F64 x) {
  const QuarterTurns turns = reduceToQuarterTurns(x);
  return sinOfTurns(turns, turns.quadrant + splatInt(1));
}

NADIR_INLINE F64 tan(F64 x) {
  const QuarterTurns turns = reduceToQuarterTurns(x);
  // tan(y/2) = t + tRest.
  const F64 v = splat(0.5) * turns.high;
  const F64 z = v * v;
  const F64 zz = z * z;
  F64 even = splat(0.00032874919914554866);
  even = mulAdd(even, zz, 0.001461554355023795);
  even = mulAdd(even, zz, 0.008863278008544443);
  even = mulAdd(even, zz, 0.05396825400771595);
  even = mulAdd(even, zz, 0.33333333333333504);
  F64 odd = splat(0.0005591079020192257);
  odd = mulAdd(odd, zz, 0.003591498073097869);
  odd = mulAdd(odd, zz, 0.021869486812585593);
  odd = mulAdd(odd, zz, 0.13333333333289124);
  const F64 s = v * (z * mulAdd(odd, z, even));
  const F64 rough = v + s;
  const F64 c = s - splat(0.5) * turns.excess * mulAdd(rough, rough, 1.0);
  const F64 t = v + c;
  const F64 tRest = v - t + c;

  const F64 splitter = splat(134217729.0);
  const F64 splitT = splitter * t;
  const F64 tTop = splitT - (splitT - t);
  const F64 tTail = t - tTop;
  const F64 square = t * t;
  const F64 squareRest = tTop * tTop - square + splat(2) * tTop * tTail + tTail * tTail;
  const F64 d = splat(1) - square;
  const F64 dRest = splat(1) - d - square - (squareRest + splat(2) * t * tRest);
  const Mask isOdd = splatInt(0) - (turns.quadrant & splatInt(1));
  const F64 numerator = select(isOdd, -d, t + t);
  const F64 numeratorRest = select(isOdd, -dRest, tRest + tRest);
  const F64 denominator = select(isOdd, t + t, d);
  const F64 denominatorRest = select(isOdd, tRest + tRest, dRest);
  const F64 q = numerator / denominator;
  const F64 splitQ = splitter * q;
  const F64 qTop = splitQ - (splitQ - q);
  const F64 qTail = q - qTop;
  const F64 splitD = splitter * denominator;
  const F64 dTop = splitD - (splitD - denominator);
  const F64 dTail = denominator - dTop;
  const F64 residual = numerator - qTop * dTop - qTop * dTail - qTail * dTop - qTail * dTail;
  const F64 inverse = mulAdd(square, square, square) + splat(1);
  const F64 weight = select(isOdd, -q * inverse, inverse);
  const F64 value = q + (residual + (numeratorRest - q * denominatorRest)) * weight;
  // 2^-27: tan x = x in double precision, and −0 stays −0.
  return select(absolute(x) < splat(7.450580596923828e-9), x, value);
}

}  // namespace
