// Time limits, signals and progress, wherever a fit may spend its time: the careful path, many
// starts, rounds of a loss scale, traces, global fits. And memory over many fits.

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  curveFit, curveFitAsync, expr, globalFit, globalFitAsync, leastSquares, leastSquaresAsync, type CurveFitOptions,
} from '../../src/index.ts';

/** So many points that every evaluation takes some milliseconds, and a start so far that many are needed. */
const points = 60_000;
const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / points);
const y = x.map((t, i) => 3 * Math.exp(-1.1 * t) + 2 * Math.exp(-2.1 * t) + 0.5 + 0.2 * Math.sin(7 * i));
const model = expr('a*exp(-k*x) + b*exp(-l*x) + c');
const params = { a: 1, k: 0.3, b: 1, l: 9, c: 0.1 };
/** Ends by no test of its own. */
const endless = { x, y, model, params, ftol: 0, xtol: 0, gtol: 1e-300, maxIter: 65535 };
const ways: [string, Partial<CurveFitOptions>][] = [
  ['auto', {}],
  ['trf', { method: 'trf' }],
  ['dogbox', { method: 'dogbox' }],
  ['gauss-newton', { method: 'gauss-newton' }],
  ['geodesic acceleration', { geodesicAcceleration: true }],
  ['many starts', { starts: 500, loss: 'soft_l1' }],
  ['starts until they agree', { starts: 'auto', loss: 'soft_l1' }],
  ['a loss scale by MAD', { loss: 'huber', lossScale: 'mad' }],
  ['a loss scale by MAD of many starts', { loss: 'huber', lossScale: 'mad', starts: 200 }],
  ['a trace', { trace: true }],
];
/** Stops are looked for between evaluations; the rest is for slow machines. */
const patience = 3000;

describe.each(ways)('with %s', (_, options) => {
  const given = { ...endless, ...options } as CurveFitOptions & typeof endless;

  it('maxSeconds ends the fit, or it has ended before', async () => {
    for (const isLater of [false, true]) {
      const began = performance.now();
      const limited = { ...given, maxSeconds: 0.02 };
      const fit = isLater ? await curveFitAsync(limited) : curveFit(limited);
      expect(performance.now() - began).toBeLessThan(patience);
      expect(fit.status).not.toBe('maxIter');
      if (!fit.success) expect(fit.status).toMatch(/maxSeconds|noProgress/);
      for (const name of Object.keys(params)) expect(Number.isFinite(fit.values[name])).toBe(true);
    }
  });

  it('a signal rejects with its reason, and no listener is left', async () => {
    const controller = new AbortController(), reason = new Error('enough');
    const running = curveFitAsync({ ...given, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 1);
    await expect(running).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('onProgress that returns false stops the fit', async () => {
    let calls = 0;
    const fit = await curveFitAsync({ ...given, progressEveryMs: 1, onProgress: () => ++calls < 2 });
    expect(calls).toBeGreaterThanOrEqual(1);
    if (!fit.success) expect(fit.status).toMatch(/stoppedByCallback|noProgress/);
  });

  it('an error of onProgress comes out', async () => {
    const error = new Error('mine');
    await expect(curveFitAsync({ ...given, progressEveryMs: 1, onProgress: () => { throw error; } })).rejects.toBe(error);
  });
});

describe('other verbs', () => {
  const data = Array.from({ length: 6 }, () => ({ x: x.slice(0, 5000), y: y.slice(0, 5000) }));
  const all = { model, data, shared: ['k', 'l'] as ('k' | 'l')[], params };
  const residuals = (p: Float64Array): Float64Array => x.map((t, i) => p[0]! * Math.exp(-p[1]! * t) + p[2]! - y[i]!);

  it('globalFit', async () => {
    expect(globalFit({ ...all, maxSeconds: 0 }).status).toBe('maxSeconds');
    expect((await globalFitAsync({ ...all, progressEveryMs: 0, onProgress: () => false })).status).toBe('stoppedByCallback');
    await expect(globalFitAsync({ ...all, signal: AbortSignal.timeout(1) })).rejects.toThrow('timeout');
  });

  it('leastSquares', async () => {
    expect(leastSquares(residuals, [1, 0.3, 0], { maxSeconds: 1e-9 }).status).toBe('maxSeconds');
    const controller = new AbortController(), reason = new Error('enough');
    const running = leastSquaresAsync(async (p: Float64Array) => {
      await new Promise((resolve) => { setTimeout(resolve, 1); });
      controller.abort(reason);
      return residuals(p);
    }, [1, 0.3, 0], { signal: controller.signal });
    await expect(running).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('the bootstrap refuses what it does not have', async () => {
    const few = x.filter((_, i) => i % 3000 === 0);
    const fit = curveFit({ x: few, y: few.map((t) => 3 * Math.exp(-t) + Math.sin(9 * t) / 9), model: expr('a*exp(-k*x)'), params: { a: 1, k: 1 } });
    await expect(fit.bootstrap({ samples: 3, maxSeconds: 1 } as never)).rejects.toMatchObject({ code: 'ERR_OPTION', argument: 'maxSeconds' });
    await expect(fit.bootstrap({ samples: 3, signal: 1 } as never)).rejects.toMatchObject({ code: 'ERR_OPTION', argument: 'signal' });
  });
});

describe('memory', () => {
  it('does not grow over 10,000 fits', () => {
    const few = Float64Array.from({ length: 12 }, (_, i) => i / 3);
    const values = few.map((t) => 4 * Math.exp(-t) + Math.sin(5 * t) / 30);
    const decay = expr('a*exp(-k*x)');
    const run = (fits: number): void => {
      for (let i = 0; i < fits; i++) {
        const fit = curveFit({
          x: few, y: values, model: decay, params: { a: { value: 1 + (i % 7), min: 0 }, k: 1 },
          method: i % 4 === 0 ? 'trf' : 'auto', loss: i % 3 === 0 ? 'huber' : 'linear', starts: i % 50 === 0 ? 4 : 1,
        });
        if (!fit.success) throw new Error(fit.status);
      }
    };
    run(3000);
    const before = process.memoryUsage();
    run(10_000);
    const after = process.memoryUsage();
    expect(after.rss - before.rss).toBeLessThan(60e6);
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(20e6);
  });
});
