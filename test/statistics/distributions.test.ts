import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  chiSquareQuantile,
  chiSquareTail,
  fQuantile,
  fTail,
  normalCdf,
  normalQuantile,
  normalSurvival,
  studentCdf,
  studentQuantile,
  studentTwoSided,
  twoSidedQuantile,
} from '../../src/statistics/distributions.ts';
import { deviance, logGamma } from '../../src/statistics/gamma.ts';

type Row = [string, number[], number];
const rows = JSON.parse(
  readFileSync(new URL('../data/statistics/distributions.json', import.meta.url), 'utf8'),
) as Row[];

/** Functions of the table, and the relative error that each is held to. */
const functions: Record<string, [(...a: number[]) => number, number]> = {
  logGamma: [logGamma, 2e-13],
  normalSurvival: [normalSurvival, 3e-13],
  normalQuantile: [normalQuantile, 1e-14],
  chiSquareLower: [(x, dof): number => chiSquareTail(x, dof, false), 3e-13],
  chiSquareUpper: [(x, dof): number => chiSquareTail(x, dof, true), 3e-13],
  chiSquareQuantile: [chiSquareQuantile, 1e-13],
  fLower: [(x, a, b): number => fTail(x, a, b, false), 3e-13],
  fUpper: [(x, a, b): number => fTail(x, a, b, true), 3e-13],
  fQuantile: [(p, a, b): number => fQuantile(p, a, b), 1e-13],
  studentTwoSided: [studentTwoSided, 3e-13],
  studentQuantile: [studentQuantile, 1e-13],
};

describe('against high precision', () => {
  it.each(Object.entries(functions))('%s', (name, [f, tolerance]) => {
    const own = rows.filter(([of]) => of === name);
    expect(own.length).toBeGreaterThan(100);
    for (const [, args, value] of own) {
      // Near 1 and 2 the logarithm of Γ is 0: what counts is Γ.
      const scale = name === 'logGamma' ? Math.max(1, Math.abs(value)) : Math.abs(value);
      const error = Math.abs(f(...args) - value) / scale;
      expect(error, `${name}(${args.join(', ')})`).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe('values of SciPy 1.17', () => {
  it.each([
    [twoSidedQuantile(0.95, 10), 2.228138851986274],
    [twoSidedQuantile(0.95, 1), 12.706204736174694],
    [twoSidedQuantile(0.99, Infinity), 2.5758293035489004],
    [chiSquareQuantile(0.95, 1), 3.841458820694124],
    [fQuantile(0.95, 3, 20), 3.098391212140781],
    [studentCdf(2, 5), 0.9490302605850709],
    [normalCdf(1.96), 0.9750021048517795],
  ])('%d', (value, expected) => expect(Math.abs(value / expected - 1)).toBeLessThan(1e-13));
});

describe('edges', () => {
  it('of probabilities', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)]).toEqual([-Infinity, Infinity, 0]);
    expect([chiSquareQuantile(0, 3), chiSquareQuantile(1, 3)]).toEqual([0, Infinity]);
    expect([fQuantile(0, 3, 4), fQuantile(1, 3, 4), fQuantile(0, 3, 4, true)]).toEqual([0, Infinity, Infinity]);
    expect(studentQuantile(0.5, 7)).toBe(0);
    expect(normalQuantile(1e-320)).toBeLessThan(-38);
  });

  it('of arguments', () => {
    expect([fTail(0, 2, 3, true), fTail(0, 2, 3, false)]).toEqual([1, 0]);
    expect([fTail(Infinity, 2, 3, true), chiSquareTail(Infinity, 2, false)]).toEqual([0, 1]);
    expect(logGamma(0)).toBe(Infinity);
  });

  it('are NaN where nothing is defined', () => {
    for (const value of [
      normalQuantile(-0.1), normalQuantile(1.1), normalQuantile(NaN), studentQuantile(0.9, 0), studentQuantile(NaN, 3),
      chiSquareQuantile(0.5, NaN), fQuantile(0.5, 0, 2), fTail(NaN, 2, 3, true), chiSquareTail(NaN, 2, true),
      twoSidedQuantile(0.95, 0), twoSidedQuantile(0.95, -3), twoSidedQuantile(0.95, NaN), logGamma(-1), logGamma(NaN),
    ])
      expect(value).toBe(NaN);
  });
});

describe('relations', () => {
  it('quantiles invert both tails over many degrees of freedom', () => {
    for (const dof of [1, 2, 5, 31, 1000, 1e6])
      for (const p of [1e-200, 1e-12, 0.01, 0.3, 0.5, 0.7, 0.99]) {
        const q = chiSquareQuantile(p, dof);
        if (q > 0) expect(Math.abs(chiSquareTail(q, dof, false) / p - 1)).toBeLessThan(1e-9);
        const f = fQuantile(p, 3, dof, true);
        if (f < Infinity) expect(Math.abs(fTail(f, 3, dof, true) / p - 1)).toBeLessThan(1e-9);
      }
  });

  it('Student tends to the normal distribution', () =>
    expect(studentQuantile(0.975, 1e9)).toBeCloseTo(normalQuantile(0.975), 8));

  it('the deviance has its digits where the arguments are close', () => {
    // x·ln(x/m) + m − x = d²/(2m) − d³/(6m²) + d⁴/(12m³) − … with d = x − m
    const m = 1e6, d = 0.5;
    const series = (d * d) / (2 * m) - d ** 3 / (6 * m ** 2) + d ** 4 / (12 * m ** 3);
    expect(Math.abs(deviance(m + d, m) / series - 1)).toBeLessThan(1e-15);
  });
});
