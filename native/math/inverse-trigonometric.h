// asin, acos, atan and atan2 over lanes. Twin of inverse-trigonometric.ts, which explains the
// method; the same bits, lane by lane. Where the twin branches, lanes select the operands.
#pragma once

#include "simd/vec.h"

namespace {

namespace inverseTrigonometricConstants {
constexpr double piHigh = 3.141592653589793;
constexpr double piLow = 1.2246467991473532e-16;
constexpr double piOver2High = 1.5707963267948966;
constexpr double piOver2Low = 6.123233995736766e-17;
constexpr double piOver4High = 0.7853981633974483;
constexpr double piOver4Low = 3.061616997868383e-17;
constexpr double threePiOver4High = 2.356194490192345;
constexpr double threePiOver4Low = 9.184850993605148e-17;
constexpr double splitter = 134217729.0;
constexpr double directLimit = 0.66;
constexpr double reciprocalLimit = 1.5575;
}  // namespace inverseTrigonometricConstants

// offset + atan t, |t| ≤ 0.667.
NADIR_INLINE F64 shiftedArcTangent(F64 t, F64 offsetHigh, F64 offsetLow) {
  const F64 z = t * t;
  const F64 zz = z * z;
  F64 even = splat(-0.0018844110815071419);
  even = mulAdd(even, zz, -0.0196315862090739);
  even = mulAdd(even, zz, -0.04000697406809358);
  even = mulAdd(even, zz, -0.05240781347463872);
  even = mulAdd(even, zz, -0.06666225089526885);
  even = mulAdd(even, zz, -0.09090906817238405);
  even = mulAdd(even, zz, -0.14285714283648038);
  even = mulAdd(even, zz, -0.3333333333333323);
  F64 odd = splat(0.00859193128563528);
  odd = mulAdd(odd, zz, 0.031062964523587158);
  odd = mulAdd(odd, zz, 0.0466021937255875);
  odd = mulAdd(odd, zz, 0.05878684246393952);
  odd = mulAdd(odd, zz, 0.07692269585312396);
  odd = mulAdd(odd, zz, 0.11111111022424107);
  odd = mulAdd(odd, zz, 0.1999999999997554);
  const F64 c = t * (z * mulAdd(odd, z, even));
  const F64 s = offsetHigh + t;
  return s + (offsetHigh - s + t + (offsetLow + c));
}

NADIR_INLINE F64 atan(F64 x) {
  using namespace inverseTrigonometricConstants;
  const F64 a = absolute(x);
  const Mask shifted = a >= splat(directLimit);
  const Mask reciprocal = a >= splat(reciprocalLimit);
  const F64 one = splat(1);
  const F64 numerator = select(reciprocal, splat(-1), select(shifted, a - one, a));
  const F64 denominator = select(reciprocal, a, select(shifted, a + one, one));
  const F64 high =
      select(reciprocal, splat(piOver2High), select(shifted, splat(piOver4High), splat(0)));
  const F64 low =
      select(reciprocal, splat(piOver2Low), select(shifted, splat(piOver4Low), splat(0)));
  return copySign(shiftedArcTangent(numerator / denominator, high, low), x);
}

// From the absolute values, whose sum is finite and not zero; signs from y and x.
NADIR_INLINE F64 angleOf(F64 ay, F64 ax, F64 y, F64 x) {
  using namespace inverseTrigonometricConstants;
  const Mask left = bitsOf(x) < splatInt(0);
  const Mask reciprocal = ay >= splat(reciprocalLimit) * ax;
  const Mask shifted = ay >= splat(directLimit) * ax;
  const F64 numerator = select(reciprocal, -ax, select(shifted, ay - ax, ay));
  const F64 denominator = select(reciprocal, ay, select(shifted, ay + ax, ax));
  const F64 high = select(
      reciprocal, splat(piOver2High),
      select(left, select(shifted, splat(threePiOver4High), splat(piHigh)),
             select(shifted, splat(piOver4High), splat(0))));
  const F64 low = select(
      reciprocal, splat(piOver2Low),
      select(left, select(shifted, splat(threePiOver4Low), splat(piLow)),
             select(shifted, splat(piOver4Low), splat(0))));
  const F64 t = numerator / denominator;
  return copySign(shiftedArcTangent(select(left, -t, t), high, low), y);
}

static __attribute__((noinline)) F64 atan2Careful(F64 y, F64 x) {
  const F64 ax = absolute(x);
  const F64 ay = absolute(y);
  const F64 largest = select(ax > ay, ax, ay);
  const Mask zero = largest == splat(0);
  const F64 scale = select(largest < splat(1e300), splat(1), splat(0.25));
  const F64 infinity = splat(__builtin_inf());
  const Mask infinite = (ax == infinity) & (ay == infinity);
  const F64 scaledX = select(infinite | zero, splat(1), ax * scale);
  const F64 scaledY = select(infinite, splat(1), ay * scale);
  const F64 value = angleOf(scaledY, scaledX, y, x);
  return select((x == x) & (y == y), value, splat(__builtin_nan("")));
}

NADIR_INLINE F64 atan2(F64 y, F64 x) {
  const F64 ax = absolute(x);
  const F64 ay = absolute(y);
  const F64 largest = select(ax > ay, ax, ay);
  if (any(~((largest < splat(1e300)) & (largest > splat(0))))) return atan2Careful(y, x);
  return angleOf(ay, ax, y, x);
}

// asin(s)/s − 1 for z = s² ≤ 1/4.
NADIR_INLINE F64 arcSineTail(F64 z) {
  const F64 zz = z * z;
  F64 even = splat(0.03262923265549155);
  even = mulAdd(even, zz, 0.021707524012246644);
  even = mulAdd(even, zz, 0.01078017863804068);
  even = mulAdd(even, zz, 0.013980816593269312);
  even = mulAdd(even, zz, 0.02237221495391309);
  even = mulAdd(even, zz, 0.0446428571745682);
  even = mulAdd(even, zz, 0.1666666666666676);
  F64 odd = splat(-0.02099962519064383);
  odd = mulAdd(odd, zz, 0.0037065238615491885);
  odd = mulAdd(odd, zz, 0.011398934319245784);
  odd = mulAdd(odd, zz, 0.017351612467552735);
  odd = mulAdd(odd, zz, 0.030381942709364226);
  odd = mulAdd(odd, zz, 0.07499999999970862);
  return z * mulAdd(odd, z, even);
}

// (z − s²)/(2·s) for s = √z rounded: what the square root lost.
NADIR_INLINE F64 squareRootRest(F64 s, F64 z) {
  using namespace inverseTrigonometricConstants;
  const F64 split = splat(splitter) * s;
  const F64 top = split - (split - s);
  const F64 tail = s - top;
  const F64 residual = z - top * top - splat(2) * top * tail - tail * tail;
  return residual / (s + s + splat(1e-300));
}

NADIR_INLINE F64 asin(F64 x) {
  using namespace inverseTrigonometricConstants;
  const F64 a = absolute(x);
  const Mask small = a < splat(0.5);
  const F64 z = select(small, x * x, splat(0.5) * (splat(1) - a));
  const F64 s = squareRoot(z);
  const F64 tail = arcSineTail(z);
  const F64 twice = s + s;
  const F64 c = s * tail + squareRootRest(s, z);
  const F64 h = splat(piOver2High) - twice;
  const F64 value = h + (splat(piOver2High) - h - twice + (splat(piOver2Low) - (c + c)));
  return copySign(select(small, a + a * tail, value), x);
}

NADIR_INLINE F64 acos(F64 x) {
  using namespace inverseTrigonometricConstants;
  const F64 a = absolute(x);
  const Mask small = a < splat(0.5);
  const Mask left = x < splat(0);
  const F64 z = select(small, x * x, splat(0.5) * (splat(1) - a));
  const F64 s = squareRoot(z);
  const F64 tail = arcSineTail(z);
  const F64 twice = s + s;
  const F64 c = s * tail + squareRootRest(s, z);
  const F64 high = select(small, splat(piOver2High), splat(piHigh));
  const F64 low = select(small, splat(piOver2Low), splat(piLow));
  const F64 minuend = select(small, x, twice);
  const F64 h = high - minuend;
  const F64 value = h + (high - h - minuend + (low - select(small, x * tail, c + c)));
  return select(small | left, value, twice + (c + c));
}

}  // namespace
