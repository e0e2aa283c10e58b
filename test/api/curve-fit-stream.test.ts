import { describe, expect, it } from 'vitest';
import { getEventListeners } from 'node:events';
import { curveFitBatchSync, curveFitStream, InputError, type BatchResult, type Floats } from '../../src/index.ts';
import { decays } from './data.ts';

const fits = 23;
const { x, y } = decays(fits);
const m = x.length;
const model = (t: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * t) + p.c;
const params = { a: 4, k: 0.8, c: 0.1 };
const options = { x, model, params };
const whole = curveFitBatchSync({ ...options, y, outputs: ['stdErr'] });

type Batch = BatchResult<'a' | 'k' | 'c'>;

/** The rows in arrays of the given numbers of curves. */
async function* inPieces(sizes: readonly number[]): AsyncGenerator<Floats> {
  let at = 0;
  for (const size of sizes) {
    yield y.subarray(at * m, (at + size) * m);
    at += size;
  }
}

async function collect(stream: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of stream) all.push(batch);
  return all;
}
const joined = (batches: readonly Batch[]): number[] => batches.flatMap(({ params: p }) => [...p]);

describe('results', () => {
  it('come in order and have the bits of one batch, however the rows arrive', async () => {
    for (const sizes of [[23], Array<number>(23).fill(1), [5, 1, 10, 7], [22, 1]])
      for (const chunk of [1, 4, 23, 100]) {
        const batches = await collect(curveFitStream(inPieces(sizes), { ...options, chunk, outputs: ['stdErr'] }));
        expect(batches.map(({ nFits }) => nFits)).toEqual([...Array<number>(Math.floor(fits / chunk)).fill(chunk), ...(fits % chunk > 0 ? [fits % chunk] : [])]);
        expect(joined(batches)).toEqual([...whole.params]);
        expect(batches.flatMap(({ stdErr }) => [...stdErr!])).toEqual([...whole.stdErr!]);
      }
  });

  it('can be looked at one by one, also after the source has filled its array again', async () => {
    async function* again(): AsyncGenerator<Floats> {
      const row = new Float64Array(m);
      for (let i = 0; i < 5; i++) {
        row.set(y.subarray(i * m, (i + 1) * m));
        yield row;
        row.fill(NaN);
      }
    }
    const batches = await collect(curveFitStream(again(), { ...options, chunk: 2 }));
    expect(batches[1]!.at(1).values).toEqual(whole.at(3).values);
    expect(joined(batches)).toEqual([...whole.params.subarray(0, 15)]);
  });

  it('take single precision, mixed with double', async () => {
    const single = Float32Array.from(y);
    async function* mixed(): AsyncGenerator<Floats> {
      for (let i = 0; i < 6; i++) yield i % 2 === 0 ? single.subarray(i * m, (i + 1) * m) : Float64Array.from(single.subarray(i * m, (i + 1) * m));
    }
    const batches = await collect(curveFitStream(mixed(), { ...options, chunk: 4 }));
    const expected = curveFitBatchSync({ ...options, y: single.slice(0, 6 * m) });
    expect(joined(batches)).toEqual([...expected.params]);
  });

  it('take ordinary iterables, and no rows at all', async () => {
    expect(joined(await collect(curveFitStream([y], { ...options, chunk: 8 })))).toEqual([...whole.params]);
    expect(await collect(curveFitStream([], options))).toEqual([]);
  });

  it('follow the options of a batch', async () => {
    const sigma = x.map((_, i) => 0.1 + (i % 2));
    const batches = await collect(curveFitStream([y], { ...options, chunk: 10, sigma, sigmaIs: 'absolute', outputs: ['stdErr'], params: { ...params, k: { value: 0.8, max: 1 } } }));
    const expected = curveFitBatchSync({ ...options, y, sigma, sigmaIs: 'absolute', outputs: ['stdErr'], params: { ...params, k: { value: 0.8, max: 1 } } });
    expect(batches.flatMap(({ stdErr }) => [...stdErr!])).toEqual([...expected.stdErr!]);
    expect(Math.max(...batches.flatMap((batch) => [...batch.column('k')]))).toBeLessThanOrEqual(1);
  });
});

describe('faults', () => {
  it('of one row concern no other', async () => {
    const spoiled = y.slice();
    spoiled[5 * m + 3] = NaN;
    const batches = await collect(curveFitStream([spoiled], { ...options, chunk: 4 }));
    const status = batches.flatMap((batch) => Array.from({ length: batch.nFits }, (_, i) => batch.statusOf(i)));
    expect(status[5]).toBe('notFinite');
    const values = joined(batches);
    for (let i = 0; i < fits; i++)
      if (i !== 5) expect(values.slice(3 * i, 3 * i + 3)).toEqual([...whole.params.subarray(3 * i, 3 * i + 3)]);
  });

  it('of the source come after the results of what it gave', async () => {
    const cause = new Error('the line is down');
    async function* failing(): AsyncGenerator<Floats> {
      yield* inPieces([7]);
      throw cause;
    }
    const seen: number[] = [];
    const run = (async () => {
      for await (const { nFits } of curveFitStream(failing(), { ...options, chunk: 3 })) seen.push(nFits);
    })();
    await expect(run).rejects.toBe(cause);
    expect(seen).toEqual([3, 3, 1]);
  });

  it('of the form of a row name it, and close the source', async () => {
    const cases: [unknown, string][] = [
      [new Float64Array(m + 1), `rows[1]: expected ${m} values per curve, or a multiple, got ${m + 1}`],
      [new Float64Array(0), `rows[1]: expected ${m} values per curve, or a multiple, got 0`],
      ['text', "rows[1]: expected an array of numbers, got 'text'"],
      [new Int32Array(structuredClone(new ArrayBuffer(0))), 'rows[1]'],
    ];
    for (const [item, message] of cases) {
      let closed = false;
      const source = async function* (): AsyncGenerator<Floats> {
        try {
          yield y.subarray(0, 2 * m);
          yield item as Floats;
        } finally {
          closed = true;
        }
      };
      const seen: number[] = [];
      const run = (async () => {
        for await (const { nFits } of curveFitStream(source(), options)) seen.push(nFits);
      })();
      await expect(run).rejects.toThrow(message);
      expect([seen, closed]).toEqual([[2], true]);
    }
  });

  it('of the options are thrown at once', () => {
    const call = (change: Record<string, unknown>, rows: unknown = [y]) => () => curveFitStream(rows as Floats[], { ...options, ...change } as typeof options);
    expect(call({ y })).toThrow("curveFitStream: unknown option 'y'");
    expect(call({ offsets: new Uint32Array(2) })).toThrow("curveFitStream: unknown option 'offsets'");
    expect(call({ chunk: 0 })).toThrow('chunk: expected an integer from 1 to 1048576, got 0');
    expect(call({ x: new Float64Array(0) })).toThrow('x: expected at least one value, got none');
    expect(call({ x: { u: new Float64Array(3), v: new Float64Array(4) } })).toThrow('x.v: expected 3 values as the other predictors, got 4');
    expect(call({ x: 3 })).toThrow('x: expected a Float64Array or Float32Array, or one for each predictor, got 3');
    expect(call({ sigma: new Float64Array(m + 1).fill(1) })).toThrow(`sigma: expected ${m} values, got ${m + 1}`);
    expect(call({ ftol: -1 })).toThrow('ftol');
    expect(call({}, 7)).toThrow('rows: expected an async iterable of Float64Array or Float32Array, got 7');
    expect(call({}, y)).toThrow(InputError);
    expect(call({ sigma: 1, weights: 1 })).toThrow('weights: give weights or sigma');
  });
});

describe('back-pressure', () => {
  it('reads ahead by one chunk, and no further than results are taken', async () => {
    let given = 0;
    const endless = async function* (): AsyncGenerator<Floats> {
      for (;;) {
        given++;
        yield y.subarray(0, m);
      }
    };
    const stream = curveFitStream(endless(), { ...options, chunk: 4 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(given).toBe(0);
    for (let taken = 1; taken <= 5; taken++) {
      await stream.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(given).toBe(4 * (taken + 1));
    }
    await stream.return!();
  });

  it('keeps memory bounded for endless input', async () => {
    const row = Float64Array.from({ length: 500 }, (_, i) => 3 * Math.exp(-i / 100));
    const long = Float64Array.from({ length: 500 }, (_, i) => i / 100);
    const endless = function* (): Generator<Floats> {
      for (;;) yield row;
    };
    // A chunk is 2 MB; 60 of them would be 120 MB.
    const stream = curveFitStream(endless(), { x: long, model: (t: number, p: { a: number; k: number }) => p.a * Math.exp(-p.k * t), params: { a: 3, k: 1 }, chunk: 500, polish: false });
    const before = process.memoryUsage().arrayBuffers;
    let chunks = 0,
      most = 0;
    for await (const batch of stream) {
      expect(batch.converged).toBe(500);
      const { arrayBuffers } = process.memoryUsage();
      if (arrayBuffers > most) most = arrayBuffers;
      if (++chunks === 60) break;
    }
    expect(most - before).toBeLessThan(60e6);
  });
});

describe('the end', () => {
  function watched(wait = false) {
    const state = { closed: 0 };
    let release = (): void => {};
    const rows: AsyncIterable<Floats> = {
      [Symbol.asyncIterator]: () => {
        let given = 0;
        return {
          next: () => wait && given++ >= 4
            ? new Promise((resolve) => { release = () => resolve({ done: true, value: undefined }); })
            : Promise.resolve({ done: false, value: y.subarray(0, m) }),
          return: () => {
            state.closed++;
            return Promise.resolve({ done: true, value: undefined });
          },
        };
      },
    };
    return { state, rows, release: () => release() };
  }

  it('of the loop closes the source once', async () => {
    const { state, rows } = watched();
    for await (const batch of curveFitStream(rows, { ...options, chunk: 3 })) {
      expect(batch.nFits).toBe(3);
      break;
    }
    expect(state.closed).toBe(1);
  });

  it('does not wait for a source that is silent', async () => {
    const { state, rows } = watched(true);
    for await (const batch of curveFitStream(rows, { ...options, chunk: 3 })) {
      expect(batch.nFits).toBe(3);
      break;
    }
    expect(state.closed).toBe(1);
  });

  it('by a signal rejects with its reason, closes the source and leaves no listener', async () => {
    const reason = new Error('enough');
    for (const wait of [false, true]) {
      const { state, rows } = watched(wait);
      const controller = new AbortController();
      const stream = curveFitStream(rows, { ...options, chunk: 3, signal: controller.signal });
      await stream.next();
      const pending = stream.next();
      controller.abort(reason);
      await expect(pending).rejects.toBe(reason);
      expect(state.closed).toBe(1);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    }
    const { state, rows } = watched();
    await expect(curveFitStream(rows, { ...options, signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    expect(state.closed).toBe(1);
  });

  it('by onProgress or by the clock comes after the result at hand', async () => {
    const { rows } = watched();
    const seen: number[] = [];
    const batches = await collect(curveFitStream(rows, { ...options, chunk: 3, progressEveryMs: 0, onProgress: ({ done }) => { seen.push(done); return done < 7; } }));
    expect(batches.length).toBeGreaterThanOrEqual(3);
    expect(seen.slice(0, 2)).toEqual(expect.arrayContaining([3]));
    const late = await collect(curveFitStream(watched().rows, { ...options, chunk: 3, maxSeconds: 0 }));
    expect(late.map(({ aborted, nFits }) => [aborted, nFits])).toEqual([[true, 3]]);
  });
});
