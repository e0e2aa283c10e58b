// globalFit against the same problem written out as one curve, where it can be; against separate
// fits where nothing is shared that matters; and against exact theory where the model is linear.

import { describe, expect, it } from 'vitest';
import {
  CallbackError,
  curveFit,
  expr,
  globalFit,
  globalFitAsync,
  InputError,
  models,
  NotConvergedError,
  type Warning,
} from '../../src/index.ts';
import { noise } from './data.ts';

const next = noise(42);
const lengths = [20, 23, 17];
const data = lengths.map((m, set) => {
  const x = Float64Array.from({ length: m }, (_, i) => (5 * i) / m);
  return { x, y: x.map((t) => (2 + set) * Math.exp(-0.7 * t) + 0.3 * set + 0.03 * next()) };
});
const decay = (t: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * t) + p.c;
const base = { model: decay, data, shared: ['k'] as const, params: { a: 1, k: 0.3, c: 0 } };

/** All sets as one curve: the set is a predictor that chooses the local parameters. */
const joined = {
  x: {
    t: data.flatMap(({ x }) => [...x]),
    s: data.flatMap(({ x }, set) => Array.from(x, () => set)),
  },
  y: data.flatMap(({ y }) => [...y]),
};
const written = (
  t: number,
  s: number,
  p: { k: number; a0: number; a1: number; a2: number; c0: number; c1: number; c2: number },
): number => (s < 0.5 ? p.a0 : s < 1.5 ? p.a1 : p.a2) * Math.exp(-p.k * t) + (s < 0.5 ? p.c0 : s < 1.5 ? p.c1 : p.c2);
const asOne = expr('(s < 0.5 ? a0 : s < 1.5 ? a1 : a2)*exp(-k*t) + (s < 0.5 ? c0 : s < 1.5 ? c1 : c2)', ['t', 's']);
const start = { k: 0.6, a0: 2, a1: 3, a2: 4, c0: 0, c1: 0.3, c2: 0.6 };

const digits = (a: number, b: number): number => -Math.log10(Math.abs(a - b) / Math.abs(b) + 1e-16);
const codes = (warnings: readonly Warning[]): string[] => warnings.map(({ code }) => code);

function compare(
  fit: ReturnType<typeof globalFit<'a' | 'k' | 'c', 'k'>>,
  one: ReturnType<typeof curveFit<string>>,
): void {
  expect(digits(fit.shared.k.value, one.params['k']!.value)).toBeGreaterThan(9.5);
  expect(digits(fit.shared.k.stdErr!, one.params['k']!.stdErr!)).toBeGreaterThan(8);
  fit.local.forEach((own, set) => {
    for (const name of ['a', 'c'] as const) {
      const other = one.params[name + set]!;
      expect(digits(own[name].value, other.value)).toBeGreaterThan(8);
      expect(digits(own[name].stdErr!, other.stdErr!)).toBeGreaterThan(8);
    }
  });
  expect(digits(fit.stats.chi2, one.stats.chi2)).toBeGreaterThan(11);
}

describe('the fit', () => {
  const fit = globalFit(base);

  it('is that of one curve with all parameters written out', () => {
    const one = curveFit({ model: asOne, ...joined, params: start });
    expect(written(1, 2, start)).toBe(asOne.evaluate([[1], [2]], start)[0]);
    expect(fit.success).toBe(true);
    compare(fit, one);
    for (const name of ['n', 'dof', 'r2', 'aic', 'bic', 'rmse'] as const)
      expect(digits(fit.stats[name], one.stats[name])).toBeGreaterThan(9);
    const { names, matrix } = fit.covarianceOf(1);
    expect(names).toEqual(['a', 'c', 'k']);
    const order = ['a1', 'c1', 'k'].map((name) => one.varying.indexOf(name));
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++)
        expect(digits(matrix!.get(i, j), one.covariance!.get(order[i]!, order[j]!))).toBeGreaterThan(7);
    expect(fit.residuals.map(({ length }) => length)).toEqual(lengths);
    fit.residuals.flatMap((r) => [...r]).forEach((r, i) => expect(Math.abs(r - one.residuals[i]!)).toBeLessThan(1e-10));
  });

  it('stands still: it starts from its own solution and stays', () => {
    const again = globalFit({
      ...base,
      data: data.map((set, i) => ({ ...set, params: { a: fit.local[i]!.a.value, c: fit.local[i]!.c.value } })),
      params: { ...base.params, k: fit.shared.k.value },
    });
    expect(digits(again.shared.k.value, fit.shared.k.value)).toBeGreaterThan(14);
    expect(again.nIter).toBeLessThan(8);
  });

  it('comes from far starts to the same minimum', () => {
    for (const k of [0.01, 5]) {
      const far = globalFit({ ...base, params: { a: 50, k, c: -10 } });
      expect(far.success).toBe(true);
      expect(digits(far.shared.k.value, fit.shared.k.value)).toBeGreaterThan(12);
    }
  });

  it('is the same asynchronously and on any number of threads', async () => {
    const other = await globalFitAsync({ ...base, threads: 3 });
    expect(other.values).toEqual(fit.values);
    expect(other.stats).toEqual(fit.stats);
    expect(other.covariance!.toArray()).toEqual(fit.covariance!.toArray());
    expect(globalFit({ ...base, threads: 1 }).values).toEqual(fit.values);
  });

  it('predicts, reports, and turns into plain data', () => {
    const at = fit.predict(2, [0, 1]);
    const { a, k, c } = fit.values[2]!;
    expect([...at]).toEqual([a + c, a * Math.exp(-k) + c].map((v) => expect.closeTo(v, 12)));
    const text = fit.report({ digits: 4 });
    expect(text).toMatch(/^sets +3$/m);
    expect(text).toMatch(/^k +0\.70\d+ +0\.0\d+ +0\.3$/m);
    expect(text).toMatch(/^2 +4\.0\d+ +0\.0\d+ +0\.[56]\d+ +0\.0\d+$/m);
    const json = JSON.parse(JSON.stringify(fit)) as typeof fit;
    expect(json.shared.k.value).toBe(fit.shared.k.value);
    expect(json.local).toHaveLength(3);
    expect(fit.orThrow()).toBe(fit);
    expect(() => fit.predict(3, [0])).toThrow(InputError);
    expect(fit.shared.k.tValue).toBe(fit.shared.k.value / fit.shared.k.stdErr!);
    expect(fit.shared.k.pValue).toBeLessThan(1e-10);
  });
});

describe('options', () => {
  const sigmas = data.map(({ y }) => y.map((_, i) => 0.02 + (i % 3) / 50));

  it('sigma, relative and absolute, and weights', () => {
    const weighted = data.map((set, i) => ({ ...set, sigma: sigmas[i]! }));
    const sigma = sigmas.flatMap((s) => [...s]);
    for (const sigmaIs of ['relative', 'absolute'] as const)
      compare(globalFit({ ...base, data: weighted, sigmaIs }), curveFit({ model: asOne, ...joined, sigma, sigmaIs, params: start }));
    const weights = data.map((set, i) => ({ ...set, weights: sigmas[i]!.map((s) => 1 / (s * s)) }));
    const byWeights = globalFit({ ...base, data: weights });
    expect(digits(byWeights.shared.k.value, globalFit({ ...base, data: weighted }).shared.k.value)).toBeGreaterThan(12);
    // sigma of one set alone: the others count as 1
    const mixed = globalFit({ ...base, data: data.map((set, i) => (i === 1 ? { ...set, sigma: 0.5 } : set)) });
    const one = joined.x.s.map((s) => (s === 1 ? 0.5 : 1));
    compare(mixed, curveFit({ model: asOne, ...joined, sigma: one, params: start }));
  });

  it('losses, with their standard errors', () => {
    const spoiled = data.map(({ x, y }, i) => ({ x, y: y.map((v, j) => (j === 4 + i ? v + 3 : v)) }));
    const y = spoiled.flatMap((set) => [...set.y]);
    for (const loss of ['huber', 'soft_l1', 'cauchy'] as const) {
      const fit = globalFit({ ...base, data: spoiled, loss, lossScale: 0.05 });
      const one = curveFit({ model: asOne, ...joined, y, loss, lossScale: 0.05, params: start });
      expect(fit.success).toBe(true);
      expect(digits(fit.shared.k.value, one.params['k']!.value)).toBeGreaterThan(6);
      expect(digits(fit.shared.k.stdErr!, one.params['k']!.stdErr!)).toBeGreaterThan(3);
      expect(digits(fit.stats.chi2, one.stats.chi2)).toBeGreaterThan(9);
    }
  });

  it('bounds that hold, with no evaluation outside', () => {
    const seen: number[] = [];
    const watched = (t: number, p: { a: number; k: number; c: number }): number => {
      seen.push(p.k, -p.c);
      return [p.a * Math.exp(-p.k * t) + p.c][0]!;
    };
    const params = { a: 1, k: { value: 0.3, max: 0.6 }, c: { value: 0.1, min: 0 } };
    const fit = globalFit({ ...base, model: watched, params });
    expect(Math.max(...seen)).toBeLessThanOrEqual(0.6);
    expect(fit.shared.k).toMatchObject({ value: 0.6, stdErr: null, atBound: 'upper', max: 0.6, min: -Infinity });
    expect(fit.local[2]!.a.stdErr).toBeGreaterThan(0);
    const compiled = globalFit({ ...base, params });
    expect(compiled.shared.k.value).toBe(0.6);
    const fixed = globalFit({ ...base, params: { ...params, k: { value: 0.6, vary: false } } });
    fixed.local.forEach((own, i) => expect(digits(own.a.value, compiled.local[i]!.a.value)).toBeGreaterThan(10));
    const one = curveFit({ model: asOne, ...joined, params: { ...start, k: { value: 0.5, max: 0.6 }, c0: { value: 0.1, min: 0 }, c1: { value: 0.1, min: 0 }, c2: { value: 0.1, min: 0 } } });
    expect(digits(compiled.stats.chi2, one.stats.chi2)).toBeGreaterThan(8);
  });

  it('fixed parameters, by all and by set', () => {
    const fit = globalFit({
      ...base,
      data: data.map((set, i) => ({ ...set, params: { c: 0.3 * i } })),
      params: { a: 1, k: 0.3, c: { vary: false } },
    });
    expect(fit.local.map(({ c }) => [c.value, c.stdErr, c.vary])).toEqual([0, 0.3, 0.6].map((c) => [c, null, false]));
    const one = curveFit({ model: asOne, ...joined, params: { ...start, c0: { value: 0, vary: false }, c1: { value: 0.3, vary: false }, c2: { value: 0.6, vary: false } } });
    expect(digits(fit.shared.k.value, one.params['k']!.value)).toBeGreaterThan(9.5);
    expect(digits(fit.shared.k.stdErr!, one.params['k']!.stdErr!)).toBeGreaterThan(8);
  });

  it('ties to shared and local parameters', () => {
    const fit = globalFit({ ...base, params: { a: 1, k: 0.3, c: { expr: 'a/10 + k' } } });
    const tied = expr('(s < 0.5 ? a0 : s < 1.5 ? a1 : a2)*(exp(-k*t) + 1/10) + k', ['t', 's']);
    const one = curveFit({ model: tied, ...joined, params: { k: 0.5, a0: 2, a1: 3, a2: 4 } });
    // These ties contradict the data: with residuals that large Gauss–Newton steps polish no further.
    expect(digits(fit.shared.k.value, one.params['k']!.value)).toBeGreaterThan(6);
    const { a, c } = fit.local[1]!;
    expect(c).toMatchObject({ vary: false, expr: 'a/10 + k' });
    expect(c.value).toBeCloseTo(a.value / 10 + fit.shared.k.value, 13);
    const v = fit.covarianceOf(1).matrix!;
    const variance = v.get(0, 0) / 100 + (2 * v.get(0, 1)) / 10 + v.get(1, 1);
    expect(digits(c.stdErr!, Math.sqrt(variance))).toBeGreaterThan(12);
  });

  it('everything shared is one curve, and several shared parameters work', () => {
    const all = globalFit({ ...base, shared: ['a', 'k', 'c'] });
    const one = curveFit({ model: decay, x: joined.x.t, y: joined.y, params: base.params });
    for (const name of ['a', 'k', 'c'] as const) {
      expect(digits(all.shared[name].value, one.params[name].value)).toBeGreaterThan(8);
      expect(digits(all.shared[name].stdErr!, one.params[name].stdErr!)).toBeGreaterThan(8);
    }
    expect(all.local).toEqual([{}, {}, {}]);
    expect(digits(all.covariance!.get(0, 1), one.covariance!.get(0, 1))).toBeGreaterThan(7);
  });

  it('callbacks, several predictors, Poisson counts', () => {
    const text = String(data.length);
    const opaque = globalFit({ ...base, model: (t: number, p: { a: number; k: number; c: number }) => { if (text === '') return 0; return decay(t, p); } });
    expect(codes(opaque.warnings)).toContain('model-not-compiled');
    expect(digits(opaque.shared.k.value, globalFit(base).shared.k.value)).toBeGreaterThan(8);
    const plane = globalFit({
      model: expr('a*u + b*v', ['u', 'v']),
      data: [{ x: { u: [1, 2, 3], v: [0, 1, 5] }, y: [1, 4, 13] }, { x: { u: [1, 2, 3], v: [2, 1, 7] }, y: [7, 8, 23] }],
      shared: ['b'],
      params: { a: 1, b: 1 },
    });
    expect(plane.shared.b.value).toBeCloseTo(2, 12);
    expect(plane.local.map(({ a }) => a!.value)).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
    expect([...plane.predict(1, { u: [1], v: [1] })]).toEqual([expect.closeTo(5, 12)]);
    const counts = data.map(({ x }, i) => ({ x, y: x.map((t) => Math.round(40 * (1 + i) * Math.exp(-0.7 * t) + 3)) }));
    const poisson = globalFit({ ...base, data: counts, estimator: 'poisson', params: { a: 30, k: 0.5, c: { value: 2, min: 0 } } });
    const one = curveFit({ model: asOne, x: joined.x, y: counts.flatMap(({ y }) => [...y]), estimator: 'poisson', params: { k: 0.5, a0: 40, a1: 80, a2: 120, c0: 3, c1: 3, c2: 3 } });
    expect(digits(poisson.shared.k.value, one.params['k']!.value)).toBeGreaterThan(7);
    expect(digits(poisson.shared.k.stdErr!, one.params['k']!.stdErr!)).toBeGreaterThan(6);
  });

  it('guesses per set where there is no start', () => {
    const peaks = [2, 5, 9].map((cen) => {
      const x = Float64Array.from({ length: 60 }, (_, i) => i / 5);
      return { x, y: x.map((t) => cen * Math.exp(-((t - cen) ** 2) / 0.98) + 0.01 * next()) };
    });
    const fit = globalFit({ model: models.gaussian(), data: peaks, shared: ['sigma'] });
    expect(fit.success).toBe(true);
    expect(fit.shared.sigma.value).toBeCloseTo(0.7, 2);
    fit.local.forEach(({ cen, amp }, i) => {
      expect(cen.value).toBeCloseTo([2, 5, 9][i]!, 1);
      expect(amp.value).toBeCloseTo([2, 5, 9][i]!, 1);
    });
    expect(codes(fit.warnings)).not.toContain('starts-at-default');
  });
});

describe('many sets', () => {
  it('lines with one slope have the closed form', () => {
    const sets = 300;
    const lines = Array.from({ length: sets }, (_, i) => {
      const x = Float64Array.from({ length: 4 + (i % 5) }, () => 10 * next());
      return { x, y: x.map((t) => 1.5 * t + i + next()) };
    });
    const fit = globalFit({ model: models.line(), data: lines, shared: ['slope'] });
    let sxy = 0, sxx = 0;
    for (const { x, y } of lines) {
      const mx = x.reduce((a, b) => a + b) / x.length, my = y.reduce((a, b) => a + b) / y.length;
      x.forEach((t, j) => ((sxy += (t - mx) * (y[j]! - my)), (sxx += (t - mx) ** 2)));
    }
    expect(digits(fit.shared.slope.value, sxy / sxx)).toBeGreaterThan(13);
    expect(digits(fit.shared.slope.stdErr!, Math.sqrt(fit.stats.reducedChi2 / sxx))).toBeGreaterThan(12);
    const { x } = lines[7]!;
    const mean = x.reduce((a, b) => a + b) / x.length;
    const expected = Math.sqrt(fit.stats.reducedChi2 * (1 / x.length + (mean * mean) / sxx));
    expect(digits(fit.local[7]!.intercept.stdErr!, expected)).toBeGreaterThan(12);
    expect(fit.stats.dof).toBe(fit.stats.n - sets - 1);
    expect(fit.report()).toContain('and 290 more');
  });

  it('sets longer than a block of points', () => {
    const long = [0, 1].map((i) => {
      const x = Float64Array.from({ length: 3000 }, (_, j) => j / 300);
      return { x, y: x.map((t) => (i + 1) * Math.exp(-0.4 * t) + 0.01 * next()) };
    });
    const fit = globalFit({ model: (t: number, p: { a: number; k: number }) => p.a * Math.exp(-p.k * t), data: long, shared: ['k'], params: { a: 1, k: 1 } });
    const one = curveFit({ model: expr('(s < 0.5 ? a0 : a1)*exp(-k*t)', ['t', 's']), x: { t: long.flatMap(({ x }) => [...x]), s: long.flatMap(({ x }, s) => Array.from(x, () => s)) }, y: long.flatMap(({ y }) => [...y]), params: { a0: 1, a1: 1, k: 1 } });
    expect(digits(fit.shared.k.value, one.params['k']!.value)).toBeGreaterThan(9);
    expect(digits(fit.shared.k.stdErr!, one.params['k']!.stdErr!)).toBeGreaterThan(8);
  });
});

describe('what cannot be estimated', () => {
  it('has no covariance, and the culprits are named', () => {
    const product = globalFit({ model: (t: number, p: { a: number; b: number; k: number }) => p.a * p.b * Math.exp(-p.k * t), data, shared: ['k', 'b'], params: { a: 1, b: 1, k: 0.5 } });
    expect(product.covariance).toBeNull();
    expect(product.covarianceOf(0).matrix).toBeNull();
    expect(product.shared.b.stdErr).toBeNull();
    const warning = product.warnings.find(({ code }) => code === 'rank-deficient')!;
    expect(warning.params).toEqual(['b', 'a of set 0']);
    const own = globalFit({ model: (t: number, p: { a: number; b: number; k: number }) => (p.a + p.b) * Math.exp(-p.k * t), data, shared: ['k'], params: { a: 1, b: 1, k: 0.5 } });
    expect(own.warnings.filter(({ code }) => code === 'rank-deficient').map(({ params }) => params)).toEqual([0, 1, 2].map((i) => [`a of set ${i}`, `b of set ${i}`]));
    expect(own.stats.chi2).toBeGreaterThan(0);
  });

  it('with too few points, and after too few steps', () => {
    const few = globalFit({ ...base, data: [{ x: [0, 1], y: [1, 0.5] }, { x: [0, 1], y: [2, 1] }] });
    expect(codes(few.warnings)).toContain('fewer-points-than-params');
    const short = globalFit({ ...base, params: { a: 50, k: 5, c: -10 }, maxIter: 1 });
    expect(short.status).toBe('maxIter');
    expect(codes(short.warnings)).toContain('not-converged');
    expect(() => short.orThrow()).toThrow(NotConvergedError);
    expect(globalFit({ ...base, maxSeconds: 0 }).status).toBe('maxSeconds');
    expect(globalFit({ ...base, covariance: false }).shared.k.stdErr).toBeNull();
  });

  it('where the model is not finite at the start', () => {
    const fit = globalFit({ model: (t: number, p: { a: number; k: number }) => p.a * Math.log(p.k - 10) * t, data, shared: ['k'], params: { a: 1, k: 1 } });
    expect(fit.status).toBe('notFinite');
    expect(fit.shared.k.value).toBe(1);
    expect(fit.covariance).toBeNull();
  });

  it('data without noise end at rounding level', () => {
    const exact = [1, 2, 3].map((a) => ({ x: [0, 1, 2, 3, 4], y: [0, 1, 2, 3, 4].map((t) => a * Math.exp(-0.5 * t)) }));
    const fit = globalFit({ model: (t: number, p: { a: number; k: number }) => p.a * Math.exp(-p.k * t), data: exact, shared: ['k'], params: { a: 1, k: 1 } });
    expect(fit.success).toBe(true);
    expect(digits(fit.shared.k.value, 0.5)).toBeGreaterThan(14);
  });
});

describe('units', () => {
  const fit = globalFit(base);
  it.each([1e-300, 1e-170, 1e-9, 1e9, 1e160, 1e300])('y times %s is the same fit', (unit) => {
    const scaled = data.map(({ x, y }) => ({ x, y: y.map((v) => v * unit) }));
    for (const extra of [{}, { sigma: 0.02 * unit }]) {
      const other = globalFit({
        ...base,
        data: scaled.map((set) => ({ ...set, ...extra })),
        params: { a: unit, k: 0.3, c: 0 },
      });
      expect(other.success).toBe(true);
      expect(digits(other.shared.k.value, fit.shared.k.value)).toBeGreaterThan(11);
      expect(digits(other.shared.k.stdErr!, fit.shared.k.stdErr!)).toBeGreaterThan(10);
      expect(digits(other.local[2]!.a.value, fit.local[2]!.a.value * unit)).toBeGreaterThan(11);
      expect(digits(other.stats.r2, fit.stats.r2)).toBeGreaterThan(11);
    }
    const absolute = (factor: number): typeof fit =>
      globalFit({
        ...base,
        data: data.map(({ x, y }) => ({ x, y: y.map((v) => v * factor), sigma: 0.02 * factor })),
        sigmaIs: 'absolute',
        params: { a: factor, k: 0.3, c: 0 },
        loss: 'huber',
      });
    expect(digits(absolute(unit).shared.k.stdErr!, absolute(1).shared.k.stdErr!)).toBeGreaterThan(8);
    expect(digits(absolute(unit).stats.chi2, absolute(1).stats.chi2)).toBeGreaterThan(8);
  });

  it('x times 1e9 or 1e-9 is the same fit', () => {
    for (const unit of [1e-9, 1e9]) {
      const scaled = data.map(({ x, y }) => ({ x: x.map((t) => t * unit), y }));
      const other = globalFit({ ...base, data: scaled, params: { a: 1, k: 0.3 / unit, c: 0 } });
      expect(digits(other.shared.k.value * unit, fit.shared.k.value)).toBeGreaterThan(12);
    }
  });
});

describe('control', () => {
  it('rejects with the reason of the signal, before and while it runs', async () => {
    const reason = new Error('enough');
    await expect(globalFitAsync({ ...base, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const running = globalFitAsync({ ...base, signal: controller.signal });
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
  });

  it('reports progress, and stops when it is told to', async () => {
    const seen: number[] = [];
    await globalFitAsync({ ...base, progressEveryMs: 0, onProgress: ({ done }) => void seen.push(done) });
    expect(seen.length).toBeGreaterThan(3);
    const stopped = await globalFitAsync({ ...base, progressEveryMs: 0, onProgress: ({ done }) => done < 3 });
    expect(stopped.status).toBe('stoppedByCallback');
    expect(stopped.success).toBe(false);
  });

  it('passes on what a callback throws', () => {
    const broken = (t: number, p: { a: number; k: number; c: number }): number => {
      if (p.k !== 0.3) throw new Error('no');
      return p.a * t;
    };
    expect(() => globalFit({ ...base, model: broken })).toThrow(CallbackError);
  });
});

describe('misuse', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['no data', { data: [] }, 'data: expected at least one set of points, got none'],
    ['data that is no array', { data: 3 }, 'data: expected an array of { x, y }, got 3'],
    ['a set that is none', { data: [data[0], null] }, 'data[1]: expected { x, y }, got null'],
    ['an unknown member', { data: [{ ...data[0], z: 1 }] }, 'data[0].z: unknown; a set has x, y, sigma, weights, params'],
    ['lengths that differ', { data: [data[0], { x: [1, 2], y: [1, 2, 3] }] }, 'data[1].x: expected 3 values to match y, got 2'],
    ['NaN in a set', { data: [data[0], { x: [1, 2], y: [1, NaN] }] }, 'data[1].y[1]: expected a finite number, got NaN'],
    ['a bad sigma', { data: [{ ...data[0], sigma: 0 }] }, 'data[0].sigma: expected standard deviations above 0, got 0'],
    ['sigma and weights', { data: [{ ...data[0], sigma: 1, weights: 1 }] }, 'data[0].weights: give weights or sigma, not both: w = 1/sigma²'],
    ['nothing shared', { shared: [] }, 'shared: names no parameter; curveFitBatch fits sets that share nothing'],
    ['shared that is no array', { shared: 'k' }, "shared: expected an array of parameter names, got 'k'"],
    ['a name that is none', { shared: ['kk'] }, "shared[0]: the model has no parameter 'kk'"],
    ['a name twice', { shared: ['k', 'k'] }, "shared[1]: 'k' is there twice"],
    ['a tied shared one', { params: { a: 1, k: { expr: 'a' }, c: 0 } }, "shared[0]: 'k' follows a formula"],
    ['a start of a shared one in a set', { data: [{ ...data[0], params: { k: 1 } }] }, 'data[0].params.k: is not a parameter of this set alone'],
    ['a start outside', { data: [{ ...data[0], params: { a: -1 } }], params: { a: { value: 1, min: 0 }, k: 1, c: 0 } }, 'data[0].params.a'],
    ['an unknown start', { data: [{ ...data[0], params: { b: 1 } }] }, 'data[0].params.b: the model does not contain it'],
    ['an unknown option', { sigma: 1 }, "globalFit: unknown option 'sigma'"],
    ['a scale by the residuals', { loss: 'huber', lossScale: 'mad' }, "lossScale: expected a number above 0, got 'mad'"],
  ];
  it.each(cases)('%s', (_, change, message) => {
    const call = (): unknown => globalFit({ ...base, ...change } as unknown as typeof base);
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  });
});
