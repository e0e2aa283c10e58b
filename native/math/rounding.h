// Rounding to integers, sign, minimum, maximum and remainder over lanes, as ECMAScript defines
// them. Rounding adds and subtracts 2^52, which every instruction set can do.
#pragma once

#include "simd/vec.h"

namespace {

// The nearest integer to |x|, ties to even, with the sign of x; x itself from 2^52 on and for NaN.
NADIR_INLINE F64 nearestEven(F64 x) {
  constexpr double twoTo52 = 4503599627370496.0;
  F64 magnitude = absolute(x);
  F64 rounded = magnitude + twoTo52 - twoTo52;
  return select(magnitude < splat(twoTo52), copySign(rounded, x), x);
}

// 1 in true lanes, +0 in false ones.
NADIR_INLINE F64 oneWhere(Mask mask) { return fromBits(mask & bitsOf(splat(1.0))); }

// The largest integer not above x.
NADIR_INLINE F64 floor(F64 x) {
  F64 nearest = nearestEven(x);
  return nearest - oneWhere(nearest > x);
}

// The smallest integer not below x; −1 + 1 would be +0 where −0 is due.
NADIR_INLINE F64 ceil(F64 x) {
  F64 nearest = nearestEven(x);
  return copySign(nearest + oneWhere(nearest < x), x);
}

// The integer part.
NADIR_INLINE F64 trunc(F64 x) {
  F64 nearest = nearestEven(x);
  return copySign(absolute(nearest) - oneWhere(absolute(nearest) > absolute(x)), x);
}

// The nearest integer, halves towards +∞. x − floor(x) is exact or, for tiny negative x, rounds
// to 1.
NADIR_INLINE F64 round(F64 x) {
  F64 below = floor(x);
  return copySign(below + oneWhere(x - below >= splat(0.5)), x);
}

// −1, −0, +0, 1 or NaN.
NADIR_INLINE F64 sign(F64 x) {
  return select(absolute(x) > splat(0.0), copySign(splat(1.0), x), x);
}

// The lesser, NaN if either is. In lanes that are equal or unordered the union of the bits is the
// common value, −0 if either zero is negative, and NaN.
NADIR_INLINE F64 minimum(F64 a, F64 b) {
  F64 either = fromBits(bitsOf(a) | bitsOf(b));
  return select(a < b, a, select(b < a, b, either));
}

// The greater, NaN if either is.
NADIR_INLINE F64 maximum(F64 a, F64 b) { return -minimum(-a, -b); }

// a mod b by long division on the mantissas, 11 bits of the quotient at a time.
static inline double longRemainder(uint64_t a, uint64_t b) {
  constexpr uint64_t signBit = 0x8000000000000000;
  constexpr uint64_t infinityBits = 0x7ff0000000000000;
  constexpr uint64_t hiddenBit = 0x0010000000000000;
  const uint64_t signOfA = a & signBit;
  a &= ~signBit;
  b &= ~signBit;
  if (a >= infinityBits || b > infinityBits || b == 0) return __builtin_nan("");
  if (a < b) return __builtin_bit_cast(double, a | signOfA);
  int64_t exponentA = static_cast<int64_t>(a >> 52);
  int64_t exponentB = static_cast<int64_t>(b >> 52);
  uint64_t rest = exponentA > 0 ? (a & (hiddenBit - 1)) | hiddenBit : a;
  const uint64_t divisor = exponentB > 0 ? (b & (hiddenBit - 1)) | hiddenBit : b;
  if (exponentA == 0) exponentA = 1;
  if (exponentB == 0) exponentB = 1;
  rest %= divisor;
  for (int64_t left = exponentA - exponentB; left > 0 && rest != 0;) {
    const int64_t bits = left < 11 ? left : 11;
    rest = (rest << bits) % divisor;
    left -= bits;
  }
  if (rest == 0) return __builtin_bit_cast(double, signOfA);
  while (rest < hiddenBit && exponentB > 1) {
    rest <<= 1;
    exponentB--;
  }
  const uint64_t field = rest < hiddenBit ? 0 : static_cast<uint64_t>(exponentB) << 52;
  return __builtin_bit_cast(double, signOfA | field | (rest & (hiddenBit - 1)));
}

static inline __attribute__((noinline)) F64 remainderCareful(F64 a, F64 b) {
  F64 result = a;
  for (int lane = 0; lane < lanes; lane++) {
    const int64_t bitsA = bitsOf(a)[lane];
    const int64_t bitsB = bitsOf(b)[lane];
    result[lane] = longRemainder(static_cast<uint64_t>(bitsA), static_cast<uint64_t>(bitsB));
  }
  return result;
}

// a − n·b with n the integer part of a / b. With n·b as an exact pair (Dekker 1971) both
// subtractions are exact; the rounded quotient can be one too large, never too small.
NADIR_INLINE F64 remainder(F64 a, F64 b) {
  constexpr double splitter = 134217729.0;       // 2^27 + 1
  constexpr double integerLimit = 2251799813685248.0;  // 2^51
  constexpr double big = 8.452712498170644e270;    // 2^900: no product overflows
  constexpr double small = 1.1830521861667747e-271;  // 2^-900: no partial product underflows
  F64 dividend = absolute(a);
  F64 divisor = absolute(b);
  F64 quotient = dividend / divisor;
  Mask common = (dividend < splat(big)) & (divisor < splat(big)) & (divisor > splat(small)) &
                (quotient < splat(integerLimit));
  if (__builtin_expect(any(~common), 0)) return remainderCareful(a, b);
  F64 n = floor(quotient);
  F64 spreadN = n * splitter;
  F64 highN = spreadN - (spreadN - n);
  F64 lowN = n - highN;
  F64 spreadB = divisor * splitter;
  F64 highB = spreadB - (spreadB - divisor);
  F64 lowB = divisor - highB;
  F64 product = n * divisor;
  F64 error = highN * highB - product + highN * lowB + lowN * highB + lowN * lowB;
  F64 rest = dividend - product - error;
  return copySign(select(rest < splat(0.0), rest + divisor, rest), a);
}

}  // namespace
