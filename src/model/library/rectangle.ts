// A step up and a step down, of the four forms of `step`.

import { condensed, smoothed } from '../guess/curve.ts';
import { quartileDistance, riseOf } from './step.ts';
import type { StepForm } from './step.ts';
import type { LibraryModel } from './library-model.ts';

/**
 * f = amp·[s((x − cen1)/sigma1) − s((x − cen2)/sigma2)] with the forms s of `step`; amp, the height,
 * in units of y; the places cen1 < cen2 and the widths sigma1 and sigma2 of the two steps in units
 * of x.
 */
export function rectangle(
  form: StepForm,
): LibraryModel<'amp' | 'cen1' | 'sigma1' | 'cen2' | 'sigma2'> {
  return {
    name: 'rectangle',
    names: ['amp', 'cen1', 'sigma1', 'cen2', 'sigma2'],
    expression: `amp*(${riseOf(form, '(x - cen1)/sigma1')} - ${riseOf(form, '(x - cen2)/sigma2')})`,
    role: 'peak',
    hints: { sigma1: { min: 0 }, sigma2: { min: 0 } },
    guess([givenX], givenY, out) {
      const { x, y } = condensed(givenX, givenY, 256);
      const n = x.length;
      const smooth = smoothed(y, n > 60 ? 2 : n > 20 ? 1 : 0);
      let at = 0;
      for (let i = 1; i < n; i++) if (Math.abs(smooth[i]) > Math.abs(smooth[at])) at = i;
      const sign = smooth[at] < 0 ? -1 : 1;
      // The top is flat: the mean of what is above half of the largest value.
      let sum = 0;
      let count = 0;
      for (const value of smooth)
        if (sign * value > 0.5 * sign * smooth[at]) {
          sum += value;
          count++;
        }
      const height = count > 2 ? (1.08 * sum) / count : smooth[at];
      const edge = (level: number, direction: 1 | -1): number => {
        for (let i = direction > 0 ? 0 : n - 1; i >= 0 && i < n; i += direction)
          if (sign * smooth[i] > level * sign * height) {
            const before = i - direction;
            if (before < 0 || before >= n) return x[i];
            const part = (level * height - smooth[before]) / (smooth[i] - smooth[before]);
            return x[before] + part * (x[i] - x[before]);
          }
        return NaN;
      };
      const spacing = (x[n - 1] - x[0]) / n || 1;
      const width = (direction: 1 | -1): number =>
        Math.max(Math.abs(edge(0.75, direction) - edge(0.25, direction)), 0.5 * spacing) /
        quartileDistance[form];
      out[0] = height;
      out[1] = edge(0.5, 1);
      out[2] = width(1);
      out[3] = edge(0.5, -1);
      out[4] = width(-1);
    },
  };
}
