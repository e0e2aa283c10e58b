// Tied parameters: { expr } follows from others, through derivatives and standard errors.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, expr, model, type FitResult } from '../../src/index.ts';
import { decays, noise } from './data.ts';

const { x, y } = decays(1);
const decay = expr('a*exp(-k*x) + c');
const close = (a: number, b: number, tolerance = 1e-9): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.abs(b));

describe('a tie', () => {
  const tied = curveFit({ x, y, model: decay, params: { a: 4, k: { expr: 'a/5' }, c: 0.1 } });
  const written = curveFit({ x, y, model: expr('a*exp(-(a/5)*x) + c'), params: { a: 4, c: 0.1 } });

  it('is the model with the formula written into it', () => {
    expect(tied.success).toBe(true);
    expect(tied.varying).toEqual(['a', 'c']);
    expect(tied.values['a']).toBe(written.values['a']);
    expect(tied.stats.ssr).toBe(written.stats.ssr);
    close(tied.values['k']!, tied.values['a']! / 5, 1e-15);
    expect(tied.params['k']!.vary).toBe(false);
    expect([...tied.predict([0, 1])]).toEqual([...written.predict([0, 1])]);
  });

  it('has a standard error by the delta method', () => {
    close(tied.params['k']!.stdErr!, tied.params['a']!.stdErr! / 5, 1e-12);
    const fit = curveFit({ x, y, model: decay, params: { a: 4, k: 0.8, c: 0.1, ratio: { expr: 'a/k' } } });
    const [a, k] = [fit.values['a']!, fit.values['k']!];
    const C = fit.covariance!;
    const variance = C.get(0, 0) / k ** 2 - (2 * a * C.get(0, 1)) / k ** 3 + (a ** 2 * C.get(1, 1)) / k ** 4;
    const values = fit.values as Record<string, number>;
    const params = fit.params as FitResult<string>['params'];
    close(values['ratio']!, a / k, 1e-15);
    close(params['ratio']!.stdErr!, Math.sqrt(variance), 1e-9);
  });

  it('may use other ties, in any order, and parameters that only ties use', () => {
    const fit = curveFit({
      x, y, model: decay,
      params: { a: { expr: 'b*2' }, k: { expr: 'rate' }, c: { expr: 'a/40 + 0*b' }, b: 2, rate: { value: 0.8, min: 0 } },
    });
    const same = curveFit({
      x, y, model: expr('2*b*exp(-rate*x) + b/20'), params: { b: 2, rate: { value: 0.8, min: 0 } },
    });
    close(fit.stats.ssr, same.stats.ssr, 1e-12);
    expect(fit.varying).toEqual(['b', 'rate']);
    close(fit.values['a']!, 2 * (fit.values as Record<string, number>)['b']!, 1e-15);
    close(fit.values['c']!, fit.values['a']! / 40, 1e-14);
  });

  it('works for functions that compile and for those that do not', () => {
    const compiled = curveFit({
      x, y, model: (t, p) => p.a * Math.exp(-p.k * t) + p.c, params: { a: 4, k: { expr: 'a/5' }, c: 0.1 },
    });
    expect(compiled.values.a).toBe(written.values['a']);
    const table = { exp: Math.exp };
    const opaque = model(['a', 'k', 'c'], (t, p) => p.a * table.exp(-p.k * t) + p.c);
    expect(opaque.explain().compiled).toBe(false);
    const called = curveFit({ x, y, model: opaque, params: { a: 4, k: { expr: 'a/5' }, c: 0.1 } });
    close(called.values.a, written.values['a']!, 1e-7);
    expect(called.values.k).toBe(called.values.a / 5);
    close(called.params.k.stdErr!, written.params['a']!.stdErr! / 5, 1e-4);
  });

  it('holds in every fit of a batch, with the bits of a single fit', () => {
    const random = noise(3);
    const fits = 9;
    const many = new Float64Array(fits * x.length);
    for (let i = 0; i < many.length; i++) many[i] = y[i % x.length]! * (1 + 0.02 * random());
    const params = { a: 4, k: { expr: 'a/5' }, c: 0.1 };
    const batch = curveFitBatchSync({ x, y: many, model: decay, params, outputs: ['stdErr'] });
    expect(batch.covariance).toBeUndefined();
    for (let i = 0; i < fits; i++) {
      const alone = curveFit({ x, y: many.slice(i * x.length, (i + 1) * x.length), model: decay, params });
      expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(Object.values(alone.values));
      expect([...batch.stdErr!.subarray(3 * i, 3 * i + 3)]).toEqual(['a', 'k', 'c'].map((name) => alone.params[name]!.stdErr));
      expect(batch.at(i).params['k']).toEqual(alone.params['k']);
    }
  });
});
