// The event loop turns while many fits run: a timer goes on being called. How late it is, is printed
// and not judged, since that depends on what else the machine does; that it is called is judged.

import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem } from '../../bench/data.mjs';
import { curveFitBatch } from '../../src/api/curve-fit-batch.ts';
import type { BatchResult } from '../../src/api/result.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import {
  asyncOptions, compileEngine, decayJob, outputsFor, type CompiledEngine,
} from './fixtures.ts';

interface Problem {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly init: Float64Array;
  readonly points: number;
  readonly names: readonly string[];
  readonly model: (x: number, p: { a: number; b: number; c: number }) => number;
}

const fits = 100_000;
const everyMs = 10;
/** Long enough to tell a loop that turns from one that does not. */
const leastMs = 500;

const data = problem('P1', fits) as Problem;
let compiled: CompiledEngine;
beforeAll(async () => {
  compiled = await compileEngine();
});
afterAll(() => rmSync(compiled.folder, { recursive: true }));

/** A batch of the first curves. */
function batchOf(count: number) {
  const { model, x, y, init, points, names } = data;
  return {
    model, x,
    params: { a: 1, b: 1, c: 1 },
    y: y.subarray(0, count * points),
    init: init.subarray(0, count * names.length),
  };
}

/** Runs until some time has passed, prints how late the timer was, and returns its share of calls. */
async function watch(title: string, run: () => Promise<unknown>): Promise<number> {
  const late: number[] = [];
  const begun = performance.now();
  let before = begun;
  const note = (): void => {
    const now = performance.now();
    late.push(Math.max(0, now - before - everyMs));
    before = now;
  };
  const timer = setInterval(note, everyMs);
  while (performance.now() - begun < leastMs) await run();
  clearInterval(timer);
  const calls = late.length, elapsed = performance.now() - begun;
  note();
  late.sort((a, b) => a - b);
  const at = (share: number): string => late[Math.floor(share * (late.length - 1))]!.toFixed(1);
  console.log(`${title}: a timer of ${everyMs} ms was late by ${at(0.5)} ms (median), ` +
    `${at(0.99)} ms (99 %), ${at(1)} ms (worst) in ${elapsed.toFixed(0)} ms`);
  return calls / (elapsed / everyMs);
}

// A loop that is held until the fits are done calls the timer once or twice in all that time.
const leastShare = 0.2;

describe.runIf(nativeEngine() !== null && process.env['NADIR_ENGINE'] !== 'portable')(
  'native', () => {
    it.each([1, 2])('the timer goes on while fits run on %i threads', async (threads) => {
      const run = (): Promise<BatchResult<string>> =>
        curveFitBatch({ ...batchOf(fits), engine: 'native', threads });
      expect((await run()).converged).toBeGreaterThan(0.99 * fits);
      expect(await watch(`native, ${threads} threads`, run)).toBeGreaterThan(leastShare);
    });
  });

describe('portable', () => {
  it('the timer goes on while fits run in worker threads', async () => {
    const { portableEngine, liveWorkers } = compiled;
    const { x, y, init, points } = data;
    const job = { ...decayJob(1), fits, x: [x], y, init, initShared: false,
      outputs: outputsFor(fits, fits * points) };
    const run = (): Promise<unknown> => portableEngine.fitBatch(job, asyncOptions({ threads: 2 }));
    expect(await watch('portable, 2 worker threads', run)).toBeGreaterThan(leastShare);
    expect(liveWorkers()).toBeGreaterThan(0);
  });

  it('the timer goes on while fits run in slices', async () => {
    const run = (): Promise<unknown> =>
      curveFitBatch({ ...batchOf(20_000), engine: 'portable', threads: 1 });
    expect(await watch('portable, in slices', run)).toBeGreaterThan(leastShare);
  });
});

describe.each(['auto', 'portable'] as const)('large results, engine: %s', (engine) => {
  const batch = (): ReturnType<typeof batchOf> & { outputs: ['residuals']; engine: typeof engine } =>
    ({ ...batchOf(10_000), outputs: ['residuals'], engine });

  it('are complete', async () => {
    const { residuals, converged } = await curveFitBatch(batch());
    expect(converged).toBeGreaterThan(9900);
    expect(residuals!.every(Number.isFinite)).toBe(true);
  });

  it('show NaN in fits that were not run', async () => {
    const { residuals, params, aborted } =
      await curveFitBatch({ ...batch(), signal: AbortSignal.abort() });
    expect(aborted).toBe(true);
    expect(residuals!.every(Number.isNaN)).toBe(true);
    expect(params.every(Number.isNaN)).toBe(true);
  });

  it('take more than a turn to prepare: data that are detached meanwhile reject', async () => {
    const y = batch().y.slice();
    const pending = curveFitBatch({ ...batch(), y });
    setImmediate(() => structuredClone(y.buffer, { transfer: [y.buffer] }));
    await expect(pending).rejects.toMatchObject({ code: 'ERR_DETACHED',
      message: expect.stringContaining('y: ') });
  });
});
