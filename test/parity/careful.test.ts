// The careful path: both engines, the same bits, whatever the kind of steps, the bounds and the loss,
// for fits that come to it from the fast path and for those that begin there.

import { describe, expect, it } from 'vitest';
import { plainMethod, type FitJob, type FitOutputs } from '../../src/engine/engine.ts';
import { nativeEngine } from '../../src/engine/native.ts';
import { portableEngine } from '../../src/engine/portable.ts';
import { compileProgram, parseText } from '../../src/model/compile.ts';
import type { Program } from '../../src/model/program.ts';
import { losses } from '../../src/portable/optim/losses.ts';
import { leastSquaresMethods } from '../../src/portable/optim/methods.ts';
import { lastSuccess } from '../../src/portable/optim/status.ts';
import { evaluateProgram } from '../../src/portable/program/evaluate.ts';
import { uniform } from '../jobs/fixtures.ts';
import { firstDifference } from './bits.ts';

const fits = 24;

/** Models with the size of each parameter: well behaved, rational, nearly dependent, rank-deficient. */
const models: readonly (readonly [string, readonly number[]])[] = [
  ['a*exp(-b*x) + c', [3, 0.7, 0.5]],
  ['a*(1 - exp(-b*x))', [200, 0.5]],
  ['a*(x^2 + x*b)/(x^2 + x*c + d)', [0.2, 0.2, 0.1, 0.15]],
  ['a*exp(-b*x) + c*exp(-d*x)', [1, 1, 2, 3]],
  ['a*exp(-((x - b)/c)^2) + d*exp(-((x - e)/f)^2) + g', [3, 2, 0.5, 2, 3.2, 0.7, 0.4]],
  ['a*b*x + c', [2, 3, 1]],
  ['a*log(b + x)', [2, 1]],
];

function made(model: number, seed: number, changes: Partial<FitJob>): FitJob {
  const [text, sizes] = models[model]!;
  const parse = parseText(text);
  if (!parse.ok) throw new Error(parse.reason);
  const next = uniform(seed);
  const varying = sizes.map((_, k) => k).filter((k) => sizes.length < 4 || k !== seed % 7);
  const program: Program = compileProgram(parse.model, varying);
  const points = seed % 3 === 0 ? 140 : 20 + (seed % 13);
  const x = Float64Array.from({ length: points }, (_, i) => ((i + 1) / points) * 5);
  const y = new Float64Array(fits * points), value = new Float64Array(points);
  const init = new Float64Array(fits * sizes.length);
  for (let k = 0; k < fits; k++) {
    const truth = Float64Array.from(sizes, (size) => size * (0.5 + next()));
    evaluateProgram(program, [x], points, truth, value, null);
    for (let i = 0; i < points; i++)
      y[k * points + i] = value[i]! * (1 + 0.05 * (next() - 0.5)) + (next() < 0.05 ? 5 * next() : 0);
    const spread = 10 ** (2 * next());
    for (let j = 0; j < sizes.length; j++)
      init[k * sizes.length + j] = varying.includes(j) ? sizes[j]! * spread ** (2 * next() - 1) : truth[j]!;
  }
  const n = program.varying.length, { loss = 'linear' } = changes;
  const sigma = seed % 2 === 0 ? null : Float64Array.from(y, () => 0.05 + 0.1 * next());
  const outputs: FitOutputs = {
    params: new Float64Array(init.length), ssr: new Float64Array(fits), status: new Uint8Array(fits),
    iterations: new Uint16Array(fits), stdErr: new Float64Array(init.length),
    covariance: new Float64Array(fits * n * n), r2: new Float64Array(fits), residuals: new Float64Array(y.length),
    sums: new Float64Array(fits * (((n + 1) * (n + 2)) / 2 + (loss === 'linear' ? 0 : 3))),
  };
  return {
    ...plainMethod, program, fits, points, offsets: null, x: [x], xShared: true, y, yShared: false,
    sigma, sigmaShared: false, init, initShared: false, ftol: 1e-10, xtol: 1e-10, gtol: 1e-10,
    maxIter: 250, covarianceFactor: seed % 2, fused: false, outputs, ...changes,
  };
}

/** Bounds around every start, sometimes tight, sometimes absent. */
function bounds(job: FitJob, seed: number): Pick<FitJob, 'lower' | 'upper' | 'init'> {
  const params = job.init.length / fits, next = uniform(seed + 99);
  const lower = new Float64Array(params), upper = new Float64Array(params);
  for (let j = 0; j < params; j++) {
    const size = job.init[j]!;
    lower[j] = next() < 0.3 ? -Infinity : size * (1 - next());
    upper[j] = next() < 0.3 ? Infinity : size * (1 + 2 * next());
  }
  const init = job.init.map((value, i) => Math.min(Math.max(value, lower[i % params]!), upper[i % params]!));
  return { lower, upper, init };
}

/** Runs on both engines, compares every output, and returns the statuses. */
function runBoth(job: FitJob, what: string): Uint8Array {
  const fresh = (): FitOutputs =>
    Object.fromEntries(Object.entries(job.outputs).map(([name, values]) => [name, values.slice()])) as unknown as FitOutputs;
  const native = { ...job, outputs: fresh() }, portable = { ...job, outputs: fresh() };
  nativeEngine()!.fitBatchSync(native, { threads: 2, maxSeconds: Infinity });
  portableEngine.fitBatchSync(portable, { threads: 1, maxSeconds: Infinity });
  for (const name of Object.keys(native.outputs) as (keyof FitOutputs)[])
    expect(`${what}, ${name}: ${firstDifference(native.outputs[name]!, portable.outputs[name]!)}`)
      .toBe(`${what}, ${name}: null`);
  return native.outputs.status;
}

describe.skipIf(nativeEngine() === null)('the same bits', () => {
  it.each(leastSquaresMethods)('method %s', (method) => {
    let successes = 0, all = 0;
    models.forEach((_, model) => {
      for (let seed = 1; seed <= 3; seed++) {
        const plain = made(model, seed, { method, polish: seed === 2, pseudoInverse: seed === 3 });
        const held = { ...plain, ...bounds(plain, seed) };
        const kinds: [string, FitJob][] = [
          ['plain', plain], ['bounded', held], ['geodesic', { ...held, geodesic: true }],
          ['own scale', { ...plain, xScale: Float64Array.from(models[model]![1]) }],
        ];
        for (const [name, job] of kinds)
          runBoth(job, `model ${model}, seed ${seed}, ${name}`).forEach((status) => {
            all++;
            if (status <= lastSuccess) successes++;
          });
      }
    });
    expect(successes).toBeGreaterThan(0.4 * all);
    expect(successes).toBeLessThan(all);
  });
  it.each(losses.filter((loss) => loss !== 'linear' && loss !== 'poisson'))('loss %s', (loss) => {
    for (const method of ['auto', 'lm', 'trf', 'dogbox'] as const)
      for (let model = 0; model < 5; model++) {
        const job = made(model, 2 + model, { method, loss, lossScale: Float64Array.of(0.5) });
        runBoth(job, `model ${model}, ${method}`);
        runBoth({ ...job, ...bounds(job, model), polish: true }, `model ${model}, ${method}, bounded`);
      }
  });
});
