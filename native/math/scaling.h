// Exact arithmetic on exponents: rounding to an integer by a magic number and powers of two, with
// 64-bit shifts and additions only, which every instruction set has.
#pragma once

#include "simd/pack.h"

namespace {

// 1.5 · 2^52: adding it leaves an integer in the low bits, for |x| < 2^51, ties to even;
// subtracting it again gives that integer as a double.
constexpr double roundingMagic = 6755399441055744.0;

// 2^k for -1023 < k < 1024, from k + roundingMagic.
NADIR_INLINE F64 powerOfTwo(F64 shifted) {
  return fromBits(addBits(bitsOf(shifted), splatInt(1023)) << 52);
}

// p·2^k for p and p·2^k in the normal range, from k + roundingMagic.
NADIR_INLINE F64 scaleNormal(F64 p, F64 shifted) {
  return fromBits(addBits(bitsOf(p), bitsOf(shifted) << 52));
}

NADIR_INLINE Pack scaleNormal(const Pack& p, const Pack& shifted) {
  return eachPart([&](int i) __attribute__((always_inline)) {
    return scaleNormal(p.part[i], shifted.part[i]);
  });
}

// p·2^k with one rounding, for |k| ≤ 1100 and p near 1, even where 2^k is not a double.
NADIR_INLINE F64 scaleInTwoSteps(F64 p, F64 k) {
  F64 half = k * 0.5 + roundingMagic;
  F64 rest = k - (half - roundingMagic) + roundingMagic;
  return p * powerOfTwo(half) * powerOfTwo(rest);
}

}  // namespace
