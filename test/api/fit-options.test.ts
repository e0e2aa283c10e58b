// What options of a fit do: weights, losses and their scale, estimators, differences, limits.

import { describe, expect, it } from 'vitest';
import {
  curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, expr, InputError, model, models, type FitResult,
} from '../../src/index.ts';
import { decays, noise } from './data.ts';

const { x, y } = decays(1);
const decay = expr('a*exp(-k*x) + c');
const params = { a: 4, k: 0.8, c: 0.1 };
const good = { x, y, model: decay, params };
const names = ['a', 'k', 'c'];
const codes = (fit: FitResult<string>): string[] => fit.warnings.map(({ code }) => code);
const close = (a: number, b: number, tolerance: number): void =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.abs(b));
const sameFit = (a: FitResult<string>, b: FitResult<string>, tolerance: number): void => {
  for (const name of names) {
    close(a.values[name]!, b.values[name]!, tolerance);
    close(a.params[name]!.stdErr!, b.params[name]!.stdErr!, 100 * tolerance);
  }
};
const random = noise(11);
const many = (fits: number): Float64Array =>
  Float64Array.from({ length: fits * x.length }, (_, i) => y[i % x.length]! * (1 + 0.03 * random()));
const row = (values: Float64Array, i: number): Float64Array => values.slice(i * x.length, (i + 1) * x.length);

describe('weights', () => {
  const sigma = Float64Array.from(x, (_, i) => 0.5 + (i % 3));
  const weights = sigma.map((s) => 1 / (s * s));

  it('are 1/sigma²', () => {
    sameFit(curveFit({ ...good, weights }), curveFit({ ...good, sigma }), 1e-13);
    sameFit(curveFit({ ...good, weights, sigmaIs: 'absolute' }), curveFit({ ...good, sigma, sigmaIs: 'absolute' }), 1e-13);
    sameFit(curveFit({ ...good, weights: 4, sigmaIs: 'absolute' }), curveFit({ ...good, sigma: 0.5, sigmaIs: 'absolute' }), 0);
    expect(codes(curveFit({ ...good, weights, sigmaIs: 'absolute' }))).not.toContain('sigma-missing');
  });

  it('of 0 leave points out', () => {
    const spoilt = y.slice();
    spoilt[2] = 1e6;
    const some = Float64Array.from(x, (_, i) => (i === 2 ? 0 : 1));
    const fit = curveFit({ ...good, y: spoilt, weights: some });
    const without = curveFit({ ...good, x: x.filter((_, i) => i !== 2), y: y.filter((_, i) => i !== 2) });
    expect(fit.values).toEqual(without.values);
    expect(fit.stats.n).toBe(x.length - 1);
    expect(codes(fit)).toEqual([]);
  });

  it('in batches: one for all, shared, or per fit; zeros make their fits shorter', () => {
    const ys = many(4);
    const per = new Float64Array(ys.length).fill(1);
    per[x.length + 3] = 0;
    const batch = curveFitBatchSync({ x, y: ys, model: decay, params, weights: per, outputs: ['residuals', 'stdErr'] });
    for (let i = 0; i < 4; i++) {
      const alone = curveFit({ ...good, y: row(ys, i), weights: row(per, i) });
      expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(names.map((name) => alone.values[name]));
      expect(batch.at(i).stats.n).toBe(i === 1 ? x.length - 1 : x.length);
    }
    expect(batch.residuals![x.length + 3]).toBeNaN();
    expect(batch.warnings).toEqual([]);
    const shared = curveFitBatchSync({ x, y: ys, model: decay, params, weights });
    expect(shared.at(2).values).toEqual(curveFit({ ...good, y: row(ys, 2), weights }).values);
  });
});

const losses = ['soft_l1', 'huber', 'cauchy', 'arctan', 'tukey', 'welsch'] as const;
const spoilt = y.slice();
spoilt[1]! += 20;
spoilt[7]! -= 15;

describe.each(losses)('loss %s', (loss) => {
  const clean = curveFit(good);

  it('lets outliers count less than least squares does', () => {
    const plain = curveFit({ ...good, y: spoilt });
    const robust = curveFit({ ...good, y: spoilt, params: clean.values, loss, lossScale: 3 * clean.stats.rmse });
    expect(robust.success).toBe(true);
    for (const name of names) {
      const off = Math.abs(robust.values[name]! - clean.values[name]!);
      expect(off).toBeLessThan(0.5 * Math.abs(plain.values[name]! - clean.values[name]!));
    }
  });

  it('is least squares where its scale is large', () => {
    sameFit(curveFit({ ...good, loss, lossScale: 1e6 }), clean, 1e-7);
  });

  it('finds its scale in the residuals', () => {
    const fit = curveFit({ ...good, y: spoilt, params: clean.values, loss, lossScale: 'mad' });
    expect(fit.success).toBe(true);
    for (const name of names) close(fit.values[name]!, clean.values[name]!, 0.2);
  });

  it('has in batches the bits of single fits, scales by residuals included', () => {
    const ys = many(6);
    for (let i = 0; i < 6; i++) ys[i * x.length + i]! += 8;
    for (const lossScale of [0.1, 'mad'] as const) {
      const batch = curveFitBatchSync({ x, y: ys, model: decay, params, loss, lossScale });
      for (let i = 0; i < 6; i++) {
        const alone = curveFit({ ...good, y: row(ys, i), loss, lossScale });
        expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(names.map((name) => alone.values[name]));
        expect(batch.at(i).params).toEqual(alone.params);
        expect(batch.at(i).stats.chi2).toBe(alone.stats.chi2);
      }
    }
  });
});

describe("lossScale: 'mad'", () => {
  it('does not depend on the units of y', () => {
    const fit = curveFit({ ...good, y: spoilt, loss: 'huber', lossScale: 'mad' });
    const factor = 2 ** 30;
    const scaled = curveFit({
      ...good, y: spoilt.map((v) => v * factor), params: { a: 4 * factor, k: 0.8, c: 0.1 * factor },
      loss: 'huber', lossScale: 'mad',
    });
    expect(scaled.values['k']).toBe(fit.values['k']);
    expect(scaled.values['a']).toBe(fit.values['a']! * factor);
  });

  it.each(losses)('is wide enough for a start that is off everywhere (%s)', (loss) => {
    // From here all residuals are alike: far from 0, with little spread.
    const fit = curveFit({ ...good, params: { a: 4, k: 1.1, c: 3 }, loss, lossScale: 'mad' });
    const clean = curveFit(good);
    expect(fit.success).toBe(true);
    for (const name of names) close(fit.values[name]!, clean.values[name]!, 0.02);
  });

  it('takes the mean deviation where most residuals are 0, and 1 where all are', () => {
    const line = expr('a + 0*x');
    const at = Float64Array.of(0, 1, 2, 3, 4);
    const step = curveFit({ x: at, y: [0, 0, 0, 0, 5], model: line, params: { a: 0 }, loss: 'huber', lossScale: 'mad' });
    expect(step.success).toBe(true);
    const exact = curveFit({ x: at, y: [3, 3, 3, 3, 3], model: line, params: { a: 1 }, loss: 'huber', lossScale: 'mad' });
    expect(exact.success).toBe(true);
    expect(exact.values['a']).toBeCloseTo(3, 10);
  });
});

describe("estimator: 'poisson'", () => {
  const counts = Float64Array.of(52, 30, 22, 11, 9, 3, 2, 1, 0, 1);
  const at = Float64Array.from(counts, (_, i) => i);

  it('solves the likelihood equations', () => {
    const fit = curveFit({ x: at, y: counts, model: expr('a*exp(-k*x)'), params: { a: 40, k: 0.4 }, estimator: 'poisson' });
    expect(fit.success).toBe(true);
    // Σ (y/f − 1)·∂f/∂p = 0, and the Fisher information gives the standard errors.
    const [a, k] = [fit.values['a']!, fit.values['k']!];
    let ga = 0, gk = 0, aa = 0, ak = 0, kk = 0;
    counts.forEach((count, i) => {
      const f = a * Math.exp(-k * i);
      const [da, dk] = [f / a, -i * f];
      ga += (count / f - 1) * da;
      gk += (count / f - 1) * dk;
      aa += (da * da) / f;
      ak += (da * dk) / f;
      kk += (dk * dk) / f;
    });
    expect(Math.abs(ga)).toBeLessThan(1e-8);
    expect(Math.abs(gk)).toBeLessThan(1e-6);
    const det = aa * kk - ak * ak;
    close(fit.params['a']!.stdErr!, Math.sqrt(kk / det), 1e-6);
    close(fit.params['k']!.stdErr!, Math.sqrt(aa / det), 1e-6);
  });
});

describe('differences on request', () => {
  it.each(['2-point', '3-point'] as const)('%s: of text and of functions', (jac) => {
    const exact = curveFit(good);
    const tolerance = jac === '2-point' ? 1e-6 : 1e-9;
    const text = curveFit({ ...good, jac });
    const own = curveFit({ ...good, jac, model: (t, p) => p.a * Math.exp(-p.k * t) + p.c });
    for (const fit of [text, own]) {
      expect(fit.success).toBe(true);
      expect(fit.engine).toBe('portable');
      for (const name of names) close((fit.values as Record<string, number>)[name]!, exact.values[name]!, tolerance);
    }
  });

  it("'forward' and 'reverse' are the exact ones", () => {
    expect(curveFit({ ...good, jac: 'forward' }).values).toEqual(curveFit(good).values);
    expect(curveFit({ ...good, jac: 'reverse' }).values).toEqual(curveFit(good).values);
  });
});

describe('limits', () => {
  it('maxEval ends a fit by its own name', () => {
    const fit = curveFit({ ...good, params: { a: 1, k: 5, c: 3 }, maxEval: 3 });
    expect(fit.status).toBe('maxEval');
    expect(fit.nEval).toBeLessThanOrEqual(3);
    expect(curveFit({ ...good, maxEval: 1 }).values).toEqual(params);
    const batch = curveFitBatchSync({ x, y, model: decay, params: { a: 1, k: 5, c: 3 }, maxEval: 3 });
    expect(batch.statusOf(0)).toBe('maxEval');
  });

  it('polish moves parameters to where they stand still, unless ftol is given', () => {
    const polished = curveFit(good);
    const again = curveFit({ ...good, params: polished.values });
    for (const name of names) close(again.values[name]!, polished.values[name]!, 1e-12);
    expect(curveFit({ ...good, ftol: 1e-12, polish: true }).values).toEqual(polished.values);
    const loose = curveFit({ ...good, ftol: 1e-3, xtol: 0, gtol: 0 });
    expect(loose.nIter).toBeLessThan(polished.nIter);
  });

  it("covariance: 'pseudo-inverse' answers what the data can tell", () => {
    const model = expr('a*b*x');
    const at = Float64Array.of(1, 2, 3, 4), v = Float64Array.of(2.1, 3.9, 6.2, 7.8);
    const start = { a: 1, b: 1 };
    expect(curveFit({ x: at, y: v, model, params: start }).covariance).toBeNull();
    const fit = curveFit({ x: at, y: v, model, params: start, covariance: 'pseudo-inverse' });
    expect(fit.covariance).not.toBeNull();
    expect(fit.params['a']!.stdErr).toBeGreaterThan(0);
  });
});

describe('starts that are not given', () => {
  it('come from the guess of a ready model, in batches fit by fit', async () => {
    const gaussian = models.gaussian();
    const at = Float64Array.from({ length: 60 }, (_, i) => i / 4);
    const peak = (amp: number, cen: number, sigma: number): Float64Array =>
      at.map((t) => amp * Math.exp(-((t - cen) ** 2) / (2 * sigma ** 2)) + 0.01 * random());
    const truth = [[3, 4, 1], [50, 9, 0.7], [0.8, 6, 2]] as const;
    const ys = new Float64Array(at.length * 3);
    truth.forEach(([amp, cen, sigma], i) => ys.set(peak(amp, cen, sigma), i * at.length));
    const batch = await curveFitBatch({ model: gaussian, x: at, y: ys, init: 'guess' });
    const implied = curveFitBatchSync({ model: gaussian, x: at, y: ys });
    expect(batch.warnings).toEqual([]);
    expect([...implied.params]).toEqual([...batch.params]);
    truth.forEach(([amp, cen, sigma], i) => {
      const alone = curveFit({ model: gaussian, x: at, y: ys.slice(i * at.length, (i + 1) * at.length) });
      expect(alone.warnings).toEqual([]);
      expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(Object.values(alone.values));
      expect(batch.at(i).params).toEqual(alone.params);
      close(alone.values.amp, amp, 0.05);
      close(alone.values.cen, cen, 0.05);
      close(alone.values.sigma, sigma, 0.1);
    });
  });

  it('are guessed in slices, while the event loop turns', async () => {
    const ys = many(4000);
    let turns = 0;
    const turn = (): void => {
      turns++;
      timer = setImmediate(turn);
    };
    let timer = setImmediate(turn);
    // No fit begins: what is seen are turns between guesses.
    const batch = await curveFitBatch({ model: decay, x, y: ys, init: 'guess', maxSeconds: 0 });
    clearImmediate(timer);
    expect(batch.aborted).toBe(true);
    expect(turns).toBeGreaterThan(5);
  });

  it('are not looked for by calling a function that does not compile', () => {
    const table = { exp: Math.exp };
    let calls = 0;
    const opaque = model(['a', 'k'], (t, p) => {
      calls++;
      if (p.a !== 1 && p.k !== 1) throw new Error('far out');
      return p.a * table.exp(-p.k * t);
    });
    const batch = curveFitBatchSync({ model: opaque, x, y, init: 'guess', maxIter: 1, params: { k: 0.5 } });
    expect(batch.warnings[0]).toMatchObject({ code: 'starts-at-default', params: ['a'] });
    expect(calls).toBeLessThan(10 * x.length);
  });

  it('keep what was given', () => {
    const fit = curveFit({ x, y, model: models.exponential(), params: { amp: { value: 4, min: 0 } } });
    expect(fit.params.amp.init).toBe(4);
    expect(fit.success).toBe(true);
  });
});

describe('many starts', () => {
  const at = Float64Array.from({ length: 80 }, (_, i) => i / 8);
  const wave = at.map((t) => 2 * Math.sin(3.1 * t + 0.4) + 0.05 * random());
  const options = {
    x: at, y: wave, model: expr('a*sin(w*x + ph)'), seed: 7,
    params: { a: { value: 1, min: 0 }, w: { value: 1, min: 0.1, max: 10 }, ph: { value: 0, min: -4, max: 4 } },
  } as const;

  it('find what one does not, and together with a loss by residuals', async () => {
    const one = curveFit(options);
    const fit = curveFit({ ...options, starts: 64 });
    expect(fit.stats.ssr).toBeLessThan(0.2 * one.stats.ssr);
    close(fit.values['w']!, 3.1, 0.01);
    expect((await curveFitAsync({ ...options, starts: 64 })).values).toEqual(fit.values);
    const robust = curveFit({ ...options, starts: 64, loss: 'cauchy', lossScale: 'mad' });
    close(robust.values['w']!, 3.1, 0.01);
  });
});

describe('driven fits', () => {
  it('trace every iteration and end where the others end', async () => {
    const fit = curveFit({ ...good, trace: { x: true } });
    expect(fit.trace!.count).toBeGreaterThan(2);
    expect(fit.trace!.x!.length).toBe(fit.trace!.count * 3);
    sameFit(fit, curveFit(good), 1e-9);
    const states: number[] = [];
    const stopped = await curveFitAsync({ ...good, callback: ({ iter }) => states.push(iter) >= 2 });
    expect(stopped.status).toBe('stoppedByCallback');
    expect(states.length).toBe(2);
    const scaled = curveFit({ ...good, y: spoilt, loss: 'huber', lossScale: 'mad', trace: true });
    sameFit(scaled, curveFit({ ...good, y: spoilt, loss: 'huber', lossScale: 'mad' }), 1e-6);
  });

  it('refuse many starts', () => {
    expect(() => curveFit({ ...good, trace: true, starts: 4 })).toThrow(InputError);
  });
});
