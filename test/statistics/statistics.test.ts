import { describe, expect, it } from 'vitest';
import { correlatedPairs, correlationMatrix, covarianceMatrix } from '../../src/statistics/covariance.ts';
import { goodnessOfFit } from '../../src/statistics/goodness-of-fit.ts';
import { dependences } from '../../src/statistics/identifiability.ts';

/** Points × columns from functions of the point. */
const jacobian = (points: number, ...columns: ((i: number) => number)[]): Float64Array =>
  Float64Array.from({ length: points * columns.length }, (_, k) => columns[k % columns.length]!(Math.floor(k / columns.length)));

const a = (i: number): number => 1 + i;
const b = (i: number): number => (i * i) / 7;
const c = (i: number): number => (i % 3) - 1;

describe('dependences', () => {
  it.each<[string, ((i: number) => number)[], { column: number; on: number[] }[]]>([
    ['two equal columns', [a, b, a], [{ column: 2, on: [0] }]],
    ['a multiple, a million times larger', [a, b, (i): number => 1e6 * b(i)], [{ column: 2, on: [1] }]],
    ['a sum of two', [a, b, (i): number => a(i) + b(i), c], [{ column: 0, on: [1, 2] }]],
    ['a column of zeros', [a, (): number => 0, b], [{ column: 1, on: [] }]],
    ['only zeros', [(): number => 0], [{ column: 0, on: [] }]],
    ['two pairs', [a, c, a, c], [{ column: 2, on: [0] }, { column: 3, on: [1] }]],
  ])('finds %s', (_, columns, expected) => {
    const found = dependences(jacobian(12, ...columns), 12, columns.length);
    const members = (list: readonly { column: number; on: readonly number[] }[]): number[][] =>
      list.map(({ column, on }) => [column, ...on].sort((p, q) => p - q)).sort((p, q) => p[0]! - q[0]!);
    expect(members(found)).toEqual(members(expected));
  });

  it('does not depend on the scale of columns or of the whole', () => {
    for (const scale of [2 ** -900, 1, 2 ** 900]) {
      const columns = [a, b, (i: number): number => a(i) - 3 * b(i)].map((f) => (i: number): number => scale * f(i));
      expect(dependences(jacobian(9, ...columns), 9, 3)).toHaveLength(1);
    }
  });

  it('blames the weakest column where none is exactly dependent', () => {
    const found = dependences(jacobian(9, a, b, (i) => a(i) + 1e-5 * c(i)), 9, 3);
    expect(found).toHaveLength(1);
    expect([found[0]!.column, ...found[0]!.on].sort()).toEqual([0, 2]);
  });

  it('says nothing about a Jacobian that is not finite', () => {
    expect(dependences(Float64Array.of(1, NaN, 2, 3), 2, 2)).toEqual([]);
    expect(dependences(Float64Array.of(1, Infinity, 2, 3), 2, 2)).toEqual([]);
  });
});

describe('covariance', () => {
  it('is null where any entry is not finite', () => {
    expect(covarianceMatrix(Float64Array.of(1, NaN, NaN, 1), 2)).toBe(null);
    expect(covarianceMatrix(Float64Array.of(Infinity), 1)).toBe(null);
  });

  it('gives correlations, also of variances whose product overflows', () => {
    const covariance = covarianceMatrix(Float64Array.of(4e300, 3e300, 3e300, 9e300), 2)!;
    expect(correlationMatrix(covariance)!.get(0, 1)).toBeCloseTo(0.5, 14);
    expect(correlationMatrix(covarianceMatrix(Float64Array.of(0, 0, 0, 1), 2)!)).toBe(null);
  });

  it('lists pairs above a limit by magnitude', () => {
    const covariance = covarianceMatrix(Float64Array.of(1, -0.99, 0.2, -0.99, 1, 0.1, 0.2, 0.1, 1), 3)!;
    expect(correlatedPairs(correlationMatrix(covariance)!, 0.9)).toEqual([[0, 1, -0.99]]);
  });
});

describe('goodness of fit', () => {
  it('is that of hand calculation', () => {
    // r = (1, −2, 1, 0) with σ = (1, 2, 1, 1): chi2 = 1 + 1 + 1 + 0
    const stats = goodnessOfFit(Float64Array.of(1, -2, 1, 0), Float64Array.of(1, 2, 1, 1), 3, 0.75, 1);
    expect(stats).toMatchObject({ n: 4, dof: 3, ssr: 6, chi2: 3, reducedChi2: 1, mae: 1, adjR2: 0.75 });
    expect(stats.rmse).toBe(Math.sqrt(1.5));
    expect(stats.aic).toBeCloseTo(4 * Math.log(0.75) + 2, 13);
    expect(stats.bic).toBeCloseTo(4 * Math.log(0.75) + Math.log(4), 13);
    expect(stats.aicc).toBeCloseTo(stats.aic + 2, 13);
    expect(stats.logLik).toBeCloseTo(-2 * (Math.log(2 * Math.PI * 0.75) + 1) - Math.log(2), 13);
  });

  it('has no reduced statistics without degrees of freedom', () => {
    const stats = goodnessOfFit(Float64Array.of(1, 1), null, 2, 0, 2);
    expect([stats.reducedChi2, stats.adjR2, stats.aicc]).toEqual([NaN, NaN, NaN]);
  });
});
