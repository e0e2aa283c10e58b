// Faddeeva's function over lanes. Twin of faddeeva.ts, which explains the method; the same bits,
// lane by lane.
#pragma once

#include "math/exp.h"
#include "math/trigonometric.h"

namespace {

namespace faddeevaConstants {
constexpr double scale = 5.3182958969449885;
constexpr double overRootPi = 0.5641895835477563;
constexpr double seriesLimit = 64;
constexpr double hugeLimit = 1e150;
constexpr double shrink = 0x1p-512;
constexpr int seriesCount = 20;
constexpr int fractionCount = 6;
constexpr double even[seriesCount] = {
  2.256147124728804e-15, -1.0818620565764284e-14, 2.7451241173431e-14, 2.4062916438775977e-13,
  -5.4552046316400904e-12, 6.9454534186091e-11, -7.126467973195307e-10, 6.035561080018141e-9,
  -3.6631233566080924e-8, 2.8397284799871348e-8, 2.967132226440156e-6, -3.601489428950191e-5,
  -7.878726290979138e-5, 0.005410811266147583, 0.058405832942483735, 0.3100852760495899,
  1.0533057976554172, 2.5127631351530266, 4.403027589756624, 5.799249018779411,
};
constexpr double odd[seriesCount] = {
  -3.799389894789854e-15, 2.2715374397998483e-14, -1.414817252057371e-13, 9.065933356521345e-13,
  -5.815376684365734e-12, 3.5428990428022384e-11, -1.8110248901856585e-10,
  4.2172012694133035e-10, 6.4994930360873945e-9, -1.270354697008858e-7, 1.1824273903798989e-6,
  -2.1320277969894286e-6, -0.00011182618528496636, 0.0008796140319739336, 0.02009637248556685,
  0.14364723558148673, 0.5997887599230013, 1.6944349153187637, 3.4507661696359557,
  5.23210830552372,
};
constexpr double upper[fractionCount] = {-120, 790.3125, -761.25, 234.5, -27, 1};
constexpr double lower[fractionCount] = {-324.84375, 1082.8125, -866.25, 247.5, -27.5, 1};
}  // namespace faddeevaConstants

struct Complex {
  F64 re;
  F64 im;
};

// p·z + c for a real c.
NADIR_INLINE Complex hornerStep(Complex p, Complex z, double c) {
  return {negMulAdd(p.im, z.im, mulAdd(p.re, z.re, c)), mulAdd(p.re, z.im, p.im * z.re)};
}

// x ≥ 0, y ≥ 0. Kept apart: two chains of twenty complex steps fill the registers.
static NADIR_NOINLINE Complex faddeevaSeries(F64 x, F64 y) {
  using namespace faddeevaConstants;
  const F64 top = splat(scale) + y;
  const F64 over = splat(1) / mulAdd(x, x, top * top);
  const Complex d = {top * over, x * over};
  const F64 rest = splat(scale) - y;
  const Complex z = {negMulAdd(x, d.im, rest * d.re), mulAdd(rest, d.im, x * d.re)};
  const Complex s = {negMulAdd(z.im, z.im, z.re * z.re), splat(2) * z.re * z.im};
  Complex e = {splat(even[0]), splat(0)};
  Complex o = {splat(odd[0]), splat(0)};
  for (int k = 1; k < seriesCount; k++) {
    e = hornerStep(e, s, even[k]);
    o = hornerStep(o, s, odd[k]);
  }
  const Complex p = {negMulAdd(o.im, z.im, mulAdd(o.re, z.re, e.re)),
                     mulAdd(o.im, z.re, mulAdd(o.re, z.im, e.im))};
  const Complex q = {negMulAdd(p.im, d.im, mulAdd(p.re, d.re, overRootPi)),
                     mulAdd(p.re, d.im, p.im * d.re)};
  return {negMulAdd(q.im, d.im, q.re * d.re), mulAdd(q.re, d.im, q.im * d.re)};
}

// x ≥ 0, y ≥ 0.
static NADIR_NOINLINE Complex faddeevaFraction(F64 x, F64 y) {
  using namespace faddeevaConstants;
  const Mask isHuge = (x > splat(hugeLimit)) | (y > splat(hugeLimit));
  const F64 factor = select(isHuge, splat(shrink), splat(1));
  const F64 a = x * factor, b = y * factor;
  const F64 over = splat(1) / mulAdd(a, a, b * b);
  const Mask isInfinite = over == splat(0);
  const Complex in = {select(isInfinite, splat(0), a * over * factor),
                      select(isInfinite, splat(0), -b * over * factor)};
  const Complex t = {negMulAdd(in.im, in.im, in.re * in.re), splat(2) * in.re * in.im};
  Complex p = {splat(upper[0]), splat(0)};
  Complex q = {splat(lower[0]), splat(0)};
  for (int k = 1; k < fractionCount; k++) {
    p = hornerStep(p, t, upper[k]);
    q = hornerStep(q, t, lower[k]);
  }
  const F64 weight = splat(overRootPi) / mulAdd(q.re, q.re, q.im * q.im);
  const Complex ratio = {mulAdd(p.re, q.re, p.im * q.im) * weight,
                         negMulAdd(p.re, q.im, p.im * q.re) * weight};
  return {-mulAdd(in.re, ratio.im, in.im * ratio.re),
          negMulAdd(in.im, ratio.im, in.re * ratio.re)};
}

// Far from the origin, below the axis, or NaN in some lane.
static NADIR_NOINLINE Complex faddeevaCareful(F64 x, F64 y) {
  using namespace faddeevaConstants;
  const F64 a = absolute(x), b = absolute(y);
  const Mask isNear = mulAdd(a, a, b * b) < splat(seriesLimit);
  const Complex far = faddeevaFraction(a, b);
  const Complex near = faddeevaSeries(a, b);
  F64 re = select(isNear, near.re, far.re);
  F64 im = select(isNear, near.im, far.im);
  const Mask below = y < splat(0);
  if (any(below)) {
    const F64 size = splat(2) * exp((b - a) * (b + a));
    const F64 angle = splat(2) * a * b;
    const Mask vanishes = size == splat(0);
    const F64 reflectedRe = select(vanishes, -re, mulSub(size, cos(angle), re));
    const F64 reflectedIm = select(vanishes, im, mulAdd(size, sin(angle), im));
    re = select(below, reflectedRe, re);
    im = select(below, reflectedIm, im);
  }
  return {re, select(x < splat(0), -im, im)};
}

NADIR_INLINE Mask isPlainFaddeeva(F64 a, F64 y) {
  return (y >= splat(0)) & (mulAdd(a, a, y * y) < splat(faddeevaConstants::seriesLimit));
}

NADIR_INLINE F64 faddeevaReal(F64 x, F64 y) {
  const F64 a = absolute(x);
  if (any(~isPlainFaddeeva(a, y))) return faddeevaCareful(x, y).re;
  return faddeevaSeries(a, absolute(y)).re;
}

NADIR_INLINE F64 faddeevaImaginary(F64 x, F64 y) {
  const F64 a = absolute(x);
  if (any(~isPlainFaddeeva(a, y))) return faddeevaCareful(x, y).im;
  const F64 im = faddeevaSeries(a, absolute(y)).im;
  return select(x < splat(0), -im, im);
}

}  // namespace
