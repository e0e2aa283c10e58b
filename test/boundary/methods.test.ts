// Bounds, losses and shared data through the native adapter: what is not in every job, but has to
// reach the fits all the same, in place or in slices.

import { describe, expect, it } from 'vitest';
import type { AsyncRunOptions, Engine, FitJob, FitMethod,
  FitOutcome } from '../../src/engine/engine.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { losses } from '../../src/portable/optim/losses.ts';
import { leastSquaresMethods } from '../../src/portable/optim/methods.ts';
import { lastSuccess } from '../../src/portable/optim/status.ts';
import {
  differences, floats, generator, lossSums, makeCurves, makeJob, makeOutputs, start, sumsWidth,
  type Curves, type Filled,
} from './fixtures.ts';

const engine = nativeEngine() as Engine;
const whole = { threads: 1, maxSeconds: Infinity };

function run(job: FitJob, options: Partial<AsyncRunOptions> = {}): Promise<FitOutcome> {
  return engine.fitBatch(job, { threads: 2, maxSeconds: Infinity, progressEveryMs: 1, ...options });
}

/** Room for what a job with or without a loss gives. */
function outputsOf(curves: Curves, changes: Partial<FitMethod>, shared = false): Filled {
  const isPlain = (changes.loss ?? 'linear') === 'linear';
  return makeOutputs(curves, shared, isPlain ? sumsWidth : sumsWidth + lossSums);
}

function fitSync(curves: Curves, changes: Partial<FitJob>): Filled {
  const outputs = outputsOf(curves, changes);
  expect(engine.fitBatchSync(makeJob(curves, outputs, changes), whole))
    .toEqual({ done: curves.fits, stopped: null });
  return outputs;
}

async function fitAsync(curves: Curves, changes: Partial<FitJob>, threads = 2): Promise<Filled> {
  const outputs = outputsOf(curves, changes);
  expect(await run(makeJob(curves, outputs, changes), { threads }))
    .toEqual({ done: curves.fits, stopped: null });
  return outputs;
}

/** The curves have a from 1 to 2, b from 0.5 to 1.5, c from 0 to 0.5: these cut into a and c. */
const lower = Float64Array.of(-Infinity, 0.1, -1), upper = Float64Array.of(1.5, Infinity, 0.25);
const bounds = { lower, upper };

function isInside({ params }: Filled): boolean {
  return params.every((p, i) => p >= lower[i % 3]! && p <= upper[i % 3]!);
}

/** Scales of a loss from one noise level to three. */
function scalesFor(fits: number): Float64Array {
  const random = generator(9);
  return new Float64Array(fits).map(() => 0.005 + 0.01 * random());
}

describe('few fits', () => {
  const curves = makeCurves(300, 48);
  const counts = { ...curves, y: curves.y.map((y) => Math.round(100 * y)) };

  // Far from the curve some losses see nothing but outliers.
  const near = fitSync(curves, {});

  it.each(losses)('with the loss %s: the bits of fit, on any number of threads', async (loss) => {
    const [own, data] = loss === 'poisson' ? [{ init: Float64Array.of(100, 1, 20) }, counts]
      : [{ lossScale: scalesFor(300), init: near.params, initShared: false }, curves];
    const changes = { loss, ...own };
    const sync = fitSync(data, changes);
    // Losses that curve down have places where nothing leads on.
    expect(sync.status.filter((code) => code <= lastSuccess).length).toBeGreaterThan(290);
    // For huber some curves have no outliers.
    if (loss !== 'linear')
      expect(sync.iterations.filter((count) => count > 0).length).toBeGreaterThan(150);
    for (const threads of [1, 2, 5])
      expect(differences(await fitAsync(data, changes, threads), sync)).toEqual([]);
    if (loss !== 'linear') expect(sync.params).not.toEqual(fitSync(data, { ...own }).params);
  });

  it.each(leastSquaresMethods)('by the method %s within bounds', async (method) => {
    const changes: Partial<FitJob> = { method, ...bounds, xScale: Float64Array.of(1, 2, 0.5) };
    const sync = fitSync(curves, changes);
    expect(differences(await fitAsync(curves, changes), sync)).toEqual([]);
    expect(isInside(sync)).toBe(true);
    expect(sync.params.filter((p, i) => p === upper[i % 3]).length).toBeGreaterThan(50);
    expect(sync.params).not.toEqual(fitSync(curves, { method }).params);
  });

  it.each(['polish', 'geodesic', 'pseudoInverse'] as const)('with %s', async (flag) => {
    const sync = fitSync(curves, { [flag]: true });
    expect(differences(await fitAsync(curves, { [flag]: true }), sync)).toEqual([]);
    expect(sync.status.every((code) => code <= lastSuccess)).toBe(true);
  });

  it('by the fast path alone', async () => {
    const sync = fitSync(curves, { careful: false });
    expect(differences(await fitAsync(curves, { careful: false }), sync)).toEqual([]);
    expect(sync.status.every((code) => code <= lastSuccess)).toBe(true);
  });

  it('have the scale of their own: alone they give the same bits', () => {
    const lossScale = scalesFor(300);
    const batch = fitSync(curves, { loss: 'huber', lossScale });
    for (const k of [0, 11, 299]) {
      const one = { ...curves, fits: 1, y: curves.y.slice(48 * k, 48 * k + 48) };
      const alone = fitSync(one, { loss: 'huber', lossScale: lossScale.slice(k, k + 1) });
      expect(alone.params).toEqual(batch.params.slice(3 * k, 3 * k + 3));
      expect(alone.sums).toEqual(batch.sums.slice(13 * k, 13 * k + 13));
    }
  });

  it('tell the sums at the parameters that they return', () => {
    const { sums, ssr } = fitSync(curves, {});
    for (let k = 0; k < 300; k++) expect(sums[sumsWidth * k + 9]).toBe(ssr[k]);
    const atStart = fitSync(curves, { maxIter: 0 });
    expect(atStart.params.every((p, i) => p === start[i % 3])).toBe(true);
    // exp(−x) at a = 1, b = 1: the first sum is that of the squares of ∂f/∂a, the same for all.
    const squares = [...curves.x].reduce((sum, x) => sum + Math.exp(-2 * x), 0);
    for (let k = 0; k < 300; k++)
      expect(atStart.sums[sumsWidth * k]).toBeCloseTo(squares, 12);
  });

  it('may have bounds and scales overwritten while they run', async () => {
    const own = { lower: lower.slice(), upper: upper.slice(), xScale: Float64Array.of(1, 2, 0.5),
      lossScale: scalesFor(300) };
    const outputs = outputsOf(curves, { loss: 'cauchy' });
    const pending = run(makeJob(curves, outputs, { ...own, loss: 'cauchy' }));
    for (const array of Object.values(own)) array.fill(NaN);
    await pending;
    const expected = fitSync(curves, { ...bounds, xScale: Float64Array.of(1, 2, 0.5),
      lossScale: scalesFor(300), loss: 'cauchy' });
    expect(differences(outputs, expected)).toEqual([]);
  });

  it('read bounds and scales on SharedArrayBuffers in place', async () => {
    const shared = (values: Float64Array): Float64Array<ArrayBuffer> => {
      const array = floats(values.length, true);
      array.set(values);
      return array as Float64Array<ArrayBuffer>;
    };
    const changes: Partial<FitJob> = { ...bounds, loss: 'welsch', lossScale: scalesFor(300) };
    const outputs = await fitAsync(curves, { ...changes, lower: shared(lower), upper: shared(upper),
      lossScale: shared(scalesFor(300)) });
    expect(differences(outputs, fitSync(curves, changes))).toEqual([]);
  });
});

describe('data of more than one slice', () => {
  const fits = 20000, points = 64; // 10 MB
  const large = makeCurves(fits, points);
  const changes = (): Partial<FitJob> & { lossScale: Float64Array<ArrayBuffer> } => ({
    ...bounds, loss: 'huber', lossScale: scalesFor(fits) as Float64Array<ArrayBuffer>,
  });
  const sync = fitSync(large, changes());

  it('are fitted within bounds, each with its own scale of the loss', () => {
    expect(isInside(sync)).toBe(true);
    const { params } = fitSync(large, { ...changes(), lossScale: Float64Array.of(0.01) });
    const moved = params.filter((p, i) => p !== sync.params[i]).length;
    expect(moved).toBeGreaterThan(fits);
  });

  it.each([1, 2, 5])('give the bits of fit on %i threads', async (threads) => {
    expect(differences(await fitAsync(large, changes(), threads), sync)).toEqual([]);
  });

  it('give the bits of fit by offsets too', async () => {
    const ragged = {
      ...changes(), points: 0, xShared: false,
      offsets: Uint32Array.from({ length: fits + 1 }, (_, k) => points * k),
      x: [new Float64Array(fits * points).map((_, i) => large.x[i % points]!)],
    };
    expect(differences(await fitAsync(large, ragged), fitSync(large, ragged))).toEqual([]);
  });

  it('reject the promise when scales are detached before they have come', async () => {
    const { lossScale, ...others } = changes();
    const pending = run(makeJob(large, outputsOf(large, others), { ...others, lossScale }));
    setImmediate(() => structuredClone(lossScale.buffer, { transfer: [lossScale.buffer] }));
    await expect(pending).rejects.toMatchObject({ code: 'ERR_DETACHED',
      message: 'lossScale: detached or resized while the fits were running' });
  });
});

describe('one curve and many starts', () => {
  /** The same y for all fits, as one curve and as a copy for each. */
  function startsOn(fits: number, points: number):
    { one: Curves; copies: Curves; shared: Partial<FitJob>; own: Partial<FitJob> } {
    const one = { ...makeCurves(1, points), fits };
    const y = new Float64Array(fits * points).map((_, i) => one.y[i % points]!);
    const random = generator(fits);
    const init = new Float64Array(3 * fits).map((_, i) => start[i % 3]! + 0.8 * random());
    const sigma = new Float64Array(points).map((_, i) => 0.01 + (i % 5) / 100);
    const own = { init, initShared: false, sigma, sigmaShared: true };
    return { one, copies: { ...one, y }, shared: { ...own, yShared: true }, own };
  }

  it.each([
    ['a few', 5, 40], ['many', 1000, 64], ['so many that results go in slices', 20000, 64],
    ['few, and a curve that is spread over lanes', 2, 20000],
    ['some, and a curve that is read in chunks', 9, 9000],
  ])('%s: the bits of as many copies of the curve', async (_, fits, points) => {
    const { one, copies, shared, own } = startsOn(fits, points);
    const expected = fitSync(copies, own);
    expect(expected.status.every((code) => code <= lastSuccess)).toBe(true);
    expect(differences(fitSync(one, shared), expected)).toEqual([]);
    expect(differences(await fitAsync(one, shared), expected)).toEqual([]);
  });

  it('with bounds and a loss', async () => {
    const { one, copies, shared, own } = startsOn(500, 64);
    const init = own.init!.map((p, i) => Math.min(Math.max(p, lower[i % 3]!), upper[i % 3]!));
    const changes: Partial<FitJob> = { ...bounds, loss: 'tukey', lossScale: Float64Array.of(4),
      init };
    const expected = fitSync(copies, { ...own, ...changes });
    expect(differences(fitSync(one, { ...shared, ...changes }), expected)).toEqual([]);
    expect(differences(await fitAsync(one, { ...shared, ...changes }), expected)).toEqual([]);
  });

  it('have residuals each: those of its own parameters', () => {
    const { one, shared } = startsOn(200, 32);
    const { residuals, params } = fitSync(one, { ...shared, maxIter: 0 });
    for (let k = 0; k < 200; k++) {
      const [a, b, c] = params.subarray(3 * k) as unknown as [number, number, number];
      for (let i = 0; i < 32; i++)
        expect(residuals[32 * k + i]).toBeCloseTo(
          one.y[i]! - (a * Math.exp(-b * one.x[i]!) + c), 13);
    }
  });

  it('of single precision are read as they are', async () => {
    const { one, shared } = startsOn(100, 64);
    const single = Float32Array.from(one.y);
    const rounded = { ...one, y: Float64Array.from(single) };
    expect(differences(await fitAsync(one, { ...shared, y: single }), fitSync(rounded, shared)))
      .toEqual([]);
  });
});
