// cbrt, hypot and sqrt over lanes. Twin of root.ts, which explains the method; the same bits, lane
// by lane.
#pragma once

#include "math/scaling.h"

namespace {

NADIR_INLINE F64 sqrt(F64 x) { return squareRoot(x); }

// |x| normal and finite, given as a = |x|.
NADIR_INLINE F64 cbrtCore(F64 a) {
  const I64 bits = bitsOf(a);
  const U64 exponent = reinterpret_cast<U64>(bits) >> 52;
  // The exponent field as a double: 2^52 + field has the field in its low bits.
  const F64 biased =
      fromBits(reinterpret_cast<I64>(exponent) | splatInt(0x4330000000000000)) -
      splat(4503599627370496.0);
  const F64 shifted = (biased - splat(1)) * splat(0.3333333333333333) + roundingMagic;
  const F64 third = shifted - roundingMagic;
  const F64 remainder = biased - splat(3) * third;
  const F64 f = fromBits((bits & splatInt(0xfffffffffffff)) | splatInt(0x3ff0000000000000));
  F64 guess = splat(0.005348451854921314);
  guess = mulAdd(guess, f, -0.05038612019200456);
  guess = mulAdd(guess, f, 0.20277686170697892);
  guess = mulAdd(guess, f, -0.4692294096598285);
  guess = mulAdd(guess, f, 0.8381613656514337);
  guess = mulAdd(guess, f, 0.4733300736294737);
  const Mask isZero = remainder == splat(0);
  const Mask isOne = remainder == splat(1);
  const F64 m = f * select(isZero, splat(1), select(isOne, splat(2), splat(4)));
  const F64 factor = select(
      isZero, splat(1), select(isOne, splat(1.2599210498948732), splat(1.5874010519681994)));
  const F64 coarseMagic = splat(103079215104.0);
  const F64 y = guess * factor + coarseMagic - coarseMagic;
  const F64 cube = y * y * y;
  const F64 u = (m - cube) / cube;
  const F64 series = mulAdd(mulAdd(u, splat(0.06172839506172839), splat(-0.1111111111111111)), u,
                            splat(0.3333333333333333));
  const F64 rest = y * (u * series);
  // 2^(third − 341).
  return (y + rest) * fromBits((bitsOf(shifted) + splatInt(1023 - 341)) << 52);
}

static __attribute__((noinline)) F64 cbrtCareful(F64 x) {
  const F64 a = absolute(x);
  const Mask normal = (a >= splat(2.2250738585072014e-308)) & (a < splat(__builtin_inf()));
  const Mask subnormal = (a > splat(0)) & (a < splat(1));
  const F64 scaled = select(normal, a, select(subnormal, a * splat(18014398509481984.0), splat(1)));
  const F64 root = cbrtCore(scaled) * select(normal, splat(1), splat(0.000003814697265625));
  return select(normal | subnormal, copySign(root, x), x);
}

NADIR_INLINE F64 cbrt(F64 x) {
  const F64 a = absolute(x);
  if (any(~((a >= splat(2.2250738585072014e-308)) & (a < splat(__builtin_inf()))))) {
    return cbrtCareful(x);
  }
  return copySign(cbrtCore(a), x);
}

// v² = square + error, exactly.
NADIR_INLINE F64 squareError(F64 v, F64 square) {
  const F64 split = splat(134217729.0) * v;
  const F64 top = split - (split - v);
  const F64 tail = v - top;
  return top * top - square + splat(2) * top * tail + tail * tail;
}

// a ≥ b ≥ 0, the square of a far from the ends of the range.
NADIR_INLINE F64 hypotOfOrdered(F64 a, F64 b) {
  const F64 aSquare = a * a;
  const F64 aError = squareError(a, aSquare);
  const F64 bSquare = b * b;
  const F64 bError = squareError(b, bSquare);
  const F64 sum = aSquare + bSquare;
  return squareRoot(sum + (aSquare - sum + bSquare + (aError + bError)));
}

static __attribute__((noinline)) F64 hypotCareful(F64 ax, F64 ay) {
  const Mask xLarger = ax > ay;
  const F64 a = select(xLarger, ax, ay);
  const F64 b = select(xLarger, ay, ax);
  const Mask up = a < splat(1e-130);
  const Mask down = a > splat(1e150);
  const F64 scale = select(up, fromBits(splatInt(int64_t{1023 + 700} << 52)),
                           select(down, fromBits(splatInt(int64_t{1023 - 600} << 52)), splat(1)));
  const F64 back = select(up, fromBits(splatInt(int64_t{1023 - 700} << 52)),
                          select(down, fromBits(splatInt(int64_t{1023 + 600} << 52)), splat(1)));
  const F64 value = hypotOfOrdered(a * scale, b * scale) * back;
  const F64 infinity = splat(__builtin_inf());
  return select((ax == infinity) | (ay == infinity), infinity, value);
}

NADIR_INLINE F64 hypot(F64 x, F64 y) {
  const F64 ax = absolute(x);
  const F64 ay = absolute(y);
  const Mask xLarger = ax > ay;
  const F64 a = select(xLarger, ax, ay);
  const F64 b = select(xLarger, ay, ax);
  if (any(~((a >= splat(1e-130)) & (a <= splat(1e150)) & (b >= splat(0))))) {
    return hypotCareful(ax, ay);
  }
  return hypotOfOrdered(a, b);
}

}  // namespace
