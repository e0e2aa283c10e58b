// Bounds of parameters: kept to by every evaluation, reported where they are met, refused where they
// leave no room.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, expr, type FitResult } from '../../src/index.ts';
import { decays, noise } from './data.ts';

const { x, y } = decays(1);
const decay = expr('a*exp(-k*x) + c');
const start = { a: 4, k: 0.8, c: 0.1 };
const methods = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const;
const codes = (fit: FitResult<string>): string[] => fit.warnings.map(({ code }) => code);
const free = curveFit({ x, y, model: decay, params: start });

/** The least sum of squares with k held at a value. */
const held = (k: number): FitResult<string> =>
  curveFit({ x, y, model: decay, params: { a: 4, k: { value: k, vary: false }, c: 0.1 } });

describe.each(methods)('bounds with method %s', (method) => {
  it('that are not met change nothing but the way', () => {
    const fit = curveFit({
      x, y, model: decay, method,
      params: { a: { value: 4, min: 0, max: 100 }, k: { value: 0.8, min: 0 }, c: { value: 0.1, min: -5, max: 5 } },
    });
    expect(fit.success).toBe(true);
    for (const name of ['a', 'k', 'c']) {
      expect(Math.abs(fit.values[name]! - free.values[name]!)).toBeLessThan(1e-9 * Math.abs(free.values[name]!));
      expect(fit.params[name]!.stdErr! / free.params[name]!.stdErr!).toBeCloseTo(1, 7);
      expect(fit.params[name]!.atBound).toBeNull();
    }
  });

  it('that are met hold the parameter there, and the others fit with it held', () => {
    const max = free.values['k']! / 2;
    const fit = curveFit({
      x, y, model: decay, method, params: { a: 4, k: { value: max / 2, max }, c: 0.1 },
    });
    const reference = held(max);
    expect(fit.success).toBe(true);
    expect(Math.abs(fit.values['k']! / max - 1)).toBeLessThan(1e-9);
    expect(Math.abs(fit.stats.ssr / reference.stats.ssr - 1)).toBeLessThan(1e-9);
    expect(Math.abs(fit.values['a']! / reference.values['a']! - 1)).toBeLessThan(1e-6);
    if (fit.values['k'] === max) {
      expect(fit.params['k']).toMatchObject({ stdErr: null, atBound: 'upper', max });
      expect(fit.params['a']!.stdErr! / reference.params['a']!.stdErr!).toBeCloseTo(1, 1);
      expect(codes(fit)).toContain('param-at-bound');
    }
  });

  it('are never left by an evaluation, differences included', () => {
    const lower = { a: 1, k: 0.2, c: 0 }, upper = { a: 4.5, k: 5, c: 0.05 };
    const seen = { lowest: { ...upper }, highest: { ...lower } };
    for (const jac of ['2-point', '3-point'] as const) {
      const fit = curveFit({
        x, y, method, jac,
        model: (t, p) => {
          for (const name of ['a', 'k', 'c'] as const) {
            seen.lowest[name] = Math.min(seen.lowest[name], p[name]);
            seen.highest[name] = Math.max(seen.highest[name], p[name]);
          }
          return p.a * Math.exp(-p.k * t) + p.c;
        },
        params: {
          a: { value: 4.5, min: 1, max: 4.5 },
          k: { value: 0.2, min: 0.2, max: 5 },
          c: { value: 0, min: 0, max: 0.05 },
        },
      });
      expect(fit.warnings.some(({ code }) => code === 'model-not-compiled')).toBe(true);
      for (const name of ['a', 'k', 'c'] as const) {
        expect(seen.lowest[name]).toBeGreaterThanOrEqual(lower[name]);
        expect(seen.highest[name]).toBeLessThanOrEqual(upper[name]);
      }
      // The data pull c below its bound, and the fit goes there.
      expect(fit.values.c).toBeLessThan(1e-6);
    }
  });
});

describe('starts', () => {
  const begin = (spec: { value: number; min?: number; max?: number }): number =>
    curveFit({ x, y, model: decay, params: { a: 4, k: 0.8, c: spec } }).params['c']!.init;

  it('on a bound are moved inside by the stated rule', () => {
    expect(begin({ value: 0, min: 0, max: 2 })).toBe(0.02);
    expect(begin({ value: 2, min: 0, max: 2 })).toBe(1.98);
    expect(begin({ value: 0, min: 0 })).toBe(0.01);
    expect(begin({ value: -4, min: -4 })).toBe(-3.96);
    expect(begin({ value: 4, max: 4 })).toBe(3.96);
    expect(begin({ value: 1e-300, min: 0 })).toBe(1e-300);
  });

  it('that were not given lie inside', () => {
    const init = (spec: { min?: number; max?: number }): number =>
      curveFit({ x, y, model: expr('a*exp(-k*x) + q'), params: { a: 4, k: 0.8, q: spec } }).params['q']!.init;
    for (const [min, max] of [[10, 20], [10, Infinity], [-Infinity, -3], [-1, 1], [1, 2]] as const) {
      const q = init({ min, max });
      expect(q).toBeGreaterThan(min);
      expect(q).toBeLessThan(max);
    }
  });
});

describe('a batch with bounds', () => {
  const random = noise(7);
  const fits = 40;
  const many = new Float64Array(fits * x.length);
  for (let i = 0; i < many.length; i++) many[i] = y[i % x.length]! * (1 + 0.02 * random());
  const params = { a: { value: 4, min: 0 }, k: { value: 0.8, min: 0.01, max: free.values['k']! }, c: 0.1 };

  it('has the bits of single fits, and stays inside', () => {
    const batch = curveFitBatchSync({ x, y: many, model: decay, params, outputs: ['stdErr', 'covariance'] });
    let atBound = 0;
    for (let i = 0; i < fits; i++) {
      const alone = curveFit({ x, y: many.subarray(i * x.length, (i + 1) * x.length), model: decay, params });
      expect(batch.at(i).values).toEqual(alone.values);
      expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(Object.values(alone.values));
      expect(batch.column('k')[i]!).toBeLessThanOrEqual(free.values['k']!);
      if (alone.params['k']!.atBound === 'upper') {
        atBound++;
        expect(batch.stdErr![3 * i + 1]).toBeNaN();
        expect(batch.stdErr![3 * i]).toBe(alone.params['a']!.stdErr);
      }
    }
    expect(atBound).toBeGreaterThan(5);
    expect(atBound).toBeLessThan(fits - 5);
  });

  it('refuses starts outside, and moves those on a bound', () => {
    const inside = Float64Array.of(4, 0.8, 0.1);
    expect(() => curveFitBatchSync({ x, y: many, model: decay, params, init: Float64Array.of(-4, 0.8, 0.1) }))
      .toThrow('init[0]: the start -4 lies outside of its bounds, at least 0');
    const init = new Float64Array(fits * 3);
    for (let i = 0; i < fits; i++) init.set(inside, 3 * i);
    init[3 * 5 + 1] = 0.01;
    const batch = curveFitBatchSync({ x, y: many, model: decay, params, init });
    expect(batch.at(5).params['k']!.init).toBeGreaterThan(0.01);
    expect(init[3 * 5 + 1]).toBe(0.01);
  });
});
