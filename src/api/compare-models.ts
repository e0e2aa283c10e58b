// Several fits to the same data, ranked by Akaike's criterion, and nested ones by the F test.

import { fTail } from '../statistics/distributions.ts';
import { akaikeWeights } from '../statistics/information.ts';
import { inputError } from './errors.ts';
import { format, table } from './report.ts';
import type { FitResult } from './result.ts';
import { describe, isRecord } from './validate.ts';

/** One fit among those compared. */
export interface ComparedModel {
  readonly name: string;
  /** Varying parameters. */
  readonly k: number;
  readonly chi2: number;
  readonly aic: number;
  /** NaN where there are no more points than k + 1. */
  readonly aicc: number;
  readonly bic: number;
  /** Difference of the criterion to the best. */
  readonly delta: number;
  readonly weight: number;
  readonly success: boolean;
}

/** Whether a model needs the parameters that it has beyond a smaller one. */
export interface NestedTest {
  readonly smaller: string;
  readonly larger: string;
  /** ((χ²ₛ − χ²ₗ)/(kₗ − kₛ)) / (χ²ₗ/dofₗ) */
  readonly fValue: number;
  /** Probability of such an F if the smaller model were right. */
  readonly pValue: number;
}

export interface ModelComparison {
  /** All of it as text. */
  readonly table: string;
  /** The name of the fit with the lowest criterion. */
  readonly best: string;
  readonly akaikeWeights: Record<string, number>;
  /** What the ranking is by: 'aicc' where all fits have one. */
  readonly criterion: 'aic' | 'aicc';
  /** The best first. */
  readonly rows: readonly ComparedModel[];
  /**
   * Pairs in which the varying parameters of one are among those of the other. By names alone a
   * program cannot see that the models agree where the others are 0: that is for you to know.
   */
  readonly nested: readonly NestedTest[];
}

/** Data that are the same to this share came through y − r + r. */
const agreement = 1e-9;

/**
 * Compares fits of different models to the same data: Akaike weights, and F tests of nested models.
 *
 * Weights are exp(−Δ/2), Δ the difference of the criterion to the best, scaled to a sum of 1. The
 * criterion is AICc where every fit has one, else AIC.
 * @param fits results by name, of curveFit or fitResultFromJSON
 * @throws InputError ERR_SHAPE where fits are of different data; ERR_RANGE where they minimised
 *   different things, or a robust loss, which is no likelihood
 * @see Burnham & Anderson (2002), Model Selection and Multimodel Inference, chapter 2
 * @example
 * const x = [0, 1, 2, 3, 4, 5, 6], y = [5.1, 3.0, 1.9, 1.2, 0.7, 0.4, 0.3];
 * const { best, table } = compareModels({
 *   exponential: curveFit({ x, y, model: expr('a*exp(-k*x)'), params: { a: 5, k: 0.5 } }),
 *   line: curveFit({ x, y, model: expr('a + b*x'), params: { a: 5, b: -1 } }),
 * });
 * console.log(best, table); // exponential …
 */
export function compareModels(
  fits: Readonly<Record<string, FitResult<string>>>,
): ModelComparison {
  const names = readFits(fits);
  const stats = names.map((name) => fits[name]!.stats);
  const criterion = stats.every(({ aicc }) => !Number.isNaN(aicc)) ? 'aicc' : 'aic';
  const criteria = stats.map((of) => of[criterion]);
  const weights = akaikeWeights(criteria);
  const least = Math.min(...criteria);
  const rows = names.map((name, i): ComparedModel => {
    const { n, dof, chi2, aic, aicc, bic } = stats[i]!;
    const delta = criteria[i] === least ? 0 : criteria[i]! - least;
    const { success } = fits[name]!;
    return { name, k: n - dof, chi2, aic, aicc, bic, delta, weight: weights[i]!, success };
  });
  rows.sort((a, b) => a.delta - b.delta);
  const nested = nestedTests(names, fits);
  return {
    table: comparisonText(rows, nested, criterion),
    best: rows[0]!.name,
    akaikeWeights: Object.fromEntries(names.map((name, i) => [name, weights[i]!])),
    criterion,
    rows,
    nested,
  };
}

function readFits(fits: unknown): string[] {
  if (!isRecord(fits))
    throw inputError('ERR_TYPE', 'fits', `expected an object of fits, got ${describe(fits)}`);
  const names = Object.keys(fits);
  if (names.length === 0)
    throw inputError('ERR_SHAPE', 'fits', 'expected at least one fit, got none');
  const first = fits[names[0]!] as FitResult<string>;
  for (const name of names) {
    const path = `fits.${name}`;
    const fit = fits[name] as FitResult<string>;
    if (!isRecord(fit) || !isRecord(fit.stats) || fit.residuals === undefined)
      throw inputError('ERR_TYPE', path, `expected the result of a fit, got ${describe(fit)}`);
    if (Number.isNaN(fit.stats.logLik))
      throw inputError('ERR_RANGE', path, 'minimised something that is no likelihood');
    if (fit.loss !== first.loss)
      throw inputError('ERR_RANGE', path, `minimised something else than fits.${names[0]}`);
    if (!sameData(fit, first))
      throw inputError('ERR_SHAPE', path, `is a fit of other data than fits.${names[0]}`);
  }
  return names;
}

function sameData(a: FitResult<string>, b: FitResult<string>): boolean {
  if (a.stats.n !== b.stats.n) return false;
  let size = 0,
    apart = 0;
  for (let i = 0; i < a.fitted.length; i++) {
    const [y, z] = [a.fitted[i] + a.residuals[i], b.fitted[i] + b.residuals[i]];
    size = Math.max(size, Math.abs(y), Math.abs(a.fitted[i]), Math.abs(b.fitted[i]));
    apart = Math.max(apart, Math.abs(y - z));
  }
  return apart <= agreement * size;
}

function nestedTests(
  names: readonly string[],
  fits: Readonly<Record<string, FitResult<string>>>,
): NestedTest[] {
  const tests: NestedTest[] = [];
  for (const smaller of names)
    for (const larger of names) {
      const s = fits[smaller]!,
        l = fits[larger]!;
      const more = l.varying.length - s.varying.length;
      const isNested = more > 0 && s.varying.every((name) => l.varying.includes(name));
      if (!isNested || !(l.stats.dof > 0) || s.loss !== 'linear') continue;
      const fValue = (s.stats.chi2 - l.stats.chi2) / more / l.stats.reducedChi2;
      const pValue = fTail(Math.max(0, fValue), more, l.stats.dof, true);
      tests.push({ smaller, larger, fValue, pValue });
    }
  return tests;
}

function comparisonText(
  rows: readonly ComparedModel[],
  nested: readonly NestedTest[],
  criterion: 'aic' | 'aicc',
): string {
  const text = (value: number): string => format(value, 5);
  const difference = criterion === 'aic' ? 'ΔAIC' : 'ΔAICc';
  const head = ['model', 'k', 'chi2', 'AIC', 'AICc', 'BIC', difference, 'weight'];
  const lines = table([
    head,
    ...rows.map(({ name, k, chi2, aic, aicc, bic, delta, weight, success }) => [
      success ? name : `${name} (did not converge)`,
      `${k}`,
      ...[chi2, aic, aicc, bic, delta].map(text),
      format(weight, 3),
    ]),
  ]);
  if (nested.length > 0)
    lines.push(
      '',
      ...table([
        ['if nested', 'F', 'p'],
        ...nested.map(({ smaller, larger, fValue, pValue }) => [
          `${smaller} in ${larger}`,
          format(fValue, 4),
          format(pValue, 3),
        ]),
      ]),
    );
  return lines.join('\n');
}
