// A constant.

import type { LibraryModel } from './library-model.ts';

/** f = c; c in units of y. */
export const constant: LibraryModel<'c'> = {
  name: 'constant',
  names: ['c'],
  expression: 'c',
  role: 'baseline',
  guess(_, y, out) {
    let sum = 0;
    for (let i = 0; i < y.length; i++) sum += y[i];
    out[0] = sum / y.length;
  },
};
