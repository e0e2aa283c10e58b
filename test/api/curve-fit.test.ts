import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { curveFit, curveFitAsync, curveFitBatchSync, engineInfo, expr, model, modelOf, NotConvergedError, type FitResult } from '../../src/index.ts';
import { decays, noise } from './data.ts';

const { x, y } = decays(1);
const decay = (x: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * x) + p.c;
const params = { a: 4, k: 0.8, c: 0.1 };
const good = { x, y, model: decay, params };
const codes = (fit: FitResult<string>): string[] => fit.warnings.map(({ code }) => code);

describe('results', () => {
  const fit = curveFit(good);

  it('hold parameters, statistics, residuals and the verdict', () => {
    expect(fit.success).toBe(true);
    expect(['ftol', 'xtol', 'gtol']).toContain(fit.status);
    expect(fit.message).toMatch(/^converged/);
    expect(fit.params.k).toMatchObject({ value: fit.values.k, stdErr: fit.params.k.stdErr, init: 0.8, vary: true });
    expect(fit.varying).toEqual(['a', 'k', 'c']);
    expect(fit.nEval).toBe(fit.nIter + 1);
    expect(fit.engine).toBe(engineInfo().name);
    expect(fit.residuals.length).toBe(x.length);
    fit.fitted.forEach((f, i) => expect(y[i]! - f).toBe(fit.residuals[i]));
    expect([...fit.predict(x)]).toEqual([...fit.fitted]);
    expect(fit.orThrow()).toBe(fit);
  });

  it('have statistics by their definitions', () => {
    const { stats } = fit;
    const n = x.length, k = 3;
    const near = (value: number, truth: number): void => expect(Math.abs(value - truth)).toBeLessThan(1e-12 * Math.abs(truth));
    const ssr = fit.residuals.reduce((sum, r) => sum + r * r, 0);
    const mean = y.reduce((sum, v) => sum + v, 0) / n;
    const total = y.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    expect([stats.n, stats.dof]).toEqual([n, n - k]);
    expect(stats.ssr).toBe(stats.chi2);
    near(stats.ssr, ssr);
    near(stats.reducedChi2, ssr / (n - k));
    near(stats.r2, 1 - ssr / total);
    near(stats.adjR2, 1 - ((ssr / total) * (n - 1)) / (n - k));
    near(stats.rmse, Math.sqrt(ssr / n));
    near(stats.mae, fit.residuals.reduce((sum, r) => sum + Math.abs(r), 0) / n);
    near(stats.logLik, (-n / 2) * (Math.log((2 * Math.PI * ssr) / n) + 1));
    near(stats.aic, n * Math.log(ssr / n) + 2 * k);
    near(stats.bic, n * Math.log(ssr / n) + k * Math.log(n));
    near(stats.aicc, n * Math.log(ssr / n) + 2 * k + (2 * k * (k + 1)) / (n - k - 1));
  });

  it('have a covariance whose diagonal is the squared standard errors, and correlations within ±1', () => {
    const { covariance, correlation } = fit;
    fit.varying.forEach((name, i) => {
      expect(Math.sqrt(covariance!.get(i, i))).toBeCloseTo(fit.params[name].stdErr!, 14);
      expect(correlation!.get(i, i)).toBe(1);
      fit.varying.forEach((_, j) => {
        expect(Math.abs(correlation!.get(i, j))).toBeLessThanOrEqual(1);
        expect(correlation!.get(i, j)).toBe(correlation!.get(j, i));
      });
    });
    expect(covariance!.get(3, 0)).toBeNaN();
    expect(covariance!.toArray()).toHaveLength(3);
  });

  it('are frozen where they are plain objects', () => {
    const { params, values, stats, warnings } = fit;
    for (const part of [params, params.a, values, stats, warnings]) expect(Object.isFrozen(part)).toBe(true);
    expect(() => ((fit as { status: string }).status = 'exact')).toThrow(TypeError);
  });

  it('become text and JSON', () => {
    expect(fit.report()).toMatch(/^a +[\d.]+ +± [\d.]+ +[\d.]+ % +4$/m);
    expect(fit.report({ digits: 3 }).length).toBeLessThan(fit.report({ digits: 12 }).length);
    const json = JSON.parse(JSON.stringify(fit)) as Record<string, any>;
    expect(json.params.k.value).toBe(fit.values.k);
    expect(json.status).toBe(fit.status);
    expect(json.residuals).toHaveLength(x.length);
    expect(json.covariance).toEqual(fit.covariance!.toArray());
  });

  it('keep what they were when the data change afterwards', () => {
    const own = { x: x.slice(), y: y.slice() };
    const later = curveFit({ ...good, ...own });
    own.x.fill(0);
    own.y.fill(0);
    expect([...later.fitted]).toEqual([...fit.fitted]);
    expect([...later.residuals]).toEqual([...fit.residuals]);
    expect(later.stats).toEqual(fit.stats);
  });

  it('are the same bits on repetition and asynchronously', async () => {
    for (const again of [curveFit(good), await curveFitAsync(good)]) {
      expect(again.params).toEqual(fit.params);
      expect(again.covariance!.toArray()).toEqual(fit.covariance!.toArray());
      expect(again.nIter).toBe(fit.nIter);
    }
  });
});

describe('data', () => {
  const expected = curveFit(good).values;
  it.each([
    ['arrays', [...x], [...y]],
    ['anything indexed', { ...x, length: x.length }, { ...y, length: y.length }],
    ['single precision x with its own values', new Float64Array(Float32Array.from(x)), y],
    ['shared memory', new Float64Array(new SharedArrayBuffer(8 * x.length)).map((_, i) => x[i]!), y],
  ])('takes %s', (what, ownX, ownY) => {
    const fit = curveFit({ ...good, x: ownX, y: ownY });
    expect(fit.success).toBe(true);
    if (!what.startsWith('single')) expect(fit.values).toEqual(expected);
  });

  it('takes arrays that track the length of a resizable buffer', () => {
    const buffer = new (ArrayBuffer as any)(8 * x.length, { maxByteLength: 16 * x.length }) as ArrayBuffer;
    const tracking = new Float64Array(buffer);
    tracking.set(x);
    expect(curveFit({ ...good, x: tracking }).values).toEqual(expected);
    (buffer as any).resize(8);
    expect(() => curveFit({ ...good, x: tracking })).toThrow(`expected ${x.length} values to match y, got 1`);
  });

  it('takes integers', () => {
    const fit = curveFit({ x: Uint8Array.of(0, 1, 2, 3), y: Int16Array.of(1, 3, 5, 7), model: (x, p) => p.a + p.b * x, params: { a: 0, b: 1 } });
    expect(fit.values.b).toBeCloseTo(2, 12);
    expect(fit.success).toBe(true);
  });

  it('leaves out points that are not finite, and says so', () => {
    const [ownX, ownY] = [[...x, 9, NaN, 9], [...y, NaN, 1, Infinity]];
    const fit = curveFit({ ...good, x: ownX, y: ownY, nonFinite: 'drop' });
    expect(fit.values).toEqual(expected);
    expect(fit.residuals.length).toBe(x.length);
    expect(fit.warnings).toEqual([{ code: 'nonfinite-data-dropped', message: '3 points with NaN or infinity were left out' }]);
  });
});

describe('sigma', () => {
  it('scales standard errors only when it is absolute', () => {
    const relative = curveFit({ ...good, sigma: 0.1 });
    const absolute = curveFit({ ...good, sigma: 0.1, sigmaIs: 'absolute' });
    const plain = curveFit(good);
    expect(relative.params.k.stdErr).toBeCloseTo(plain.params.k.stdErr!, 10);
    expect(absolute.params.k.stdErr! / relative.params.k.stdErr!).toBeCloseTo(1 / Math.sqrt(relative.stats.reducedChi2), 8);
    expect(relative.stats.chi2).toBeCloseTo(100 * plain.stats.chi2, 8);
    expect(relative.stats.ssr).toBeCloseTo(plain.stats.ssr, 10);
  });

  it('of each point gives it its weight', () => {
    // A straight line through two clusters: the weighted mean of the repeats is known by hand.
    const fit = curveFit({ x: [0, 0, 1], y: [0, 3, 5], sigma: [1, Math.SQRT1_2, 1], model: (x, p) => p.a + p.b * x, params: { a: 1, b: 1 } });
    expect(fit.values.a).toBeCloseTo(2, 9);
    expect(fit.values.b).toBeCloseTo(3, 9);
    expect(fit.stats.chi2).toBeCloseTo(4 + 2, 9);
    expect(fit.stats.ssr).toBeCloseTo(5, 9);
  });
});

describe('parameters', () => {
  it('that do not vary stay where they are and have no error', () => {
    const fit = curveFit({ ...good, params: { a: 4, k: 0.8, c: { value: 0.25, vary: false } } });
    expect(fit.values.c).toBe(0.25);
    expect(fit.params.c).toMatchObject({ value: 0.25, stdErr: null, init: 0.25, vary: false });
    expect(fit.varying).toEqual(['a', 'k']);
    expect(fit.covariance!.rows).toBe(2);
    expect(fit.stats.dof).toBe(x.length - 2);
  });

  it('of a text model start where the data suggest when nothing is said, with a warning', () => {
    const fit = curveFit({ x, y, model: expr('a*exp(-k*x) + c'), params: { a: 4 } });
    expect(fit.success).toBe(true);
    const [k, c] = [fit.params.k!.init, fit.params.c!.init];
    expect(fit.warnings).toMatchObject([{ code: 'starts-at-default', params: ['k', 'c'] }]);
    expect(fit.warnings[0]!.message).toBe(
      `no start was given for k and c: they start at k = ${Number(k.toPrecision(6))}, c = ${Number(c.toPrecision(6))}`);
    const batch = curveFitBatchSync({ x, y, model: expr('a*exp(-k*x) + c'), params: { a: 4 } });
    expect(batch.warnings[0]!.message).toBe('no start was given for k and c: they start at 1');
    expect(batch.at(0).params.k!.init).toBe(1);
  });

  it('may come in any order for a model that knows its own', () => {
    const fit = curveFit({ x, y, model: model(['a', 'k', 'c'], decay), params: { c: 0.1, k: 0.8, a: 4 } });
    expect(fit.values).toEqual(curveFit(good).values);
    expect(Object.keys(fit.params)).toEqual(['a', 'k', 'c']);
  });
});

describe('verdicts', () => {
  it('maxIter keeps the best point and is no success', () => {
    const fit = curveFit({ ...good, params: { a: 1, k: 5, c: 3 }, maxIter: 1 });
    expect(fit.status).toBe('maxIter');
    expect(fit.success).toBe(false);
    expect(codes(fit)).toContain('not-converged');
    expect(Number.isFinite(fit.values.a)).toBe(true);
    expect(() => fit.orThrow()).toThrow(NotConvergedError);
    try {
      fit.orThrow();
    } catch (error) {
      expect((error as NotConvergedError).result).toBe(fit);
    }
  });

  it('exact for data that the model meets', () => {
    const fit = curveFit({ x: [1, 2, 3], y: [2, 2, 2], model: (x, p) => p.a + p.b * (x - 2), params: { a: 2, b: 0 } });
    expect(fit.status).toBe('exact');
    expect(fit.nIter).toBe(0);
    expect(fit.stats.chi2).toBe(0);
  });

  it('notFinite where the model is not defined at the start', () => {
    const fit = curveFit({ x, y, model: (x, p) => Math.log(p.a) + p.b * x, params: { a: -1, b: 1 } });
    expect(fit.status).toBe('notFinite');
    expect(fit.values).toEqual({ a: -1, b: 1 });
    expect(fit.covariance).toBe(null);
    expect(codes(fit)).toEqual(['not-converged']);
  });

  it('sums what was not fitted in the order of a fit', () => {
    const long = Float64Array.from({ length: 1000 }, (_, i) => i / 200);
    const data = { x: long, y: long.map((v, i) => 4 * Math.exp(-v) + Math.sin(7 * i)), sigma: long.map((v) => 0.3 + v / 7) };
    const fixed = { a: params.a, k: { value: params.k, vary: false }, c: { value: params.c, vary: false } };
    const atStart = curveFit({ ...data, model: decay, params: fixed, maxSeconds: 0 });
    // A tolerance that every point meets ends the fit where it starts.
    const { iterations, ssr } = curveFitBatchSync({ ...data, model: decay, params: fixed, gtol: 1, polish: false });
    expect(iterations[0]).toBe(0);
    expect(atStart.stats.chi2).toBe(ssr[0]);
  });

  it('maxSeconds 0 ends before the first step', () => {
    const fit = curveFit({ ...good, maxSeconds: 0 });
    expect(fit.status).toBe('maxSeconds');
    expect(fit.values).toEqual(params);
    expect(fit.covariance).toBe(null);
    expect([...fit.residuals]).toEqual([...curveFit({ ...good, params: { ...params } }).fitted].map((_, i) => y[i]! - fit.fitted[i]!));
  });
});

describe('warnings', () => {
  it('names parameters that cannot be told apart', () => {
    const fit = curveFit({ x, y, model: (x, p) => p.a * p.b * Math.exp(-p.k * x), params: { a: 2, b: 2, k: 0.7 } });
    expect(fit.covariance).toBe(null);
    expect(fit.correlation).toBe(null);
    expect(fit.params.a.stdErr).toBe(null);
    expect(fit.warnings).toContainEqual({
      code: 'rank-deficient',
      message: 'a and b cannot be told apart, only a·b can be had: there is no covariance',
      params: ['a', 'b'],
    });
  });

  it('names a parameter without influence', () => {
    const fit = curveFit({ x: x.map((v) => v + 1), y, model: (x, p) => p.a * Math.exp(-p.k * x) + (x < -5 ? p.c : 0), params: { a: 4, k: 0.8, c: 3 } });
    expect(fit.warnings).toContainEqual({ code: 'rank-deficient', message: 'c has no influence on the model at the solution: there is no covariance', params: ['c'] });
    expect(fit.warnings).toContainEqual({ code: 'param-did-not-move', message: 'c ended exactly where it started', params: ['c'] });
  });

  it('says when there are fewer points than parameters, or as many', () => {
    const fewer = curveFit({ x: [0, 1], y: [5, 2], model: decay, params });
    expect(codes(fewer)).toContain('fewer-points-than-params');
    expect(fewer.covariance).toBe(null);
    expect(codes(fewer)).not.toContain('rank-deficient');
    const asMany = curveFit({ x: [0, 1, 2], y: [5, 2, 1], model: decay, params });
    expect(codes(asMany)).toContain('fewer-points-than-params');
    expect(curveFit({ x: [0, 1, 2], y: [5, 2, 1], sigma: 0.1, sigmaIs: 'absolute', model: decay, params }).covariance).not.toBe(null);
  });

  it('says when two parameters are almost interchangeable', () => {
    const fit = curveFit({ x: x.map((v) => v + 1000), y: x.map((v, i) => 3 + 2 * v + y[i]! / 50), model: (x, p) => p.a + p.b * x, params: { a: 1, b: 1 } });
    expect(fit.warnings.map(({ code, params }) => [code, params])).toContainEqual(['high-correlation', ['a', 'b']]);
  });

  it("says that sigma is missing where it is 'absolute'", () => {
    expect(codes(curveFit({ ...good, sigmaIs: 'absolute' }))).toEqual(['sigma-missing']);
  });

  it('computes no covariance where none is wanted', () => {
    const fit = curveFit({ ...good, covariance: false });
    expect([fit.covariance, fit.params.a.stdErr, fit.warnings]).toEqual([null, null, []]);
  });
});

describe('running', () => {
  it('rejects with the reason of the signal, and leaves no listener', async () => {
    const reason = new Error('enough');
    await expect(curveFitAsync({ ...good, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(() => curveFit({ ...good, signal: AbortSignal.abort(reason) })).toThrow(reason);
    const controller = new AbortController();
    for (let i = 0; i < 20; i++) await curveFitAsync({ ...good, signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('aborts a long fit', async () => {
    const next = noise(3);
    const n = 400_000;
    const long = { x: Float64Array.from({ length: n }, (_, i) => i / n), y: Float64Array.from({ length: n }, next) };
    const controller = new AbortController();
    const run = curveFitAsync({
      ...long, signal: controller.signal, ftol: 0, xtol: 0, gtol: 1e-300, maxIter: 60000,
      model: (x, p) => p.a * Math.exp(-p.k * x) + p.b * Math.exp(-p.l * x) + p.c * Math.sin(p.w * x + p.v), params: { a: 1, k: 1, b: 1, l: 2, c: 1, w: 3, v: 0 },
    });
    const reason = { why: 'user left' };
    setTimeout(() => controller.abort(reason), 20);
    await expect(run).rejects.toBe(reason);
  });

  it('never calls the model when aborted beforehand', async () => {
    let calls = 0;
    const counting = (x: number, p: { a: number }): number => {
      calls++;
      return p.a * x;
    };
    const options = { x, y, model: counting, params: { a: 1 }, signal: AbortSignal.abort() };
    await expect(curveFitAsync(options)).rejects.toThrow();
    expect(calls).toBe(0);
  });

  it('reports its end', async () => {
    const seen: number[][] = [];
    await curveFitAsync({ ...good, onProgress: ({ done, total }) => void seen.push([done, total]) });
    curveFit({ ...good, onProgress: ({ done, total }) => void seen.push([done, total]) });
    expect(seen).toEqual([[1, 1], [1, 1]]);
    const error = new Error('mine');
    await expect(curveFitAsync({ ...good, onProgress: () => { throw error; } })).rejects.toBe(error);
  });

  it('uses none of the functions of Math that differ between machines', () => {
    const text = { x, y, model: expr('a*exp(-k*x) + c*log(x + 2)^1.5'), params };
    const expected = curveFit(text).values;
    const kept = { exp: Math.exp, log: Math.log, pow: Math.pow, expm1: Math.expm1, log1p: Math.log1p };
    const broken = (): number => 0;
    Object.assign(Math, { exp: broken, log: broken, pow: broken, expm1: broken, log1p: broken });
    try {
      const fit = curveFit(text);
      expect(fit.values).toEqual(expected);
      expect(fit.stats.aic).not.toBe(0);
    } finally {
      Object.assign(Math, kept);
    }
    expect(curveFit(text).stats.aic).not.toBe(0);
  });

  it('is not troubled by enumerable members of Object.prototype', () => {
    const everything: object = Object.prototype;
    Object.defineProperty(everything, 'extend', { value: undefined, enumerable: true, configurable: true, writable: true });
    try {
      expect(curveFit(good).values).toEqual(curveFit({ ...good }).values);
    } finally {
      delete (everything as { extend?: unknown }).extend;
    }
  });

  it('is not misled by options on Object.prototype', () => {
    const expected = curveFit(good).values;
    (Object.prototype as any).sigma = 'polluted';
    (Object.prototype as any).min = 3;
    try {
      expect(curveFit({ ...good }).values).toEqual(expected);
    } finally {
      delete (Object.prototype as any).sigma;
      delete (Object.prototype as any).min;
    }
  });
});

describe('models', () => {
  it('explain how they run', () => {
    const T0 = 273.15;
    const scoped = model(['a', 'k', 'c'], (x, p) => p.a * Math.exp(-p.k * x) + p.c + T0, { scope: { T0 }, name: 'cooling' });
    expect(scoped.explain()).toMatchObject({ compiled: true, derivatives: 'symbolic' });
    expect(scoped.explain().expression).toContain('273.15');
    expect([scoped.name, scoped.paramNames, scoped.predictors]).toEqual(['cooling', ['a', 'k', 'c'], ['x']]);
    const loose = model(['a'], (_x, p) => p.a + Math.random());
    expect(loose.explain()).toMatchObject({ compiled: false, derivatives: '2-point' });
    expect(loose.explain().reason).toMatch(/Math\.random/);
    const unseen = model(['a'], (x, p) => p.a * x + T0);
    expect(unseen.explain().reason).toMatch(/T0/);
  });

  it('evaluate, compiled and as callbacks', () => {
    const line = model(['a', 'b'], (x, p) => p.a + p.b * x);
    expect([...line.evaluate([0, 1, 2], { a: 1, b: 2 })]).toEqual([1, 3, 5]);
    const late = model(['a'], (x, p) => (Number.isNaN(x) ? 0 : p.a * x));
    expect([...late.evaluate([1, 2], { a: 3 })]).toEqual([3, 6]);
    const plane = modelOf(['u', 'v'], ['a', 'b'], (x, p) => p.a * x.u + p.b * x.v);
    expect([...plane.evaluate([[1, 2], [10, 20]], { a: 1, b: 1 })]).toEqual([11, 22]);
    expect([...plane.evaluate({ v: [10, 20], u: [1, 2] }, { a: 1, b: 1 })]).toEqual([11, 22]);
    expect([...expr('a*time + dose', ['dose', 'time']).evaluate([[5], [2]], { a: 3 })]).toEqual([11]);
    expect(expr('a^2 + x').evaluate([NaN], { a: 1 })[0]).toBeNaN();
  });

  it('fit with their predictors by name', () => {
    const next = noise(8);
    const u = Float64Array.from({ length: 30 }, next), v = Float64Array.from({ length: 30 }, next);
    const z = u.map((w, i) => 2 * w - 3 * v[i]! + 0.01 * next());
    for (const plane of [modelOf(['u', 'v'], ['a', 'b'], (x, p) => p.a * x.u + p.b * x.v), expr('a*u + b*v', ['u', 'v'])]) {
      const fit = curveFit({ x: { v, u }, y: z, model: plane, params: { a: 1, b: 1 } });
      expect(fit.values.a).toBeCloseTo(2, 1);
      expect(fit.values.b).toBeCloseTo(-3, 1);
      expect(fit.predict({ u: [1], v: [0] })[0]).toBe(fit.values.a);
    }
  });
});
