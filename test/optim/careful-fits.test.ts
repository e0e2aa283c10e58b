// Fits by the careful path alone, with everything that goes in and comes out, in a file that the C++
// tests read (native/test/careful.cpp): there they must come out with the same bits. After a change
// of the method: npx vitest run --project portable test/optim/careful-fits.test.ts -u

import { expect, it } from 'vitest';
import { plainMethod, type FitJob } from '../../src/engine/engine.ts';
import { compileProgram, parseText } from '../../src/model/compile.ts';
import { encodeProgram, type Program } from '../../src/model/program.ts';
import { CarefulFit } from '../../src/portable/jobs/careful-fit.ts';
import { losses, pointLoss } from '../../src/portable/optim/losses.ts';
import { leastSquaresMethods, type LeastSquaresMethod } from '../../src/portable/optim/methods.ts';
import { lastSuccess } from '../../src/portable/optim/status.ts';
import { evaluatorOf } from '../../src/portable/program/choose.ts';
import { dataColumns } from '../../src/portable/program/evaluate.ts';
import { uniform } from '../jobs/fixtures.ts';

interface Case {
  readonly model: string;
  readonly truth: readonly number[];
  readonly init: readonly number[];
  readonly fixed?: readonly number[];
  readonly points?: number;
  /** Largest predictor, relative noise, every which point is far off. */
  readonly reach?: number;
  readonly noise?: number;
  readonly outliers?: number;
  readonly sigma?: boolean;
  readonly methods?: readonly LeastSquaresMethod[];
  readonly changes?: Partial<FitJob>;
}

const every: readonly LeastSquaresMethod[] = ['lm', 'trf', 'dogbox', 'gauss-newton'];
const decay = { model: 'a*exp(-b*x) + c', truth: [3, 0.7, 0.5], init: [1, 2, 0] };
const inside = {
  lower: Float64Array.of(0, 0.1, 0.6), upper: Float64Array.of(2.5, Infinity, Infinity),
};

const cases: readonly Case[] = [
  { ...decay, methods: every },
  { ...decay, methods: every, sigma: true, points: 140, changes: { polish: true } },
  { ...decay, init: [1, 2, 0.7], methods: every, changes: { ...inside, polish: true } },
  { ...decay, fixed: [2], init: [1, 20, 0.5], methods: ['lm', 'auto'], changes: { geodesic: true } },
  { ...decay, methods: ['lm'], changes: { xScale: Float64Array.of(1, 0.1, 10) } },
  { ...decay, methods: ['auto'], init: [1, 500, 0] },
  ...losses.slice(1, 7).map((loss): Case => ({
    ...decay, outliers: 7, sigma: true, methods: ['lm', 'trf'],
    changes: { loss, lossScale: Float64Array.of(1.5) },
  })),
  { ...decay, methods: ['lm', 'dogbox'], noise: 0, changes: { loss: 'poisson' } },
  // Columns that depend on one another, and one of zeros.
  { model: 'a*b*x + c', truth: [2, 3, 1], init: [1, 1, 0], methods: every, changes: { pseudoInverse: true } },
  { model: 'a*b*x + c', truth: [2, 3, 1], init: [1, 1, 0], methods: ['auto'] },
  { model: 'a + b*x + 0*c', truth: [1, 2, 0], init: [0, 0, 5], methods: ['lm', 'auto'], changes: { pseudoInverse: true } },
  // Hard: rational, a plateau beside the minimum, nearly dependent exponentials, two peaks.
  { model: 'a*(x^2 + x*b)/(x^2 + x*c + d)', truth: [0.19, 0.19, 0.12, 0.14], init: [25, 39, 41.5, 39], reach: 4, methods: [...every, 'auto'] },
  { model: 'a*(1 - exp(-b*x))', truth: [213, 0.55], init: [1, 1], points: 6, methods: [...every, 'auto'], changes: { polish: true } },
  {
    model: 'a*exp(-b*x) + c*exp(-d*x) + e*exp(-f*x)', truth: [0.1, 1, 0.9, 3, 1.6, 5], init: [1.2, 0.3, 5.6, 5.5, 6.5, 7.6],
    reach: 1.2, noise: 0, methods: ['lm', 'trf', 'auto'], changes: { geodesic: true, polish: true, ftol: 1e-14 },
  },
  {
    model: 'a*exp(-((x - b)/c)^2) + d*exp(-((x - e)/f)^2) + g', truth: [3, 2, 0.5, 2, 3.2, 0.7, 0.4],
    init: [1, 1.5, 1, 1, 4, 1, 0], points: 150, methods: every,
  },
  // A start that cannot be evaluated, and one that leads where nothing can be.
  { model: 'a*sqrt(b - x)', truth: [2, 9], init: [1, 3], methods: ['lm'] },
  { model: 'a*sqrt(b - x)', truth: [2, 9], init: [1, 30], methods: every },
];

const bits = new BigUint64Array(1), view = new Float64Array(bits.buffer);
function hex(value: number): string {
  view[0] = Number.isNaN(value) ? NaN : value;
  return bits[0]!.toString(16);
}

function dataOf({ model, truth, fixed, points, reach, noise, outliers, sigma }: Case, seed: number): {
  program: Program; x: Float64Array; y: Float64Array; sigma: Float64Array | null;
} {
  const parse = parseText(model);
  if (!parse.ok) throw new Error(parse.reason);
  const varying = truth.map((_, k) => k).filter((k) => !fixed?.includes(k));
  const program = compileProgram(parse.model, varying);
  const m = points ?? 24, next = uniform(seed);
  const x = Float64Array.from({ length: m }, (_, i) => ((i + 1) / m) * (reach ?? 6));
  const y = new Float64Array(m);
  const data = dataColumns(program, [x], m), evaluator = evaluatorOf(program);
  evaluator.prepare(data, m);
  evaluator.evaluate(Float64Array.from(truth), data, m, y, null);
  for (let i = 0; i < m; i++) {
    y[i] = y[i]! + (noise ?? 0.05) * (next() - 0.5);
    if (outliers !== undefined && i % outliers === 3) y[i] = y[i]! + 4 * next();
  }
  return { program, x, y, sigma: sigma ? Float64Array.from({ length: m }, () => 0.02 + 0.02 * next()) : null };
}

it('fits that the C++ tests repeat', async () => {
  const lines: string[] = [];
  let successes = 0, failures = 0;
  const put = (values: ArrayLike<number>): void => {
    lines.push(Array.from(values, hex).join(' '));
  };
  const putIntegers = (values: ArrayLike<number>): void => {
    lines.push(Array.from(values, String).join(' '));
  };
  cases.forEach((one, number) => {
    const { program, x, y, sigma } = dataOf(one, number + 1);
    const n = program.varying.length, m = y.length, init = Float64Array.from(one.init);
    const evaluator = evaluatorOf(program), data = dataColumns(program, [x], m);
    evaluator.prepare(data, m);
    const weights = sigma === null ? null : sigma.map((s) => 1 / s);
    const methods = one.methods ?? every, words = encodeProgram(program);
    lines.push(`# ${one.model}`);
    putIntegers([words.length, program.constants.length, m, Number(sigma !== null), methods.length]);
    putIntegers(words);
    put(program.constants);
    put(x);
    put(y);
    put(sigma ?? []);
    for (const method of methods) {
      const job = {
        ...plainMethod, program, fits: 1, points: m, offsets: null, x: [x], xShared: false, y, yShared: false,
        sigma, sigmaShared: false, init, initShared: true, ftol: 1e-10, xtol: 1e-10, gtol: 1e-10, maxIter: 400,
        covarianceFactor: 1, fused: false, ...one.changes, method,
      } as unknown as FitJob;
      const loss = pointLoss(job.loss);
      if (loss !== null && job.lossScale !== null) loss.scale = job.lossScale[0]!;
      const fit = new CarefulFit(job, evaluator);
      fit.start(data, { y, yOffset: 0, weights, weightOffset: 0, loss }, m, init, 0, { base: null, status: 0, iterations: 0 });
      while (!fit.advance());
      if (fit.status <= lastSuccess) successes++;
      else failures++;
      lines.push(`# ${method}`);
      putIntegers([
        leastSquaresMethods.indexOf(method), losses.indexOf(job.loss), Number(job.geodesic), Number(job.polish),
        Number(job.pseudoInverse), Number(job.lower !== null), Number(job.xScale !== null), job.maxIter,
      ]);
      put([job.ftol, job.xtol, job.gtol, job.lossScale?.[0] ?? 1]);
      put(job.lower ?? []);
      put(job.upper ?? []);
      put(job.xScale ?? []);
      put(init);
      putIntegers([fit.status, fit.iterations, fit.evaluations]);
      put(fit.params);
      put(fit.covariance);
      put(fit.sums);
      expect(fit.covariance.length).toBe(n * n);
    }
  });
  expect(successes).toBeGreaterThan(40);
  expect(failures).toBeGreaterThan(2);
  await expect(`${lines.filter((line) => line !== '').join('\n')}\n`).toMatchFileSnapshot('../data/careful/fits.txt');
});
