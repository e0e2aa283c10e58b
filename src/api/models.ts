// The ready models by name. What each of them is, and how it finds its starts, stands in
// src/model/library.

import type { StepForm } from '../model/library/index.ts';
import { librarySource } from './library-source.ts';
import { modelOfSource } from './model.ts';
import type { Model } from './types.ts';

/** A model over the predictors x and y. */
export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/**
 * Ready models. Peaks have their height as `amp`, with the one exception of expGaussian. All guess
 * their starts, can be added, multiplied and renamed, and are differentiated exactly. Units are
 * those of x and y unless said otherwise; rates are per unit of x.
 */
export interface Models {
  /** f = c */
  constant(): Model<'c'>;
  /** f = slope·x + intercept */
  line(): Model<'slope' | 'intercept'>;
  /**
   * f = c0 + c1·x + … + c[degree]·x^degree
   * @param degree 0 to 20
   * @throws InputError ERR_RANGE for another degree
   */
  polynomial(degree: number): Model<string>;
  /** f = amp·e^(−decay·x) + offset; decay is a rate. */
  exponential(): Model<'amp' | 'decay' | 'offset'>;
  /** f = a1·e^(−k1·x) + a2·e^(−k2·x) + offset; the guess has k1 > k2. */
  biexponential(): Model<'a1' | 'k1' | 'a2' | 'k2' | 'offset'>;
  /** f = amp·e^(−(x − cen)²/(2·sigma²)); amp is the height, the area amp·sigma·√(2π). */
  gaussian(): Model<'amp' | 'cen' | 'sigma'>;
  /** f = amp/(1 + ((x − cen)/sigma)²); sigma is the half width at half height. */
  lorentzian(): Model<'amp' | 'cen' | 'sigma'>;
  /**
   * A Gaussian of standard deviation sigma convolved with a Lorentzian of half width gamma, scaled to
   * the height amp.
   */
  voigt(): Model<'amp' | 'cen' | 'sigma' | 'gamma'>;
  /** f = amp·[(1 − eta)·2^(−t²) + eta/(1 + t²)], t = (x − cen)/sigma; eta is 0 to 1. */
  pseudoVoigt(): Model<'amp' | 'cen' | 'sigma' | 'eta'>;
  /** f = top + (bottom − top)/(1 + (x/ec50)^hill) for doses x ≥ 0 */
  logistic4(): Model<'bottom' | 'top' | 'ec50' | 'hill'>;
  /** f = top + (bottom − top)/(1 + (x/ec50)^hill)^asym for doses x ≥ 0 */
  logistic5(): Model<'bottom' | 'top' | 'ec50' | 'hill' | 'asym'>;
  /** f = vmax·x/(km + x) */
  michaelisMenten(): Model<'vmax' | 'km'>;
  /** f = amp·x^exponent for x ≥ 0 */
  powerLaw(): Model<'amp' | 'exponent'>;
  /** f = amp·sin(2π·freq·x + phase) + offset; freq in cycles per unit of x, phase in radians. */
  sine(): Model<'amp' | 'freq' | 'phase' | 'offset'>;
  /** f = amp·e^(−decay·x)·sin(2π·freq·x + phase) + offset */
  dampedSine(): Model<'amp' | 'freq' | 'phase' | 'decay' | 'offset'>;
  /** f = amp·exp(−shift·e^(−rate·x)); amp is the limit, shift is −ln(f/amp) at x = 0. */
  gompertz(): Model<'amp' | 'shift' | 'rate'>;
  /** f = amp/(1 + ((x − cen)/sigma)²)^beta */
  moffat(): Model<'amp' | 'cen' | 'sigma' | 'beta'>;
  /**
   * f = amp/(1 + (2^(1/expon) − 1)·((x − cen)/sigma)²)^expon; sigma is the half width at half
   * height.
   */
  pearson7(): Model<'amp' | 'cen' | 'sigma' | 'expon'>;
  /** f = amp·(1 + ((x − cen)/sigma)²/nu)^(−(nu + 1)/2) */
  student(): Model<'amp' | 'cen' | 'sigma' | 'nu'>;
  /**
   * f = amp·(q·sigma/2 + x − cen)²/((sigma/2)² + (x − cen)²); amp is the level far from the
   * resonance.
   */
  breitWigner(): Model<'amp' | 'cen' | 'sigma' | 'q'>;
  /** f = amp·e^(−ln(x/cen)²/(2·sigma²)) for x > 0, else 0; sigma is the width of ln x. */
  logNormal(): Model<'amp' | 'cen' | 'sigma'>;
  /**
   * A Gaussian convolved with the decay e^(−x/tau)/tau: a peak with a tail to the right. amp is the
   * area, cen the centre of the Gaussian.
   */
  expGaussian(): Model<'amp' | 'cen' | 'sigma' | 'tau'>;
  /**
   * f = amp·e^(−t²/2)·(1 + erf(gamma·t/√2)), t = (x − cen)/sigma; amp is the height at gamma = 0.
   */
  skewedGaussian(): Model<'amp' | 'cen' | 'sigma' | 'gamma'>;
  /**
   * f = amp·cos(π·gamma/2 + (1 − gamma)·atan t)/(1 + t²)^((1 − gamma)/2), t = (x − cen)/sigma; amp is
   * the height at gamma = 0.
   */
  doniach(): Model<'amp' | 'cen' | 'sigma' | 'gamma'>;
  /**
   * f = amp·s(t), t = (x − cen)/sigma, with s(t) = ½ + t between 0 and 1 ('linear', the default),
   * ½ + atan(t)/π ('arctan'), (1 + erf t)/2 ('erf') or 1/(1 + e^(−t)) ('logistic'). A negative sigma
   * steps down.
   * @throws InputError ERR_RANGE for another form
   */
  step(form?: StepForm): Model<'amp' | 'cen' | 'sigma'>;
  /**
   * f = amp·[s((x − cen1)/sigma1) − s((x − cen2)/sigma2)]: a step up and a step down, in the forms of
   * `step`.
   * @throws InputError ERR_RANGE for another form
   */
  rectangle(form?: StepForm): Model<'amp' | 'cen1' | 'sigma1' | 'cen2' | 'sigma2'>;
  /**
   * f = amp·e^(−(x − xcen)²/(2·xsigma²) − (y − ycen)²/(2·ysigma²)) + offset over the predictors x
   * and y
   */
  gaussian2d(): Model<'amp' | 'xcen' | 'ycen' | 'xsigma' | 'ysigma' | 'offset', PlanePoint>;
  /** f = amp·(1 − e^(−(x/scale)^shape)) for x ≥ 0 */
  weibull(): Model<'amp' | 'scale' | 'shape'>;
  /** f = vmax·x^n/(k^n + x^n) for x ≥ 0 */
  hill(): Model<'vmax' | 'k' | 'n'>;
  /** f = amp·e^(−ea/(R·x)), R = 8.31446261815324 J/(mol·K); x in kelvin, ea in J/mol. */
  arrhenius(): Model<'amp' | 'ea'>;
  /** f = amp/(1 + e^(−rate·(x − mid))) */
  logisticGrowth(): Model<'amp' | 'rate' | 'mid'>;
  /**
   * f = amp·ka/(ka − ke)·(e^(−ke·x) − e^(−ka·x)) for x ≥ 0: absorption with the rate ka, elimination
   * with ke. The guess has ka > ke.
   */
  bateman(): Model<'amp' | 'ka' | 'ke'>;
}

const ready = <M>(name: string, argument?: unknown): M =>
  modelOfSource(librarySource(name, argument)!) as unknown as M;

/**
 * @example
 * const peak = models.gaussian();
 * peak.evaluate([0], { amp: 2, cen: 0, sigma: 1 }); // Float64Array [2]
 * const doublet = peak.prefix('a_').plus(peak.prefix('b_')).plus(models.line());
 * doublet.paramNames.length; // 8
 */
export const models: Models = {
  constant: () => ready('constant'),
  line: () => ready('line'),
  polynomial: (degree) => ready('polynomial', degree),
  exponential: () => ready('exponential'),
  biexponential: () => ready('biexponential'),
  gaussian: () => ready('gaussian'),
  lorentzian: () => ready('lorentzian'),
  voigt: () => ready('voigt'),
  pseudoVoigt: () => ready('pseudoVoigt'),
  logistic4: () => ready('logistic4'),
  logistic5: () => ready('logistic5'),
  michaelisMenten: () => ready('michaelisMenten'),
  powerLaw: () => ready('powerLaw'),
  sine: () => ready('sine'),
  dampedSine: () => ready('dampedSine'),
  gompertz: () => ready('gompertz'),
  moffat: () => ready('moffat'),
  pearson7: () => ready('pearson7'),
  student: () => ready('student'),
  breitWigner: () => ready('breitWigner'),
  logNormal: () => ready('logNormal'),
  expGaussian: () => ready('expGaussian'),
  skewedGaussian: () => ready('skewedGaussian'),
  doniach: () => ready('doniach'),
  step: (form = 'linear') => ready('step', form),
  rectangle: (form = 'linear') => ready('rectangle', form),
  gaussian2d: () => ready('gaussian2d'),
  weibull: () => ready('weibull'),
  hill: () => ready('hill'),
  arrhenius: () => ready('arrhenius'),
  logisticGrowth: () => ready('logisticGrowth'),
  bateman: () => ready('bateman'),
};
