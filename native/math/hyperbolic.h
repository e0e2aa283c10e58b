// Hyperbolic functions and their inverses over lanes. The method and its constants are told in
// src/portable/math/hyperbolic.ts; here every lane computes all intervals and selects. Exact pairs
// are written without mulAdd.
#pragma once

#include "math/exp.h"
#include "math/log.h"

namespace {

namespace hyperbolicConstants {
constexpr double u0 = 0.16666666666666669;
constexpr double u1 = 0.008333333333332912;
constexpr double u2 = 0.00019841269841593408;
constexpr double u3 = 2.7557319106758167e-6;
constexpr double u4 = 2.5052130998409593e-8;
constexpr double u5 = 1.6056659195614954e-10;
constexpr double u6 = 7.776599297504436e-13;
constexpr double v0 = -0.3333333333333327;
constexpr double v1 = 0.13333333333324343;
constexpr double v2 = -0.05396825396377872;
constexpr double v3 = 0.021869488423932663;
constexpr double v4 = -0.008863233866911267;
constexpr double v5 = 0.003592112149932328;
constexpr double v6 = -0.0014557313728676457;
constexpr double v7 = 0.0005895600137811295;
constexpr double v8 = -0.00023762140572154683;
constexpr double v9 = 9.344513480730618e-5;
constexpr double v10 = -3.3619391289064854e-5;
constexpr double v11 = 9.493885075460788e-6;
constexpr double v12 = -1.4860810276743813e-6;
constexpr double w0 = -0.1666666666666661;
constexpr double w1 = 0.07499999999984416;
constexpr double w2 = -0.044642857127830206;
constexpr double w3 = 0.030381943716315828;
constexpr double w4 = -0.02237213835606195;
constexpr double w5 = 0.017352386920095844;
constexpr double w6 = -0.013960231906961988;
constexpr double w7 = 0.01151298178634161;
constexpr double w8 = -0.009534132515953185;
constexpr double w9 = 0.007465571541384469;
constexpr double w10 = -0.004747466270035711;
constexpr double w11 = 0.001718050860836709;
constexpr double largeArgument = 268435456.0;
constexpr double atanhSeriesEnd = 0.17;
constexpr double tanhEnd = 22.0;
constexpr double splitter = 134217729.0;
}  // namespace hyperbolicConstants

// e^a = 2^k·(high + low), e^−a = 2^−k·inverse, for 0 ≤ a ≤ 711.
struct ExponentialPair {
  F64 k;
  F64 high;
  F64 low;
  F64 inverse;
};

NADIR_INLINE ExponentialPair exponentialPair(F64 a) {
  using namespace expConstants;
  ExponentialPair pair;
  pair.k = a * log2OfE + roundingMagic - roundingMagic;
  F64 upper = a - pair.k * ln2High;
  F64 lower = pair.k * ln2Low;
  F64 r = upper - lower;
  F64 s = r * r;
  F64 t = s * s;
  F64 even = mulAdd(t, expEven(s, t), s * 0.5);
  F64 odd = mulAdd(r * s, expOdd(s, t), upper - r - lower);
  pair.high = 1.0 + r;
  pair.low = 1.0 - pair.high + r + (even + odd);
  pair.inverse = 1.0 - r + (even - odd);
  return pair;
}

// (e^a ± e^−a) / 2 for 0 ≤ a < 708.
NADIR_INLINE F64 exponentialHalf(F64 a, double sign) {
  ExponentialPair pair = exponentialPair(a);
  F64 scale = powerOfTwo(pair.k + (roundingMagic - 1.0));
  F64 inverseScale = powerOfTwo((roundingMagic - 1.0) - pair.k) * sign;
  return mulAdd(pair.high, scale, mulAdd(pair.low, scale, pair.inverse * inverseScale));
}

// e^a / 2 for a ≥ 708.
NADIR_INLINE F64 exponentialHalfLarge(F64 a) {
  ExponentialPair pair = exponentialPair(select(a > splat(711.0), splat(711.0), a));
  return scaleInTwoSteps(pair.high + pair.low, pair.k - 1.0);
}

// |x| < 1.
NADIR_INLINE F64 sinhSeries(F64 x) {
  using namespace hyperbolicConstants;
  F64 z = x * x;
  F64 w = z * z;
  F64 u = mulAdd(mulAdd(mulAdd(z, u6, splat(u5)), w, mulAdd(z, u4, splat(u3))), w,
                 mulAdd(z, u2, splat(u1)));
  return mulAdd(x * z, mulAdd(u, z, u0), x);
}

// |x| < 708.
NADIR_INLINE F64 sinhCore(F64 x) {
  F64 a = absolute(x);
  return select(a < splat(1.0), sinhSeries(x), copySign(exponentialHalf(a, -1.0), x));
}

static inline __attribute__((noinline)) F64 sinhCareful(F64 x) {
  Mask common = absolute(x) < splat(708.0);
  F64 core = sinhCore(select(common, x, splat(0.0)));
  return select(common, core, copySign(exponentialHalfLarge(absolute(x)), x));
}

// Hyperbolic sine.
NADIR_INLINE F64 sinh(F64 x) {
  if (__builtin_expect(any(~(absolute(x) < splat(708.0))), 0)) return sinhCareful(x);
  return sinhCore(x);
}

static inline __attribute__((noinline)) F64 coshCareful(F64 x) {
  F64 a = absolute(x);
  Mask common = a < splat(708.0);
  F64 core = exponentialHalf(select(common, a, splat(0.0)), 1.0);
  return select(common, core, exponentialHalfLarge(a));
}

// Hyperbolic cosine.
NADIR_INLINE F64 cosh(F64 x) {
  F64 a = absolute(x);
  if (__builtin_expect(any(~(a < splat(708.0))), 0)) return coshCareful(x);
  return exponentialHalf(a, 1.0);
}

// 0 ≤ x < 3/4.
NADIR_INLINE F64 tanhSeries(F64 x) {
  using namespace hyperbolicConstants;
  F64 z = x * x;
  F64 w = z * z;
  F64 q = w * w;
  F64 first = mulAdd(mulAdd(z, v4, splat(v3)), w, mulAdd(z, v2, splat(v1)));
  F64 middle = mulAdd(mulAdd(z, v8, splat(v7)), w, mulAdd(z, v6, splat(v5)));
  F64 last = mulAdd(mulAdd(z, v12, splat(v11)), w, mulAdd(z, v10, splat(v9)));
  F64 v = mulAdd(mulAdd(last, q, middle), q, first);
  return mulAdd(x * z, mulAdd(v, z, v0), x);
}

// Hyperbolic tangent. No argument needs care: beyond 22 the argument is 22.
NADIR_INLINE F64 tanh(F64 x) {
  using namespace hyperbolicConstants;
  using namespace expConstants;
  F64 a = absolute(x);
  F64 c = select(a > splat(tanhEnd), splat(tanhEnd), a) * 2.0;
  F64 shifted = c * log2OfE + roundingMagic;
  F64 k = shifted - roundingMagic;
  F64 r = c - k * ln2High - k * ln2Low;
  F64 s = r * r;
  F64 t = s * s;
  F64 p = mulAdd(s, mulAdd(r, expOdd(s, t), mulAdd(s, expEven(s, t), 0.5)), r);
  F64 scale = powerOfTwo(shifted);
  F64 whole = 1.0 + scale;
  F64 part = scale * p;
  F64 sum = whole + part;
  F64 w = 2.0 / sum;
  F64 difference = 1.0 - w;
  F64 result = difference + mulAdd(w * w, (whole - sum + part) * 0.5, 1.0 - difference - w);
  return copySign(select(a < splat(0.75), tanhSeries(a), result), x);
}

// x·x as an exact pair (Dekker 1971), for x below 2^500.
struct ExactSquare {
  F64 high;
  F64 low;
};

NADIR_INLINE ExactSquare exactSquare(F64 x) {
  F64 spread = x * hyperbolicConstants::splitter;
  F64 high = spread - (spread - x);
  F64 low = x - high;
  ExactSquare square;
  square.high = x * x;
  square.low = high * high - square.high + 2.0 * high * low + low * low;
  return square;
}

// √(w + wLow) − root, for root = √w as rounded.
NADIR_INLINE F64 rootCorrection(F64 w, F64 wLow, F64 root) {
  F64 spread = root * hyperbolicConstants::splitter;
  F64 high = spread - (spread - root);
  F64 low = root - high;
  F64 error = w - high * high - 2.0 * high * low - low * low;
  return (error + wLow) * 0.5 / root;
}

// 0 ≤ x < 1/2.
NADIR_INLINE F64 asinhSeries(F64 x) {
  using namespace hyperbolicConstants;
  F64 z = x * x;
  F64 w = z * z;
  F64 q = w * w;
  F64 first = mulAdd(mulAdd(z, w4, splat(w3)), w, mulAdd(z, w2, splat(w1)));
  F64 middle = mulAdd(mulAdd(z, w8, splat(w7)), w, mulAdd(z, w6, splat(w5)));
  F64 last = mulAdd(w, w11, mulAdd(z, w10, splat(w9)));
  F64 v = mulAdd(mulAdd(last, q, middle), q, first);
  return mulAdd(x * z, mulAdd(v, z, w0), x);
}

// Inverse hyperbolic sine.
NADIR_INLINE F64 asinh(F64 x) {
  F64 a = absolute(x);
  Mask large = a > splat(hyperbolicConstants::largeArgument);
  F64 b = select(large, splat(1.0), a);
  ExactSquare square = exactSquare(b);
  F64 w = 1.0 + square.high;
  F64 back = w - 1.0;
  F64 wLow = 1.0 - (w - back) + (square.high - back) + square.low;
  F64 root = squareRoot(w);
  F64 correction = rootCorrection(w, wLow, root);
  F64 high = root + b;
  F64 low = select(large, splat(0.0), root - high + b + correction);
  Mantissa parts = splitMantissa(select(large, a, high));
  F64 minusK = select(large, parts.minusK - 1.0, parts.minusK);
  F64 c = select(large, splat(0.0), low * inverseScale(parts));
  F64 result = logReduced(parts.mantissa - 1.0, c, minusK);
  F64 finite = select(a < splat(__builtin_inf()), result, a);
  return copySign(select(a < splat(0.5), asinhSeries(a), finite), x);
}

// Inverse hyperbolic cosine.
NADIR_INLINE F64 acosh(F64 x) {
  F64 one = splat(1.0);
  Mask large = x > splat(hyperbolicConstants::largeArgument);
  F64 b = select(large, one, x);
  ExactSquare square = exactSquare(b);
  F64 difference = square.high - 1.0;
  F64 differenceLow = square.high - difference - 1.0 + square.low;
  F64 w = difference + differenceLow;
  F64 wLow = difference - w + differenceLow;
  F64 root = squareRoot(w);
  F64 correction = select(root > splat(0.0), rootCorrection(w, wLow, root), splat(0.0));
  F64 excess = b - 1.0;
  F64 excessLow = b - excess - 1.0;
  F64 high = root + excess;
  F64 low = root - high + excess + (correction + excessLow);
  F64 u = 1.0 + high;
  Mantissa parts = splitMantissa(select(large, x, u));
  Mask plain = parts.minusK == splat(0.0);
  F64 back = u - 1.0;
  F64 lost = 1.0 - (u - back) + (high - back) + low;
  F64 f = select(plain, high, parts.mantissa - 1.0);
  F64 c = select(plain, low, select(large, splat(0.0), lost * inverseScale(parts)));
  F64 minusK = select(large, parts.minusK - 1.0, parts.minusK);
  F64 result = logReduced(f, c, minusK);
  F64 infinity = splat(__builtin_inf());
  return select(x < infinity, select(x >= one, result, splat(__builtin_nan(""))), x);
}

// Inverse hyperbolic tangent.
NADIR_INLINE F64 atanh(F64 x) {
  F64 a = absolute(x);
  F64 z = x * x;
  F64 series = mulAdd(x, z * (logSeries(z) * 0.5), x);
  F64 n = 1.0 + a;
  F64 nLow = 1.0 - n + a;
  F64 d = 1.0 - a;
  F64 dLow = 1.0 - d - a;
  F64 quotient = n / d;
  F64 qSpread = quotient * hyperbolicConstants::splitter;
  F64 qHigh = qSpread - (qSpread - quotient);
  F64 qLow = quotient - qHigh;
  F64 dSpread = d * hyperbolicConstants::splitter;
  F64 dHigh = dSpread - (dSpread - d);
  F64 dRest = d - dHigh;
  F64 error = n - qHigh * dHigh - qHigh * dRest - qLow * dHigh - qLow * dRest;
  F64 low = (error + (nLow - quotient * dLow)) / d;
  Mantissa parts = splitMantissa(quotient);
  F64 result = logReduced(parts.mantissa - 1.0, low * inverseScale(parts), parts.minusK) * 0.5;
  F64 one = splat(1.0);
  F64 edge = select(a == one, splat(__builtin_inf()), splat(__builtin_nan("")));
  F64 signedResult = copySign(select(a < one, result, edge), x);
  return select(a < splat(hyperbolicConstants::atanhSeriesEnd), series, signedResult);
}

}  // namespace
