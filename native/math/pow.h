// pow over lanes. The method and its constants are told in src/portable/math/pow.ts. Exact products
// and their error terms are written without mulAdd; it serves polynomials and low-order sums only.
#pragma once

#include "math/exp.h"
#include "math/log.h"

namespace {

namespace powConstants {
constexpr double largestExponent = 18446744073709551616.0;  // 2^64
constexpr double splitter = 134217729.0;
constexpr double scale = 0.9617966939259756;
constexpr double scaleHigh = 0.9617967009544373;
constexpr double scaleLow = -7.028461650952758e-9;
constexpr double c0 = 0.6000000000000058;
constexpr double c1 = 0.4285714285630892;
constexpr double c2 = 0.33333333596454584;
constexpr double c3 = 0.2727269104735064;
constexpr double c4 = 0.23079524546816185;
constexpr double c5 = 0.19898398769653577;
constexpr double c6 = 0.19680474222597633;
}  // namespace powConstants

// y·log2 x as main + small; `exponent` is their rounded sum.
struct PowExponent {
  F64 main;
  F64 small;
  F64 exponent;
};

// The upper 26 bits.
NADIR_INLINE F64 upperHalf(F64 v) {
  F64 spread = v * powConstants::splitter;
  return spread - (spread - v);
}

// For x = 2^k·(1 + f) with √½ ≤ 1 + f < √2 and |y| ≤ 2^64.
NADIR_INLINE PowExponent powExponent(F64 f, F64 minusK, F64 y) {
  using namespace powConstants;
  F64 d = f + 2.0;
  F64 dHigh = upperHalf(d);
  F64 dLow = f - (dHigh - 2.0);
  F64 inverse = 1.0 / d;
  F64 sHigh = upperHalf(f * inverse);
  F64 sLow = (f - sHigh * dHigh - sHigh * dLow) * inverse;
  F64 s = sHigh + sLow;
  F64 z = s * s;
  F64 w = z * z;
  F64 c = mulAdd(mulAdd(mulAdd(z, c6, splat(c5)), w, mulAdd(z, c4, splat(c3))), w,
                 mulAdd(z, c2, splat(c1)));
  F64 zHigh = sHigh * sHigh;
  F64 rest = mulAdd(w, mulAdd(c, z, c0), sLow * (s + sHigh));
  F64 tHigh = upperHalf(rest + zHigh + 3.0);
  F64 tLow = rest - (tHigh - 3.0 - zHigh);
  F64 product = sHigh * tHigh;
  F64 error = mulAdd(sLow, tHigh, tLow * s);
  F64 sumHigh = upperHalf(product + error);
  F64 sumLow = error - (sumHigh - product);
  F64 log2High = sumHigh * scaleHigh;
  F64 log2Low = mulAdd(sumLow, scale, sumHigh * scaleLow);
  F64 high = upperHalf(log2High + log2Low - minusK);
  F64 low = log2Low - (high + minusK - log2High);
  F64 yHigh = upperHalf(y);
  PowExponent parts;
  parts.main = yHigh * high;
  parts.small = mulAdd(y, low, (y - yHigh) * high);
  parts.exponent = parts.main + parts.small;
  return parts;
}

// 2^(exponent − k), with k its nearest integer.
NADIR_INLINE F64 powFraction(const PowExponent& parts, F64 k) {
  F64 fraction = parts.main - k;
  F64 r = fraction + parts.small;
  return exp2ReducedPair(r, fraction - r + parts.small);
}

static inline __attribute__((noinline)) F64 powCareful(F64 x, F64 y) {
  using namespace powConstants;
  F64 zero = splat(0.0);
  F64 infinity = splat(__builtin_inf());
  F64 nan = splat(__builtin_nan(""));
  F64 magnitude = absolute(x);
  F64 magnitudeY = absolute(y);
  Mask negativeX = bitsOf(x) < splatInt(0);

  F64 limited = select(magnitudeY < splat(largestExponent), y,
                       copySign(splat(largestExponent), y));
  Mantissa mantissa = splitAnyMantissa(magnitude);
  PowExponent parts = powExponent(mantissa.mantissa - 1.0, mantissa.minusK, limited);
  Mask inside = absolute(parts.exponent) < splat(1100.0);
  F64 k = select(inside, parts.exponent, zero) + roundingMagic - roundingMagic;
  F64 finite = select(inside, scaleInTwoSteps(powFraction(parts, k), k),
                      select(parts.exponent > zero, infinity, zero));

  // Integers: above 2^53 all are even; below 2^52, adding it shows the fraction, and at half the
  // value the parity.
  F64 nearest = magnitudeY + 4503599627370496.0 - 4503599627370496.0;
  F64 halfOfY = magnitudeY * 0.5;
  F64 nearestHalf = halfOfY + 4503599627370496.0 - 4503599627370496.0;
  Mask integer = (magnitudeY >= splat(4503599627370496.0)) | (nearest == magnitudeY);
  Mask odd = integer & (magnitudeY < splat(9007199254740992.0)) & (nearestHalf != halfOfY);

  Mask extreme = (magnitude == zero) | (magnitude == infinity);
  Mask grows = (magnitude == infinity) ^ (y < zero);
  F64 result = select(extreme, select(grows, infinity, zero), finite);
  result = select(negativeX & ~extreme & ~integer, nan, result);
  result = select(negativeX & odd, -result, result);
  Mask undefined = (x != x) | (y != y) | ((magnitude == splat(1.0)) & (magnitudeY == infinity));
  return select(y == zero, splat(1.0), select(undefined, nan, result));
}

// x^y as ECMAScript's operator `**`.
NADIR_INLINE F64 pow(F64 x, F64 y) {
  using namespace powConstants;
  Mantissa mantissa = splitMantissa(x);
  PowExponent parts = powExponent(mantissa.mantissa - 1.0, mantissa.minusK, y);
  Mask common = (absolute(y) < splat(largestExponent)) &
                (absolute(parts.exponent) < splat(1020.0));
  if (__builtin_expect(any(logUncommon(x) | ~common), 0)) return powCareful(x, y);
  F64 shifted = parts.exponent + roundingMagic;
  return scaleNormal(powFraction(parts, shifted - roundingMagic), shifted);
}

}  // namespace
