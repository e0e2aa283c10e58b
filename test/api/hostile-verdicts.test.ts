// A success is a minimum, whatever the start and the units; a minimum that was found is a success.

import { describe, expect, it } from 'vitest';
import { curveFit, expr, type FitResult } from '../../src/index.ts';
import { noise } from './data.ts';

const methods = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const;
const x = Float64Array.from({ length: 24 }, (_, i) => i / 6);

/** No fit from beside the result comes lower. */
function expectMinimum(text: string, at: ArrayLike<number>, y: Float64Array, fit: FitResult<string>): void {
  const next = noise(17), size = y.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  const rounding = y.length * (1e-13 * size) ** 2;
  for (const share of [1e-5, 1e-3, 1e-3, 1e-2])
    for (const method of ['trf', 'dogbox'] as const) {
      const params = Object.fromEntries(Object.entries(fit.values).map(([name, value]) => [name, value * (1 + share * next())]));
      const beside = curveFit({ x: at, y, model: expr(text), params, method, maxIter: 400 });
      expect(beside.stats.ssr).toBeGreaterThanOrEqual(fit.stats.ssr * (1 - 1e-6) - rounding);
    }
}

describe.each(methods)('a start that hides a parameter, with %s', (method) => {
  it.each([1, 1e-6, 1e-9, 1e-12, 1e-200])('is the same fit in units of %d', (unit) => {
    const shape = x.map((t, i) => 5 * Math.exp(-1.3 * t) + 0.01 * Math.sin(7 * i));
    const options = { x, model: expr('a*exp(-k*x)'), params: { a: 0, k: 4 }, method };
    const reference = curveFit({ ...options, y: shape });
    const fit = curveFit({ ...options, y: shape.map((v) => v * unit) });
    expect(fit.success).toBe(reference.success);
    if (!fit.success) return;
    expect(Math.abs(fit.values['k']! / reference.values['k']! - 1)).toBeLessThan(1e-8);
    expect(Math.abs(fit.values['a']! / reference.values['a']! / unit - 1)).toBeLessThan(1e-8);
  });
});

describe('terms that collapse into one', () => {
  const text = 'a*exp(-k*x) + b*exp(-l*x)';
  const y = x.map((t) => 8.4 * Math.exp(-0.4 * t) + 7.1 * Math.exp(-4.46 * t));

  // From here the rates meet on the way, where the sum of squares is stationary, but no minimum.
  it.each([
    { a: 0.1, k: 3, b: 300, l: 2 },
    { a: 91, k: 0.3, b: -83, l: 0.29 },
    { a: 5, k: 1, b: 5, l: 1 },
    { a: 20, k: 2, b: 1, l: 2.01 },
  ])('are no minimum: from %j', (params) => {
    const fit = curveFit({ x, y, model: expr(text), params });
    if (fit.success) expectMinimum(text, x, y, fit);
  });

  // One or two of them end where the best single decay is, by every method: a saddle, but for steps
  // that know first derivatives only it has no way down.
  it('nor are they where random starts lead', () => {
    const next = noise(4711), claims: string[] = [];
    let lost = 0;
    for (let i = 0; i < 150; i++) {
      const random = (low: number, high: number): number => Math.exp(Math.log(low) + (Math.log(high / low) * (next() + 1)) / 2);
      const params = { a: random(0.1, 100) * (next() < 0 ? -1 : 1), k: random(0.01, 10), b: random(0.1, 100), l: random(0.01, 10) };
      const fit = curveFit({ x, y, model: expr(text), params });
      if (!fit.success) lost++;
      else if (fit.stats.ssr > 1e-12) claims.push(JSON.stringify({ params, status: fit.status, ssr: fit.stats.ssr }));
    }
    expect(claims.slice(2)).toEqual([]);
    expect(lost).toBeLessThan(30);
  });
});

describe('a sum of squares of zero', () => {
  it('is exact, also where a parameter no longer matters', () => {
    const fit = curveFit({ x: [0, 1], y: [7, 0.5], model: expr('a*exp(-k*x) + c'), params: { a: 1, k: 1500, c: 0.1 } });
    expect(fit.stats.ssr).toBe(0);
    expect(fit.success).toBe(true);
  });
});

describe('ordinary noise', () => {
  // Where residuals are large, whole Gauss–Newton steps come closer by a constant factor only.
  it('leaves eight digits, whatever the size of the residuals', () => {
    const next = noise(99), text = 'a*exp(-((x - c)^2)/(2*w^2))';
    for (let i = 0; i < 60; i++) {
      const size = [0.01, 0.1, 0.3, 0.6][i % 4]!;
      const y = x.map((t) => 5 * Math.exp(-((t - 2) ** 2) / 0.9) + 5 * size * next());
      const fit = curveFit({ x, y, model: expr(text), params: { a: 4, c: 1.8, w: 0.8 } });
      expect(fit.success).toBe(true);
      const again = curveFit({ x, y, model: expr(text), params: fit.values, method: 'lm', ftol: 1e-16, xtol: 1e-15, gtol: 1e-15, polish: true });
      for (const name of ['a', 'c', 'w'])
        expect(Math.abs(again.values[name]! / fit.values[name]! - 1), `${i} ${name}`).toBeLessThan(1e-8);
    }
  });
});
