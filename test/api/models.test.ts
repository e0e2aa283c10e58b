// Model objects: sums, products, prefixes, guesses, and models as JSON and back.

import { describe, expect, it } from 'vitest';
import {
  curveFit, expr, InputError, model, modelFromJSON, modelOf, models, type AnyModel,
} from '../../src/index.ts';
import { cases, evenly, Random } from '../model/library-cases.ts';

/** The InputError that a call throws. */
function faultOf(run: () => unknown): { code: string; argument: string; message: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const callback = (): AnyModel<string> =>
  model(['k'], (x, p) => new Date(p.k * x).getTime() / 2, { name: 'clock' });

describe('misuse', () => {
  it('sums refuse parameters of one name and say what to do', () => {
    const fault = faultOf(() => models.gaussian().plus(models.lorentzian()));
    expect(fault.code).toBe('ERR_PARAMS');
    expect(fault.message).toContain('amp, cen, sigma');
    expect(fault.message).toContain("prefix('b_')");
    expect(faultOf(() => models.line().times(models.line())).code).toBe('ERR_PARAMS');
  });

  it('sums refuse other predictors', () => {
    const dose = expr('a*dose', ['dose']);
    const fault = faultOf(() => models.line().plus(dose as AnyModel<'a'>));
    expect(fault.code).toBe('ERR_SHAPE');
    expect(fault.message).toContain('dose');
    expect(faultOf(() => (models.gaussian2d() as AnyModel<string>).times(models.line())).code)
      .toBe('ERR_SHAPE');
  });

  it('what is not a model is refused', () => {
    for (const other of [null, undefined, 3, {}, (x: number) => x])
      expect(faultOf(() => models.line().plus(other as never)).code).toBe('ERR_TYPE');
    for (const text of ['', 3, undefined])
      expect(faultOf(() => models.line().prefix(text as never)).code).toBe('ERR_TYPE');
  });

  it('a prefix makes no predictor of a parameter', () => {
    expect(faultOf(() => expr('ab*bab', ['bab']).prefix('b')).message).toContain('predictor');
    expect(faultOf(() => expr('to__ + x').prefix('__pro')).message).toContain('__proto__');
  });

  it('arguments of models are checked', () => {
    for (const degree of [-1, 1.5, 21, NaN, '3', undefined])
      expect(faultOf(() => models.polynomial(degree as number)).argument).toBe('degree');
    for (const form of ['cubic', 3, null])
      expect(faultOf(() => models.step(form as never)).argument).toBe('form');
    expect(faultOf(() => models.rectangle('' as never)).code).toBe('ERR_RANGE');
  });

  it('guess needs as many values as places, all finite', () => {
    const line = models.line();
    expect(faultOf(() => line.guess([1, 2], [1])).code).toBe('ERR_SHAPE');
    expect(faultOf(() => line.guess([1, 2], [1, NaN])).code).toBe('ERR_NOT_FINITE');
    expect(faultOf(() => line.guess([1, Infinity], [1, 2])).code).toBe('ERR_NOT_FINITE');
    expect(faultOf(() => line.guess([], [])).code).toBe('ERR_SHAPE');
  });

  it('a callback cannot be written, and says why', () => {
    const fault = faultOf(() => JSON.stringify(callback()));
    expect(fault.code).toBe('ERR_MODEL');
    expect(fault.message).toContain('clock');
  });

  it('what is no model is not read', () => {
    const sound = models.line().toJSON() as Record<string, unknown>;
    const faulty: unknown[] = [
      null, 3, 'no JSON', '{}', {}, [], { ...sound, format: 'other' }, { ...sound, version: 2 },
      { ...sound, expression: 'a +' }, { ...sound, expression: 3 }, { ...sound, params: ['slope'] },
      { ...sound, params: ['slope', 'slope', 'intercept'] }, { ...sound, params: 'slope' },
      { ...sound, predictors: [3] }, { ...sound, name: null },
    ];
    for (const json of faulty)
      expect(faultOf(() => modelFromJSON(json)).code, JSON.stringify(json)).toBe('ERR_MODEL');
  });

  it('nested JSON without end is not followed', () => {
    let origin: unknown = { library: 'line' };
    for (let k = 0; k < 5000; k++) origin = { prefix: 'a', of: origin };
    const json = { ...(models.line().toJSON() as object), origin };
    expect(modelFromJSON(json).paramNames).toEqual(['slope', 'intercept']);
  });
});

describe('sums and products', () => {
  const x = evenly(-3, 3, 25);

  it.each(['plus', 'times'] as const)('%s', (operation) => {
    const left = models.gaussian().prefix('a_');
    const right = models.line();
    const joined = left[operation](right);
    expect(joined.paramNames).toEqual(['a_amp', 'a_cen', 'a_sigma', 'slope', 'intercept']);
    expect(joined.explain().compiled).toBe(true);
    const a = { a_amp: 2, a_cen: 0.3, a_sigma: 0.8 };
    const b = { slope: 0.4, intercept: -1 };
    const [f, g, h] = [left.evaluate(x, a), right.evaluate(x, b), joined.evaluate(x, { ...a, ...b })];
    h.forEach((value, i) =>
      expect(value).toBeCloseTo(operation === 'plus' ? f[i] + g[i] : f[i] * g[i], 13));
  });

  it('take callbacks, and are one then', () => {
    const joined = callback().plus(models.line()).times(models.constant());
    expect(joined.explain()).toMatchObject({ compiled: false, derivatives: '2-point' });
    const values = { k: 6, slope: 2, intercept: 5, c: 10 };
    expect([...joined.evaluate([1, 2], values)]).toEqual([100, 150]);
    const renamed = joined.prefix('q_');
    expect([...renamed.evaluate([1], { q_k: 6, q_slope: 2, q_intercept: 5, q_c: 10 })]).toEqual([100]);
  });

  it('take models of named predictors', () => {
    const plane = modelOf(['u', 'v'], ['a'], (at, p) => p.a * at.u);
    const other = modelOf(['u', 'v'], ['b'], (at, p) => p.b * at.v);
    const sum = plane.plus(other);
    expect([...sum.evaluate({ u: [1, 2], v: [10, 20] }, { a: 3, b: 4 })]).toEqual([43, 86]);
    const raised = (sum as AnyModel<string>).plus(models.constant());
    expect([...raised.evaluate({ u: [1], v: [10] }, { a: 3, b: 4, c: 100 })]).toEqual([143]);
  });

  it('fit from their own guess', () => {
    const random = new Random(11);
    const doublet = models.voigt().prefix('a_').plus(models.voigt().prefix('b_'))
      .plus(models.constant());
    const at = evenly(0, 100, 200);
    const truth = {
      a_amp: 10, a_cen: 32, a_sigma: 2, a_gamma: 2, b_amp: 6, b_cen: 61, b_sigma: 3, b_gamma: 2, c: 4,
    };
    const y = doublet.evaluate(at, truth).map((value) => value + 0.05 * random.normal());
    const fit = curveFit({ model: doublet, x: at, y });
    expect(fit.success).toBe(true);
    const [first, second] = [fit.values.a_cen, fit.values.b_cen].sort((a, b) => a - b);
    expect(first).toBeCloseTo(32, 0);
    expect(second).toBeCloseTo(61, 0);
    expect(fit.values.c).toBeCloseTo(4, 0);
  });

  it('find peaks that hang down from their baseline', () => {
    const dips = models.lorentzian().plus(models.line());
    const at = evenly(0, 10, 120);
    const truth = { amp: -3, cen: 6, sigma: 0.5, slope: 0.7, intercept: 20 };
    const guess = dips.guess(at, dips.evaluate(at, truth));
    expect(guess.amp).toBeLessThan(-2);
    expect(guess.cen).toBeCloseTo(6, 0);
    expect(guess.slope).toBeCloseTo(0.7, 0);
  });
});

describe('guesses for models that are not in the library', () => {
  it.each([
    ['a*exp(-b*x) + c', [3, 0.4, 10], [0, 12]],
    ['h*exp(-(x - m)^2/s^2) + b', [-4, 210, 6, 2], [180, 240]],
    ['v*x/(k + x)', [120, 0.06], [0.01, 1.1]],
    ['a/(1 + exp(-(x - m)/s))', [8, 40, 5], [0, 100]],
    ['a*x^b', [0.3, 1.7], [1, 50]],
    ['a + b*log(x)', [3, -2], [1, 50]],
    ['sqrt(a^2 + (b*x)^2)', [2, 0.5], [-20, 20]],
  ] as const)('%s', (text, params, [low, high]) => {
    const unknown = expr(text);
    const x = evenly(low, high, 80);
    const values = Object.fromEntries(unknown.paramNames.map((name, k) => [name, params[k]]));
    const y = unknown.evaluate(x, values);
    const fit = curveFit({ model: unknown, x, y, params: unknown.guess(x, y) });
    expect(fit.success).toBe(true);
    expect(fit.stats.r2).toBeGreaterThan(1 - 1e-9);
    expect(unknown.guess(x, y)).toEqual(unknown.guess([...x], [...y]));
  });

  it('work for callbacks, also for those that throw here and there', () => {
    const odd = model(['a', 'k'], (x, p) => {
      if (p.k < 0) throw new Error('negative');
      return p.a * Math.exp(-new Date(p.k * 1e6).getTime() * 1e-6 * x);
    });
    expect(odd.explain().compiled).toBe(false);
    const x = evenly(0, 5, 40);
    const guess = odd.guess(x, x.map((t) => 3 * Math.exp(-t)));
    expect(guess.k).toBeGreaterThan(0.3);
    expect(guess.k).toBeLessThan(3);
  });

  it('are finite where the model is finite nowhere', () => {
    expect(expr('a*log(-1 - x^2)').guess([1, 2], [3, 4])).toEqual({ a: expect.any(Number) });
  });
});

describe('JSON', () => {
  it.each(cases.map(({ name, model: ready }) => ({ name, ready })))('$name', ({ ready }) => {
    const back = modelFromJSON(JSON.parse(JSON.stringify(ready)));
    expect(back.name).toBe(ready.name);
    expect(back.paramNames).toEqual(ready.paramNames);
    expect(back.predictors).toEqual(ready.predictors);
    expect(back.explain()).toEqual(ready.explain());
    expect(back.toJSON()).toEqual(ready.toJSON());
  });

  it('keeps the guess of a library model', () => {
    const doublet = models.gaussian().prefix('a_').plus(models.gaussian().prefix('b_'))
      .plus(models.line());
    const back = modelFromJSON(JSON.stringify(doublet));
    const x = evenly(0, 10, 100);
    const y = doublet.evaluate(x, {
      a_amp: 3, a_cen: 3, a_sigma: 0.4, b_amp: 2, b_cen: 7, b_sigma: 0.5, slope: 0.1, intercept: 1,
    });
    expect(back.guess(x, y)).toEqual(doublet.guess(x, y));
  });

  it('keeps the order of parameters of a function', () => {
    const line = model(['intercept', 'slope'], (x, p) => p.slope * x + p.intercept);
    const back = modelFromJSON(line.toJSON());
    expect(back.paramNames).toEqual(['intercept', 'slope']);
    expect([...back.evaluate([2], { intercept: 1, slope: 3 })]).toEqual([7]);
  });

  it('reads what another version made by the expression', () => {
    const json = { ...(models.gaussian().toJSON() as object), origin: { library: 'unheard of' } };
    const back = modelFromJSON(json);
    expect([...back.evaluate([0], { amp: 2, cen: 0, sigma: 1 })]).toEqual([2]);
    const changed = { ...(models.gaussian().toJSON() as object), expression: 'amp*cen*sigma' };
    expect([...modelFromJSON(changed).evaluate([0], { amp: 2, cen: 3, sigma: 1 })]).toEqual([6]);
  });

  it('does not write to what it is given', () => {
    const json = models.gaussian().toJSON();
    const before = JSON.stringify(json);
    modelFromJSON(json);
    expect(JSON.stringify(json)).toBe(before);
  });
});
