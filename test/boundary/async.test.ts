// The native adapter: asynchronous jobs next to synchronous ones, and everything that may happen to
// a job or its arrays while it runs.

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { JobHandle } from '../../src/engine/addon.ts';
import type { AsyncRunOptions, Engine, FitJob, FitOutcome } from '../../src/engine/engine.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { statusCode } from '../../src/portable/optim/status.ts';
import {
  differences, makeArguments, makeCurves, makeJob, makeOutputs, openAddon, program,
  resizableBuffer, start, words, type Curves, type Filled,
} from './fixtures.ts';

const untouched = 99; // what makeOutputs fills the status with

const engine = nativeEngine() as Engine;
const curves = makeCurves(600, 64);
const expected = makeOutputs(curves);

function run(job: FitJob, options: Partial<AsyncRunOptions> = {}): Promise<FitOutcome> {
  return engine.fitBatch(job, { threads: 2, maxSeconds: Infinity, progressEveryMs: 1, ...options });
}

/** A job that takes some seconds: never one that a test waits for. */
function longJob(): { job: FitJob; outputs: Filled } {
  const long = makeCurves(40000, 256);
  const outputs = makeOutputs(long);
  return { job: makeJob(long, outputs, { ftol: 0, xtol: 0, gtol: 0 }), outputs };
}

const resolution = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const outcome = engine.fitBatchSync(makeJob(curves, expected), { threads: 1,
  maxSeconds: Infinity });

it('the fits to compare with have found their curves', () => {
  expect(outcome).toEqual({ done: 600, stopped: null });
  expect(expected.status.every((code) => code <= statusCode.exact)).toBe(true);
  // The curves have a from 1 to 2, b from 0.5 to 1.5 and c from 0 to 0.5.
  expect(expected.params[0]).toBeGreaterThan(0.9);
  expect(expected.params[0]).toBeLessThan(2.1);
});

describe('bits', () => {
  it.each([1, 2, 3, 7, 64])('are the same on %i threads, synchronous and not', async (threads) => {
    const outputs = makeOutputs(curves);
    expect(await run(makeJob(curves, outputs), { threads })).toEqual({ done: 600, stopped: null });
    expect(outputs).toEqual(expected);
    const sync = makeOutputs(curves);
    engine.fitBatchSync(makeJob(curves, sync), { threads, maxSeconds: Infinity });
    expect(sync).toEqual(expected);
  });

  it.each(openAddon().addon.info().targets)('are the same on %s', (target) => {
    const { addon } = openAddon();
    const best = addon.info().simd;
    addon.setTarget(target);
    expect(addon.info().simd).toBe(target);
    const outputs = makeOutputs(curves);
    engine.fitBatchSync(makeJob(curves, outputs), { threads: 2, maxSeconds: Infinity });
    addon.setTarget(best);
    expect(outputs).toEqual(expected);
  });

  it('are the same for one fit alone as in the batch', () => {
    for (const k of [0, 7, 599]) {
      const one: Curves = { fits: 1, points: 64, x: curves.x, y: curves.y.slice(64 * k,
        64 * k + 64) };
      const outputs = makeOutputs(one);
      engine.fitBatchSync(makeJob(one, outputs), { threads: 1, maxSeconds: Infinity });
      expect(outputs.params).toEqual(expected.params.slice(3 * k, 3 * k + 3));
      expect(outputs.ssr[0]).toBe(expected.ssr[k]);
    }
  });

  it('are the same when the fits are given by offsets', async () => {
    const outputs = makeOutputs(curves);
    const x = new Float64Array(curves.y.length).map((_, i) => curves.x[i % 64]!);
    const offsets = Uint32Array.from({ length: 601 }, (_, k) => 64 * k);
    const job = makeJob(curves, outputs, { points: 0, offsets, x: [x], xShared: false });
    expect(await run(job)).toEqual({ done: 600, stopped: null });
    expect(outputs.params).toEqual(expected.params);
    const sync = makeOutputs(curves);
    engine.fitBatchSync({ ...job, outputs: sync }, { threads: 2, maxSeconds: Infinity });
    expect(sync).toEqual(outputs);
  });

  it('are the same when many jobs are under way at once', async () => {
    const all = Array.from({ length: 50 }, () => makeOutputs(curves));
    const outcomes = await Promise.all(all.map((outputs) => run(makeJob(curves, outputs))));
    expect(outcomes.every(({ done }) => done === 600)).toBe(true);
    for (const outputs of all) expect(outputs.params).toEqual(expected.params);
  });
});

describe('the caller\'s arrays', () => {
  it('may be overwritten while a small job runs: the result is that of the data at the call',
    async () => {
    const y = curves.y.slice(), x = curves.x.slice(), init = Float64Array.of(1, 1, 0);
    const outputs = makeOutputs(curves);
    const job = run(makeJob(curves, outputs, { y: y as Float64Array<ArrayBuffer>,
      x: [x as Float64Array<ArrayBuffer>], init }));
    y.fill(NaN);
    x.fill(0);
    init.fill(NaN);
    await job;
    expect(outputs).toEqual(expected);
  });

  it('may be detached while the job runs, when they hold data', async () => {
    const y = curves.y.slice();
    const outputs = makeOutputs(curves);
    const job = run(makeJob(curves, outputs, { y: y as Float64Array<ArrayBuffer> }));
    structuredClone(y.buffer, { transfer: [y.buffer as ArrayBuffer] });
    await job;
    expect(outputs).toEqual(expected);
  });

  it.each(['params', 'ssr', 'status', 'iterations', 'stdErr', 'covariance', 'r2',
    'residuals', 'sums'] as const)(
    'reject the promise when %s is detached meanwhile', async (name) => {
      const outputs = makeOutputs(curves);
      const job = run(makeJob(curves, outputs));
      structuredClone(outputs[name].buffer, { transfer: [outputs[name].buffer as ArrayBuffer] });
      await expect(job).rejects.toMatchObject({ code: 'ERR_DETACHED',
        message: expect.stringContaining(name) });
    });

  it('reject the promise when results were resized meanwhile', async () => {
    const outputs = makeOutputs(curves);
    const buffer = resizableBuffer(8 * 600, 8 * 1200);
    const job = run(makeJob(curves, { ...outputs, ssr: new Float64Array(buffer) }));
    buffer.resize(80);
    await expect(job).rejects.toMatchObject({ code: 'ERR_DETACHED' });
  });

  it('on SharedArrayBuffers are read and written in place', async () => {
    const shared = makeCurves(600, 64, true);
    const outputs = makeOutputs(shared, true);
    await run(makeJob(shared, outputs));
    for (const name of Object.keys(expected) as (keyof Filled)[])
      expect([...outputs[name]]).toEqual([...expected[name]]);
  });

  it('of single precision are read as they are', async () => {
    const y = Float32Array.from(curves.y);
    const rounded = { ...curves, y: Float64Array.from(y) };
    const [single, double] = [makeOutputs(curves), makeOutputs(curves)];
    await run(makeJob(curves, single, { y }));
    await run(makeJob(rounded, double));
    expect(single).toEqual(double);
  });
});

describe('data of more than one slice', () => {
  const many = 20000, points = 64; // 10 MB
  const large = makeCurves(many, points);
  const inOneGo = makeOutputs(large);
  engine.fitBatchSync(makeJob(large, inOneGo), { threads: 2, maxSeconds: Infinity });
  const detach = (array: Float64Array<ArrayBufferLike>): void => {
    structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  };
  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it.each([1, 2, 5])('give the same bits on %i threads', async (threads) => {
    const outputs = makeOutputs(large);
    expect(await run(makeJob(large, outputs), { threads })).toEqual({ done: many, stopped: null });
    expect(differences(outputs, inOneGo)).toEqual([]);
  });

  it.each([false, true])('per fit in every array, by offsets: %s', async (isRagged) => {
    const own = {
      x: [new Float64Array(many * points).map((_, i) => large.x[i % points]!)], xShared: false,
      sigma: new Float64Array(many * points).map((_, i) => 1 + (i % 7) / 10),
      init: new Float64Array(3 * many).map((_, i) => start[i % 3]!), initShared: false,
      ...(isRagged && {
        points: 0, offsets: Uint32Array.from({ length: many + 1 }, (_, k) => points * k),
      }),
    };
    const [outputs, sync] = [makeOutputs(large), makeOutputs(large)];
    await run(makeJob(large, outputs, own));
    engine.fitBatchSync(makeJob(large, sync, own), { threads: 1, maxSeconds: Infinity });
    expect(differences(outputs, sync)).toEqual([]);
    expect(outputs.params).not.toEqual(inOneGo.params);
  });

  it('that all belong to one fit', async () => {
    const one = makeCurves(1, 2 ** 20);
    const [outputs, sync] = [makeOutputs(one), makeOutputs(one)];
    expect(await run(makeJob(one, outputs))).toEqual({ done: 1, stopped: null });
    engine.fitBatchSync(makeJob(one, sync), { threads: 1, maxSeconds: Infinity });
    expect(differences(outputs, sync)).toEqual([]);
  });

  it('are not copied within the call, but for the first slice', async () => {
    const y = large.y.slice() as Float64Array<ArrayBuffer>;
    const outputs = makeOutputs(large);
    const job = run(makeJob(large, outputs, { y }));
    y.fill(NaN, 0, points);
    y.fill(NaN, (many - 1) * points);
    await job;
    expect(outputs.params.slice(0, 3)).toEqual(inOneGo.params.slice(0, 3));
    expect(outputs.status[many - 1]).toBe(statusCode.notFinite);
  });

  it('reject the promise when they are detached before they have come', async () => {
    const y = large.y.slice() as Float64Array<ArrayBuffer>;
    const outputs = makeOutputs(large);
    const job = run(makeJob(large, outputs, { y }));
    setImmediate(detach, y);
    await expect(job).rejects.toMatchObject({ code: 'ERR_DETACHED',
      message: 'y: detached or resized while the fits were running' });
    expect(outputs.status.every((code) => code === untouched)).toBe(true);
  });

  it('reject the promise when they are resized before they have come', async () => {
    const buffer = resizableBuffer(8 * many * points, 8 * many * points);
    const sigma = new Float64Array(buffer).fill(1);
    const job = run(makeJob(large, makeOutputs(large), { sigma }));
    setImmediate(() => buffer.resize(8));
    await expect(job).rejects.toMatchObject({ code: 'ERR_DETACHED',
      message: expect.stringContaining('sigma') });
  });

  it('need not come to the end when the job is aborted', async () => {
    const outputs = makeOutputs(large);
    const controller = new AbortController();
    const pending = run(makeJob(large, outputs), { signal: controller.signal });
    setImmediate(() => controller.abort());
    const { done, stopped } = await pending;
    expect(stopped).toBe('aborted');
    expect(done).toBeLessThan(many);
    expect(outputs.status.at(-1)).toBe(untouched);
  });

  it('are not waited for beyond the time limit', async () => {
    const outputs = makeOutputs(large);
    const pending = run(makeJob(large, outputs), { maxSeconds: 0.05 });
    // Nothing comes while the event loop is blocked: threads wait, and give up by themselves.
    const blocked = performance.now() + 150;
    while (performance.now() < blocked);
    const { done, stopped } = await pending;
    expect(stopped).toBe('maxSeconds');
    expect(done).toBeLessThanOrEqual((2 * 2 ** 20) / (8 * points));
  });

  it('come and go a slice per call of the add-on', async () => {
    const { addon } = openAddon();
    const outputs = makeOutputs(large);
    let job: JobHandle | undefined;
    const ended = new Promise<number>((resolve) => {
      const handle = addon.createProgram(words, program.constants);
      const args = makeArguments(handle, large, outputs);
      job = addon.startFit(resolve, ...args);
    });
    expect(() => addon.deliverResults(job!)).toThrow('job: its fits are still running');
    let slices = 1;
    while (addon.bringData(job!)) slices++;
    const bytes = 8 * many * points;
    expect(slices).toBe(Math.floor(bytes / 2 ** 21));
    expect(addon.bringData(job!)).toBe(false);
    expect(await ended).toBe(many);
    expect(outputs.status.every((code) => code === untouched)).toBe(true);
    expect(addon.deliverResults(job!)).toBe(true);
    expect(outputs.params[0]).toBe(inOneGo.params[0]);
    expect(outputs.status.at(-1)).toBe(untouched);
    await nextTurn();
    while (addon.deliverResults(job!));
    expect(differences(outputs, inOneGo)).toEqual([]);
    expect(addon.deliverResults(job!)).toBe(false);
  });

  it('reject when results are detached between two slices', async () => {
    const { addon } = openAddon();
    const outputs = makeOutputs(large);
    let job: JobHandle | undefined;
    await new Promise((resolve) => {
      const handle = addon.createProgram(words, program.constants);
      job = addon.startFit(resolve, ...makeArguments(handle, large, outputs));
      while (addon.bringData(job));
    });
    expect(addon.deliverResults(job!)).toBe(true);
    detach(outputs.residuals);
    expect(() => addon.deliverResults(job!)).toThrow(/residuals: detached or resized/);
    expect(addon.deliverResults(job!)).toBe(false);
  });
});

describe('an abort', () => {
  it('before the start: nothing is run', async () => {
    const outputs = makeOutputs(curves);
    expect(await run(makeJob(curves, outputs), { signal: AbortSignal.abort() }))
      .toEqual({ done: 0, stopped: 'aborted' });
    expect(outputs.status.every((code) => code === untouched)).toBe(true);
  });

  it('in mid-flight: fits that were run have their results, the others what was there', async () =>
    {
    const { job, outputs } = longJob();
    const controller = new AbortController();
    const pending = run(job, { signal: controller.signal });
    await resolution();
    controller.abort();
    const { done, stopped } = await pending;
    expect(stopped).toBe('aborted');
    const counts = new Map<number, number>();
    outputs.status.forEach((code, k) => {
      counts.set(code, (counts.get(code) ?? 0) + 1);
      expect(Number.isNaN(outputs.params[3 * k])).toBe(code === untouched);
    });
    const left = (counts.get(statusCode.aborted) ?? 0) + (counts.get(untouched) ?? 0);
    expect(left).toBeGreaterThan(0);
    // Lanes that only wrote their residuals when the stop came are not counted as done.
    expect(done).toBeLessThanOrEqual(40000 - left);
    expect(done).toBeGreaterThanOrEqual(40000 - left - 2 * 8);
  });

  it('leaves no listener behind, however the job ends', async () => {
    const controller = new AbortController();
    const listeners = (): number => getEventListeners(controller.signal, 'abort').length;
    for (let k = 0; k < 100; k++) await run(makeJob(curves, makeOutputs(curves)),
      { signal: controller.signal });
    expect(listeners()).toBe(0);
    const bad = { ...makeJob(curves, makeOutputs(curves)), ftol: 1, init: new Float64Array(2) };
    await expect(run(bad,
      { signal: controller.signal })).rejects.toThrow(/init: expected 3 values/);
    expect(listeners()).toBe(0);
    const pending = run(longJob().job, { signal: controller.signal });
    expect(listeners()).toBe(1);
    controller.abort();
    await pending;
    expect(listeners()).toBe(0);
  });
});

describe('progress', () => {
  it('is reported in ascending numbers of finished fits', async () => {
    const seen: number[] = [];
    const { job } = longJob();
    await run(job, {
      onProgress: (done) => {
        seen.push(done);
        return seen.length < 5;
      },
    });
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('stops the job by returning false', async () => {
    const { job, outputs } = longJob();
    const outcome = await run(job, { onProgress: () => false });
    expect(outcome.stopped).toBe('stoppedByCallback');
    expect(outputs.status.includes(untouched)).toBe(true);
  });

  it('rejects the promise with what the listener threw', async () => {
    const thrown = { reason: 'on purpose' };
    const failing = (): never => {
      throw thrown;
    };
    await expect(run(longJob().job, { onProgress: failing })).rejects.toBe(thrown);
  });
});

describe('a time limit', () => {
  it('ends an asynchronous job', async () => {
    const { job, outputs } = longJob();
    const outcome = await run(job, { maxSeconds: 0.02 });
    expect(outcome.stopped).toBe('maxSeconds');
    expect(outcome.done).toBeLessThan(40000);
    expect(outputs.status.includes(untouched)).toBe(true);
  });

  it('ends a synchronous job', () => {
    const { job, outputs } = longJob();
    const outcome = engine.fitBatchSync(job, { threads: 2, maxSeconds: 0.02 });
    expect(outcome.stopped).toBe('maxSeconds');
    expect(outcome.done).toBeLessThan(40000);
    expect(outputs.status.includes(untouched)).toBe(true);
  });

  it('of zero begins nothing', async () => {
    const outputs = makeOutputs(curves);
    expect(await run(makeJob(curves, outputs), { maxSeconds: 0 })).toEqual({ done: 0,
      stopped: 'maxSeconds' });
    expect(outputs.status.every((code) => code === untouched)).toBe(true);
  });
});

describe('corners', () => {
  it('no fits, and fits without points', async () => {
    const none = { fits: 0, points: 64, x: curves.x, y: new Float64Array(0) };
    expect(await run(makeJob(none, makeOutputs(none)))).toEqual({ done: 0, stopped: null });
    const empty = { fits: 3, points: 0, x: new Float64Array(0), y: new Float64Array(0) };
    const outputs = makeOutputs(empty);
    expect(await run(makeJob(empty, outputs))).toEqual({ done: 3, stopped: null });
    const sync = makeOutputs(empty);
    engine.fitBatchSync(makeJob(empty, sync), { threads: 2, maxSeconds: Infinity });
    expect(sync).toEqual(outputs);
  });

  it('the event loop turns while one job follows another', async () => {
    let turns = 0, isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setTimeout(count, 0);
    };
    count();
    const follow = async (): Promise<void> => {
      for (let k = 0; k < 100; k++) await run(makeJob(curves, makeOutputs(curves)));
    };
    await Promise.all([follow(), follow(), follow()]);
    isOver = true;
    expect(turns).toBeGreaterThan(20);
  });

  it('a callback model is refused', async () => {
    const callback = { params: 1, varying: Int32Array.of(0), value: () => 0 };
    const job = makeJob(curves, makeOutputs(curves), { program: callback });
    expect(() => engine.fitBatchSync(job, { threads: 1,
      maxSeconds: 1 })).toThrow(/compiled models only/);
    await expect(run(job)).rejects.toMatchObject({ code: 'ERR_ENGINE' });
  });
});
