// erf and erfc, at most 2 ulp.
//
// |x| < 0.9: erf x = x + x·R(x²). Beyond, erf x = 1 − exp(−Q(|x| − 1)) and, with relative accuracy,
// erfc x = exp(−x²)·G(t)/(1 + 2x) with t = (x − 3.5)/(x + 3.5): the variable of Schonfelder (1978,
// Math. Comp. 32) under the weight of Shepherd and Laframboise (1981, Math. Comp. 36). The
// exponential and the quotient are pairs of doubles, so that only the last sum rounds. Minimax by
// Remez exchange in 200-bit arithmetic: R to 2^-56.3 of erf on [0, 0.9], Q to 2^-55.1 of 1 on
// [0.9, 6], G to 2^-56 on [0.649, 27.4].

import { exp, expEven, expOdd, ln2High, ln2Low, log2OfE } from './exp.ts';
import { roundingMagic, scaleInTwoSteps } from './scaling.ts';

const splitter = 134217729; // 2^27 + 1 (Veltkamp)
const seriesLimit = 0.9;
const complementLimit = 0.65; // beyond it 1 − erf x would cancel too much
const center = 3.5;
const zeroLimit = 27.5; // erfc rounds to 0 from 27.23 on

// erf(x)/x − 1 for |x| < 0.9, z = x².
function seriesOfErf(z: number): number {
  const zz = z * z;
  let even = 1.509819626285171e-8;
  even = even * zz + 1.6477634059615008e-6;
  even = even * zz + 0.00012055388223838801;
  even = even * zz + 0.0052239776550773425;
  even = even * zz + 0.11283791670972039;
  even = even * zz + 0.1283791670955126;
  let odd = -1.0824737712867387e-9;
  odd = odd * zz - 1.647968627243552e-7;
  odd = odd * zz - 1.4926829940581423e-5;
  odd = odd * zz - 0.0008548328652276529;
  odd = odd * zz - 0.026866170648260555;
  odd = odd * zz - 0.3761263890318411;
  return odd * z + even;
}

// −log erfc(1 + u) for −0.1 ≤ u ≤ 5, to an absolute error that counts little after exp.
function logarithmOfErfc(u: number): number {
  const uu = u * u;
  let even = -1.6157115150176493e-10;
  even = even * uu - 1.0810143184752226e-8;
  even = even * uu - 8.043820819786597e-8;
  even = even * uu + 2.0745864683755664e-6;
  even = even * uu + 2.7157818499213032e-5;
  even = even * uu - 0.00023732401022222887;
  even = even * uu - 0.010033825447423006;
  even = even * uu + 0.8431072563585466;
  even = even * uu + 1.8496055099332482;
  let odd = 6.843067300041671e-12;
  odd = odd * uu + 1.7232585485849482e-9;
  odd = odd * uu + 4.197485573195846e-8;
  odd = odd * uu - 1.6276141614988665e-7;
  odd = odd * uu - 9.614314304405142e-6;
  odd = odd * uu - 2.6275144840468834e-5;
  odd = odd * uu + 0.0019779030208298583;
  odd = odd * uu + 0.04156109804742843;
  odd = odd * uu + 2.6389675142347877;
  return odd * u + even;
}

// erfc a for 0.65 ≤ a ≤ 27.5.
function tailOfErfc(a: number): number {
  const t = (a - center) / (a + center);
  const tt = t * t;
  let odd = 1.0118813843732862e-8;
  odd = odd * tt - 9.242786885538076e-8;
  odd = odd * tt + 5.996540814278787e-7;
  odd = odd * tt - 3.8141764955370594e-6;
  odd = odd * tt + 2.4260898522716427e-5;
  odd = odd * tt - 0.000121512425852083;
  odd = odd * tt - 0.00030226787467907835;
  odd = odd * tt + 0.019099330941976207;
  odd = odd * tt + 0.08798315382489438;
  odd = odd * tt + 0.09751909515325782;
  odd = odd * tt - 0.14000918013761943;
  let even = 8.147358511344658e-10;
  even = even * tt - 8.472851240793323e-9;
  even = even * tt - 4.3713578893740185e-8;
  even = even * tt + 2.3280225714841393e-6;
  even = even * tt - 4.278213415047825e-5;
  even = even * tt + 0.0005643843970443487;
  even = even * tt - 0.004215019905126839;
  even = even * tt - 0.04882332582809497;
  even = even * tt - 0.11508959816018505;
  even = even * tt - 0.010555596332218382;
  // G = top + topRest.
  const rest = t * (even * t + odd);
  const top = 1.2423492448711544 + rest;
  const topRest = 1.2423492448711544 - top + rest;

  // 1 + 2a = divisor + divisorRest (TwoSum).
  const twice = a + a;
  const divisor = 1 + twice;
  const part = divisor - 1;
  const divisorRest = 1 - (divisor - part) + (twice - part);

  // G/(1 + 2a) = q·(1 + defect); 0.83 is 1/G within 8 %.
  const q = top / divisor;
  const splitQ = splitter * q;
  const qTop = splitQ - (splitQ - q);
  const qTail = q - qTop;
  const splitD = splitter * divisor;
  const dTop = splitD - (splitD - divisor);
  const dTail = divisor - dTop;
  const residual = top - qTop * dTop - qTop * dTail - qTail * dTop - qTail * dTail;
  const defect = 0.83 * (residual + (topRest - q * divisorRest));

  // e^(−a²) = (e + eRest)·(1 + lost − squareRest)·2^k; a² = square + squareRest.
  const square = a * a;
  const splitA = splitter * a;
  const aTop = splitA - (splitA - a);
  const aTail = a - aTop;
  const squareRest = aTop * aTop - square + 2 * aTop * aTail + aTail * aTail;
  const k = square * -log2OfE + roundingMagic - roundingMagic;
  const high = -square - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  const lost = high - r - low;
  const s = r * r;
  const ss = s * s;
  const curve = s * (r * (expEven(s, ss) * r + expOdd(s, ss)) + 0.5);
  const p = r + curve;
  const e = 1 + p;
  const eRest = 1 - e + p + (r - p + curve);

  const splitE = splitter * e;
  const eTop = splitE - (splitE - e);
  const eTail = e - eTop;
  const product = e * q;
  const productRest = eTop * qTop - product + eTop * qTail + eTail * qTop + eTail * qTail;
  const correction = q * eRest + product * (lost - squareRest + defect);
  return scaleInTwoSteps(product + (productRest + correction), k);
}

/** Error function 2/√π·∫₀ˣ e^(−t²) dt; at most 2 ulp. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a >= seriesLimit)) return x + x * seriesOfErf(x * x);
  const value = 1 - exp(-logarithmOfErfc((a > 6 ? 6 : a) - 1));
  return x < 0 ? -value : value;
}

/** Complementary error function 1 − erf x, accurate where it is tiny; at most 2 ulp. */
export function erfc(x: number): number {
  const a = Math.abs(x);
  if (!(a >= complementLimit)) {
    const h = 1 - x;
    return h + (1 - h - x - x * seriesOfErf(x * x));
  }
  const value = tailOfErfc(a > zeroLimit ? zeroLimit : a);
  return x < 0 ? 2 - value : value;
}
