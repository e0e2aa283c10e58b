import { describe, expect, it } from 'vitest';
import {
  batchResultFromJSON,
  curveFit,
  curveFitBatchSync,
  expr,
  fitResultFromJSON,
  InputError,
  modelOf,
  models,
  type FitResult,
} from '../../src/index.ts';
import { Random } from '../../src/statistics/random.ts';

const random = new Random(2);
const x = Array.from({ length: 25 }, (_, i) => i / 4);
const y = x.map((v) => 5 * Math.exp(-0.7 * v) + 1 + 0.05 * random.normal());
const sigma = x.map((_, i) => 0.04 + 0.002 * i);
const u = x.map((_, i) => Math.floor(i / 5)), v = x.map((_, i) => i % 5);

const text = 'a*exp(-k*x) + c';
const fits: [string, () => FitResult<string>][] = [
  ['from text', (): FitResult<string> => curveFit({ x, y, model: expr(text), params: { a: 4, k: 1 } })],
  ['from a function', (): FitResult<string> => curveFit({ x, y, model: (t, p) => p.a * Math.exp(-p.k * t) + p.c, params: { a: 4, k: 1, c: 0 } })],
  ['from the library', (): FitResult<string> => curveFit({ x, y, model: models.exponential() })],
  ['with bounds, one of them active', (): FitResult<string> => curveFit({ x, y, model: expr(text), params: { a: { value: 4, min: 0, max: 9 }, k: 1, c: { value: 2, min: 1.2 } } })],
  ['with a fixed and a tied parameter', (): FitResult<string> => curveFit({ x, y, model: expr(text), params: { a: 4, k: 1, c: { expr: 'a/5' }, half: { expr: 'log(2)/k' } } })],
  ['with absolute sigma', (): FitResult<string> => curveFit({ x, y, sigma, sigmaIs: 'absolute', model: expr(text), params: { a: 4, k: 1, c: { value: 1, vary: false } } })],
  ['with a robust loss', (): FitResult<string> => curveFit({ x, y, model: expr(text), params: { a: 4, k: 1 }, loss: 'soft_l1', lossScale: 0.05 })],
  ['of counts', (): FitResult<string> => curveFit({ x, y: y.map((n) => Math.round(10 * n)), model: expr(text), params: { a: 40, k: 1 }, estimator: 'poisson' })],
  ['of two predictors', (): FitResult<string> => curveFit({ x: { u, v }, y, model: modelOf(['u', 'v'], ['a', 'b', 'c'], (at, p) => p.a + p.b * at.u + p.c * at.v), params: { a: 1, b: 1, c: 1 } })],
  ['without covariance', (): FitResult<string> => curveFit({ x, y, model: expr('a*b*exp(-k*x)'), params: { a: 2, b: 2, k: 1 } })],
  ['that failed', (): FitResult<string> => curveFit({ x, y, model: expr(text), params: { a: 4, k: 1 }, maxIter: 1 })],
];

/** How a model was made may read otherwise once it has come from its text. */
const plain = (json: string): unknown => {
  const { model, ...rest } = JSON.parse(json) as { model: { origin?: unknown } | null };
  if (model !== null) delete model.origin;
  return { model, ...rest };
};

describe('a fit', () => {
  it.each(fits)('%s comes back whole', async (_, make) => {
    const fit = make();
    const json = JSON.stringify(fit);
    const back = fitResultFromJSON(json);
    expect(plain(JSON.stringify(back))).toEqual(plain(json));
    expect(back.params).toEqual(fit.params);
    expect(back.stats).toEqual(fit.stats);
    expect(back.warnings).toEqual(fit.warnings);
    expect(back.covariance).toEqual(fit.covariance);
    expect(back.report()).toBe(fit.report());
    expect(back.diagnose().report()).toBe(fit.diagnose().report());
    const at = fit.toJSON() as { data: { x: Record<string, number[]> } };
    const points = Object.keys(at.data.x).length > 1 ? at.data.x : at.data.x['x']!;
    expect(back.predict(points)).toEqual(fit.predict(points));
    expect(back.confidenceBand(points)).toEqual(fit.confidenceBand(points));
    expect(back.confidenceIntervals()).toEqual(fit.confidenceIntervals());
    if (_ !== 'without covariance')
      expect(back.confidenceIntervals(0.9, 'profile')).toEqual(fit.confidenceIntervals(0.9, 'profile'));
    const options = { samples: 3, kind: 'case' } as const;
    expect(await back.bootstrap(options)).toEqual(await fit.bootstrap(options));
  });

  it('that ran as a callback comes back without its model', async () => {
    const table = new Map(x.map((t) => [t, Math.exp(-t)]));
    const fit = curveFit({ x, y, model: (t, p) => p.a * (table.get(t) ?? 0) + p.b, params: { a: 4, b: 1 } });
    expect(fit.warnings[0]!.code).toBe('model-not-compiled');
    const back = fitResultFromJSON(JSON.stringify(fit));
    expect(JSON.stringify(back)).toBe(JSON.stringify(fit));
    expect(back.confidenceIntervals()).toEqual(fit.confidenceIntervals());
    expect(() => back.predict([1])).toThrow(/ran as a callback, which JSON does not hold/);
    expect(() => back.confidenceIntervals(0.9, 'profile')).toThrow(InputError);
    await expect(back.bootstrap({ samples: 2 })).rejects.toThrow(InputError);
  });

  it('is read from plain data, too', () => {
    const fit = fits[0]![1]();
    expect(JSON.stringify(fitResultFromJSON(fit.toJSON()))).toBe(JSON.stringify(fit));
  });

  it.each<[string, (json: Record<string, unknown>) => unknown, string]>([
    ['other text', () => 'not JSON', 'json'],
    ['other data', () => ({ a: 1 }), 'json'],
    ['null', () => null, 'json'],
    ['another version', (json) => ({ ...json, version: 99 }), 'json.version'],
    ['no parameters', (json) => ({ ...json, params: 5 }), 'json.params'],
    ['a parameter without a number', (json) => ({ ...json, params: { ...(json['params'] as object), k: { value: 'x', init: 1, vary: true } } }), 'json.params.k.value'],
    ['another status', (json) => ({ ...json, status: 'fine' }), 'json.status'],
    ['fewer residuals', (json) => ({ ...json, residuals: [1] }), 'json.residuals'],
    ['no model', (json) => ({ ...json, model: { format: 'other' } }), 'json'],
    ['data of another length', (json) => ({ ...json, data: { x: { x: [1] }, y: [1, 2], sigma: null } }), 'json.data.x.x'],
  ])('of %s is refused', (_, spoil, argument) => {
    const json = JSON.parse(JSON.stringify(fits[0]![1]())) as Record<string, unknown>;
    const read = (): unknown => fitResultFromJSON(spoil(json)).residuals;
    expect(read).toThrow(InputError);
    try {
      read();
    } catch (error) {
      expect((error as InputError).argument).toBe(argument);
    }
  });
});

describe('a batch', () => {
  const many = Float64Array.from([...y, ...y.map((w) => 2 * w), ...y.map(() => NaN)]);
  const batch = curveFitBatchSync({
    x: Float64Array.from(x), y: many, model: expr(text), params: { a: 4, k: 1, c: 0 },
    outputs: ['stdErr', 'covariance', 'r2', 'residuals'],
  });

  it('comes back with its arrays', () => {
    const json = JSON.stringify(batch);
    const back = batchResultFromJSON(json);
    expect(JSON.stringify(back)).toBe(json);
    for (const name of ['params', 'stdErr', 'ssr', 'status', 'iterations', 'r2', 'covariance', 'residuals'] as const)
      expect(back[name]).toEqual(batch[name]);
    expect(back.column('k')).toEqual(batch.column('k'));
    expect(back.statusOf(2)).toBe('notFinite');
    expect([...back.failures()]).toEqual([2]);
    expect(back.converged).toBe(2);
    expect(() => back.at(0)).toThrow(/not part of the JSON/);
  });

  it('refuses other data', () => {
    expect(() => batchResultFromJSON({ ...(batch.toJSON() as object), status: ['fine'] })).toThrow(/json\.\w+: expected an array of 3/);
    expect(() => batchResultFromJSON(fits[0]![1]().toJSON())).toThrow(/what toJSON\(\) of a batch gave/);
    expect(() => batchResultFromJSON({ ...(batch.toJSON() as object), paramNames: [1] })).toThrow(/json\.paramNames\[0\]/);
  });
});
