// A straight line; the guess is the line of least squares.

import { straightLine } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** f = slope·x + intercept; slope in units of y per unit of x, intercept in units of y. */
export const line: LibraryModel<'slope' | 'intercept'> = {
  name: 'line',
  names: ['slope', 'intercept'],
  expression: 'slope*x + intercept',
  role: 'baseline',
  guess([x], y, out) {
    const { slope, intercept } = straightLine(x, y);
    out[0] = slope;
    out[1] = intercept;
  },
};
