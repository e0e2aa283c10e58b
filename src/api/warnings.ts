// The warnings, one function each: what happened, to whom, and what follows from it.

import { count } from './validate.ts';
import { statusMessage, type Status, type Warning } from './result.ts';

export const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** @param starts values where each begins, in a batch where the first fit does */
export function startsAtDefault(names: readonly string[], starts: readonly number[]): Warning {
  const start = names.length === 1 ? 'it starts' : 'they start';
  const where = starts.every((value) => value === starts[0])
    ? `${starts[0]}`
    : starts.map((value, i) => `${names[i]} = ${Number(value.toPrecision(6))}`).join(', ');
  const message = `no start was given for ${list(names)}: ${start} at ${where}`;
  return { code: 'starts-at-default', message, params: [...names] };
}

export function modelNotCompiled(reason: string): Warning {
  return {
    code: 'model-not-compiled',
    message: `the model runs as a callback with numeric derivatives: ${reason}`,
  };
}

export function engineFallback(): Warning {
  const message =
    'the portable engine ran the fit, although the native one was asked for: ' +
    'a model that is not compiled cannot leave JavaScript';
  return { code: 'engine-fallback', message };
}

export function sigmaMissing(): Warning {
  const message =
    "sigmaIs is 'absolute', but there is no sigma: every standard deviation was taken as 1";
  return { code: 'sigma-missing', message };
}

/** @param fits number of fits concerned in a batch */
export function dataDropped(points: number, fits?: number): Warning {
  const where = fits === undefined ? '' : ` of ${count(fits, 'fit')}`;
  const verb = points === 1 ? 'was' : 'were';
  const message = `${count(points, 'point')}${where} with NaN or infinity ${verb} left out`;
  return { code: 'nonfinite-data-dropped', message };
}

export function notConverged(status: Status): Warning {
  return { code: 'not-converged', message: statusMessage(status) };
}

/** @param tally number of fits by status, successes left out */
export function fitsNotConverged(
  failed: number,
  fits: number,
  tally: ReadonlyMap<Status, number>,
): Warning {
  const parts = [...tally].map(([status, n]) => `${status} ${n}`).join(', ');
  return {
    code: 'not-converged',
    message: `${failed} of ${count(fits, 'fit')} did not converge (${parts}); failures() has them`,
  };
}

export function fitFaulted(fit: number, faults: number, message: string): Warning {
  const more = faults > 1 ? ` (the first of ${faults} such calls)` : '';
  return {
    code: 'not-converged',
    message: `fit ${fit}: ${message}${more}; such points count as NaN`,
  };
}

export function fewerPoints(points: number, varying: number): Warning {
  const message =
    points < varying
      ? `${count(points, 'point')} cannot determine ${varying} varying parameters: no covariance`
      : `as many points as varying parameters leave no degree of freedom: no covariance`;
  return { code: 'fewer-points-than-params', message };
}

export function fitsWithFewerPoints(fits: number, varying: number): Warning {
  const verb = fits === 1 ? 'has' : 'have';
  const message =
    `${count(fits, 'fit')} ${verb} too few points for ${varying} varying parameters: ` +
    'no standard errors';
  return { code: 'fewer-points-than-params', message };
}

/** @param relation the combination that the model knows of them, as "a·b" */
export function rankDeficient(names: readonly string[], relation?: string): Warning {
  const message =
    names.length === 1
      ? `${names[0]} has no influence on the model at the solution: there is no covariance`
      : relation === undefined
        ? `${list(names)} cannot be told apart, only a combination of them: there is no covariance`
        : `${list(names)} cannot be told apart, only ${relation} can be had: there is no covariance`;
  return { code: 'rank-deficient', message, params: [...names] };
}

export function paramAtBound(name: string, which: 'lower' | 'upper', bound: number): Warning {
  const message = `${name} ended at its ${which} bound ${bound}: it has no standard error`;
  return { code: 'param-at-bound', message, params: [name] };
}

/** @param expected number of runs of one sign among independent residuals */
export function residualsCorrelated(runs: number, expected: number): Warning {
  const message =
    `neighbouring residuals agree (${runs} runs of one sign where ${Math.round(expected)} are ` +
    'expected): the model misses a part of the curve, and standard errors are too small';
  return { code: 'residuals-correlated', message };
}

/** @param fits number of fits concerned in a batch */
export function badlyScaled(fits?: number): Warning {
  const where = fits === undefined ? '' : ` of ${count(fits, 'fit')}`;
  const message =
    `squares of y or sigma${where} are too small or too large for a double: sums of squares may ` +
    'read 0 or infinite, and standard errors be missing; parameters and status hold. ' +
    'Other units help';
  return { code: 'badly-scaled', message };
}

export function highCorrelation(a: string, b: string, correlation: number): Warning {
  const message = `${a} and ${b} are almost interchangeable: correlation ${correlation.toFixed(6)}`;
  return { code: 'high-correlation', message, params: [a, b] };
}

export function didNotMove(names: readonly string[]): Warning {
  const they = names.length === 1 ? 'it' : 'they';
  const message = `${list(names)} ended exactly where ${they} started`;
  return { code: 'param-did-not-move', message, params: [...names] };
}

export function gradientMismatch(i: number, j: number, given: number, found: number): Warning {
  const message =
    `the given Jacobian may be wrong: its entry (${i}, ${j}) is ${given} at the start, where ` +
    `differences give ${found}`;
  return { code: 'gradient-mismatch', message, params: [`x[${j}]`] };
}
