import { describe, expect, it } from 'vitest';
import { curveFit, curveFitAsync } from '../../src/index.ts';
import { noise } from './data.ts';

/** Two peaks on a baseline: a start on one side finds one of them, or a hump over both. */
const next = noise(11);
const x = Float64Array.from({ length: 64 }, (_, i) => i / 6.4);
const peaks = (t: number): number => 3 * Math.exp(-((t - 2.5) ** 2) / 0.32) + 1.2 * Math.exp(-((t - 7) ** 2) / 0.5);
const y = x.map((t) => peaks(t) + 0.02 * next());
const one = {
  x,
  y,
  model: (t: number, p: { amp: number; cen: number; wid: number }) => p.amp * Math.exp(-((t - p.cen) ** 2) / p.wid),
  params: { amp: { value: 1, min: 0.01, max: 10 }, cen: { value: 8, min: 0, max: 10 }, wid: { value: 0.5, min: 0.05, max: 20 } },
};

/** A wave: one minimum of the frequency is right, dozens are not. */
const wave = {
  x,
  y: x.map((t) => 2 * Math.sin(5.3 * t + 0.4) + 0.05 * next()),
  model: (t: number, p: { a: number; w: number; phase: number }) => p.a * Math.sin(p.w * t + p.phase),
  params: { a: 1, w: { value: 2, min: 0.1, max: 12 }, phase: { value: 0, min: -4, max: 4 } },
};

describe('many starts', () => {
  it('find the lowest minimum where the given start does not', () => {
    const alone = curveFit(one);
    const best = curveFit({ ...one, starts: 32 });
    expect(alone.values.cen).toBeGreaterThan(6);
    expect(best.values.cen).toBeCloseTo(2.5, 2);
    expect(best.stats.chi2).toBeLessThan(alone.stats.chi2 / 2);
    expect(best.success).toBe(true);
    expect(best.starts).toEqual({ count: 32, reached: best.starts!.reached, seed: 0 });
    expect(best.starts!.reached).toBeGreaterThan(1);
    expect(best.starts!.reached).toBeLessThan(32);
  });

  it('end in the same fit as the best start alone, with covariance and all', () => {
    const best = curveFit({ ...one, starts: 32 });
    const { amp, cen, wid } = best.values;
    const again = curveFit({ ...one, params: { amp: { ...one.params.amp, value: amp }, cen: { ...one.params.cen, value: cen }, wid: { ...one.params.wid, value: wid } } });
    for (const name of ['amp', 'cen', 'wid'] as const) {
      expect(best.params[name].value / again.params[name].value).toBeCloseTo(1, 10);
      expect(best.params[name].stdErr! / again.params[name].stdErr!).toBeCloseTo(1, 7);
      expect(best.params[name].init).toBe(one.params[name].value);
    }
    expect(best.stats.chi2 / again.stats.chi2).toBeCloseTo(1, 12);
    expect(best.nIter).toBeGreaterThan(again.nIter);
  });

  it('find a frequency', () => {
    expect(Math.abs(curveFit(wave).values.w - 5.3)).toBeGreaterThan(0.5);
    const found = curveFit({ ...wave, starts: 64 });
    expect(found.values.w).toBeCloseTo(5.3, 2);
    expect(found.report()).toMatch(/^starts +64, of which \d+ came to this minimum/m);
  });

  it("'auto' goes on until the best was found three times", () => {
    const found = curveFit({ ...wave, starts: 'auto' });
    expect(found.values.w).toBeCloseTo(5.3, 2);
    expect(found.starts!.reached).toBeGreaterThanOrEqual(3);
    expect(Math.log2(found.starts!.count) % 1).toBe(0);
    // a line has one minimum: the first round has it sixteen times
    const line = curveFit({ x: [0, 1, 2, 3], y: [1, 3.1, 4.9, 7], model: (t, p) => p.a + p.b * t, params: { a: 1, b: 1 }, starts: 'auto' });
    expect(line.starts).toEqual({ count: 16, reached: 16, seed: 0 });
  });

  it('1 is the given start alone', () => {
    const alone = curveFit(one), single = curveFit({ ...one, starts: 1 });
    expect(single.starts).toEqual({ count: 1, reached: 1, seed: 0 });
    expect(single.stats.chi2 / alone.stats.chi2).toBeCloseTo(1, 12);
  });

  it('follow from the seed, and are the same asynchronously', async () => {
    const first = curveFit({ ...wave, starts: 16, seed: 5 });
    const second = await curveFitAsync({ ...wave, starts: 16, seed: 5 });
    expect(second.values).toEqual(first.values);
    expect(second.starts).toEqual(first.starts);
    expect(second.stats).toEqual(first.stats);
  });

  it('leave fixed parameters and bounds alone', () => {
    const seen = { low: Infinity, high: -Infinity };
    const model = (t: number, p: { amp: number; cen: number; wid: number }): number => {
      seen.low = Math.min(seen.low, p.cen);
      seen.high = Math.max(seen.high, p.cen);
      if (p.wid !== 0.4) throw new Error('wid moved');
      return globalThis.Math.exp(-((t - p.cen) ** 2) / p.wid) * p.amp;
    };
    const fit = curveFit({ ...one, model, params: { ...one.params, cen: { value: 5, min: 1, max: 9 }, wid: { value: 0.4, vary: false } }, starts: 16 });
    expect(fit.values.wid).toBe(0.4);
    expect(seen.low).toBeGreaterThanOrEqual(1);
    expect(seen.high).toBeLessThanOrEqual(9);
    expect(fit.values.cen).toBeCloseTo(2.5, 1);
  });

  it('work for callbacks, ties and losses', () => {
    const text = String(Math.random());
    const opaque = curveFit({ ...wave, model: (t: number, p: { a: number; w: number; phase: number }) => { if (text === '') return 0; return p.a * Math.sin(p.w * t + p.phase); }, starts: 64 });
    expect(opaque.warnings.map(({ code }) => code)).toContain('model-not-compiled');
    expect(opaque.values.w).toBeCloseTo(5.3, 2);
    const tied = curveFit({ ...one, params: { ...one.params, amp: { expr: '6*wid' } }, starts: 32 });
    expect(tied.values.amp).toBe(6 * tied.values.wid);
    const spoiled = Float64Array.from(wave.y);
    spoiled[20] = 40;
    const robust = curveFit({ ...wave, y: spoiled, loss: 'cauchy', lossScale: 0.1, starts: 64 });
    expect(robust.values.w).toBeCloseTo(5.3, 1);
  });

  it('survive starts where the model is not finite', () => {
    const fit = curveFit({ x: [1, 2, 3, 4], y: [0, 0.7, 1.1, 1.4], model: (t, p) => Math.log(p.a * t) * p.b, params: { a: 2, b: 1 }, starts: 48 });
    expect(fit.success).toBe(true);
    const never = curveFit({ x: [1, 2, 3], y: [1, 2, 3], model: (t, p) => Math.sqrt(-1 - p.a * p.a) + t, params: { a: 1 }, starts: 8 });
    expect(never.status).toBe('notFinite');
    expect(never.values.a).toBe(1);
  });

  it('report exact fits as one minimum', () => {
    const fit = curveFit({ x, y: x.map((t) => 3 * Math.exp(-0.5 * t)), model: (t, p) => p.a * Math.exp(-p.k * t), params: { a: 1, k: 1 }, starts: 16 });
    expect(fit.values.k).toBeCloseTo(0.5, 12);
    expect(fit.starts!.reached).toBeGreaterThan(4);
  });

  it('refuse a number that is none', () => {
    expect(() => curveFit({ ...wave, starts: 0 })).toThrow(/^starts: expected an integer from 1/);
    expect(() => curveFit({ ...wave, starts: 'many' as 'auto' })).toThrow(/^starts: expected a number or 'auto'/);
    expect(() => curveFit({ ...wave, starts: 4, seed: -1 })).toThrow(/^seed: /);
  });

  it('stop when their time is up', () => {
    const fit = curveFit({ ...wave, starts: 64, maxSeconds: 0 });
    expect(fit.status).toBe('maxSeconds');
    expect(fit.success).toBe(false);
  });
});
