// Data that fits are not made for: too few points, nothing that varies, values at the ends of the
// range of doubles, and units of all sizes.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, expr, type FitResult } from '../../src/index.ts';
import { decays } from './data.ts';

const { x, y } = decays(1);
const decay = expr('a*exp(-k*x) + c');
const start = { a: 4, k: 0.8, c: 0.1 };
const codes = (fit: FitResult<string>): string[] => fit.warnings.map(({ code }) => code);
const close = (a: number, b: number, tolerance: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.abs(b));
const methods = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const;
const isSound = (fit: FitResult<string>): boolean =>
  Object.values(fit.values).every((value) => Number.isFinite(value));

describe.each(methods)('with method %s', (method) => {
  it('more parameters than points are fitted, without a covariance', () => {
    const fit = curveFit({ x: [0, 1], y: [3, 2], model: decay, params: start, method });
    expect(isSound(fit)).toBe(true);
    expect(fit.stats.ssr).toBeLessThan(1e-15);
    expect(fit.covariance).toBeNull();
    expect(codes(fit)).toContain('fewer-points-than-params');
  });

  it('y that are all equal leave what does not matter undetermined', () => {
    const fit = curveFit({ x, y: y.map(() => 2), model: expr('a*exp(-k*x) + c'), params: start, method });
    expect(isSound(fit)).toBe(true);
    expect(fit.stats.rmse).toBeLessThan(1e-4);
    expect(curveFit({ x, y: y.map(() => 2), model: expr('m + 0*x'), params: { m: 7 }, method }).values['m']).toBe(2);
  });

  it('x that is constant makes a model rank-deficient, and the culprits are named', () => {
    const fit = curveFit({ x: x.map(() => 3), y, model: expr('a*x + b'), params: { a: 1, b: 1 }, method });
    expect(isSound(fit)).toBe(true);
    expect(fit.covariance).toBeNull();
    expect(fit.warnings.find(({ code }) => code === 'rank-deficient')!.params).toEqual(['a', 'b']);
    const mean = y.reduce((sum, v) => sum + v, 0) / y.length;
    close(fit.values['a']! * 3 + fit.values['b']!, mean, 1e-9);
  });

  it('an outlier of 1e300 does not pass for a good fit, nor end in NaN', () => {
    const spoilt = y.slice();
    spoilt[4] = 1e300;
    const plain = curveFit({ x, y: spoilt, model: decay, params: start, method });
    expect(isSound(plain)).toBe(true);
    for (const loss of ['huber', 'cauchy', 'tukey', 'welsch', 'arctan', 'soft_l1'] as const) {
      const fit = curveFit({ x, y: spoilt, model: decay, params: start, method, loss, lossScale: 0.1 });
      expect(isSound(fit)).toBe(true);
      if (loss === 'soft_l1' || loss === 'huber') continue;
      // The others forget a point so far away.
      const without = curveFit({
        x, y, weights: y.map((_, i) => (i === 4 ? 0 : 1)), model: decay, params: start, method, loss, lossScale: 0.1,
      });
      expect({ loss, status: fit.status, success: fit.success }).toMatchObject({ loss, success: true });
      for (const name of ['a', 'k', 'c']) close(fit.values[name]!, without.values[name]!, 1e-6);
    }
  });

  it.each([1e-300, 1e-9, 1e9, 1e300])('y in other units (× %d) gives the same fit to rounding', (factor) => {
    const reference = curveFit({ x, y, model: decay, params: start, method });
    const fit = curveFit({
      x, y: y.map((v) => v * factor), model: decay, params: { a: 4 * factor, k: 0.8, c: 0.1 * factor }, method,
    });
    expect(fit.success).toBe(true);
    close(fit.values['k']!, reference.values['k']!, 1e-10);
    close(fit.values['a']!, reference.values['a']! * factor, 1e-10);
    close(fit.params['k']!.stdErr!, reference.params['k']!.stdErr!, 1e-8);
  });

  it.each([1e-9, 1e9])('x in other units (× %d) gives the same fit to rounding', (factor) => {
    const reference = curveFit({ x, y, model: decay, params: start, method });
    const fit = curveFit({
      x: x.map((v) => v * factor), y, model: decay, params: { a: 4, k: 0.8 / factor, c: 0.1 }, method,
    });
    expect(fit.success).toBe(true);
    close(fit.values['k']! * factor, reference.values['k']!, 1e-10);
    close(fit.params['k']!.stdErr! * factor, reference.params['k']!.stdErr!, 1e-8);
  });
});

describe('scaling by powers of two', () => {
  const bounded = (factor: number): Record<string, object | number> => ({
    a: { value: 4 * factor, min: 0, max: 100 * factor }, k: { value: 0.8, min: 0, max: 0.9 }, c: 0.1 * factor,
  });

  it.each([-980, -600, 600, 900])('2^%i changes no digit with bounds and a loss', (power) => {
    const factor = 2 ** power;
    for (const lossScale of ['mad', 0.05] as const) {
      const options = { x, model: decay, loss: 'huber' } as const;
      const reference = curveFit({ ...options, y, params: bounded(1), lossScale });
      const scale = lossScale === 'mad' ? lossScale : lossScale * factor;
      const fit = curveFit({ ...options, y: y.map((v) => v * factor), params: bounded(factor), lossScale: scale });
      expect(fit.status).toBe(reference.status);
      close(fit.values['k']!, reference.values['k']!, 1e-12);
      close(fit.values['a']!, reference.values['a']! * factor, 1e-12);
    }
  });
});

describe('a batch', () => {
  it('in which single fits are impossible, out of range, or ordinary', () => {
    const m = x.length;
    const ys = new Float64Array(5 * m);
    ys.set(y);
    ys.set(y.map(() => 2), m);
    ys.set(y.map((v) => v * 1e-300), 2 * m);
    ys.set(y.map(() => NaN), 3 * m);
    ys.set(y.map((v, i) => (i === 2 ? 1e300 : v)), 4 * m);
    const params = { a: { value: 4, min: 0 }, k: { value: 0.8, min: 0, max: 50 }, c: 0.1 };
    for (const loss of ['linear', 'cauchy'] as const) {
      const batch = curveFitBatchSync({ x, y: ys, model: decay, params, loss });
      for (const i of [0, 1, 2, 4]) {
        const alone = curveFit({ x, y: ys.subarray(i * m, (i + 1) * m), model: decay, params, loss });
        expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(Object.values(alone.values));
        expect(batch.at(i).params).toEqual(alone.params);
        expect(batch.statusOf(i)).toBe(alone.status);
      }
      expect(batch.statusOf(3)).toBe('notFinite');
      expect(batch.statusOf(0)).toBe(curveFit({ x, y, model: decay, params, loss }).status);
    }
  });
});
