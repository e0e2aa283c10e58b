// The same fits give the same bits: native and portable, every instruction set, one thread and
// two, a batch and single fits, whole and ragged, in any order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveFit, curveFitBatch, curveFitBatchSync, type BatchResult } from '../../src/index.ts';
import { loadAddon } from '../../src/engine/addon.ts';
import { problem, problemNames } from '../../bench/data.mjs';
import { firstDifference, words } from './bits.ts';

const loaded = loadAddon();
if (!('addon' in loaded)) throw new Error(loaded.fault);
const { addon } = loaded;
const { simd, targets } = addon.info();
afterAll(() => addon.setTarget(simd));

const fits = 10_000;
const columns = ['params', 'ssr', 'status', 'iterations', 'stdErr', 'covariance', 'r2'] as const;

function expectSameBits(a: BatchResult<string>, b: BatchResult<string>): void {
  for (const column of columns) expect(firstDifference(a[column]!, b[column]!), column).toBeNull();
}

describe.each(problemNames)('%s', (name) => {
  const data = problem(name, fits);
  const params = Object.fromEntries(data.names.map((param: string) => [param, {}]));
  const common = {
    model: data.model, params, x: data.x, y: data.y, init: data.init, engine: 'native',
    outputs: ['stdErr', 'covariance', 'r2'], threads: 1,
  } as const;
  let native: BatchResult<string>;
  beforeAll(() => {
    addon.setTarget(simd);
    native = curveFitBatchSync(common);
    expect(native.engine).toBe('native');
    expect(native.converged / fits).toBeGreaterThan(0.99);
  });

  it('native and portable', () => {
    const portable = curveFitBatchSync({ ...common, engine: 'portable' });
    expect(portable.engine).toBe('portable');
    expectSameBits(native, portable);
  });

  it.each(targets)('%s and the best instruction set', (target) => {
    addon.setTarget(target);
    expectSameBits(native, curveFitBatchSync(common));
    addon.setTarget(simd);
  });

  it.each(['native', 'portable'] as const)('one thread and two, on %s', async (engine) => {
    expectSameBits(native, await curveFitBatch({ ...common, engine, threads: 1 }));
    expectSameBits(native, await curveFitBatch({ ...common, engine, threads: 2 }));
  });

  it.each(['native', 'portable'] as const)('a batch and single fits, on %s', (engine) => {
    for (let k = 0; k < fits; k += 97) {
      const start = Object.fromEntries(data.names.map((param: string, j: number) => [param, data.init[k * data.names.length + j]!]));
      const single = curveFit({
        model: data.model, params: start, x: data.x, y: data.y.subarray(k * data.points, (k + 1) * data.points), engine,
      } as never) as { values: Record<string, number>; params: Record<string, { stdErr: number }>; nIter: number };
      data.names.forEach((param: string, j: number) => {
        expect(single.values[param]).toBe(native.params[k * data.names.length + j]);
        expect(single.params[param]!.stdErr).toBe(native.stdErr![k * data.names.length + j]);
      });
      expect(single.nIter).toBe(native.iterations[k]);
    }
  });

  it.each(['native', 'portable'] as const)('whole and ragged, on %s', (engine) => {
    const offsets = Uint32Array.from({ length: fits + 1 }, (_, k) => k * data.points);
    const x = new Float64Array(fits * data.points);
    for (let k = 0; k < fits; k++) x.set(data.x, k * data.points);
    expectSameBits(native, curveFitBatchSync({ ...common, engine, x, offsets }));
  });

  it('fits in another order', () => {
    const next = words(7);
    const order = Array.from({ length: fits }, (_, k) => k);
    for (let k = fits - 1; k > 0; k--) {
      const j = next() % (k + 1);
      [order[k], order[j]] = [order[j]!, order[k]!];
    }
    const n = data.names.length;
    const y = new Float64Array(data.y.length), init = new Float64Array(data.init.length);
    order.forEach((from, to) => {
      y.set(data.y.subarray(from * data.points, (from + 1) * data.points), to * data.points);
      init.set(data.init.subarray(from * n, (from + 1) * n), to * n);
    });
    const shuffled = curveFitBatchSync({ ...common, y, init });
    const moved = native.params.slice();
    order.forEach((from, to) => moved.set(native.params.subarray(from * n, (from + 1) * n), to * n));
    expect(firstDifference(shuffled.params, moved)).toBeNull();
  });
});

describe('ragged batches with unequal lengths', () => {
  const data = problem('P1', 300);
  const next = words(99);
  const lengths = Array.from({ length: 300 }, (_, k) => (k % 50 === 7 ? 64 : 4 + (next() % 61)));
  const offsets = new Uint32Array(301);
  lengths.forEach((length, k) => (offsets[k + 1] = offsets[k]! + length));
  const total = offsets[300]!;
  const x = new Float64Array(total), y = new Float64Array(total), sigma = new Float64Array(total);
  lengths.forEach((length, k) => {
    for (let i = 0; i < length; i++) {
      x[offsets[k]! + i] = data.x[i]!;
      y[offsets[k]! + i] = data.y[k * 64 + i]!;
      sigma[offsets[k]! + i] = 0.01 + 0.02 * ((i * 7) % 5);
    }
  });
  const params = { a: {}, b: {}, c: {} };
  const init = Float64Array.of(1.5, 1, 0.3);

  it.each([false, true])('give the same bits on both engines and alone, weighted %s', (weighted) => {
    const common = {
      model: data.model, params, x, y, offsets, init, outputs: ['stdErr', 'covariance', 'r2', 'residuals'] as const,
      ...(weighted ? { sigma } : {}),
    };
    const native = curveFitBatchSync({ ...common, engine: 'native' });
    const portable = curveFitBatchSync({ ...common, engine: 'portable' });
    expectSameBits(native, portable);
    expect(firstDifference(native.residuals!, portable.residuals!)).toBeNull();
    for (const k of [0, 1, 7, 57, 120, 299]) {
      const part = (a: Float64Array): Float64Array => a.subarray(offsets[k], offsets[k + 1]);
      const alone = curveFit({
        model: data.model, params: { a: 1.5, b: 1, c: 0.3 }, x: part(x), y: part(y),
        ...(weighted ? { sigma: part(sigma) } : {}),
      } as never) as unknown as { values: { a: number; b: number; c: number }; residuals: Float64Array };
      expect([alone.values.a, alone.values.b, alone.values.c]).toEqual([...native.params.subarray(3 * k, 3 * k + 3)]);
      expect(firstDifference(alone.residuals, part(native.residuals!))).toBeNull();
    }
  });
});

describe('data sets longer than a block of sums and than the lane buffers', () => {
  it.each([127, 128, 129, 255, 257, 1000, 5000])('%i points', (points) => {
    const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / points);
    const next = words(points);
    const y = new Float64Array(3 * points);
    for (let i = 0; i < y.length; i++) y[i] = 2 / (1 + x[i % points]!) + next() / 2 ** 34;
    const common = {
      model: (t: number, p: Record<string, number>) => p['a']! * Math.exp(-p['b']! * t) + p['c']!,
      params: { a: {}, b: {}, c: {} }, x, y, init: Float64Array.of(1, 1, 0), outputs: ['stdErr', 'covariance', 'r2', 'residuals'],
    } as const;
    const native = curveFitBatchSync({ ...common, engine: 'native' } as never) as BatchResult<string>;
    const portable = curveFitBatchSync({ ...common, engine: 'portable' } as never) as BatchResult<string>;
    expectSameBits(native, portable);
    expect(firstDifference(native.residuals!, portable.residuals!)).toBeNull();
  });
});

describe('hard starts, where steps are rejected and curvature changes by orders of magnitude', () => {
  const x = Float64Array.from({ length: 40 }, (_, i) => 0.1 + i / 8);
  const models: Record<string, (t: number, p: Record<string, number>) => number> = {
    exponential: (t, p) => p['a']! * Math.exp(-p['b']! * t) + p['c']!,
    logistic: (t, p) => p['a']! / (1 + Math.exp(-(t - p['b']!) * p['c']!)),
    rational: (t, p) => (p['a']! + p['b']! * t) / (1 + p['c']! * t * t),
    sine: (t, p) => p['a']! * Math.sin(p['b']! * t + p['c']!),
  };
  it.each(Object.keys(models))('%s', (name) => {
    const model = models[name]!;
    const next = words(name.length);
    const fits = 500;
    const y = new Float64Array(fits * 40), init = new Float64Array(fits * 3);
    for (let k = 0; k < y.length; k++) y[k] = model(x[k % 40]!, { a: 2, b: 1.3, c: 0.8 }) + next() / 2 ** 36;
    for (let k = 0; k < init.length; k++) init[k] = (next() / 2 ** 32 - 0.5) * 10 ** (next() % 4);
    const common = { model, params: { a: {}, b: {}, c: {} }, x, y, init, outputs: ['stdErr', 'covariance', 'r2'] };
    const native = curveFitBatchSync({ ...common, engine: 'native' } as never) as BatchResult<string>;
    const portable = curveFitBatchSync({ ...common, engine: 'portable' } as never) as BatchResult<string>;
    expectSameBits(native, portable);
    expect(new Set(native.status).size).toBeGreaterThan(1);
  });
});
