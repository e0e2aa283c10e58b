import { beforeAll, describe, expect, it } from 'vitest';
import { curveFit, expr, InputError, type FitResult } from '../../src/index.ts';
import { twoSidedQuantile } from '../../src/statistics/distributions.ts';
import { Random } from '../../src/statistics/random.ts';

const noise = (count: number, seed: number, size: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => size * random.normal());
};
const sum = (values: Iterable<number>): number => [...values].reduce((s, v) => s + v, 0);
const deviation = (values: Float64Array): number => {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((v) => (v - mean) ** 2)) / (values.length - 1));
};
const near = (a: number, b: number, tolerance: number): void =>
  expect(Math.abs(a - b), `${a} and ${b}`).toBeLessThanOrEqual(tolerance * Math.abs(b));

function expectInput(run: () => unknown, code: string, argument: string, message: RegExp): void {
  expect(run).toThrow(InputError);
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ code, argument, message: expect.stringMatching(message) as string });
  }
}

const x = [1, 2, 3, 5, 8, 9, 12, 14, 15, 20];
const m = x.length;
const mean = sum(x) / m;
const spread = sum(x.map((v) => (v - mean) ** 2));
const line = expr('a + b*x');

describe('a straight line', () => {
  const errors = noise(m, 1, 0.5);
  const y = x.map((v, i) => 2 + 0.3 * v + errors[i]!);
  let fit: FitResult<string>;
  beforeAll(() => {
    fit = curveFit({ x, y, model: line });
  });

  it('has the standard errors, t and p of theory', () => {
    const { a, b } = fit.params;
    const s2 = fit.stats.ssr / (m - 2);
    near(b!.stdErr!, Math.sqrt(s2 / spread), 1e-9);
    near(a!.stdErr!, Math.sqrt(s2 * (1 / m + mean ** 2 / spread)), 1e-9);
    near(b!.tValue!, b!.value / b!.stdErr!, 1e-15);
    // F of one slope is t², and their significances are one.
    near(fit.stats.fValue, b!.tValue! ** 2, 1e-9);
    near(fit.stats.fPValue, b!.pValue!, 1e-8);
  });

  it('has linear intervals of Student, and profiles that are the same', () => {
    const q = twoSidedQuantile(0.9, m - 2);
    const intervals = fit.confidenceIntervals(0.9);
    const profiles = fit.confidenceIntervals(0.9, 'profile');
    for (const name of ['a', 'b']) {
      const { value, stdErr } = fit.params[name]!;
      const [low, high] = intervals[name]!;
      near(low, value - q * stdErr!, 1e-12);
      near(high, value + q * stdErr!, 1e-12);
      near(profiles[name]![0], low, 1e-6);
      near(profiles[name]![1], high, 1e-6);
    }
  });

  it('has the bands of theory', () => {
    const at = [0, 7, 25];
    const q = twoSidedQuantile(0.95, m - 2);
    const s2 = fit.stats.ssr / (m - 2);
    const confidence = fit.confidenceBand(at), prediction = fit.predictionBand(at);
    expect([...confidence.x]).toEqual(at);
    at.forEach((v, i) => {
      const variance = s2 * (1 / m + (v - mean) ** 2 / spread);
      near(confidence.fit[i]!, fit.values['a']! + fit.values['b']! * v, 1e-14);
      near(confidence.upper[i]! - confidence.fit[i]!, q * Math.sqrt(variance), 1e-9);
      near(confidence.fit[i]! - confidence.lower[i]!, q * Math.sqrt(variance), 1e-9);
      near(prediction.upper[i]! - prediction.fit[i]!, q * Math.sqrt(variance + s2), 1e-9);
    });
    expect([...fit.confidenceBand(at, 0.5).upper]).not.toEqual([...confidence.upper]);
  });

  it('covers the truth as often as it says', () => {
    const random = new Random(9);
    let covered = 0;
    const runs = 400;
    for (let k = 0; k < runs; k++) {
      const data = x.map((v) => 2 + 0.3 * v + random.normal());
      const [low, high] = curveFit({ x, y: data, model: line }).confidenceIntervals(0.8)['b']!;
      if (low < 0.3 && 0.3 < high) covered++;
    }
    // Four standard deviations of a binomial count.
    expect(Math.abs(covered - 0.8 * runs)).toBeLessThan(4 * Math.sqrt(runs * 0.16));
  });

  it('has normal quantiles where sigma is absolute', () => {
    const sigma = x.map((_, i) => 0.5 + 0.1 * (i % 3));
    const known = curveFit({ x, y, sigma, sigmaIs: 'absolute', model: line });
    const { value, stdErr } = known.params['b']!;
    const [low] = known.confidenceIntervals()['b']!;
    near(low, value - 1.959963984540054 * stdErr!, 1e-12);
    near(known.confidenceIntervals(0.95, 'profile')['b']![0], low, 1e-6);
    const own = known.predictionBand(x), confidence = known.confidenceBand(x);
    own.x.forEach((_, i) => {
      const extra = (own.upper[i]! - own.fit[i]!) ** 2 - (confidence.upper[i]! - confidence.fit[i]!) ** 2;
      near(Math.sqrt(extra), 1.959963984540054 * sigma[i]!, 1e-9);
    });
    expectInput(() => known.predictionBand([1, 2]), 'ERR_SHAPE', 'sigma', /needs that of the new observations/);
    expect(known.predictionBand([1, 2], 0.95, 0.5).upper[0]).toBeGreaterThan(known.predictionBand([1, 2], 0.95, 0.4).upper[0]!);
    expect(known.predictionBand([1, 2], 0.95, [0.5, 0.5])).toEqual(known.predictionBand([1, 2], 0.95, 0.5));
  });

  it('resamples to the standard errors of theory', async () => {
    const { a, b } = await fit.bootstrap({ samples: 4000, seed: 3 });
    // The standard deviation of 4,000 samples is known to 1.1 %.
    near(deviation(a!), fit.params['a']!.stdErr!, 0.06);
    near(deviation(b!), fit.params['b']!.stdErr!, 0.06);
    near(sum(b!) / 4000, fit.values['b']!, 0.01);
    const again = await fit.bootstrap({ samples: 4000, seed: 3 });
    expect(again['b']).toEqual(b);
    expect((await fit.bootstrap({ samples: 5, seed: 4 }))['b']).not.toEqual(b!.slice(0, 5));
    const cases = await fit.bootstrap({ samples: 2000, kind: 'case' });
    near(deviation(cases['b']!), fit.params['b']!.stdErr!, 0.6);
  });
});

describe('a curve', () => {
  const errors = noise(8, 5, 0.3);
  const t = [0.5, 1, 1.5, 2, 3, 4, 5, 6];
  const y = t.map((v, i) => 5 * Math.exp(-0.6 * v) + errors[i]!);
  const model = expr('a*exp(-k*x)');
  const params = { a: 4, k: 1 };

  it('has profiles that end where the fit with that value is worse by F', () => {
    const fit = curveFit({ x: t, y, model, params });
    const [low, high] = fit.confidenceIntervals(0.99, 'profile')['k']!;
    const q = twoSidedQuantile(0.99, 6);
    for (const k of [low, high]) {
      const held = curveFit({ x: t, y, model, params: { a: 4, k: { value: k, vary: false } } });
      near(held.stats.chi2 / fit.stats.chi2 - 1, (q * q) / 6, 1e-6);
    }
    const [linear] = fit.confidenceIntervals(0.99)['k']!;
    expect(high - fit.values['k']!).toBeGreaterThan(1.02 * (fit.values['k']! - low));
    expect(Math.abs(linear - low)).toBeGreaterThan(1e-3);
  });

  it('has profiles that know of bounds', () => {
    const k = { value: 1, min: 0.55, max: 3 };
    const fit = curveFit({ x: t, y, model, params: { a: 4, k } });
    expect(fit.confidenceIntervals(0.99, 'profile')['k']![0]).toBe(0.55);
  });

  it('has fixed parameters with their value, and tied ones', () => {
    const fit = curveFit({ x: t, y, model: expr('a*exp(-k*x) + c'), params: { a: 4, k: 1, c: { value: 0.1, vary: false }, half: { expr: '0.6931471805599453/k' } } });
    const intervals = fit.confidenceIntervals();
    expect(intervals['c']).toEqual([0.1, 0.1]);
    const { value, stdErr, expr: formula, vary } = fit.params['half']!;
    expect([formula, vary]).toEqual(['0.6931471805599453/k', false]);
    near(stdErr! / value, fit.params['k']!.stdErr! / fit.values['k']!, 1e-9);
    near(intervals['half']![1], value + twoSidedQuantile(0.95, 6) * stdErr!, 1e-12);
    expect(fit.report()).toMatch(/^half .*= 0\.6931471805599453\/k$/m);
  });

  it('knows no intervals where there is no covariance', async () => {
    const fit = curveFit({ x: t, y, model: expr('a*b*exp(-k*x)'), params: { a: 2, b: 2, k: 1 } });
    expect(fit.confidenceIntervals()['a']).toEqual([NaN, NaN]);
    const profile = fit.confidenceIntervals(0.9, 'profile');
    expect(Math.abs(profile['a']![1])).toBe(Infinity);
    expect(profile['k']![1]).toBeLessThan(3);
    expect([...fit.confidenceBand([1, 2]).lower]).toEqual([NaN, NaN]);
    expect(fit.confidenceBand([1, 2]).fit[0]).toBeGreaterThan(0);
  });

  it('has intervals of width 0 where it is exact', () => {
    const fit = curveFit({ x: [0, 1, 2, 3], y: [1, 3, 5, 7], model: line });
    const [low, high] = fit.confidenceIntervals(0.95, 'profile')['b']!;
    expect(high - low).toBeLessThan(1e-6);
  });
});

describe('parameters at a bound', () => {
  const y = x.map((v) => 3 - 0.2 * v + ((v * 7) % 5) / 10);
  const fit = curveFit({ x, y, model: line, params: { a: 1, b: { value: 1, min: 0 } } });

  it('say so', () => {
    expect(fit.params['b']).toMatchObject({ value: 0, atBound: 'lower', stdErr: null, tValue: null, pValue: null, min: 0, max: Infinity });
    expect(fit.params['a']!.atBound).toBe(null);
    expect(fit.warnings).toContainEqual({ code: 'param-at-bound', message: 'b ended at its lower bound 0: it has no standard error', params: ['b'] });
  });

  it('leave the others their standard errors', () => {
    const alone = curveFit({ x, y, model: expr('a + 0*x') });
    // With one degree of freedom less, as the bound may have been missed.
    near(fit.params['a']!.stdErr!, alone.params['a']!.stdErr! * Math.sqrt(9 / 8), 1e-8);
    expect(fit.covariance!.get(1, 1)).toBe(NaN);
    expect(fit.correlation!.get(0, 0)).toBe(1);
    expect(fit.confidenceBand([1]).upper[0]! - fit.confidenceBand([1]).fit[0]!).toBeGreaterThan(0);
    expect(fit.report()).toMatch(/^b +0 +at lower bound/m);
  });
});

describe('what was minimised', () => {
  const counts = [3, 5, 4, 9, 2, 7, 6, 4];
  const at = counts.map((_, i) => i);

  it('is the deviance of counts', () => {
    const fit = curveFit({ x: at, y: counts, model: expr('c + 0*x'), params: { c: 3 }, estimator: 'poisson' });
    near(fit.values['c']!, 5, 1e-9);
    near(fit.params['c']!.stdErr!, Math.sqrt(5 / 8), 1e-8);
    const deviance = 2 * sum(counts.map((y) => y * Math.log(y / 5) - (y - 5)));
    near(fit.stats.chi2, deviance, 1e-9);
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    near(fit.stats.logLik, sum(counts.map((y) => y * Math.log(5) - 5 - Math.log(factorial(y)))), 1e-9);
    near(fit.stats.aic, deviance + 2, 1e-9);
    expect(fit.loss).toBe('poisson');
    const [low, high] = fit.confidenceIntervals(0.95, 'profile')['c']!;
    for (const c of [low, high]) near(2 * 8 * (c - 5 + 5 * Math.log(5 / c)), 3.841458820694124, 1e-6);
    const band = fit.predictionBand([1]);
    near(band.upper[0]! - 5, 1.959963984540054 * Math.sqrt(5 + 5 / 8), 1e-8);
  });

  it('is a robust loss, which is no likelihood', async () => {
    const y = x.map((v, i) => 2 + 0.3 * v + (i === 4 ? 30 : ((v * 7) % 5) / 10));
    const fit = curveFit({ x, y, model: line, loss: 'huber', lossScale: 0.5 });
    expect([fit.stats.logLik, fit.stats.aic, fit.stats.bic, fit.stats.fValue]).toEqual([NaN, NaN, NaN, NaN]);
    near(fit.stats.ssr, sum(fit.residuals.map((r) => r * r)), 1e-12);
    const total = sum(y.map((v) => (v - sum(y) / m) ** 2));
    near(fit.stats.r2, 1 - fit.stats.ssr / total, 1e-9);
    expect(fit.stats.chi2).toBeLessThan(fit.stats.ssr);
    // Small intervals of a profile are linear ones, whatever the loss.
    const { value, stdErr } = fit.params['b']!;
    const [low, high] = fit.confidenceIntervals(0.2, 'profile')['b']!;
    near((high - low) / 2, twoSidedQuantile(0.2, m - 2) * stdErr!, 0.05);
    expect(low < value && value < high).toBe(true);
    expect(fit.confidenceIntervals(0.99, 'profile')['b']![1]).toBeGreaterThan(high);
    expect(fit.report()).toMatch(/the sum of huber loss with scale 0\.5/);
    // The outlier does not widen the band as much as its residual would.
    const band = fit.predictionBand([10]);
    expect(band.upper[0]! - band.fit[0]!).toBeLessThan(5);
    expect((await fit.bootstrap({ samples: 20, kind: 'case' }))['b']!.some((v) => v > 0)).toBe(true);
  });
});

describe('misuse', () => {
  const fit = curveFit({ x, y: x.map((v, i) => v + (i % 3)), model: line });

  it.each([
    [(): unknown => fit.confidenceIntervals(0), 'ERR_RANGE', 'level', /above 0 and below 1, got 0/],
    [(): unknown => fit.confidenceIntervals(1.5), 'ERR_RANGE', 'level', /got 1.5/],
    [(): unknown => fit.confidenceIntervals(NaN), 'ERR_RANGE', 'level', /got NaN/],
    [(): unknown => fit.confidenceIntervals('95%' as unknown as number), 'ERR_TYPE', 'level', /got '95%'/],
    [(): unknown => fit.confidenceIntervals(0.9, 'exact' as 'linear'), 'ERR_RANGE', 'how', /'linear' or 'profile'/],
    [(): unknown => fit.confidenceBand({ x: [1] }, 2), 'ERR_RANGE', 'level', /got 2/],
    [(): unknown => fit.predictionBand([1], 0.9, -1), 'ERR_RANGE', 'sigma', /above 0, got -1/],
    [(): unknown => fit.predictionBand([1], 0.9, [1, 2]), 'ERR_SHAPE', 'sigma', /expected 1 value/],
  ])('%#', (call, code, argument, message) => expectInput(call, code, argument, message));

  it.each([
    [undefined, 'ERR_TYPE', /\{ samples: 1000 \}/],
    [{}, 'ERR_TYPE', /integer from 1/],
    [{ samples: 0 }, 'ERR_RANGE', /got 0/],
    [{ samples: 2.5 }, 'ERR_RANGE', /got 2.5/],
    [{ samples: 5, seed: -1 }, 'ERR_RANGE', /seed/],
    [{ samples: 5, kind: 'parametric' }, 'ERR_RANGE', /'residual' or 'case'/],
    [{ sample: 5 }, 'ERR_OPTION', /did you mean 'samples'/],
  ])('of bootstrap %j', async (options, code, message) => {
    await expect(fit.bootstrap(options as { samples: number })).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('of residuals that are none', async () => {
    const counts = curveFit({ x, y: x, model: line, estimator: 'poisson', params: { a: 1, b: 1 } });
    await expect(counts.bootstrap({ samples: 5 })).rejects.toMatchObject({ code: 'ERR_RANGE', argument: 'kind' });
    const two = curveFit({ x: [1, 2], y: [1, 3], model: line });
    await expect(two.bootstrap({ samples: 5 })).rejects.toMatchObject({ code: 'ERR_SHAPE' });
  });
});
