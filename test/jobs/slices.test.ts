import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { portableEngine } from '../../src/engine/portable.ts';
import { statusCode, lastSuccess } from '../../src/portable/optim/status.ts';
import { whyNoWorkers } from '../../src/portable/jobs/workers.ts';
import {
  again,
  asyncOptions,
  decayCallback,
  decayJob,
  differences,
  untouched,
  type Shape,
} from './fixtures.ts';

const shapes: Record<string, Shape> = {
  'shared x': {},
  'x and start per fit, with sigma': { ownX: true, ownInit: true, sigma: 'own' },
  'shared sigma': { sigma: 'shared' },
  'ragged curves': { ragged: true, sigma: 'own' },
  'single precision': { single: true, sigma: 'own', ownX: true },
  'one point more than a block': { points: 129 },
};

const busy = (ms: number): void => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('portable engine, in slices', () => {
  it('says why there are no worker threads when run from its sources', () => {
    expect(whyNoWorkers()).toMatch(/compiled files/);
  });

  it.each(Object.entries(shapes))('gives the bits of the synchronous run: %s', async (_, shape) => {
    const job = decayJob(1500, shape),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 2 }))).toEqual({
      done: 1500,
      stopped: null,
    });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
  });

  it('runs a model that is called', async () => {
    const job = decayJob(30, {}, decayCallback()),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 2 }))).toEqual({
      done: 30,
      stopped: null,
    });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
  });

  it('runs where there is no setImmediate', async () => {
    const job = decayJob(3000),
      other = again(job),
      third = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    vi.stubGlobal('setImmediate', undefined);
    await portableEngine.fitBatch(other, asyncOptions());
    expect(differences(other.outputs, job.outputs)).toEqual([]);
    vi.stubGlobal('MessageChannel', undefined);
    await portableEngine.fitBatch(third, asyncOptions());
    expect(differences(third.outputs, job.outputs)).toEqual([]);
  });

  it('keeps jobs apart that run side by side', async () => {
    const jobs = [
      decayJob(800),
      decayJob(900, { ragged: true }),
      decayJob(700, { points: 30, sigma: 'own' }),
    ];
    const others = jobs.map(again);
    for (const job of jobs) portableEngine.fitBatchSync(job, asyncOptions());
    await Promise.all(others.map((job) => portableEngine.fitBatch(job, asyncOptions())));
    others.forEach((job, k) => expect(differences(job.outputs, jobs[k]!.outputs)).toEqual([]));
  });

  it('never calls the model when aborted beforehand', async () => {
    let calls = 0;
    const job = decayJob(
      5,
      {},
      decayCallback(() => calls++),
    );
    const outcome = await portableEngine.fitBatch(
      job,
      asyncOptions({ signal: AbortSignal.abort() }),
    );
    expect(outcome).toEqual({ done: 0, stopped: 'aborted' });
    expect(calls).toBe(0);
    expect(job.outputs.status.every((code) => code === untouched)).toBe(true);
  });

  it('stops on abort with the fit in progress at its best point, and lets go of the signal', async () => {
    const controller = new AbortController();
    // One fit of this model takes far longer than a slice.
    const job = decayJob(
      3,
      {},
      decayCallback(() => busy(0.1)),
    );
    const promise = portableEngine.fitBatch(job, asyncOptions({ signal: controller.signal }));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    setTimeout(() => controller.abort(), 30);
    const { done, stopped } = await promise;
    expect(stopped).toBe('aborted');
    expect(done).toBeLessThan(3);
    expect(job.outputs.status[done]).toBe(statusCode.aborted);
    expect(job.outputs.params[3 * done]).not.toBe(untouched);
    expect(job.outputs.ssr[done]).toBeGreaterThan(0);
    expect(job.outputs.status.slice(done + 1).every((code) => code === untouched)).toBe(true);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leaves no listener on a signal after many runs', async () => {
    const { signal } = new AbortController();
    const job = decayJob(1);
    for (let i = 0; i < 1000; i++) await portableEngine.fitBatch(job, asyncOptions({ signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('stops at maxSeconds', async () => {
    const job = decayJob(
      1000,
      {},
      decayCallback(() => busy(0.01)),
    );
    const { done, stopped } = await portableEngine.fitBatch(
      job,
      asyncOptions({ maxSeconds: 0.05 }),
    );
    expect(stopped).toBe('maxSeconds');
    expect(job.outputs.status.slice(0, done).every((code) => code <= lastSuccess)).toBe(true);
    expect(job.outputs.status.slice(done + 1).every((code) => code === untouched)).toBe(true);
  });

  it('tells a rising number of finished fits, on the thread of the caller', async () => {
    const seen: number[] = [];
    await portableEngine.fitBatch(
      decayJob(6000),
      asyncOptions({ progressEveryMs: 0, onProgress: (done) => void seen.push(done) }),
    );
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.every((done, i) => i === 0 || done >= seen[i - 1]!)).toBe(true);
    expect(seen.at(-1)).toBeGreaterThan(0);
  });

  it('does not tell sooner than progressEveryMs', async () => {
    let calls = 0;
    await portableEngine.fitBatch(
      decayJob(3000),
      asyncOptions({ progressEveryMs: 1e9, onProgress: () => void calls++ }),
    );
    expect(calls).toBe(0);
  });

  it('stops when the listener returns false', async () => {
    const job = decayJob(20000);
    const { done, stopped } = await portableEngine.fitBatch(
      job,
      asyncOptions({ progressEveryMs: 0, onProgress: (n) => n < 100 }),
    );
    expect(stopped).toBe('stoppedByCallback');
    expect(done).toBeGreaterThanOrEqual(100);
    expect(done).toBeLessThan(20000);
  });

  it('rejects with what the listener throws and lets go of the signal', async () => {
    const error = new Error('from the listener');
    const { signal } = new AbortController();
    const onProgress = (): void => {
      throw error;
    };
    await expect(
      portableEngine.fitBatch(
        decayJob(20000),
        asyncOptions({ signal, progressEveryMs: 0, onProgress }),
      ),
    ).rejects.toBe(error);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects with what the model throws and lets go of the signal', async () => {
    const error = new Error('from the model');
    const { signal } = new AbortController();
    let calls = 0;
    const job = decayJob(
      50,
      {},
      decayCallback(() => {
        if (++calls > 10000) throw error;
      }),
    );
    await expect(portableEngine.fitBatch(job, asyncOptions({ signal }))).rejects.toBe(error);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects when an array is detached meanwhile, and names it', async () => {
    const job = decayJob(20000);
    const promise = portableEngine.fitBatch(job, asyncOptions());
    setTimeout(() => structuredClone(job.y.buffer, { transfer: [job.y.buffer as ArrayBuffer] }), 5);
    await expect(promise).rejects.toThrow(
      /^y: expected 1280000 values until the fits are done, got 0/,
    );
  });

  it('lets timers run between slices, of many fits and within a large one', async () => {
    const lateness = async (
      job: ReturnType<typeof decayJob>,
    ): Promise<{ ticks: number; worst: number }> => {
      let ticks = 0,
        worst = 0,
        expected = performance.now() + 10;
      const timer = setInterval(() => {
        const now = performance.now();
        worst = Math.max(worst, now - expected);
        expected = now + 10;
        ticks++;
      }, 10);
      await portableEngine.fitBatch(job, asyncOptions());
      clearInterval(timer);
      return { ticks, worst };
    };
    const many = await lateness(decayJob(40000));
    const large = await lateness(
      decayJob(
        1,
        { points: 8000 },
        decayCallback(() => busy(0.002)),
      ),
    );
    expect(many.ticks).toBeGreaterThan(3);
    expect(large.ticks).toBeGreaterThan(3);
    console.log(
      `worst lateness of a 10 ms timer: ${many.worst.toFixed(1)} ms, ${large.worst.toFixed(1)} ms within one fit`,
    );
  });
});
