import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainMethod, type FitJob } from '../../src/engine/engine.ts';
import { statusCode, lastSuccess } from '../../src/portable/optim/status.ts';
import {
  again,
  asyncOptions,
  compileEngine,
  decayJob,
  differences,
  slowDecay,
  untouched,
  type CompiledEngine,
  type Shape,
} from './fixtures.ts';

const shared = (length: number): Float64Array =>
  new Float64Array(new SharedArrayBuffer(8 * length));

const shapes: Record<string, Shape> = {
  'shared x': {},
  'x and start per fit, with sigma': { ownX: true, ownInit: true, sigma: 'own' },
  'shared sigma and start': { sigma: 'shared' },
  'ragged curves': { ragged: true, sigma: 'own' },
  'single precision': { single: true, sigma: 'own', ownX: true },
  'shared memory': { allocate: shared, ownX: true, sigma: 'own', ownInit: true },
};

/** Long enough for threads to be started. */
const fits = 20000;
const folders: string[] = [];

async function compile(worker?: string): Promise<CompiledEngine> {
  const engine = await compileEngine(worker);
  folders.push(engine.folder);
  return engine;
}

let compiled: CompiledEngine;
beforeAll(async () => {
  compiled = await compile();
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('portable engine, in worker threads', () => {
  it.each(Object.entries(shapes))('gives the bits of the synchronous run: %s', async (_, shape) => {
    const { portableEngine, liveWorkers, whyNoWorkers } = compiled;
    const job = decayJob(fits, shape),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 3 }))).toEqual({
      done: fits,
      stopped: null,
    });
    expect(whyNoWorkers()).toBeUndefined();
    expect(liveWorkers()).toBe(3);
    expect(differences(other.outputs, job.outputs)).toEqual([]);
  });

  /** Sums of three parameters: ten without a loss, three more with one. */
  const sums = (width: number): Float64Array => new Float64Array(width * fits).fill(untouched);
  const methods: Record<string, () => FitJob> = {
    'bounds, and a scale of the loss for every fit': () => {
      const job = decayJob(fits, { ownInit: true });
      return {
        ...job,
        lower: Float64Array.of(0, 0.2, -1), upper: Float64Array.of(Infinity, Infinity, 1.1),
        loss: 'cauchy', lossScale: new Float64Array(fits).map((_, k) => 0.01 * (1 + (k % 9))),
        outputs: { ...job.outputs, sums: sums(13) },
      };
    },
    'one curve and many starts': () => {
      const job = decayJob(fits, { ownInit: true, sigma: 'shared' });
      return {
        ...job, y: job.y.slice(0, job.points), yShared: true, polish: true,
        outputs: { ...job.outputs, sums: sums(10) },
      };
    },
  };
  it.each(Object.entries(methods))('gives the bits of the synchronous run: %s', async (_, make) => {
    const { portableEngine } = compiled;
    const job = make(), other = make();
    portableEngine.fitBatchSync(job, asyncOptions());
    // A few starts are too far from the curve.
    const good = job.outputs.status.filter((status) => status <= lastSuccess).length;
    expect(good).toBeGreaterThan(0.99 * fits);
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 3 })))
      .toEqual({ done: fits, stopped: null });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
  });

  it('runs jobs side by side and one after another in the same threads', async () => {
    const { portableEngine, liveWorkers } = compiled;
    const jobs = [
      decayJob(fits),
      decayJob(fits, { ragged: true }),
      decayJob(fits, { points: 30, sigma: 'own' }),
    ];
    const others = jobs.map(again);
    for (const job of jobs) portableEngine.fitBatchSync(job, asyncOptions());
    for (let round = 0; round < 2; round++) {
      for (const { outputs } of others) outputs.params.fill(untouched);
      await Promise.all(
        others.map((job, k) => portableEngine.fitBatch(job, asyncOptions({ threads: k + 1 }))),
      );
      others.forEach((job, k) => expect(differences(job.outputs, jobs[k]!.outputs)).toEqual([]));
    }
    expect(liveWorkers()).toBe(3);
  });

  it('moves a single large fit off the thread of the caller', async () => {
    const { portableEngine } = compiled;
    const job = decayJob(1, { points: 2_000_000 }),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 2 }))).toEqual({
      done: 1,
      stopped: null,
    });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
  });

  it('keeps the thread of the caller free', async () => {
    const { portableEngine } = compiled;
    const job = decayJob(4 * fits);
    let ticks = 0,
      worst = 0,
      expected = performance.now() + 10;
    const timer = setInterval(() => {
      const now = performance.now();
      worst = Math.max(worst, now - expected);
      expected = now + 10;
      ticks++;
    }, 10);
    await portableEngine.fitBatch(job, asyncOptions({ threads: 2 }));
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    console.log(`worst lateness of a 10 ms timer: ${worst.toFixed(1)} ms`);
  });

  it('stops on abort, with what is done in place and the rest untouched', async () => {
    const { portableEngine } = compiled;
    const controller = new AbortController();
    const job = decayJob(4 * fits),
      whole = again(job);
    portableEngine.fitBatchSync(whole, asyncOptions());
    const { done, stopped } = await portableEngine.fitBatch(
      job,
      asyncOptions({
        threads: 2,
        signal: controller.signal,
        progressEveryMs: 0,
        onProgress: (n) => {
          if (n > fits) controller.abort();
        },
      }),
    );
    expect(stopped).toBe('aborted');
    expect(done).toBeGreaterThan(fits);
    expect(done).toBeLessThan(4 * fits);
    const { status, params } = job.outputs;
    expect(status.filter((code) => code <= lastSuccess)).toHaveLength(done);
    const wrong = status.findIndex((code, k) =>
      code <= lastSuccess
        ? !Object.is(params[3 * k], whole.outputs.params[3 * k])
        : code === untouched
          ? params[3 * k] !== untouched
          : code !== statusCode.aborted,
    );
    expect(wrong).toBe(-1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leaves a large fit at its best point on abort', async () => {
    const { portableEngine } = compiled;
    const controller = new AbortController();
    // Eight evaluations are needed, of 6 million function calls each.
    const job = decayJob(1, { points: 100_000 }, slowDecay(30));
    const promise = portableEngine.fitBatch(
      job,
      asyncOptions({ threads: 1, signal: controller.signal }),
    );
    setTimeout(() => controller.abort(), 300);
    expect(await promise).toEqual({ done: 0, stopped: 'aborted' });
    expect(job.outputs.status[0]).toBe(statusCode.aborted);
    expect(job.outputs.params[0]).not.toBe(untouched);
    expect(job.outputs.ssr[0]).toBeGreaterThan(0);
  });

  it('leaves a large fit at its best point when there is no time to move it', async () => {
    const { portableEngine } = compiled;
    const job = decayJob(1, { points: 100_000 }, slowDecay(30));
    const outcome = await portableEngine.fitBatch(job, asyncOptions({ threads: 1, maxSeconds: 0.01 }));
    expect(outcome).toEqual({ done: 0, stopped: 'maxSeconds' });
    expect(job.outputs.status[0]).toBe(statusCode.maxSeconds);
    expect(job.outputs.ssr[0]).toBeGreaterThan(0);
  });

  it('stops at maxSeconds, and when the listener returns false', async () => {
    const { portableEngine } = compiled;
    const job = decayJob(20 * fits, { points: 16 });
    const late = await portableEngine.fitBatch(job, asyncOptions({ threads: 2, maxSeconds: 0.2 }));
    expect(late.stopped).toBe('maxSeconds');
    expect(late.done).toBeLessThan(20 * fits);
    const refused = await portableEngine.fitBatch(
      again(job),
      asyncOptions({ threads: 2, progressEveryMs: 0, onProgress: (n) => n < fits }),
    );
    expect(refused.stopped).toBe('stoppedByCallback');
    expect(refused.done).toBeGreaterThanOrEqual(fits);
  });

  it('rejects with what the listener throws, and works on', async () => {
    const { portableEngine } = compiled;
    const error = new Error('from the listener');
    const { signal } = new AbortController();
    const onProgress = (n: number): void => {
      if (n > fits / 2) throw error;
    };
    await expect(
      portableEngine.fitBatch(
        decayJob(4 * fits),
        asyncOptions({ threads: 2, signal, progressEveryMs: 0, onProgress }),
      ),
    ).rejects.toBe(error);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect((await portableEngine.fitBatch(decayJob(fits), asyncOptions({ threads: 2 }))).done).toBe(
      fits,
    );
  });

  it.each(['y', 'params'])('rejects when %s is detached meanwhile', async (name) => {
    const { portableEngine } = compiled;
    const job = decayJob(4 * fits);
    const array = name === 'y' ? job.y : job.outputs.params;
    let isGone = false;
    const onProgress = (n: number): void => {
      if (n > fits && !isGone) {
        isGone = true;
        structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
      }
    };
    await expect(
      portableEngine.fitBatch(job, asyncOptions({ threads: 2, progressEveryMs: 0, onProgress })),
    ).rejects.toThrow(new RegExp(`^${name}: expected \\d+ values until the fits are done, got 0`));
  });

  it('does not copy the buffer that shared arrays are views of', async () => {
    const { portableEngine } = compiled;
    const job = decayJob(fits);
    // A view into 800 MB: cloning the buffer for each thread would not go unnoticed.
    const buffer = new Float64Array(1e8);
    const x = buffer.subarray(1000, 1064);
    x.set(job.x[0]!);
    const before = process.memoryUsage().rss;
    await portableEngine.fitBatch({ ...job, x: [x] }, asyncOptions({ threads: 2 }));
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });
});

/** An object of numbers and typed arrays as JavaScript text. */
function asSource(object: object): string {
  const entries = Object.entries(object).map(
    ([name, value]: [string, number | Float64Array]) =>
      `${name}: ${typeof value === 'number' ? value : `${value.constructor.name}.of(${value.join()})`}`,
  );
  return `{ ${entries.join(', ')} }`;
}

describe('worker threads that fail', () => {
  it('runs every fit on the thread of the caller when threads cannot start, and says why', async () => {
    const { portableEngine, liveWorkers, whyNoWorkers } = await compile(
      "throw new Error('no threads today');",
    );
    const job = decayJob(fits),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 2 }))).toEqual({
      done: fits,
      stopped: null,
    });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
    expect(liveWorkers()).toBe(0);
    expect(whyNoWorkers()).toMatch(/no threads today/);
  });

  const dying = (deed: string): string => `
    import { parentPort } from 'node:worker_threads';
    let chunks = 0;
    const on = parentPort.on.bind(parentPort);
    parentPort.on = (name, listener) => on(name, (message) => {
      if (message.kind === 'chunk' && ++chunks === 4) { ${deed} }
      listener(message);
    });
    await import('./real-worker.js');`;

  it.each([
    ['throws', "throw new Error('dead');"],
    ['exits', 'process.exit(3);'],
    ['answers that it failed', 'message.chunk = null;'],
  ])('runs the chunks of a thread again that %s', async (_, deed) => {
    const { portableEngine, whyNoWorkers } = await compile(dying(deed));
    const job = decayJob(2 * fits),
      other = again(job);
    portableEngine.fitBatchSync(job, asyncOptions());
    expect(await portableEngine.fitBatch(other, asyncOptions({ threads: 2 }))).toEqual({
      done: 2 * fits,
      stopped: null,
    });
    expect(differences(other.outputs, job.outputs)).toEqual([]);
    expect(whyNoWorkers()).toBeUndefined();
  });

  it('lets the process end while threads are idle', async () => {
    const script = join(compiled.folder, 'ends.mjs');
    const { program } = decayJob(1);
    writeFileSync(
      script,
      `
      import { portableEngine } from './portable.js';
      import { liveWorkers } from './workers.js';
      const program = ${asSource(program)};
      const fits = 60000, points = 64;
      const x = Float64Array.from({ length: points }, (_, i) => i / 16);
      const y = Float64Array.from({ length: fits * points }, (_, i) => Math.exp(-x[i % points]) + 0.1 * Math.sin(i * i));
      const outcome = await portableEngine.fitBatch({
        program, fits, points, offsets: null, x: [x], xShared: true, y, sigma: null, sigmaShared: false,
        init: Float64Array.of(1.5, 1.5, 0.3), initShared: true,
        ftol: 1e-8, xtol: 1e-8, gtol: 1e-8, maxIter: 100, covarianceFactor: 0, fused: false,
        yShared: false, ...${JSON.stringify(plainMethod)},
        outputs: {
          params: new Float64Array(3 * fits), ssr: new Float64Array(fits), status: new Uint8Array(fits),
          iterations: new Uint16Array(fits), stdErr: null, covariance: null, r2: null, residuals: null,
          sums: null,
        },
      }, { threads: 2, maxSeconds: Infinity, progressEveryMs: 100 });
      console.log(outcome.done, liveWorkers());
      const ended = performance.now();
      process.on('exit', () => console.log(performance.now() - ended < 4000 ? 'at once' : 'held'));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout.split('\n')).toEqual(['60000 2', 'at once', '']);
  });
});
