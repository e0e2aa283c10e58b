// Fits of curves that are driven iteration by iteration: the same answers as the engines', and what
// they cannot do: trace, callback, checkpoints, a say in values that are not finite.

import { describe, expect, it } from 'vitest';
import { CallbackError, curveFit, curveFitAsync, expr, type Checkpoint } from '../../src/index.ts';
import { noise } from './data.ts';

const next = noise(11);
const x = Float64Array.from({ length: 50 }, (_, i) => i / 10);
const y = x.map((t) => 4 * Math.exp(-1.3 * t) + 0.7 + 0.05 * next());
const sigma = x.map((_, i) => 0.02 + 0.001 * i);
const decay = (t: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * t) + p.c;
const params = { a: 1, k: 0.5, c: 0 };
const good = { x, y, model: decay, params };
const counts = x.map((t, i) => Math.round(80 * Math.exp(-0.8 * t) + 5 + 3 * Math.sin(i)));

const captured = 1;
/** It captures a value, so it is called and not compiled. */
const called = (t: number, p: { a: number; k: number; c: number }): number =>
  captured * p.a * Math.exp(-p.k * t) + p.c;

describe('a driven fit', () => {
  const cases = {
    'of a compiled model': good,
    'of a callback model': { ...good, model: called },
    'with sigma': { ...good, sigma, sigmaIs: 'absolute' as const },
    'with bounds': { ...good, params: { ...params, k: { value: 0.5, min: 0, max: 1.2 } } },
    'with a fixed parameter': { ...good, params: { ...params, c: { value: 0.7, vary: false } } },
    'with a loss': { ...good, loss: 'cauchy' as const, lossScale: 0.1 },
    'of counts': { ...good, y: counts, params: { a: 60, k: 1, c: 4 }, estimator: 'poisson' as const },
    'of text': { ...good, model: expr('a*exp(-k*x) + c') },
  };
  it.each(Object.entries(cases))('%s ends where the engine ends', async (_, options) => {
    const plain = curveFit(options as typeof good);
    const driven = curveFit({ ...(options as typeof good), trace: true });
    const awaited = await curveFitAsync({ ...(options as typeof good), trace: true });
    expect(driven.success).toBe(true);
    expect(plain.success).toBe(true);
    for (const name of ['a', 'k', 'c'] as const) {
      const [a, b] = [plain.params[name], driven.params[name]];
      expect(b.value).toBeCloseTo(a.value, 6);
      expect(awaited.params[name].value).toBe(b.value);
      if (a.stdErr === null) expect(b.stdErr).toBeNull();
      else expect(Math.abs(b.stdErr! / a.stdErr - 1)).toBeLessThan(1e-4);
    }
    expect(Math.abs(driven.stats.chi2 / plain.stats.chi2 - 1)).toBeLessThan(1e-9);
    expect(driven.stats.r2).toBeCloseTo(plain.stats.r2, 8);
    expect(driven.trace!.f.at(-1)).toBeCloseTo(driven.stats.chi2, 8);
  });

  it.each(['lm', 'trf', 'dogbox', 'gauss-newton'] as const)('by %s goes on from a checkpoint to the same bits', (method) => {
    const saved: string[] = [];
    const options = { ...good, method, params: { a: 3, k: { value: 0.9, min: 0.1 }, c: 0.2 } };
    const whole = curveFit({ ...options, callback: (state) => void saved.push(JSON.stringify(state.checkpoint())) });
    expect(saved.length).toBeGreaterThan(1);
    for (const text of saved) {
      const resumed = curveFit({ ...options, resumeFrom: JSON.parse(text) as Checkpoint });
      expect(resumed.values).toEqual(whole.values);
      expect(resumed.covariance!.data).toEqual(whole.covariance!.data);
      expect(resumed.nIter).toBe(whole.nIter);
    }
  });

  it('stops where the callback says so, at the best point so far', () => {
    let best = NaN;
    const fit = curveFit({
      ...good,
      callback: ({ iter, f, x: point, gradNorm }) => {
        best = f;
        expect(point).toHaveLength(3);
        expect(gradNorm).toBeGreaterThan(0);
        return iter === 2;
      },
    });
    expect(fit).toMatchObject({ status: 'stoppedByCallback', success: false, nIter: 2 });
    expect(fit.stats.chi2).toBe(best);
  });

  it('rejects, stops or throws where the model has no value', () => {
    const root = { x, y: x.map((t) => Math.sqrt(0.2 + t)), model: (t: number, p: { a: number }) => Math.sqrt(p.a + t), params: { a: 9 } };
    expect(curveFit({ ...root, trace: true }).values.a).toBeCloseTo(0.2, 10);
    expect(curveFit({ ...root, onNonFinite: 'stop' }).status).toBe('notFinite');
    expect(() => curveFit({ ...root, onNonFinite: 'throw' })).toThrow(CallbackError);
  });

  it('rejects with the reason of a signal', async () => {
    const controller = new AbortController();
    const fit = curveFitAsync({
      ...good,
      model: called,
      signal: controller.signal,
      callback: () => controller.abort(new Error('enough')),
    });
    await expect(fit).rejects.toThrow('enough');
  });
});
