// Bounds, losses, polish and shared data: both engines, the same bits, on every instruction set.

import { describe, expect, it } from 'vitest';
import { plainMethod, type FitJob, type FitOutputs } from '../../src/engine/engine.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { portableEngine } from '../../src/engine/portable.ts';
import { losses, type Loss } from '../../src/portable/optim/losses.ts';
import { statusCode } from '../../src/portable/optim/status.ts';
import { decayJob } from '../jobs/fixtures.ts';
import { firstDifference, words } from './bits.ts';

const fits = 203;

type Changes = Partial<FitJob>;

function outputs(job: FitJob): FitOutputs {
  const n = job.program.varying.length;
  const values = job.offsets === null ? job.fits * job.points : job.y.length;
  const width = ((n + 1) * (n + 2)) / 2 + (job.loss === 'linear' ? 0 : 3);
  return {
    params: new Float64Array(job.fits * job.program.params),
    ssr: new Float64Array(job.fits),
    status: new Uint8Array(job.fits),
    iterations: new Uint16Array(job.fits),
    stdErr: new Float64Array(job.fits * job.program.params),
    covariance: new Float64Array(job.fits * n * n),
    r2: new Float64Array(job.fits),
    residuals: new Float64Array(values),
    sums: new Float64Array(job.fits * width),
  };
}

/** Runs on both engines and compares every output; the outputs of the native one. */
function runBoth(job: FitJob): FitOutputs {
  const native = { ...job, outputs: outputs(job) }, portable = { ...job, outputs: outputs(job) };
  nativeEngine()!.fitBatchSync(native, { threads: 2, maxSeconds: Infinity });
  portableEngine.fitBatchSync(portable, { threads: 1, maxSeconds: Infinity });
  for (const name of Object.keys(native.outputs) as (keyof FitOutputs)[])
    expect(`${name}: ${firstDifference(native.outputs[name]!, portable.outputs[name]!)}`).toBe(`${name}: null`);
  return native.outputs;
}

function outliers(job: FitJob): FitJob {
  const next = words(99);
  const y = Float64Array.from(job.y);
  for (let i = 0; i < y.length; i += 7 + (next() % 5)) y[i] = y[i]! + ((next() % 200) - 100) / 10;
  return { ...job, y };
}

const made = (changes: Changes = {}, shape: Parameters<typeof decayJob>[1] = {}): FitJob =>
  ({ ...outliers(decayJob(fits, shape)), ...plainMethod, careful: false, ...changes });

const inside = { lower: Float64Array.of(0.5, 0.2, 0.2), upper: Float64Array.of(2.2, 1.6, 0.6) };
const shapes = [
  ['one x for all', {}], ['ragged with sigma', { ragged: true, sigma: 'own' }],
  ['shared sigma, single precision', { sigma: 'shared', single: true }], ['many points', { points: 300 }],
] as const;

describe.skipIf(nativeEngine() === null)('the same bits', () => {
  for (const [name, shape] of shapes) {
    it.each(losses)(`loss %s, ${name}`, (loss: Loss) => {
      const job = made({ loss, lossScale: loss === 'linear' ? null : Float64Array.of('sigma' in shape ? 5 : 0.1) }, shape);
      const y = loss === 'poisson' ? job.y.map((v: number) => Math.max(0, Math.round(20 * v))) : job.y;
      const sigma = loss === 'poisson' ? null : job.sigma;
      const { status } = runBoth({ ...job, y: y as Float64Array, sigma });
      expect(status.filter((code) => code <= statusCode.exact).length).toBeGreaterThan(fits / 2);
    });
    it.each(['linear', 'huber', 'cauchy'] as const)(`bounds and polish, loss %s, ${name}`, (loss) => {
      const { params, stdErr } = runBoth(made({ ...inside, loss, polish: true, ftol: 1e-12 }, shape));
      let atBound = 0;
      params.forEach((value, i) => {
        expect(value >= inside.lower[i % 3]! && value <= inside.upper[i % 3]!).toBe(true);
        if (value === inside.lower[i % 3] || value === inside.upper[i % 3]) {
          atBound++;
          expect(stdErr![i]).toBeNaN();
        }
      });
      expect(atBound).toBeGreaterThan(10);
    });
    it(`polish, ${name}`, () => {
      runBoth(made({ polish: true }, shape));
    });
  }
  // Every fit by the careful path, or where its numbers ask for it.
  it.each(['trf', 'dogbox', 'gauss-newton', 'lm', 'auto'] as const)('%s on the careful path', (method) => {
    for (const changes of [{}, inside, { loss: 'cauchy' }, { ...inside, loss: 'huber', polish: true }] as Changes[])
      runBoth(made({ method, careful: true, geodesic: method === 'lm', ...changes }, { sigma: 'shared', ownInit: true }));
    const init = Float64Array.of(100, -3, -50);
    runBoth(made({ method, careful: true, init, polish: true }, { ragged: true }));
    const long = made({ method, careful: true, init }, { points: 2000 });
    runBoth({ ...long, fits: 3, y: long.y.slice(0, 6000), xScale: Float64Array.of(1, 2, 3) });
  });
  it('a scale of the loss for every fit', () => {
    const lossScale = Float64Array.from({ length: fits }, (_, k) => 0.01 * (1 + (k % 50)));
    runBoth(made({ loss: 'soft_l1', lossScale }));
  });
  it('many starts on one curve', () => {
    const job = made({}, { sigma: 'shared' });
    const next = words(3);
    const init = Float64Array.from({ length: 3 * fits }, () => (next() % 1000) / 200);
    runBoth({
      ...job, y: job.y.slice(0, job.points), yShared: true, xShared: true, sigmaShared: true, init, initShared: false,
    });
  });
  it('no iteration: the sums at the start', () => {
    const { params, iterations, sums } = runBoth(made({ maxIter: 0 }, { ownInit: true }));
    expect(params.slice(0, 3)).toEqual(made({}, { ownInit: true }).init.slice(0, 3));
    expect(iterations.every((count) => count === 0)).toBe(true);
    expect(sums!.every(Number.isFinite)).toBe(true);
  });
});
