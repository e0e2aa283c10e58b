// exp, exp2 and expm1 over lanes. The method and its constants are told in
// src/portable/math/exp.ts; here 2^k is an addition to the exponent field.
#pragma once

#include "math/scaling.h"

namespace {

namespace expConstants {
constexpr double log2OfE = 1.4426950408889634;
constexpr double ln2High = 0.6931471805598903;
constexpr double ln2Low = 5.497923018708371e-14;
constexpr double p0 = 0.500000000000001;
constexpr double p1 = 0.16666666666665478;
constexpr double p2 = 0.04166666666653009;
constexpr double p3 = 0.008333333333706365;
constexpr double p4 = 0.0013888888946461213;
constexpr double p5 = 0.00019841269683234223;
constexpr double p6 = 2.480148742716917e-5;
constexpr double p7 = 2.7556981797847955e-6;
constexpr double p8 = 2.7633079691318047e-7;
constexpr double p9 = 2.530564366088269e-8;
constexpr double q0 = 0.16666666666666688;
constexpr double q1 = 0.041666666666666824;
constexpr double q2 = 0.008333333333313896;
constexpr double q3 = 0.0013888888888777917;
constexpr double q4 = 0.0001984126990335938;
constexpr double q5 = 2.4801587559147005e-5;
constexpr double q6 = 2.7557228701262006e-6;
constexpr double q7 = 2.755706821179987e-7;
constexpr double q8 = 2.511391876516441e-8;
constexpr double q9 = 2.097729521451021e-9;
constexpr double ln2 = 0.6931471805599453;
constexpr double ln2Rest = 2.3190468138462996e-17;
constexpr double w0 = 0.24022650695910072;
constexpr double w1 = 0.055504108664821646;
constexpr double w2 = 0.00961812910762787;
constexpr double w3 = 0.001333355814639929;
constexpr double w4 = 0.0001540353039457066;
constexpr double w5 = 1.5252733849631418e-5;
constexpr double w6 = 1.3215485803808893e-6;
constexpr double w7 = 1.0178053492050598e-7;
constexpr double w8 = 7.055274087106518e-9;
constexpr double w9 = 4.4563748179419235e-10;
constexpr double w10 = 2.5208273028787828e-11;
}  // namespace expConstants

constexpr double expLimit = 708.0;

// With s = r², t = s²: (sinh r − r) / r³.
template <class T>
NADIR_INLINE T expOdd(T s, T t) {
  using namespace expConstants;
  return mulAdd(mulAdd(t, q8, mulAdd(s, q6, splat(q4))), t, mulAdd(s, q2, splat(q0)));
}

// With s = r², t = s²: (cosh r − 1 − r²/2) / r⁴.
template <class T>
NADIR_INLINE T expEven(T s, T t) {
  using namespace expConstants;
  return mulAdd(mulAdd(t, q9, mulAdd(s, q7, splat(q5))), t, mulAdd(s, q3, splat(q1)));
}

// e^(high + low) within half of ln 2; high enters exactly.
template <class T>
NADIR_INLINE T expReduced(T high, T low) {
  using namespace expConstants;
  T r = high + low;
  T s = r * r;
  T t = s * s;
  T even = mulAdd(mulAdd(mulAdd(s, p8, splat(p6)), t, mulAdd(s, p4, splat(p2))), s, splat(p0));
  T odd = mulAdd(mulAdd(t, p9, mulAdd(s, p7, splat(p5))), t, mulAdd(s, p3, splat(p1)));
  return 1.0 + (high + mulAdd(s, mulAdd(odd, r, even), low));
}

// |x| < expLimit; one vector or a pack of them.
template <class T>
NADIR_INLINE T expCore(T x) {
  using namespace expConstants;
  T shifted = x * log2OfE + roundingMagic;
  T k = shifted - roundingMagic;
  return scaleNormal(expReduced(x - k * ln2High, k * -ln2Low), shifted);
}

static inline __attribute__((noinline)) F64 expCareful(F64 x) {
  using namespace expConstants;
  F64 c = select(x > 710.0, splat(710.0), select(x < -746.0, splat(-746.0), x));
  F64 k = c * log2OfE + roundingMagic - roundingMagic;
  return scaleInTwoSteps(expReduced(c - k * ln2High, k * -ln2Low), k);
}

// e^x.
NADIR_INLINE F64 exp(F64 x) {
  if (__builtin_expect(any(~(absolute(x) < splat(expLimit))), 0)) return expCareful(x);
  return expCore(x);
}

// |x| < 708.
NADIR_INLINE F64 expm1Core(F64 x) {
  using namespace expConstants;
  F64 shifted = x * log2OfE + roundingMagic;
  F64 k = shifted - roundingMagic;
  F64 high = x - k * ln2High;
  F64 low = k * ln2Low;
  F64 r = high - low;
  F64 s = r * r;
  F64 t = s * s;
  F64 power = powerOfTwo(roundingMagic - k);
  F64 a = -(power - 1.0);
  F64 lost = high - r - low;
  F64 rest = mulAdd(lost, r, lost) + (1.0 - a - power);
  F64 tail = mulAdd(s * r, mulAdd(expEven(s, t), r, expOdd(s, t)), rest);
  F64 sum = a + r;
  return (sum - mulAdd(s, splat(-0.5), sum - a - r - tail)) * powerOfTwo(shifted);
}

static inline __attribute__((noinline)) F64 expm1Careful(F64 x) {
  Mask common = absolute(x) < splat(708.0);
  F64 core = expm1Core(select(common, x, splat(0.0)));
  return select(common, core, select(x < splat(0.0), splat(-1.0), expCareful(x)));
}

// e^x − 1.
NADIR_INLINE F64 expm1(F64 x) {
  if (__builtin_expect(any(~(absolute(x) < splat(708.0))), 0)) return expm1Careful(x);
  return expm1Core(x);
}

// 2^(r + low) for |r| ≤ 1/2 and |low| below an ulp of r.
NADIR_INLINE F64 exp2ReducedPair(F64 r, F64 low) {
  using namespace expConstants;
  F64 s = r * r;
  F64 t = s * s;
  F64 even = mulAdd(mulAdd(mulAdd(s, w10, splat(w8)), t, mulAdd(s, w6, splat(w4))), t,
                    mulAdd(s, w2, splat(w0)));
  F64 odd = mulAdd(mulAdd(t, w9, mulAdd(s, w7, splat(w5))), t, mulAdd(s, w3, splat(w1)));
  F64 first = r * ln2;
  F64 sum = 1.0 + first;
  return sum + (1.0 - sum + first + mulAdd(s, mulAdd(odd, r, even), mulAdd(low, ln2, r * ln2Rest)));
}

// |x| < 1022.
NADIR_INLINE F64 exp2Core(F64 x) {
  F64 shifted = x + roundingMagic;
  return scaleNormal(exp2ReducedPair(x - (shifted - roundingMagic), splat(0.0)), shifted);
}

static inline __attribute__((noinline)) F64 exp2Careful(F64 x) {
  F64 c = select(x > 1025.0, splat(1025.0), select(x < -1076.0, splat(-1076.0), x));
  F64 k = c + roundingMagic - roundingMagic;
  return scaleInTwoSteps(exp2ReducedPair(c - k, splat(0.0)), k);
}

// 2^x.
NADIR_INLINE F64 exp2(F64 x) {
  if (__builtin_expect(any(~(absolute(x) < splat(1022.0))), 0)) return exp2Careful(x);
  return exp2Core(x);
}

}  // namespace
