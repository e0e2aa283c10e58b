// Losses that level off, from starts so far away that every point counts as an outlier.

import { describe, expect, it } from 'vitest';
import { nativeEngine } from '../../src/engine/native.ts';
import { portableEngine } from '../../src/engine/portable.ts';
import { plainMethod, type FitJob } from '../../src/engine/engine.ts';
import { findLost } from '../../src/api/lost-fits.ts';
import { runFits } from '../../src/api/rescale.ts';
import {
  curveFit, curveFitAsync, curveFitBatch, curveFitBatchSync, expr, type BatchResult,
} from '../../src/index.ts';
import { statuses } from '../../src/portable/optim/status.ts';
import { decay as decayProgram } from '../jobs/fixtures.ts';
import { firstDifference } from '../parity/bits.ts';
import { noise } from './data.ts';

const fits = 50, points = 50, deviation = 0.02;
/** For normal errors tukey has 95 % of the efficiency of least squares there (Holland & Welsch 1977). */
const lossScale = 4.685 * deviation;
const decay = expr('a*exp(-k*x) + c');
const levelling = ['cauchy', 'arctan', 'tukey', 'welsch'] as const;
const outputs = ['stdErr', 'covariance', 'r2', 'residuals'] as const;

/** Curves with every fifth point off by hundreds of deviations, and starts 30 % off. */
function spoilt(off: number): Record<'x' | 'y' | 'init' | 'truth', Float64Array> {
  const next = noise(31);
  const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / points);
  const y = new Float64Array(fits * points);
  const init = new Float64Array(3 * fits), truth = new Float64Array(3 * fits);
  for (let fit = 0; fit < fits; fit++) {
    const a = 5 + next(), k = 1 + next() / 3, c = 2 + next();
    truth.set([a, k, c], 3 * fit);
    init.set([a * (1 + off), k * (1 - off), c * (1 + off)], 3 * fit);
    for (let i = 0; i < points; i++) {
      // Nearly normal: the sum of twelve numbers of variance 1/3, over 2.
      let error = 0;
      for (let j = 0; j < 12; j++) error += next() / 2;
      const shift = i % 5 === 2 ? (next() < 0 ? -1 : 1) * (3 + 5 * Math.abs(next())) : 0;
      y[fit * points + i] = a * Math.exp(-k * x[i]!) + c + deviation * error + shift;
    }
  }
  return { x, y, init, truth };
}

const data = spoilt(0.3);

function near({ params, stdErr }: BatchResult<string>, truth: Float64Array): number {
  let count = 0;
  for (let fit = 0; fit < fits; fit++)
    count += Number(
      [0, 1, 2].every((k) => {
        const at = 3 * fit + k;
        return Math.abs(params[at]! - truth[at]!) <= 3 * stdErr![at]!;
      }),
    );
  return count;
}

/** Every row as `at` has it, and as curveFit comes to it by itself. */
function expectAlone(batch: BatchResult<string>, alone: (fit: number) => ReturnType<typeof curveFit>): void {
  for (const fit of [0, 7, 23, 49]) {
    const own = alone(fit), row = batch.at(fit);
    expect(Object.values(own.values)).toEqual([...batch.params.subarray(3 * fit, 3 * fit + 3)]);
    expect(row.params).toEqual(own.params);
    expect(firstDifference(row.residuals, own.residuals)).toBeNull();
    expect([row.status, row.nIter, row.stats.chi2]).toEqual([own.status, own.nIter, own.stats.chi2]);
    expect(batch.statusOf(fit)).toBe(own.status);
    expect(batch.iterations[fit]).toBe(own.nIter);
  }
}

const startOf = (init: Float64Array, fit: number): { a: number; k: number; c: number } =>
  ({ a: init[3 * fit]!, k: init[3 * fit + 1]!, c: init[3 * fit + 2]! });

describe('starts 30 % off, a fifth of the points far out', () => {
  it.each([0.3, -0.3])('tukey comes to within three standard errors of the truth (%d)', (off) => {
    const { x, y, init, truth } = spoilt(off);
    const batch = curveFitBatchSync({ x, y, model: decay, init, loss: 'tukey', lossScale, outputs: ['stdErr'] });
    expect(batch.failures()).toHaveLength(0);
    expect(near(batch, truth)).toBeGreaterThanOrEqual(0.95 * fits);
  });

  it.each(levelling)('%s: rows have the bits of single fits, on any number of threads', async (loss) => {
    const { x, y, init } = data;
    const common = { x, y, model: decay, init, loss, lossScale, outputs };
    const batch = curveFitBatchSync({ ...common, threads: 1 });
    for (const other of [curveFitBatchSync({ ...common, threads: 3 }), await curveFitBatch(common)])
      for (const name of ['params', 'ssr', 'status', 'iterations', ...outputs] as const)
        expect(`${name} ${firstDifference(other[name]!, batch[name]!)}`).toBe(`${name} null`);
    expectAlone(batch, (fit) =>
      curveFit({
        x, y: y.subarray(fit * points, (fit + 1) * points), model: decay, params: startOf(init, fit), loss, lossScale,
      }),
    );
    const first = { x, y: y.subarray(0, points), model: decay, params: startOf(init, 0), loss, lossScale };
    expect((await curveFitAsync(first)).params).toEqual(curveFit(first).params);
  });

  it('ragged, with sigma, bounds and a tie', () => {
    const { init } = data;
    const offsets = new Uint32Array(fits + 1);
    for (let fit = 0; fit < fits; fit++) offsets[fit + 1] = offsets[fit]! + points - (fit % 7);
    const total = offsets[fits]!;
    const x = new Float64Array(total), y = new Float64Array(total), sigma = new Float64Array(total);
    for (let fit = 0; fit < fits; fit++)
      for (let i = offsets[fit]!; i < offsets[fit + 1]!; i++) {
        x[i] = data.x[i - offsets[fit]!]!;
        y[i] = data.y[fit * points + i - offsets[fit]!]!;
        sigma[i] = deviation * (1 + (i % 3));
      }
    const params = {
      a: { value: 1, min: 0, max: 20 }, k: { value: 1, min: 0 }, c: { value: 0, min: -10 }, area: { expr: 'a/k' },
    };
    const starts = Float64Array.from({ length: 4 * fits }, (_, i) => (i % 4 === 3 ? 0 : init[3 * (i >> 2) + (i % 4)]!));
    const common = { model: decay, params, loss: 'tukey', lossScale: 4.685 } as const;
    const batch = curveFitBatchSync({ ...common, x, y, sigma, offsets, init: starts, outputs });
    expect(batch.failures()).toHaveLength(0);
    for (const fit of [0, 6, 49]) {
      const part = (values: Float64Array): Float64Array => values.subarray(offsets[fit], offsets[fit + 1]);
      const [a, k, c] = starts.subarray(4 * fit);
      const own = curveFit({
        ...common, x: part(x), y: part(y), sigma: part(sigma),
        params: { ...params, a: { ...params.a, value: a! }, k: { ...params.k, value: k! }, c: { ...params.c, value: c! } },
      });
      expect(batch.at(fit).params).toEqual(own.params);
      expect(Object.values(own.values)).toEqual([...batch.params.subarray(4 * fit, 4 * fit + 4)]);
      expect(own.values.a / own.values.k).toBe(own.values['area']);
      expect(own.params['area'].stdErr).toBe(batch.stdErr![4 * fit + 3]);
    }
  });

  it('by the residuals, from many starts, and as a function of JavaScript', () => {
    const { x, y, init, truth } = data;
    const one = { x, y: y.slice(0, points), params: startOf(init, 0), loss: 'tukey' } as const;
    const reference = curveFit({ ...one, model: decay, lossScale });
    for (const fit of [
      curveFit({ ...one, model: decay, lossScale, starts: 4 }),
      curveFit({ ...one, model: (t, p) => p.a * (Math.random() < 2 ? Math.exp(-p.k * t) : 0) + p.c, lossScale }),
    ]) {
      expect(fit.success).toBe(true);
      expect(Math.abs(fit.values.k - reference.values.k)).toBeLessThan(1e-6);
    }
    const mad = curveFitBatchSync({
      x, y, model: decay, init, loss: 'tukey', lossScale: 'mad', outputs: ['stdErr', 'residuals'],
    });
    expect(mad.failures()).toHaveLength(0);
    expect(mad.at(3).values).toEqual(
      curveFit({ ...one, model: decay, y: y.slice(3 * points, 4 * points), params: startOf(init, 3), lossScale: 'mad' }).values,
    );
    expect(truth).toHaveLength(3 * fits);
  });

  it.skipIf(nativeEngine() === null)('both engines give the same bits', () => {
    for (const loss of levelling) {
      const { x, y, init } = data;
      const run = (engine: 'native' | 'portable'): BatchResult<string> =>
        curveFitBatchSync({ x, y, model: decay, init, loss, lossScale, outputs, engine });
      const native = run('native'), portable = run('portable');
      for (const name of ['params', 'ssr', 'status', 'iterations', ...outputs] as const)
        expect(`${loss} ${name} ${firstDifference(native[name]!, portable[name]!)}`).toBe(`${loss} ${name} null`);
    }
  });

  it('a single point at 1e100 besides', () => {
    const { x, y, init, truth } = data;
    const far = y.slice();
    for (let fit = 0; fit < fits; fit++) far[fit * points + 7] = fit % 2 === 0 ? 1e100 : -1e300;
    const batch = curveFitBatchSync({ x, y: far, model: decay, init, loss: 'tukey', lossScale, outputs: ['stdErr'] });
    expect(near(batch, truth)).toBeGreaterThanOrEqual(0.95 * fits);
  });
});

describe('a stop', () => {
  const singular = statuses.indexOf('singular');

  function lostJob(): FitJob {
    const { x, y, init } = data;
    return {
      ...plainMethod, program: decayProgram, loss: 'tukey', lossScale: Float64Array.of(1e-4),
      fits, points, offsets: null, x: [x], xShared: true, y, yShared: false, sigma: null, sigmaShared: true,
      init: init.map((value) => 2 * value), initShared: false,
      ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 100, covarianceFactor: 0, fused: false,
      outputs: {
        params: new Float64Array(3 * fits), ssr: new Float64Array(fits), status: new Uint8Array(fits),
        iterations: new Uint16Array(fits), stdErr: null, covariance: null, r2: null, residuals: null, sums: null,
      },
    };
  }

  const run = (job: FitJob): ReturnType<typeof runFits> =>
    runFits(portableEngine, job, { threads: 1, maxSeconds: Infinity });

  it.each([1, 2, 3])('before round %i leaves the first end, with its reason', (round) => {
    const job = lostJob();
    const first = run(job);
    const before = job.outputs.params.slice();
    const lost = [...job.outputs.status.keys()].filter((fit) => job.outputs.status[fit] === singular);
    expect(lost.length).toBeGreaterThan(fits / 2);
    const rounds = findLost(job, first);
    let next = rounds.next();
    for (let k = 1; k < round; k++) next = rounds.next(run(next.value as FitJob));
    next = rounds.next({ done: 0, stopped: 'maxSeconds', beyondRange: 0 });
    expect(next).toEqual({ done: true, value: { done: fits - lost.length, stopped: 'maxSeconds', beyondRange: 0 } });
    expect(firstDifference(job.outputs.params, before)).toBeNull();
    for (const fit of lost) expect(statuses[job.outputs.status[fit]!]).toBe('maxSeconds');
  });

  it('counts the steps of all rounds, as far as the count goes', () => {
    const job = lostJob();
    const first = run(job);
    job.outputs.iterations.fill(65530);
    const rounds = findLost(job, first);
    for (let next = rounds.next(); next.done !== true; ) next = rounds.next(run(next.value));
    const counts = new Set(job.outputs.iterations);
    expect(counts.has(65535)).toBe(true);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(65530);
  });

  it('of a batch leaves rows that can be looked at', async () => {
    const { x, y, init } = data;
    const batch = await curveFitBatch({
      x, y, model: decay, init, loss: 'tukey', lossScale, progressEveryMs: 0, onProgress: () => false,
    });
    for (let fit = 0; fit < fits; fit++) {
      expect(batch.at(fit).status).toBe(batch.statusOf(fit));
      expect(batch.at(fit).residuals).toHaveLength(points);
    }
  });
});

describe('other fits', () => {
  it('are not run again: a minimum, a convex loss, or no point to fit', () => {
    const job = { loss: 'huber', fits: 1, outputs: { status: Uint8Array.of(statuses.indexOf('singular')) } };
    const outcome = { done: 1, stopped: null, beyondRange: 0 };
    expect(findLost(job as unknown as FitJob, outcome).next()).toEqual({ done: true, value: outcome });
    const good = { loss: 'tukey', fits: 2, outputs: { status: Uint8Array.of(0, statuses.indexOf('maxIter')) } };
    expect(findLost(good as unknown as FitJob, outcome).next()).toEqual({ done: true, value: outcome });
  });
});
