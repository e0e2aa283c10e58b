// log, log1p, log2 and log10 over lanes. The method and its constants are told in
// src/portable/math/log.ts; here the exponent is taken with a logical shift of the biased bits.
#pragma once

#include "math/scaling.h"

namespace {

namespace logConstants {
// √½ with the lower word cleared, as the portable twin looks at upper words only.
constexpr int64_t sqrtHalfBits = 0x3fe6a09e00000000;
constexpr int64_t oneBits = 0x3ff0000000000000;
constexpr int64_t exponentMask = 0x7ff0000000000000;
// 2^52: as bits, an integer added to it is the same integer added as a number.
constexpr int64_t integerBits = 0x4330000000000000;
constexpr double integerOrigin = 4503599627370496.0;
constexpr double smallestNormal = 2.2250738585072014e-308;
constexpr double largest = 1.7976931348623157e308;
constexpr double ln2High = 0.6931471805598903;
constexpr double ln2Low = 5.497923018708371e-14;
constexpr double log10Of2High = 0.30102999566395283;
constexpr double log10Of2Low = 2.8363394551044964e-14;
constexpr double log2OfEHigh = 1.4426950514316559;
constexpr double log2OfELow = -1.0542692476429138e-8;
constexpr double log10OfEHigh = 0.4342944845557213;
constexpr double log10OfELow = -2.6524694553078553e-9;
constexpr double splitter = 134217729.0;
constexpr double r0 = 0.666666666666671;
constexpr double r1 = 0.3999999999954207;
constexpr double r2 = 0.28571428718673747;
constexpr double r3 = 0.222222007004456;
constexpr double r4 = 0.18183465003022956;
constexpr double r5 = 0.1531637642074718;
constexpr double r6 = 0.14774361478270817;
constexpr double g0 = 1.0049953516664938;
constexpr double g1 = -1.080617198869478;
constexpr double g2 = 0.9142432180489305;
}  // namespace logConstants

// x = 2^k·mantissa for positive normal x.
struct Mantissa {
  F64 mantissa;
  F64 minusK;
  I64 biased;  // k + 1023 in the exponent field, other bits arbitrary
};

NADIR_INLINE Mantissa splitMantissa(F64 x) {
  using namespace logConstants;
  Mantissa parts;
  parts.biased = addBits(bitsOf(x), splatInt(oneBits - sqrtHalfBits));
  I64 field = parts.biased & splatInt(exponentMask);
  parts.mantissa = fromBits(addBits(subtractBits(bitsOf(x), field), splatInt(oneBits)));
  I64 integer = reinterpret_cast<I64>(reinterpret_cast<U64>(field) >> 52);
  parts.minusK = (integerOrigin + 1023.0) - fromBits(integer | splatInt(integerBits));
  return parts;
}

// 2^−k, for k < 1023.
NADIR_INLINE F64 inverseScale(const Mantissa& parts) {
  using namespace logConstants;
  return fromBits(splatInt(2 * oneBits) - (parts.biased & splatInt(exponentMask)));
}

// (2·atanh(s) − 2s) / s³ from z = s² ≤ 0.02944.
NADIR_INLINE F64 logSeries(F64 z) {
  using namespace logConstants;
  F64 w = z * z;
  return mulAdd(mulAdd(mulAdd(w, r6, mulAdd(z, r5, splat(r4))), w, mulAdd(z, r3, splat(r2))), w,
                mulAdd(z, r1, splat(r0)));
}

// log(1 + f) − (f − h), where h = f²/2 as rounded.
NADIR_INLINE F64 logTail(F64 f, F64 h) {
  F64 s = f / (f + 2.0);
  F64 z = s * s;
  return s * mulAdd(z, logSeries(z), h);
}

// log(2^k·(1 + f + c)), with |c| of the order of an ulp.
NADIR_INLINE F64 logReduced(F64 f, F64 c, F64 minusK) {
  using namespace logConstants;
  F64 h = f * f * 0.5;
  F64 inverse = mulAdd(mulAdd(f, g2, splat(g1)), f, splat(g0));
  F64 correction = mulAdd(c, inverse, minusK * -ln2Low);
  return mulAdd(minusK, -ln2High, f - (h - (logTail(f, h) + correction)));
}

NADIR_INLINE F64 logExact(F64 f, F64 minusK) {
  using namespace logConstants;
  F64 h = f * f * 0.5;
  F64 tail = mulAdd(minusK, -ln2Low, logTail(f, h));
  return mulAdd(minusK, -ln2High, f - (h - tail));
}

NADIR_INLINE F64 log2Reduced(F64 f, F64 minusK) {
  using namespace logConstants;
  F64 h = f * f * 0.5;
  F64 tail = logTail(f, h);
  F64 top = f - h;
  F64 spread = top * splitter;
  F64 high = spread - (spread - top);
  F64 low = f - high - h + tail;
  F64 product = high * log2OfEHigh;
  F64 rest = mulAdd(low, log2OfEHigh, (low + high) * log2OfELow);
  F64 sum = product - minusK;
  return sum + (product - (sum + minusK) + rest);
}

NADIR_INLINE F64 log10Reduced(F64 f, F64 minusK) {
  using namespace logConstants;
  F64 h = f * f * 0.5;
  F64 tail = logTail(f, h);
  F64 top = f - h;
  F64 spread = top * splitter;
  F64 high = spread - (spread - top);
  F64 low = f - high - h + tail;
  F64 product = high * log10OfEHigh;
  F64 whole = minusK * -log10Of2High;
  F64 rest = mulAdd(minusK, -log10Of2Low, mulAdd(low, log10OfEHigh, (low + high) * log10OfELow));
  F64 sum = product + whole;
  return sum + (whole - sum + product + rest);
}

// Lanes outside the positive normal numbers.
NADIR_INLINE Mask logUncommon(F64 x) {
  using namespace logConstants;
  return ~((x >= splat(smallestNormal)) & (x <= splat(largest)));
}

// The argument scaled by 2^54 in denormal lanes, with −k corrected.
NADIR_INLINE Mantissa splitAnyMantissa(F64 x) {
  Mask denormal = x < splat(logConstants::smallestNormal);
  Mantissa parts = splitMantissa(select(denormal, x * 18014398509481984.0, x));
  parts.minusK = select(denormal, parts.minusK + 54.0, parts.minusK);
  return parts;
}

// Any logarithm of 0, of a negative number, of infinity and of NaN; `value` elsewhere.
NADIR_INLINE F64 logOutside(F64 x, F64 value) {
  F64 infinity = splat(__builtin_inf());
  F64 nan = splat(__builtin_nan(""));
  F64 special = select(x == splat(0.0), -infinity, select(x > splat(0.0), x, nan));
  return select((x > splat(0.0)) & (x < infinity), value, special);
}

static inline __attribute__((noinline)) F64 logCareful(F64 x) {
  Mantissa parts = splitAnyMantissa(x);
  return logOutside(x, logExact(parts.mantissa - 1.0, parts.minusK));
}

static inline __attribute__((noinline)) F64 log2Careful(F64 x) {
  Mantissa parts = splitAnyMantissa(x);
  return logOutside(x, log2Reduced(parts.mantissa - 1.0, parts.minusK));
}

static inline __attribute__((noinline)) F64 log10Careful(F64 x) {
  Mantissa parts = splitAnyMantissa(x);
  return logOutside(x, log10Reduced(parts.mantissa - 1.0, parts.minusK));
}

// Positive normal x.
NADIR_INLINE F64 logCore(F64 x) {
  Mantissa parts = splitMantissa(x);
  return logExact(parts.mantissa - 1.0, parts.minusK);
}

// Natural logarithm.
NADIR_INLINE F64 log(F64 x) {
  if (__builtin_expect(any(logUncommon(x)), 0)) return logCareful(x);
  return logCore(x);
}

// Binary logarithm.
NADIR_INLINE F64 log2(F64 x) {
  if (__builtin_expect(any(logUncommon(x)), 0)) return log2Careful(x);
  Mantissa parts = splitMantissa(x);
  return log2Reduced(parts.mantissa - 1.0, parts.minusK);
}

// Decimal logarithm.
NADIR_INLINE F64 log10(F64 x) {
  if (__builtin_expect(any(logUncommon(x)), 0)) return log10Careful(x);
  Mantissa parts = splitMantissa(x);
  return log10Reduced(parts.mantissa - 1.0, parts.minusK);
}

// −1 < x < 1e300.
NADIR_INLINE F64 log1pCore(F64 x) {
  F64 u = x + 1.0;
  Mantissa parts = splitMantissa(u);
  F64 back = u - 1.0;
  F64 lost = 1.0 - (u - back) + (x - back);
  Mask plain = parts.minusK == splat(0.0);
  F64 f = select(plain, x, parts.mantissa - 1.0);
  F64 c = select(plain, splat(0.0), lost * inverseScale(parts));
  return logReduced(f, c, parts.minusK);
}

static inline __attribute__((noinline)) F64 log1pCareful(F64 x) {
  Mask common = (x > splat(-1.0)) & (x < splat(1e300));
  F64 special = select(x == splat(-1.0), splat(-__builtin_inf()),
                       select(x > splat(0.0), logCareful(x), splat(__builtin_nan(""))));
  return select(common, log1pCore(select(common, x, splat(0.0))), special);
}

// log(1 + x).
NADIR_INLINE F64 log1p(F64 x) {
  Mask uncommon = ~((x > splat(-1.0)) & (x < splat(1e300)));
  if (__builtin_expect(any(uncommon), 0)) return log1pCareful(x);
  return log1pCore(x);
}

}  // namespace
