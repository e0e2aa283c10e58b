// Faddeeva's function w(z) = e^(−z²)·erfc(−iz), z = x + iy: the Voigt profile is its real part.
//
// |z| < 8, y ≥ 0: the rational series of Weideman (1994, SIAM J. Numer. Anal. 31) with N = 40,
//   w = d·(1/√π + d·p(Z)), d = 1/(L − iz), Z = (L + iz)·d, even and odd powers of Z apart;
//   coefficients from its formula in 200-bit arithmetic.
// |z| ≥ 8, y ≥ 0: ten terms of Laplace's continued fraction (Gautschi 1970, SIAM J. Numer. Anal. 7)
//   as a quotient of polynomials in 1/z².
// y < 0: w(z) = 2·e^(−z²) − w(−z).
// The error is at most 2e-15·|w| for y ≥ 0; below the axis that of e^(−z²) comes on top.

import { exp } from './exp.ts';
import { cos, sin } from './trigonometric.ts';

/** √(N/√2) */
const scale = 5.3182958969449885;
/** 1 / √π */
const overRootPi = 0.5641895835477563;
const seriesLimit = 64; // of |z|²
/** |x| or |y| from which |z|² may overflow; scaling by powers of 2 is exact. */
const hugeLimit = 1e150;
const shrink = 2 ** -512;

const even = Float64Array.of(
  2.256147124728804e-15, -1.0818620565764284e-14, 2.7451241173431e-14, 2.4062916438775977e-13,
  -5.4552046316400904e-12, 6.9454534186091e-11, -7.126467973195307e-10, 6.035561080018141e-9,
  -3.6631233566080924e-8, 2.8397284799871348e-8, 2.967132226440156e-6, -3.601489428950191e-5,
  -7.878726290979138e-5, 0.005410811266147583, 0.058405832942483735, 0.3100852760495899,
  1.0533057976554172, 2.5127631351530266, 4.403027589756624, 5.799249018779411,
);
const odd = Float64Array.of(
  -3.799389894789854e-15, 2.2715374397998483e-14, -1.414817252057371e-13, 9.065933356521345e-13,
  -5.815376684365734e-12, 3.5428990428022384e-11, -1.8110248901856585e-10,
  4.2172012694133035e-10, 6.4994930360873945e-9, -1.270354697008858e-7, 1.1824273903798989e-6,
  -2.1320277969894286e-6, -0.00011182618528496636, 0.0008796140319739336, 0.02009637248556685,
  0.14364723558148673, 0.5997887599230013, 1.6944349153187637, 3.4507661696359557,
  5.23210830552372,
);
// The ten terms of the fraction as P(t)/Q(t), t = 1/z²; exact.
const upper = Float64Array.of(-120, 790.3125, -761.25, 234.5, -27, 1);
const lower = Float64Array.of(-324.84375, 1082.8125, -866.25, 247.5, -27.5, 1);

// The value, by its parts: two numbers leave a function without an allocation.
let re = 0;
let im = 0;

// x ≥ 0, y ≥ 0.
function series(x: number, y: number): void {
  const top = scale + y;
  const over = 1 / (x * x + top * top);
  const dRe = top * over;
  const dIm = x * over;
  const rest = scale - y;
  const zRe = rest * dRe - x * dIm;
  const zIm = rest * dIm + x * dRe;
  const sRe = zRe * zRe - zIm * zIm;
  const sIm = 2 * zRe * zIm;
  let evenRe = even[0];
  let evenIm = 0;
  let oddRe = odd[0];
  let oddIm = 0;
  for (let k = 1; k < even.length; k++) {
    const a = evenRe * sRe + even[k] - evenIm * sIm;
    evenIm = evenRe * sIm + evenIm * sRe;
    evenRe = a;
    const b = oddRe * sRe + odd[k] - oddIm * sIm;
    oddIm = oddRe * sIm + oddIm * sRe;
    oddRe = b;
  }
  const pRe = oddRe * zRe + evenRe - oddIm * zIm;
  const pIm = oddRe * zIm + evenIm + oddIm * zRe;
  const qRe = pRe * dRe + overRootPi - pIm * dIm;
  const qIm = pRe * dIm + pIm * dRe;
  re = qRe * dRe - qIm * dIm;
  im = qRe * dIm + qIm * dRe;
}

// x ≥ 0, y ≥ 0.
function fraction(x: number, y: number): void {
  const isHuge = x > hugeLimit || y > hugeLimit;
  const factor = isHuge ? shrink : 1;
  const a = x * factor;
  const b = y * factor;
  // An infinite part makes w = 0.
  const over = 1 / (a * a + b * b);
  const isInfinite = over === 0;
  const inRe = isInfinite ? 0 : a * over * factor;
  const inIm = isInfinite ? 0 : -b * over * factor;
  const tRe = inRe * inRe - inIm * inIm;
  const tIm = 2 * inRe * inIm;
  let pRe = upper[0];
  let pIm = 0;
  let qRe = lower[0];
  let qIm = 0;
  for (let k = 1; k < upper.length; k++) {
    const c = pRe * tRe + upper[k] - pIm * tIm;
    pIm = pRe * tIm + pIm * tRe;
    pRe = c;
    const d = qRe * tRe + lower[k] - qIm * tIm;
    qIm = qRe * tIm + qIm * tRe;
    qRe = d;
  }
  // (i/√π)·(1/z)·P/Q
  const weight = overRootPi / (qRe * qRe + qIm * qIm);
  const ratioRe = (pRe * qRe + pIm * qIm) * weight;
  const ratioIm = (pIm * qRe - pRe * qIm) * weight;
  re = -(inRe * ratioIm + inIm * ratioRe);
  im = inRe * ratioRe - inIm * ratioIm;
}

function compute(x: number, y: number): void {
  const a = Math.abs(x);
  const b = Math.abs(y);
  if (a * a + b * b < seriesLimit) series(a, b);
  else fraction(a, b);
  if (y < 0) {
    const size = 2 * exp((b - a) * (b + a));
    const angle = 2 * a * b;
    // Where e^(−z²) vanishes its angle may be infinite.
    if (size !== 0) {
      re = size * cos(angle) - re;
      im = size * sin(angle) + im;
    } else re = -re;
  }
  if (x < 0) im = -im;
}

/** Re w(x + iy), for y ≥ 0 the Voigt function K(x, y); w(iy) is e^(y²)·erfc y. */
export function faddeevaReal(x: number, y: number): number {
  compute(x, y);
  return re;
}

/** Im w(x + iy), for y ≥ 0 the Voigt function L(x, y); on the axis 2/√π times Dawson's integral. */
export function faddeevaImaginary(x: number, y: number): number {
  compute(x, y);
  return im;
}
