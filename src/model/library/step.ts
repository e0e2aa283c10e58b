// Steps of four forms.

import { condensed, crossing, endMean, smoothed } from '../guess/curve.ts';
import type { LibraryModel } from './library-model.ts';

export const stepForms = ['linear', 'arctan', 'erf', 'logistic'] as const;
export type StepForm = (typeof stepForms)[number];

/** From 0 to 1 over t, by form. */
export function riseOf(form: StepForm, t: string): string {
  switch (form) {
    case 'linear': return `min(1, max(0, 0.5 + ${t}))`;
    case 'arctan': return `(0.5 + atan(${t})/pi)`;
    case 'erf': return `(0.5*erfc(-(${t})))`;
    case 'logistic': return `(1/(1 + exp(-(${t}))))`;
  }
}

/** Distance in t from a quarter to three quarters of the step. */
export const quartileDistance: Readonly<Record<StepForm, number>> = {
  linear: 0.5, arctan: 2, erf: 0.9538725524, logistic: 2.1972245773,
};

/**
 * f = amp·s(t), t = (x − cen)/sigma, with s(t) = ½ + t between 0 and 1 ('linear'), ½ + atan(t)/π
 * ('arctan'), (1 + erf t)/2 ('erf') or 1/(1 + e^(−t)) ('logistic'); amp, the height of the step, in
 * units of y; cen, its middle, and sigma, its width, in units of x.
 */
export function step(form: StepForm): LibraryModel<'amp' | 'cen' | 'sigma'> {
  return {
    name: 'step',
    names: ['amp', 'cen', 'sigma'],
    expression: `amp*${riseOf(form, '(x - cen)/sigma')}`,
    role: 'baseline',
    guess([givenX], givenY, out) {
      const { x, y } = condensed(givenX, givenY, 256);
      const first = endMean(y, 0.1, false);
      const last = endMean(y, 0.1, true);
      // A step that falls from its height to 0 is one from 0 with a width below 0.
      const isRising = Math.abs(last) >= Math.abs(first);
      const height = isRising ? last : first;
      const curve = { x, y: smoothed(y, x.length > 60 ? 2 : x.length > 20 ? 1 : 0) };
      const range = x[x.length - 1] - x[0] || 1;
      const middle = crossing(curve, 0.5 * height);
      const low = crossing(curve, 0.25 * height);
      const high = crossing(curve, 0.75 * height);
      const distance = Math.abs(high - low);
      out[0] = height;
      out[1] = Number.isNaN(middle) ? x[0] + 0.5 * range : middle;
      const sigma = (distance > 0 ? distance : 0.1 * range) / quartileDistance[form];
      out[2] = isRising ? sigma : -sigma;
    },
  };
}
