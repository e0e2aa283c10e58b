// How leastSquares calls the user's functions: misuse, faults, promises, abort, progress.

import { describe, expect, it, vi } from 'vitest';
import { CallbackError, InputError, leastSquares, leastSquaresAsync } from '../../src/index.ts';

type Vector = Float64Array;
const data = [5, 3.1, 1.9, 1.2, 0.7];
// It captures data, so it is called and not compiled.
const decay = (x: Vector): number[] => data.map((y, i) => x[0]! * Math.exp(-x[1]! * i) - y);
const anything = leastSquares as (...args: unknown[]) => ReturnType<typeof leastSquares>;
const anythingAsync = leastSquaresAsync as (...args: unknown[]) => ReturnType<typeof leastSquaresAsync>;

function fault(run: () => unknown): InputError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('it did not throw');
}

type Bad = [what: string, args: unknown[], code: string, argument: string, message: RegExp];
const bad: Bad[] = [
  ['no function', [[1], [1]], 'ERR_TYPE', 'residuals', /expected a function .*got an array of 1/],
  ['no start', [decay], 'ERR_TYPE', 'x0', /got undefined/],
  ['an empty start', [decay, []], 'ERR_SHAPE', 'x0', /at least one value/],
  ['NaN in the start', [decay, [1, NaN]], 'ERR_NOT_FINITE', 'x0[1]', /got NaN/],
  ['text in the start', [decay, [1, '2']], 'ERR_TYPE', 'x0[1]', /got '2'/],
  ['half a residual', [decay, [1, 1], 2.5], 'ERR_RANGE', 'nResiduals', /got 2.5/],
  ['no residuals', [decay, [1, 1], 0], 'ERR_RANGE', 'nResiduals', /integer from 1/],
  ['options in the wrong place', [decay, [1, 1], '5', {}], 'ERR_TYPE', 'nResiduals', /got '5'/],
  ['options that are none', [decay, [1, 1], 'lm'], 'ERR_TYPE', 'options', /got 'lm'/],
  ['an unknown option', [decay, [1, 1], { methd: 'lm' }], 'ERR_OPTION', 'methd', /did you mean 'method'/],
  ['an unknown method', [decay, [1, 1], { method: 'bfgs' }], 'ERR_RANGE', 'method', /'trf'/],
  ['an unknown loss', [decay, [1, 1], { loss: 'l1' }], 'ERR_RANGE', 'loss', /'huber'/],
  ['a loss scale of 0', [decay, [1, 1], { loss: 'huber', lossScale: 0 }], 'ERR_RANGE', 'lossScale', /above 0/],
  ['an unknown derivative', [decay, [1, 1], { jac: 'cs' }], 'ERR_RANGE', 'jac', /'2-point'/],
  ['a number as derivative', [decay, [1, 1], { jac: 2 }], 'ERR_TYPE', 'jac', /got 2/],
  ['exact derivatives of what does not compile', [decay, [1, 1], { jac: 'forward' }], 'ERR_MODEL', 'jac', /captures `data`/],
  ['bounds as an array', [decay, [1, 1], { bounds: [0, 1] }], 'ERR_TYPE', 'bounds', /\{ lower, upper \}/],
  ['unknown bounds', [decay, [1, 1], { bounds: { min: 0 } }], 'ERR_OPTION', 'bounds.min', /'lower' and 'upper'/],
  ['too few bounds', [decay, [1, 1], { bounds: { lower: [0] } }], 'ERR_SHAPE', 'bounds.lower', /expected 2 values/],
  ['NaN as bound', [decay, [1, 1], { bounds: { lower: [0, NaN] } }], 'ERR_BOUNDS', 'bounds.lower[1]', /got NaN/],
  ['Infinity as lower bound', [decay, [1, 1], { bounds: { lower: Infinity } }], 'ERR_BOUNDS', 'bounds.lower[0]', /got Infinity/],
  ['crossed bounds', [decay, [1, 1], { bounds: { lower: [0, 3], upper: 2 } }], 'ERR_BOUNDS', 'bounds.lower[1]', /3 is above upper\[1\], which is 2/],
  ['equal bounds', [decay, [1, 1], { bounds: { lower: [0, 2], upper: 2 } }], 'ERR_BOUNDS', 'bounds.lower[1]', /equals upper\[1\]/],
  ['a start outside', [decay, [1, 1], { bounds: { upper: [0.5, 2] } }], 'ERR_START_OUTSIDE_BOUNDS', 'x0[0]', /the start 1 lies outside/],
  ['a scale of 0', [decay, [1, 1], { xScale: [1, 0] }], 'ERR_RANGE', 'xScale[1]', /above 0, got 0/],
  ['a scale in words', [decay, [1, 1], { xScale: 'auto' }], 'ERR_RANGE', 'xScale', /'jac'/],
  ['no test at all', [decay, [1, 1], { ftol: 0, xtol: 0, gtol: 0 }], 'ERR_RANGE', 'ftol', /all are 0/],
  ['noise of 1', [decay, [1, 1], { noise: 1 }], 'ERR_RANGE', 'noise', /below 1/],
  ['a pattern that is none', [decay, [1, 1], { jacSparsity: [1] }], 'ERR_TYPE', 'jacSparsity', /\{ rows, cols \}/],
  ['a row that is none', [decay, [1, 1], { jacSparsity: { rows: [5], cols: [0] } }], 'ERR_RANGE', 'jacSparsity.rows[0]', /0 to 4, got 5/],
  ['rows without columns', [decay, [1, 1], { jacSparsity: { rows: [1, 2], cols: [0] } }], 'ERR_SHAPE', 'jacSparsity.cols', /match rows/],
  ['what is no checkpoint', [decay, [1, 1], { resumeFrom: { a: 1 } }], 'ERR_TYPE', 'resumeFrom', /expected a checkpoint/],
  ['a trace of text', [decay, [1, 1], { trace: 'x' }], 'ERR_TYPE', 'trace', /got 'x'/],
];

describe('misuse', () => {
  it.each(bad)('%s', async (_, args, code, argument, message) => {
    const error = fault(() => anything(...args));
    expect({ code: error.code, argument: error.argument }).toEqual({ code, argument });
    expect(error.message).toMatch(message);
    await expect(anythingAsync(...args)).rejects.toMatchObject({ code, argument });
  });
});

const strange: [what: string, fn: (x: Vector, out: Vector) => unknown, m: number | undefined, argument: string, message: RegExp][] = [
  ['returns nothing', () => {}, undefined, 'residuals', /got undefined at x = \[1, 1\].*nResiduals/],
  ['returns a number', () => 3, undefined, 'residuals', /expected an array of numbers, got 3/],
  ['returns text', () => ['a'], undefined, 'residuals[0]', /got 'a'/],
  ['returns no residual', () => [], undefined, 'residuals', /returned no residual/],
  ['returns another length', (x) => (x[0] === 1 ? [1, 2, x[1]] : [1, 2]), undefined, 'residuals', /returned 2 values at .* and 3 at the start/],
  ['returns residuals that it should write', () => data.slice(), 5, 'residuals', /fill its second argument/],
];

describe('a function that', () => {
  it.each(strange)('%s is a clear error', async (_, fn, m, argument, message) => {
    const args = m === undefined ? [fn, [1, 1]] : [fn, [1, 1], m];
    const error = fault(() => anything(...args));
    expect(error.argument).toBe(argument);
    expect(error.code).toBe('ERR_MODEL');
    expect(error.message).toMatch(message);
    await expect(anythingAsync(...args)).rejects.toThrow(message);
  });

  it('answers differently is found out, unless noise is announced', () => {
    let calls = 0;
    const fn = (x: Vector): number[] => [x[0]! - 1 + 1e-9 * (calls++ % 2), x[0]! + 1, 2 * x[0]! - 1];
    expect(fault(() => leastSquares(fn, [4])).message).toMatch(/residual 0 is 3 and then 3.000000001 for the same x/);
    const noisy = leastSquares(fn, [4], { noise: 1e-8 });
    expect(noisy.x[0]).toBeCloseTo(1 / 3, 5);
  });

  it('throws stops the run, with the point and the cause', async () => {
    const cause = new Error('the simulation failed');
    const at: Vector[] = [];
    const fn = (x: Vector): number[] => {
      if (at.length === 6) throw cause;
      at.push(x);
      return decay(x);
    };
    const caught = (run: () => unknown): CallbackError => {
      try {
        run();
      } catch (error) {
        return error as CallbackError;
      }
      throw new Error('it did not throw');
    };
    const error = caught(() => leastSquares(fn, [3, 1]));
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.cause).toBe(cause);
    expect(error.message).toMatch(/^residuals threw at x = \[.*\]: the simulation failed$/);
    expect(error.at).toHaveLength(2);
    const rejecting = async (x: Vector): Promise<number[]> => {
      if (x[0] !== 3) throw cause;
      return decay(x);
    };
    await expect(leastSquaresAsync(rejecting, [3, 1])).rejects.toMatchObject({ cause, code: 'ERR_CALLBACK' });
    const jac = (): void => {
      throw cause;
    };
    expect(caught(() => leastSquares(decay, [3, 1], { jac })).message).toMatch(/^jac threw/);
    // The library is none the worse for it.
    expect(leastSquares(decay, [3, 1]).success).toBe(true);
  });

  it('writes to x, keeps x, or keeps its array changes nothing', () => {
    const plain = leastSquares(decay, [3, 1]);
    const out = new Float64Array(5);
    const kept: Vector[] = [];
    const messy = leastSquares((x) => {
      out.set(decay(x));
      kept.push(x);
      x.fill(1e9);
      return out;
    }, [3, 1]);
    expect(messy.x).toEqual(plain.x);
    expect(new Set(kept).size).toBe(kept.length);
    expect(messy.nEval).toBe(kept.length);
  });

  it('returns a promise needs leastSquaresAsync', async () => {
    const slow = async (x: Vector): Promise<number[]> => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return decay(x);
    };
    const error = fault(() => anything(slow, [3, 1]));
    expect(error.message).toMatch(/^residuals: returned a promise; leastSquaresAsync awaits/);
    const awaited = await leastSquaresAsync(slow, [3, 1]);
    const plain = leastSquares(decay, [3, 1]);
    expect(awaited.x).toEqual(plain.x);
    expect([awaited.nEval, awaited.nIter, awaited.cost]).toEqual([plain.nEval, plain.nIter, plain.cost]);
    const written = await leastSquaresAsync(async (x, out) => {
      await Promise.resolve();
      out.set(decay(x));
    }, [3, 1], 5, { jac: async (x, out) => {
      data.forEach((_, i) => {
        out.data[2 * i] = Math.exp(-x[1]! * i);
        out.data[2 * i + 1] = -i * x[0]! * Math.exp(-x[1]! * i);
      });
      await Promise.resolve();
    } });
    expect(written).toMatchObject({ success: true, derivatives: 'given' });
    expect(written.x[0]).toBeCloseTo(plain.x[0]!, 7);
  });
});

describe('leastSquaresAsync', () => {
  it('gives the bits of leastSquares', async () => {
    for (const fn of [decay, (x: Vector): number[] => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!]]) {
      const [a, b] = [leastSquares(fn, [3, 1]), await leastSquaresAsync(fn, [3, 1])];
      expect(b.x).toEqual(a.x);
      expect(b.residuals).toEqual(a.residuals);
      expect(b.covariance?.data).toEqual(a.covariance?.data);
    }
  });

  it('rejects with the reason of the signal, at once, and leaves no listener', async () => {
    const never = vi.fn<typeof decay>(decay);
    const before = AbortSignal.abort('no');
    await expect(leastSquaresAsync(never, [3, 1], { signal: before })).rejects.toBe('no');
    expect(never).not.toHaveBeenCalled();

    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
    vi.spyOn(signal, 'addEventListener').mockImplementation((...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    });
    vi.spyOn(signal, 'removeEventListener').mockImplementation((...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    });
    // It never answers.
    const hanging = leastSquaresAsync(() => new Promise<number[]>(() => {}), [3, 1], { signal });
    setTimeout(() => controller.abort('enough'), 5);
    await expect(hanging).rejects.toBe('enough');
    expect(listeners).toBe(0);

    // It never gives the event loop a turn by itself.
    const other = new AbortController();
    let calls = 0;
    const endless = leastSquaresAsync((x) => {
      calls++;
      const end = performance.now() + 2;
      while (performance.now() < end);
      return [Math.sin(x[0]! * calls), 2];
    }, [3], { signal: other.signal, noise: 0.5, maxIter: 65535, ftol: 1e-300, xtol: 0, gtol: 0 });
    setTimeout(() => other.abort(new Error('late')), 30);
    await expect(endless).rejects.toThrow('late');
    expect(calls).toBeLessThan(200);
  });

  it('reports progress, and stops when told to', async () => {
    const seen: number[] = [];
    const result = await leastSquaresAsync((x) => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!, ...[]], [-1.2, 1], {
      progressEveryMs: 0,
      onProgress: ({ done, total, best }) => {
        seen.push(best!);
        expect(done).toBeLessThanOrEqual(total);
      },
    });
    expect(seen.length).toBeGreaterThan(result.nIter);
    expect(seen.at(-1)).toBe(result.cost);
    const stopped = leastSquares(decay, [3, 1], { progressEveryMs: 0, onProgress: ({ done }) => done < 2 });
    expect(stopped).toMatchObject({ status: 'stoppedByCallback', nIter: 2 });
  });
});

describe('engines', () => {
  it('are named, and native gives way with a word', () => {
    const result = leastSquares(decay, [3, 1], { engine: 'portable' });
    expect(result.engine).toBe('portable');
    expect(result.warnings).toEqual([]);
  });
});
