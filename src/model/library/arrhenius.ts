// Arrhenius's law of rates over temperature.

import { exp } from '../../portable/math/exp.ts';
import { condensed } from '../guess/curve.ts';
import { bestValue } from '../guess/linear.ts';
import type { LibraryModel } from './library-model.ts';

/** J/(mol·K), exact since 2019 (BIPM, The International System of Units, 9th edition). */
const gasConstant = 8.31446261815324;
/** ea/R tried, over the range of 1/x. */
const energies: readonly number[] = [-8, -3, -1, 0.3, 0.7, 1.5, 3, 6, 12, 24, 48];

/**
 * f = amp·e^(−ea/(R·x)), R = 8.31446261815324 J/(mol·K); x is the temperature in kelvin; amp, the
 * limit at high temperature, in units of y; ea, the activation energy, in J/mol.
 */
export const arrhenius: LibraryModel<'amp' | 'ea'> = {
  name: 'arrhenius',
  names: ['amp', 'ea'],
  expression: `amp*exp(-ea/(${gasConstant}*x))`,
  guess([givenX], givenY, out) {
    const { x, y } = condensed(givenX, givenY, 128);
    const n = x.length;
    // From the largest temperature: e^(−E·t) with t from 0 to 1.
    const inverse = x.map((value) => (value > 0 ? 1 / value : Infinity));
    const least = inverse[n - 1];
    let most = least;
    for (const value of inverse) if (value < Infinity && value > most) most = value;
    const range = most - least || least;
    const curve = new Float64Array(n);
    const best = bestValue(energies, y, [curve], (energy) => {
      for (let i = 0; i < n; i++) curve[i] = exp((-energy * (inverse[i] - least)) / range);
    }, 8);
    const perGasConstant = best.value / range;
    out[0] = best.coefficients[0] * exp(perGasConstant * least);
    out[1] = perGasConstant * gasConstant;
  },
};
