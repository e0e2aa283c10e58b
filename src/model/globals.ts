// What functions may use of JavaScript's globals.

import { functionNames } from './expression-builder.ts';

export const mathConstants: Readonly<Record<string, number>> = {
  PI: Math.PI, E: Math.E, LN2: Math.LN2, LN10: Math.LN10, LOG2E: Math.LOG2E,
  LOG10E: Math.LOG10E, SQRT2: Math.SQRT2, SQRT1_2: Math.SQRT1_2,
};

/** Members of Number; the first two are globals, too. */
export const numberConstants: Readonly<Record<string, number>> = {
  NaN, Infinity, EPSILON: Number.EPSILON, MAX_VALUE: Number.MAX_VALUE, MIN_VALUE: Number.MIN_VALUE,
  MAX_SAFE_INTEGER: Number.MAX_SAFE_INTEGER, MIN_SAFE_INTEGER: Number.MIN_SAFE_INTEGER,
  POSITIVE_INFINITY: Infinity, NEGATIVE_INFINITY: -Infinity,
};

/** Of Math there are no erf, erfc and exp2. */
export const mathFunctions: ReadonlySet<string> =
  new Set(functionNames.filter((name) => name in Math));

/** Why some members are refused. */
export const refusedGlobals: Readonly<Record<string, string>> = {
  random: 'its value changes from call to call',
  fround: 'it has no useful derivative',
  clz32: 'it works on 32-bit integers',
  imul: 'it works on 32-bit integers',
  parseInt: 'it reads strings',
  parseFloat: 'it reads strings',
};
