// Models that are not compiled: run as callbacks, and what may go wrong in them.

import { describe, expect, it } from 'vitest';
import { CallbackError, curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, InputError, model } from '../../src/index.ts';
import { decays } from './data.ts';

const { x, y } = decays(1);
const table = new Map([[0, 1]]);
/** Outside of what compiles: it looks into a Map. */
const callback = (x: number, p: { a: number; k: number; c: number }): number =>
  p.a * Math.exp(-p.k * x) + p.c * (table.get(0) ?? 0);
const compiled = (x: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * x) + p.c;
const params = { a: 4, k: 0.8, c: 0.1 };

describe('a single fit', () => {
  it('runs as a callback with a warning that says why', () => {
    const fit = curveFit({ x, y, model: callback, params });
    const reference = curveFit({ x, y, model: compiled, params });
    expect(fit.success).toBe(true);
    expect(fit.engine).toBe('portable');
    expect(fit.warnings.map(({ code }) => code)).toEqual(['model-not-compiled']);
    expect(fit.values.k).toBeCloseTo(reference.values.k, 5);
    expect(fit.params.k.stdErr).toBeCloseTo(reference.params.k.stdErr!, 5);
    expect([...fit.predict(x)]).toEqual([...fit.fitted]);
  });

  it('says that it could not run where it was asked to', () => {
    let fit;
    try {
      fit = curveFit({ x, y, model: callback, params, engine: 'native' });
    } catch (error) {
      expect((error as { code: string }).code).toBe('ERR_ENGINE');
      return;
    }
    expect(fit.warnings.map(({ code }) => code)).toEqual(['model-not-compiled', 'engine-fallback']);
  });

  it('names parameters that cannot be told apart', () => {
    const fit = curveFit({ x, y, model: (x, p) => (p.a + p.b) * Math.exp(-p.k * x) * (table.get(0) ?? 0), params: { a: 2, b: 2, k: 0.7 } });
    if (fit.covariance === null) expect(fit.warnings).toContainEqual(expect.objectContaining({ code: 'rank-deficient', params: ['a', 'b'] }));
    else expect(fit.warnings).toContainEqual(expect.objectContaining({ code: 'high-correlation', params: ['a', 'b'] }));
  });

  it.each([
    ['at the start', 0],
    ['in the middle of the fit', 200],
  ])('hands over what the model threw %s, with the point', async (_, after) => {
    const thrown = new RangeError('no such thing');
    let calls = 0;
    const faulty = (x: number, p: { a: number; k: number; c: number }): number => {
      if (calls++ >= after) throw thrown;
      return callback(x, p);
    };
    for (const run of [(): unknown => curveFit({ x, y, model: faulty, params }), (): unknown => curveFitAsync({ x, y, model: faulty, params })]) {
      calls = 0;
      let error: unknown;
      try {
        await run();
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(CallbackError);
      const { cause, at, message, code } = error as CallbackError;
      expect(cause).toBe(thrown);
      expect(at).toHaveLength(3);
      expect(at[0]).toBeCloseTo(4, 0);
      expect(message).toMatch(/^the model threw at x = [-\d.e]+, a = .*: no such thing$/);
      expect(code).toBe('ERR_CALLBACK');
    }
    expect(curveFit({ x, y, model: compiled, params }).success).toBe(true);
  });

  it('hands over what is not an Error', () => {
    // eslint-disable-next-line no-throw-literal
    const rude = (): number => { throw 'text'; };
    try {
      curveFit({ x, y, model: rude, params: { a: 1 } });
      expect.unreachable();
    } catch (error) {
      expect((error as CallbackError).cause).toBe('text');
    }
  });

  it.each([
    ['undefined', (): unknown => undefined, /expected a number, got undefined at x = 0, a = 1 \(does it return\?\)/],
    ['text', (): unknown => '1', /got '1'/],
    ['a promise', async (): Promise<unknown> => 1, /got a Promise/],
    ['a BigInt', (): unknown => 1n, /the BigInt 1n/],
    ['an array', (): unknown => [1], /got an array of 1/],
  ])('refuses a model that returns %s', (_, fn, message) => {
    try {
      curveFit({ x, y, model: fn as never, params: { a: 1 } });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).code).toBe('ERR_MODEL');
      expect((error as InputError).message).toMatch(message);
    }
  });

  it('refuses a model that answers differently for the same point', () => {
    let calls = 0;
    const moody = (_x: number, p: { a: number }): number => p.a + calls++;
    expect(() => curveFit({ x, y, model: moody, params: { a: 1 } })).toThrow(/returned 1 and then 2 for the same point \(x = 0, a = 1\)/);
  });

  it('refuses a model that reads a parameter that is not there', () => {
    const wrong = (x: number, p: any): number => p.amp * Math.exp(-p.rate * x) * (table.get(0) ?? 0);
    expect(() => curveFit({ x, y, model: wrong, params: { amp: 1, rte: 1 } })).toThrow(/reads p\.rate, but there is no parameter 'rate'; did you mean 'rte'\?/);
  });

  it('does not mind a model that writes into its arguments', () => {
    const untidy = (x: number, p: any): number => {
      const value = p.a * Math.exp(-p.k * x) + p.c;
      p.a = NaN;
      return value;
    };
    expect(curveFit({ x, y, model: untidy, params }).values.k).toBeCloseTo(curveFit({ x, y, model: compiled, params }).values.k, 5);
  });

  it('may fit inside a fit', () => {
    const inner = (): number => curveFit({ x: [0, 1], y: [1, 2], model: (x, p) => p.a + p.b * x, params: { a: 0, b: 1 } }).values.b;
    const outer = (x: number, p: { a: number; k: number; c: number }): number => compiled(x, p) * Math.round(inner());
    expect(curveFit({ x, y, model: outer, params }).success).toBe(true);
  });
});

describe('a function that returns promises', () => {
  it('is refused, and what they reject with does not end the process', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown): void => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    const slow = (async (_x: number, p: { a: number }) => {
      throw new Error(`lost ${p.a}`);
    }) as unknown as (x: number, p: { a: number }) => number;
    expect(() => curveFit({ x: [0, 1], y: [1, 2], model: slow, params: { a: 1 } })).toThrow(/got a Promise/);
    const batch = curveFitBatchSync({ x: Float64Array.of(0, 1), y: Float64Array.of(1, 2), model: slow, params: { a: 1 } });
    expect(batch.statusOf(0)).toBe('notFinite');
    expect(() => model(['a'], slow).evaluate([1], { a: 1 })).toThrow(/got a Promise/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', hear);
    expect(unheard).toEqual([]);
  });
});

describe('a function whose compiled form disagrees', () => {
  it('runs as a callback', () => {
    // The same text, but Math is not what it was: the function's own values decide.
    const own = (x: number, p: { a: number; k: number }): number => p.a * Math.exp(-p.k * x);
    // The data have an offset that this model misses.
    expect(curveFit({ x, y, model: own, params: { a: 4, k: 1 } }).warnings.map(({ code }) => code)).toEqual(['residuals-correlated']);
    const { exp } = Math;
    Math.exp = (v) => 2 * exp(v);
    try {
      const fit = curveFit({ x, y, model: own, params: { a: 4, k: 1 } });
      expect(fit.warnings[0]!.code).toBe('model-not-compiled');
      expect(fit.warnings[0]!.message).toMatch(/its value where the fit starts, 8, is not that of the compiled expression, 4/);
      expect(fit.values.a).toBeCloseTo(curveFit({ x, y, model: (x, p) => (table.get(0) ?? 0) * p.a * exp(-p.k * x), params: { a: 4, k: 1 } }).values.a / 2, 4);
    } finally {
      Math.exp = exp;
    }
  });
});

describe('a batch', () => {
  const many = decays(4);
  const faulty = (x: number, p: { a: number; k: number; c: number }): number => {
    if (p.c > 50) throw new Error('too much');
    return callback(x, p);
  };
  const init = Float64Array.from([4, 0.8, 0.1, 4, 0.8, 99, 4, 0.8, 0.1, 4, 0.8, 0.1]);

  it('loses only the fit in which the model throws', async () => {
    const options = { x: many.x, y: many.y, model: faulty, params, init };
    for (const batch of [curveFitBatchSync(options), await curveFitBatch(options)]) {
      expect([0, 1, 2, 3].map((i) => batch.statusOf(i) === 'notFinite')).toEqual([false, true, false, false]);
      expect([...batch.failures()]).toEqual([1]);
      expect(batch.engine).toBe('portable');
      const warning = batch.warnings.find(({ message }) => message.startsWith('fit 1: '))!;
      expect(warning.message).toMatch(/the model threw at x = 0, a = 4, k = 0\.8, c = 99: too much/);
      expect(batch.at(1).status).toBe('notFinite');
      expect(batch.at(0).values).toEqual(curveFit({ x: many.x, y: many.y.slice(0, many.x.length), model: callback, params }).values);
    }
  });

  it('refuses a model that answers differently', () => {
    let calls = 0;
    const moody = (_x: number, p: { a: number }): number => p.a + calls++;
    expect(() => curveFitBatchSync({ x: many.x, y: many.y, model: moody, params: { a: 1 } })).toThrow(/for the same point/);
  });

  it('runs models made with model() as callbacks too', () => {
    const made = model(['a', 'k', 'c'], callback);
    const batch = curveFitBatchSync({ x: many.x, y: many.y, model: made, params });
    expect(batch.converged).toBe(4);
    expect(batch.warnings.map(({ code }) => code)).toEqual(['model-not-compiled']);
  });
});
