import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatch, curveFitBatchSync, engineInfo, expr, modelOf, setThreads } from '../../src/index.ts';
import { decays, noise } from './data.ts';

const fits = 12;
const { x, y } = decays(fits);
const m = x.length;
const decay = (x: number, p: { a: number; k: number; c: number }): number => p.a * Math.exp(-p.k * x) + p.c;
const params = { a: 4, k: 0.8, c: 0.1 };
const good = { x, y, model: decay, params };
const row = (i: number): Float64Array => y.slice(i * m, (i + 1) * m);
const all = ['stdErr', 'covariance', 'residuals', 'r2'] as const;

describe('results', () => {
  const batch = curveFitBatchSync({ ...good, outputs: all });

  it('have the bits of single fits, row by row', () => {
    for (let i = 0; i < fits; i++) {
      const single = curveFit({ x, y: row(i), model: decay, params });
      const at = batch.at(i);
      expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual([single.values.a, single.values.k, single.values.c]);
      expect([...batch.stdErr!.subarray(3 * i, 3 * i + 3)]).toEqual([single.params.a.stdErr, single.params.k.stdErr, single.params.c.stdErr]);
      expect([...batch.covariance!.subarray(9 * i, 9 * i + 9)]).toEqual([...single.covariance!.data]);
      expect([...batch.residuals!.subarray(m * i, m * i + m)]).toEqual([...single.residuals]);
      expect(batch.ssr[i]).toBe(single.stats.chi2);
      expect(batch.r2![i]).toBe(single.stats.r2);
      expect(batch.statusOf(i)).toBe(single.status);
      expect(batch.iterations[i]).toBe(single.nIter);
      expect(at.params).toEqual(single.params);
      expect(at.stats).toEqual(single.stats);
      expect([...at.residuals]).toEqual([...single.residuals]);
      expect(at.covariance!.toArray()).toEqual(single.covariance!.toArray());
      expect(at.warnings).toEqual(single.warnings);
    }
  });

  it('are counted and listed', () => {
    expect([batch.nFits, batch.converged, batch.aborted, batch.engine]).toEqual([fits, fits, false, engineInfo().name]);
    expect(batch.paramNames).toEqual(['a', 'k', 'c']);
    expect([...batch.column('k')]).toEqual(Array.from({ length: fits }, (_, i) => batch.params[3 * i + 1]));
    expect([...batch.failures()]).toEqual([]);
    expect(batch.warnings).toEqual([]);
    expect(batch.fitsPerSecond).toBeGreaterThan(0);
  });

  it('hold no array that was not asked for', () => {
    const plain = curveFitBatchSync(good);
    for (const name of all) expect(name in plain).toBe(false);
    expect([...plain.params]).toEqual([...batch.params]);
  });

  it('are the same asynchronously, on any number of threads', async () => {
    for (const threads of [1, 2, 3]) {
      const again = await curveFitBatch({ ...good, outputs: all, threads });
      for (const name of ['params', 'ssr', 'status', 'iterations', ...all] as const) expect([...again[name]!]).toEqual([...batch[name]!]);
    }
    setThreads(2);
    expect(engineInfo().threads).toBe(2);
    expect([...(await curveFitBatch(good)).params]).toEqual([...batch.params]);
  });

  it('take sigma, single precision and several predictors', () => {
    const sigma = y.map((_, i) => 0.01 + (i % 3) / 100);
    const weighted = curveFitBatchSync({ ...good, sigma, sigmaIs: 'absolute', outputs: ['stdErr'] });
    const single = curveFit({ x, y: row(5), sigma: sigma.slice(5 * m, 6 * m), sigmaIs: 'absolute', model: decay, params });
    expect(weighted.stdErr![5 * 3 + 1]).toBe(single.params.k.stdErr);
    expect(weighted.at(5).stats).toEqual(single.stats);
    const shared = curveFitBatchSync({ ...good, sigma: sigma.slice(0, m) });
    expect(shared.at(2).values).toEqual(curveFit({ x, y: row(2), sigma: sigma.slice(0, m), model: decay, params }).values);
    const half = curveFitBatchSync({ ...good, sigma: 0.5, sigmaIs: 'absolute', outputs: ['stdErr'] });
    expect(half.at(2).params).toEqual(curveFit({ x, y: row(2), sigma: 0.5, sigmaIs: 'absolute', model: decay, params }).params);
    const y32 = Float32Array.from(y);
    const narrow = curveFitBatchSync({ ...good, x: Float32Array.from(x), y: y32 });
    expect(narrow.at(3).values).toEqual(curveFit({ x: Float32Array.from(x), y: y32.slice(3 * m, 4 * m), model: decay, params }).values);
    const named = curveFitBatchSync({ x: { t: x }, y, model: (x, p) => p.a * Math.exp(-p.k * x.t) + p.c, params });
    expect([...named.params]).toEqual([...curveFitBatchSync({ ...good, model: expr('a*exp(-k*x)+c') }).params]);
  });

  it('take predictors shared by all fits together with predictors of each', () => {
    const dose = y.map((_, i) => 1 + Math.trunc(i / m));
    const scaled = y.map((v, i) => v * dose[i]!);
    const model = modelOf(['t', 'dose'], ['a', 'k', 'c'], (x, p) => x.dose * (p.a * Math.exp(-p.k * x.t) + p.c));
    const batch = curveFitBatchSync({ x: { t: x, dose }, y: scaled, model, params });
    expect(batch.nFits).toBe(fits);
    const single = curveFit({ x: { t: x, dose: dose.slice(4 * m, 5 * m) }, y: scaled.slice(4 * m, 5 * m), model, params });
    expect(batch.at(4).values).toEqual(single.values);
  });

  it('keep fixed parameters, and take starts of each fit from init', () => {
    const init = Float64Array.from({ length: 3 * fits }, (_, i) => [4, 0.8, 0.01 * Math.trunc(i / 3)][i % 3]!);
    const batch = curveFitBatchSync({ ...good, params: { a: 1, k: 1, c: { vary: false } }, init, outputs: ['stdErr', 'covariance'] });
    expect([...batch.column('c')]).toEqual(Array.from({ length: fits }, (_, i) => init[3 * i + 2]));
    expect(batch.stdErr![2]).toBe(0);
    expect(batch.covariance!.length).toBe(4 * fits);
    const single = curveFit({ x, y: row(7), model: decay, params: { a: 4, k: 0.8, c: { value: 0.07, vary: false } } });
    expect(batch.at(7).values).toEqual(single.values);
    expect(batch.at(7).params.a.init).toBe(4);
    const one = curveFitBatchSync({ ...good, init: Float32Array.of(4, 0.5, 0.25) });
    expect(one.at(1).values).toEqual(curveFit({ x, y: row(1), model: decay, params: { a: 4, k: 0.5, c: 0.25 } }).values);
  });

  it('tell the number of fits from init where x is laid out as y', () => {
    const whole = new Float64Array(y.length).map((_, i) => x[i % m]!);
    const init = new Float64Array(3 * fits).map((_, i) => [4, 0.8, 0.1][i % 3]!);
    const batch = curveFitBatchSync({ ...good, x: whole, init });
    expect([...batch.params]).toEqual([...curveFitBatchSync(good).params]);
    expect(curveFitBatchSync({ ...good, x: whole }).nFits).toBe(1);
  });
});

describe('data that are not finite', () => {
  const holed = y.slice();
  holed[2 * m + 3] = NaN;
  holed[7 * m] = Infinity;

  it('end their own fit only', () => {
    const batch = curveFitBatchSync({ ...good, y: holed });
    const clean = curveFitBatchSync(good);
    expect([...batch.failures()]).toEqual([2, 7]);
    expect([batch.statusOf(2), batch.statusOf(7), batch.converged]).toEqual(['notFinite', 'notFinite', fits - 2]);
    for (let i = 0; i < fits; i++) if (i !== 2 && i !== 7) expect(batch.at(i).values).toEqual(clean.at(i).values);
    expect(batch.warnings).toEqual([{ code: 'not-converged', message: '2 of 12 fits did not converge (notFinite 2); failures() has them' }]);
  });

  it('are left out where that is asked for', () => {
    const batch = curveFitBatchSync({ ...good, y: holed, nonFinite: 'drop', outputs: all });
    const expected = curveFit({ x, y: holed.slice(2 * m, 3 * m), model: decay, params, nonFinite: 'drop' });
    expect(batch.converged).toBe(fits);
    expect(batch.at(2).values).toEqual(expected.values);
    expect(batch.at(2).stats).toEqual(expected.stats);
    expect(batch.residuals!.length).toBe(y.length);
    expect(batch.residuals![2 * m + 3]).toBeNaN();
    expect(batch.residuals![7 * m]).toBeNaN();
    expect(batch.residuals![2 * m + 4]).toBe(expected.residuals[3]);
    expect(batch.warnings).toEqual([{ code: 'nonfinite-data-dropped', message: '2 points of 2 fits with NaN or infinity were left out' }]);
    expect(batch.at(3).values).toEqual(curveFit({ x, y: row(3), model: decay, params }).values);
  });

  it('leave a fit without points notFinite', () => {
    const empty = y.slice();
    empty.fill(NaN, 0, m);
    const batch = curveFitBatchSync({ ...good, y: empty, nonFinite: 'drop', sigma: 1, outputs: ['residuals'] });
    expect([batch.statusOf(0), batch.converged]).toEqual(['notFinite', fits - 1]);
    expect(batch.at(0).residuals.every(Number.isNaN)).toBe(true);
    const ragged = Float64Array.from({ length: y.length }, (_, i) => x[i % m]!);
    const offsets = Uint32Array.from({ length: fits + 1 }, (_, i) => i * m);
    ragged[m] = NaN;
    const other = curveFitBatchSync({ ...good, x: ragged, offsets, nonFinite: 'drop' });
    expect(other.at(1).stats.n).toBe(m - 1);
  });

  it('in a start concern their own fit only', () => {
    const init = new Float64Array(3 * fits).map((_, i) => (i === 4 ? NaN : [4, 0.8, 0.1][i % 3]!));
    expect([...curveFitBatchSync({ ...good, init }).failures()]).toEqual([1]);
  });

  it('says how many fits have too few points', () => {
    const offsets = Uint32Array.of(0, 2, 5, 5 + m);
    const ownX = Float64Array.from([...x.slice(0, 5), ...x]);
    const ownY = Float64Array.from([...y.slice(0, 5), ...row(1)]);
    const batch = curveFitBatchSync({ ...good, x: ownX, y: ownY, offsets, outputs: ['stdErr'] });
    expect(batch.warnings).toContainEqual({ code: 'fewer-points-than-params', message: '2 fits have too few points for 3 varying parameters: no standard errors' });
    expect(batch.stdErr![0]).toBeNaN();
    expect(batch.stdErr![3 * 2]).toBeGreaterThan(0);
  });
});

describe('out', () => {
  it('receives results, and asks for them', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(8 * 3 * fits));
    const out = { params: shared, stdErr: new Float64Array(3 * fits), status: new Uint8Array(fits), residuals: new Float64Array(y.length) };
    const expected = curveFitBatchSync({ ...good, outputs: ['stdErr', 'residuals'] });
    for (const run of [() => curveFitBatchSync({ ...good, out }), () => curveFitBatch({ ...good, out })]) {
      const batch = await run();
      expect(batch.params).toBe(shared);
      expect(batch.stdErr).toBe(out.stdErr);
      expect([...shared]).toEqual([...expected.params]);
      expect([...out.stdErr]).toEqual([...expected.stdErr!]);
      expect([...out.residuals]).toEqual([...expected.residuals!]);
      shared.fill(0);
      out.stdErr.fill(0);
      out.residuals.fill(0);
    }
  });
});

describe('running', () => {
  it('aborted beforehand returns at once, and never calls the model', async () => {
    let calls = 0;
    const counting = (x: number, p: { a: number }): number => {
      calls++;
      return p.a * x;
    };
    const options = { x, y, model: counting, params: { a: 1 }, signal: AbortSignal.abort(), outputs: ['stdErr'] as const };
    for (const batch of [await curveFitBatch(options), curveFitBatchSync(options)]) {
      expect([batch.aborted, batch.converged, batch.statusOf(3)]).toEqual([true, 0, 'aborted']);
      expect(batch.params.every(Number.isNaN) && batch.ssr.every(Number.isNaN) && batch.stdErr!.every(Number.isNaN)).toBe(true);
      expect(batch.at(0).status).toBe('aborted');
      expect(batch.at(0).values.a).toBeNaN();
      expect(batch.failures().length).toBe(fits);
    }
    expect(calls).toBe(0);
  });

  it('aborted on the way keeps what is done', async () => {
    const big = decays(60_000);
    const controller = new AbortController();
    const run = curveFitBatch({ ...good, ...big, threads: 1, ftol: 0, xtol: 0, gtol: 1e-300, maxIter: 500, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    const batch = await run;
    expect(batch.aborted).toBe(true);
    const last = batch.nFits - 1;
    expect(batch.statusOf(last)).toBe('aborted');
    expect(batch.params[3 * last]).toBeNaN();
    expect(batch.at(last).covariance).toBe(null);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('ends after maxSeconds, and where onProgress returns false', async () => {
    const big = decays(60_000);
    const slow = { ...good, ...big, threads: 1, ftol: 0, xtol: 0, gtol: 1e-300, maxIter: 500 };
    const late = await curveFitBatch({ ...slow, maxSeconds: 0.05 });
    expect(late.aborted).toBe(true);
    const stopped = await curveFitBatch({ ...slow, progressEveryMs: 1, onProgress: () => false });
    expect(stopped.aborted).toBe(true);
    const error = new Error('mine');
    await expect(curveFitBatch({ ...slow, progressEveryMs: 1, onProgress: () => { throw error; } })).rejects.toBe(error);
  });

  it('reports progress up to the end', async () => {
    const big = decays(20_000);
    const seen: { done: number; total: number; elapsedSeconds: number; etaSeconds: number }[] = [];
    await curveFitBatch({ ...good, ...big, progressEveryMs: 5, onProgress: (p) => void seen.push(p) });
    const last = seen.at(-1)!;
    expect([last.done, last.total, last.etaSeconds]).toEqual([20_000, 20_000, 0]);
    seen.reduce((before, { done }) => (expect(done).toBeGreaterThanOrEqual(before), done), 0);
  });

  it('says so when the data were changed before a single fit is asked for', () => {
    const own = y.slice();
    const batch = curveFitBatchSync({ ...good, y: own });
    own[0] = own[0]! + 1;
    expect(() => batch.at(0).stats).toThrow(/data or results of fit 0 were changed/);
    expect(batch.at(1).success).toBe(true);
    structuredClone(own.buffer, { transfer: [own.buffer] });
    expect(() => batch.at(1)).toThrow(/detached or shrunk/);
  });
});

describe('sizes', () => {
  it('fits 20,000 curves and every one of them converges', () => {
    const big = decays(20_000);
    const batch = curveFitBatchSync({ ...good, ...big });
    expect(batch.converged).toBe(20_000);
  });

  it('refuses more parameters than a program can have', () => {
    const next = noise(5);
    const names = Array.from({ length: 70 }, (_, i) => `p${i}`);
    const text = names.map((name, i) => `${name}*x^${i % 5}`).join(' + ');
    expect(() => curveFitBatchSync({ x: Float64Array.from({ length: 100 }, next), y: Float64Array.from({ length: 100 }, next), model: expr(text) })).toThrow(/limit/);
  });
});
