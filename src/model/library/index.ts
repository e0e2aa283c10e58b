// The ready models, by the name that they have in `models` and in JSON.

import { arrhenius } from './arrhenius.ts';
import { bateman } from './bateman.ts';
import { biexponential } from './biexponential.ts';
import { breitWigner } from './breit-wigner.ts';
import { constant } from './constant.ts';
import { dampedSine } from './damped-sine.ts';
import { doniach } from './doniach.ts';
import { expGaussian } from './exp-gaussian.ts';
import { exponential } from './exponential.ts';
import { gaussian } from './gaussian.ts';
import { gaussian2d } from './gaussian2d.ts';
import { gompertz } from './gompertz.ts';
import { hill } from './hill.ts';
import { line } from './line.ts';
import { logNormal } from './log-normal.ts';
import { logisticGrowth } from './logistic-growth.ts';
import { logistic4 } from './logistic4.ts';
import { logistic5 } from './logistic5.ts';
import { lorentzian } from './lorentzian.ts';
import { michaelisMenten } from './michaelis-menten.ts';
import { moffat } from './moffat.ts';
import { pearson7 } from './pearson7.ts';
import { powerLaw } from './power-law.ts';
import { pseudoVoigt } from './pseudo-voigt.ts';
import { sine } from './sine.ts';
import { skewedGaussian } from './skewed-gaussian.ts';
import { student } from './student.ts';
import { voigt } from './voigt.ts';
import { weibull } from './weibull.ts';
import type { LibraryModel } from './library-model.ts';

/** Models without an argument. */
export const library: ReadonlyMap<string, LibraryModel> = new Map<string, LibraryModel>([
  constant, line, exponential, biexponential, gaussian, lorentzian, voigt, pseudoVoigt, logistic4,
  logistic5, michaelisMenten, powerLaw, sine, dampedSine, gompertz, moffat, pearson7, student,
  breitWigner, logNormal, expGaussian, skewedGaussian, doniach, gaussian2d, weibull, hill,
  arrhenius, logisticGrowth, bateman,
].map((model) => [model.name, model]));

export { maxDegree, polynomial } from './polynomial.ts';
export { rectangle } from './rectangle.ts';
export { step, stepForms } from './step.ts';
export type { StepForm } from './step.ts';
