// Data whose squares are no doubles: a fit must not take Σ r² = 0 for an exact one, nor give up
// where the sum is infinite. Multiplying y or sigma by a power of two changes no digit of a fit.

import { describe, expect, it } from 'vitest';
import {
  compareEngines, curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, expr, type FitResult,
} from '../../src/index.ts';
import { decays } from './data.ts';

const { x, y } = decays(1);
const decay = expr('a*exp(-k*x) + c');
const params = { a: 4, k: 0.8, c: 0.1 };
const scaled = (values: Float64Array, factor: number): Float64Array => values.map((v) => v * factor);
const starts = (factor: number): typeof params => ({ a: 4 * factor, k: 0.8, c: 0.1 * factor });
const codes = (fit: FitResult<string>): string[] => fit.warnings.map(({ code }) => code);
const reference = curveFit({ x, y, model: decay, params });

describe('y times a power of two', () => {
  it.each([-980, -900, -560, -500, -340, -300, 300, 340, 500, 560, 900, 980])('2^%i', (power) => {
    const factor = 2 ** power;
    const fit = curveFit({ x, y: scaled(y, factor), model: decay, params: starts(factor) });
    expect(fit.status).toBe(reference.status);
    expect(fit.nIter).toBe(reference.nIter);
    expect(fit.values['k']).toBe(reference.values['k']);
    expect(fit.values['a']).toBe(reference.values['a']! * factor);
    expect(fit.params['k']!.stdErr).toBe(reference.params['k']!.stdErr);
    expect([...fit.residuals]).toEqual([...scaled(reference.residuals, factor)]);
    expect(fit.stats.chi2).toBe(reference.stats.chi2 * factor * factor);
    expect(fit.stats.r2).toBe(reference.stats.r2);
    expect(codes(fit)).toEqual(Math.abs(power) > 500 ? ['badly-scaled'] : []);
  });

  it('keeps the standard errors that a double can hold, and says so where one is lost', () => {
    const factor = 2 ** -900;
    const fit = curveFit({ x, y: scaled(y, factor), model: decay, params: starts(factor) });
    expect(fit.params['a']!.stdErr).toBeNull();
    expect(fit.covariance).toBeNull();
    const within = 2 ** -450;
    const other = curveFit({ x, y: scaled(y, within), model: decay, params: starts(within) });
    expect(other.params['a']!.stdErr).toBe(reference.params['a']!.stdErr! * within);
  });
});

describe('sigma times a power of two', () => {
  it.each([-560, -400, 400, 560])('2^%i, relative and absolute', (power) => {
    const sigma = 2 ** power;
    const relative = curveFit({ x, y, sigma, model: decay, params });
    expect(relative.values).toEqual(reference.values);
    expect(relative.status).toBe(reference.status);
    expect(relative.params['a']!.stdErr).toBe(reference.params['a']!.stdErr);
    expect([...relative.residuals]).toEqual([...reference.residuals]);
    const unit = curveFit({ x, y, sigma: 1, sigmaIs: 'absolute', model: decay, params });
    const absolute = curveFit({ x, y, sigma, sigmaIs: 'absolute', model: decay, params });
    expect(absolute.params['a']!.stdErr).toBe(unit.params['a']!.stdErr! * sigma);
    // A variance is the square: beyond 2^±1022 there is none.
    expect(absolute.covariance === null).toBe(Math.abs(power) > 500);
  });
});

describe('a batch', () => {
  const factors = [1, 2 ** -560, 2 ** 3, 2 ** 560, 2 ** -1000];
  const all = Float64Array.from(factors.flatMap((factor) => [...scaled(y, factor)]));
  const init = Float64Array.from(factors.flatMap((factor) => Object.values(starts(factor))));
  const batch = { x, y: all, model: decay, init, outputs: ['stdErr', 'covariance', 'r2', 'residuals'] } as const;

  it('scales the fits that need it, and no other', async () => {
    const result = curveFitBatchSync(batch);
    factors.forEach((factor, i) => {
      const single = curveFit({ x, y: scaled(y, factor), model: decay, params: starts(factor) });
      expect(result.params[3 * i + 1]).toBe(single.values['k']);
      expect(result.ssr[i]).toBe(single.stats.chi2);
      expect(result.statusOf(i)).toBe(single.status);
      expect(result.r2![i]).toBe(single.stats.r2);
      expect([...result.residuals!.subarray(i * x.length, (i + 1) * x.length)]).toEqual([...single.residuals]);
      expect(result.at(i).params).toEqual(single.params);
      expect(codes(result.at(i))).toEqual(codes(single));
    });
    expect(result.converged).toBe(factors.length);
    expect(result.warnings.map(({ message }) => message)).toEqual([expect.stringMatching(/of 3 fits are too small/)]);
    const later = await curveFitBatch({ ...batch, threads: 2 });
    expect([...later.params]).toEqual([...result.params]);
    expect([...later.ssr]).toEqual([...result.ssr]);
  });

  it('has the same bits on every engine, asynchronously too', async () => {
    const { rows } = await compareEngines((engine) => curveFitBatchSync({ ...batch, engine }), { repeats: 1, warmup: 0 });
    expect(rows.every(({ sameBits }) => sameBits)).toBe(true);
    const tiny = { x, y: scaled(y, 2 ** -560), model: decay, params: starts(2 ** -560) };
    expect((await curveFitAsync(tiny)).values).toEqual(curveFit(tiny).values);
  });

  it('still calls exact what is: zeros, and data that the model meets', () => {
    const line = curveFit({ x: [0, 1, 2], y: [1, 2, 3], model: expr('a*x + b'), params: { a: 1, b: 1 } });
    expect(line.status).toBe('exact');
    expect(codes(line)).not.toContain('badly-scaled');
    const zeros = curveFit({ x: [0, 1, 2], y: [0, 0, 0], model: expr('a*x + b'), params: { a: 0, b: 0 } });
    expect(zeros.status).toBe('exact');
    const small = curveFit({ x: [0, 1, 2], y: [1e-200, 2e-200, 3e-200], model: expr('a*x + b'), params: { a: 2e-200, b: 0 } });
    expect(small.success).toBe(true);
    expect(small.values['a']).toBeCloseTo(1e-200, 210);
    expect(small.values['a']! / 1e-200).toBeCloseTo(1, 12);
  });
});
