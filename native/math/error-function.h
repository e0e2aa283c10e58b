// erf and erfc over lanes. Twin of error-function.ts, which explains the method; the same bits,
// lane by lane.
#pragma once

#include "math/exp.h"

namespace {

namespace errorFunctionConstants {
constexpr double splitter = 134217729.0;
constexpr double seriesLimit = 0.9;
constexpr double complementLimit = 0.65;
constexpr double center = 3.5;
// From here erfc nears the smallest normal number, and 2^k passes it.
constexpr double scaledLimit = 26;
constexpr double zeroLimit = 27.5;
}  // namespace errorFunctionConstants

// erf(x)/x − 1 for |x| < 0.9, z = x².
NADIR_INLINE F64 seriesOfErf(F64 z) {
  const F64 zz = z * z;
  F64 even = splat(1.509819626285171e-8);
  even = mulAdd(even, zz, 1.6477634059615008e-6);
  even = mulAdd(even, zz, 0.00012055388223838801);
  even = mulAdd(even, zz, 0.0052239776550773425);
  even = mulAdd(even, zz, 0.11283791670972039);
  even = mulAdd(even, zz, 0.1283791670955126);
  F64 odd = splat(-1.0824737712867387e-9);
  odd = mulAdd(odd, zz, -1.647968627243552e-7);
  odd = mulAdd(odd, zz, -1.4926829940581423e-5);
  odd = mulAdd(odd, zz, -0.0008548328652276529);
  odd = mulAdd(odd, zz, -0.026866170648260555);
  odd = mulAdd(odd, zz, -0.3761263890318411);
  return mulAdd(odd, z, even);
}

// −log erfc(1 + u) for −0.1 ≤ u ≤ 5, to an absolute error that counts little after exp.
NADIR_INLINE F64 logarithmOfErfc(F64 u) {
  const F64 uu = u * u;
  F64 even = splat(-1.6157115150176493e-10);
  even = mulAdd(even, uu, -1.0810143184752226e-8);
  even = mulAdd(even, uu, -8.043820819786597e-8);
  even = mulAdd(even, uu, 2.0745864683755664e-6);
  even = mulAdd(even, uu, 2.7157818499213032e-5);
  even = mulAdd(even, uu, -0.00023732401022222887);
  even = mulAdd(even, uu, -0.010033825447423006);
  even = mulAdd(even, uu, 0.8431072563585466);
  even = mulAdd(even, uu, 1.8496055099332482);
  F64 odd = splat(6.843067300041671e-12);
  odd = mulAdd(odd, uu, 1.7232585485849482e-9);
  odd = mulAdd(odd, uu, 4.197485573195846e-8);
  odd = mulAdd(odd, uu, -1.6276141614988665e-7);
  odd = mulAdd(odd, uu, -9.614314304405142e-6);
  odd = mulAdd(odd, uu, -2.6275144840468834e-5);
  odd = mulAdd(odd, uu, 0.0019779030208298583);
  odd = mulAdd(odd, uu, 0.04156109804742843);
  odd = mulAdd(odd, uu, 2.6389675142347877);
  return mulAdd(odd, u, even);
}

// A value of fraction·2^k, shifted = k + roundingMagic.
struct ScaledTail {
  F64 fraction;
  F64 k;
  F64 shifted;
};

// erfc a for 0.65 ≤ a ≤ 27.5.
NADIR_INLINE ScaledTail tailOfErfc(F64 a) {
  using namespace errorFunctionConstants;
  const F64 t = (a - splat(center)) / (a + splat(center));
  const F64 tt = t * t;
  F64 odd = splat(1.0118813843732862e-8);
  odd = mulAdd(odd, tt, -9.242786885538076e-8);
  odd = mulAdd(odd, tt, 5.996540814278787e-7);
  odd = mulAdd(odd, tt, -3.8141764955370594e-6);
  odd = mulAdd(odd, tt, 2.4260898522716427e-5);
  odd = mulAdd(odd, tt, -0.000121512425852083);
  odd = mulAdd(odd, tt, -0.00030226787467907835);
  odd = mulAdd(odd, tt, 0.019099330941976207);
  odd = mulAdd(odd, tt, 0.08798315382489438);
  odd = mulAdd(odd, tt, 0.09751909515325782);
  odd = mulAdd(odd, tt, -0.14000918013761943);
  F64 even = splat(8.147358511344658e-10);
  even = mulAdd(even, tt, -8.472851240793323e-9);
  even = mulAdd(even, tt, -4.3713578893740185e-8);
  even = mulAdd(even, tt, 2.3280225714841393e-6);
  even = mulAdd(even, tt, -4.278213415047825e-5);
  even = mulAdd(even, tt, 0.0005643843970443487);
  even = mulAdd(even, tt, -0.004215019905126839);
  even = mulAdd(even, tt, -0.04882332582809497);
  even = mulAdd(even, tt, -0.11508959816018505);
  even = mulAdd(even, tt, -0.010555596332218382);
  const F64 rest = t * mulAdd(even, t, odd);
  const F64 top = splat(1.2423492448711544) + rest;
  const F64 topRest = splat(1.2423492448711544) - top + rest;

  const F64 twice = a + a;
  const F64 divisor = splat(1) + twice;
  const F64 part = divisor - splat(1);
  const F64 divisorRest = splat(1) - (divisor - part) + (twice - part);

  const F64 q = top / divisor;
  const F64 splitQ = splat(splitter) * q;
  const F64 qTop = splitQ - (splitQ - q);
  const F64 qTail = q - qTop;
  const F64 splitD = splat(splitter) * divisor;
  const F64 dTop = splitD - (splitD - divisor);
  const F64 dTail = divisor - dTop;
  const F64 residual = top - qTop * dTop - qTop * dTail - qTail * dTop - qTail * dTail;
  const F64 defect = splat(0.83) * (residual + (topRest - q * divisorRest));

  const F64 square = a * a;
  const F64 splitA = splat(splitter) * a;
  const F64 aTop = splitA - (splitA - a);
  const F64 aTail = a - aTop;
  const F64 squareRest = aTop * aTop - square + splat(2) * aTop * aTail + aTail * aTail;
  const F64 shifted = square * splat(-expConstants::log2OfE) + splat(roundingMagic);
  const F64 k = shifted - splat(roundingMagic);
  const F64 high = -square - k * splat(expConstants::ln2High);
  const F64 low = k * splat(expConstants::ln2Low);
  const F64 r = high - low;
  const F64 lost = high - r - low;
  const F64 s = r * r;
  const F64 ss = s * s;
  const F64 curve = s * mulAdd(r, mulAdd(expEven(s, ss), r, expOdd(s, ss)), 0.5);
  const F64 p = r + curve;
  const F64 e = splat(1) + p;
  const F64 eRest = splat(1) - e + p + (r - p + curve);

  const F64 splitE = splat(splitter) * e;
  const F64 eTop = splitE - (splitE - e);
  const F64 eTail = e - eTop;
  const F64 product = e * q;
  const F64 productRest = eTop * qTop - product + eTop * qTail + eTail * qTop + eTail * qTail;
  const F64 correction = q * eRest + product * (lost - squareRest + defect);
  return {product + (productRest + correction), k, shifted};
}

NADIR_INLINE F64 erf(F64 x) {
  using namespace errorFunctionConstants;
  const F64 a = absolute(x);
  const Mask tail = a >= splat(seriesLimit);
  const F64 clamped = select(a > splat(6), splat(6), a);
  const F64 value = splat(1) - expCore(-logarithmOfErfc(clamped - splat(1)));
  return copySign(select(tail, value, a + a * seriesOfErf(a * a)), x);
}

// |x| < 0.65 or NaN: the series; elsewhere from erfc |x|.
NADIR_INLINE F64 joinErfc(F64 x, F64 a, F64 tail) {
  using namespace errorFunctionConstants;
  const F64 h = splat(1) - x;
  const F64 series = h + (splat(1) - h - x - x * seriesOfErf(x * x));
  const F64 reflected = select(x < splat(0), splat(2) - tail, tail);
  return select(a >= splat(complementLimit), reflected, series);
}

static __attribute__((noinline)) F64 erfcCareful(F64 x) {
  using namespace errorFunctionConstants;
  const F64 a = absolute(x);
  const ScaledTail tail = tailOfErfc(select(a > splat(zeroLimit), splat(zeroLimit), a));
  return joinErfc(x, a, scaleInTwoSteps(tail.fraction, tail.k));
}

NADIR_INLINE F64 erfc(F64 x) {
  using namespace errorFunctionConstants;
  const F64 a = absolute(x);
  if (any(~(a < splat(scaledLimit)))) return erfcCareful(x);
  const ScaledTail tail = tailOfErfc(a);
  return joinErfc(x, a, scaleNormal(tail.fraction, tail.shifted));
}

}  // namespace
