// Every loss with every kind of bound, tie, sigma and method at once: a batch, its `at`, and the fit
// alone have the same bits, nothing is evaluated outside of the bounds, and a success is a minimum.

import { describe, expect, it } from 'vitest';
import { curveFit, curveFitBatchSync, expr, type CurveFitOptions, type FitResult, type ParamSpec } from '../../src/index.ts';
import { decays, noise } from './data.ts';

const losses = ['linear', 'soft_l1', 'huber', 'cauchy', 'arctan', 'tukey', 'welsch', 'poisson'] as const;
const methods = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const;
type LossName = (typeof losses)[number];

const fits = 6;
const points = 24;
const { x } = decays(1, points);
const random = noise(91);
/** Counts, so that Poisson takes them as well; every curve has an outlier. */
const y = new Float64Array(fits * points);
for (let i = 0; i < y.length; i++) {
  const fit = Math.floor(i / points), t = x[i % points]!;
  const f = (40 + 4 * fit) * Math.exp(-(0.8 + 0.1 * fit) * t) + 6 + (fit % 3);
  y[i] = Math.max(0, Math.round(f + 3 * random() + (i % points === 5 ? 30 : 0)));
}
const sigma = Float64Array.from(x, (_, i) => 0.6 + 0.3 * (i % 4));
const model = expr('a*exp(-k*x) + c');
const names = ['a', 'k', 'c'] as const;

const parameters = {
  free: { a: 35, k: 1, c: 5 },
  bounded: { a: { value: 35, min: 0, max: 42 }, k: { value: 1, min: 0.2, max: 3 }, c: { value: 5, min: 0, max: 6.5 } },
  tied: { a: { value: 35, min: 1 }, k: 1, c: { expr: 'a/7 + 0*k' } },
  fixed: { a: 35, k: { value: 1, vary: false }, c: { value: 5, min: 0 } },
};
const sigmas = { none: {}, one: { sigma: 2, sigmaIs: 'absolute' as const }, each: { sigma } };

function lossOptions(loss: LossName): Pick<CurveFitOptions, 'loss' | 'lossScale' | 'estimator'> {
  if (loss === 'poisson') return { estimator: 'poisson' };
  return loss === 'linear' ? {} : { loss, lossScale: 4 };
}

/** Σ of what is minimised, written out. */
function cost(loss: LossName, values: Readonly<Record<string, number>>, ys: Float64Array, s: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const f = values['a']! * Math.exp(-values['k']! * x[i]!) + values['c']!, observed = ys[i]!;
    if (loss === 'poisson') {
      sum += f > 0 ? 2 * (f - observed + (observed > 0 ? observed * Math.log(observed / f) : 0)) : Infinity;
      continue;
    }
    const r = (observed - f) / s(i), z = (r / 4) ** 2;
    const rho = {
      linear: z,
      soft_l1: 2 * (Math.sqrt(1 + z) - 1),
      huber: z <= 1 ? z : 2 * Math.sqrt(z) - 1,
      cauchy: Math.log1p(z),
      arctan: Math.atan(z),
      tukey: z < 1 ? (1 - (1 - z) ** 3) / 3 : 1 / 3,
      welsch: -Math.expm1(-z),
    }[loss];
    sum += 16 * rho;
  }
  return sum;
}

describe.each(losses)('loss %s', (loss) => {
  for (const [kind, params] of Object.entries(parameters)) {
    for (const [errors, withSigma] of Object.entries(sigmas)) {
      if (loss === 'poisson' && errors !== 'none') continue;
      const spread = (j: number): number => (errors === 'each' ? sigma[j]! : errors === 'one' ? 2 : 1);
      it(`with parameters ${kind} and sigma ${errors}: batch, at and fit alone have the same bits`, () => {
        const shared = { model, params, ...withSigma, ...lossOptions(loss) };
        for (const method of methods) {
          const batch = curveFitBatchSync({ ...shared, x, y, method, outputs: ['stdErr', 'covariance', 'residuals', 'r2'] });
          for (let i = 0; i < fits; i++) {
            const ys = y.slice(i * points, (i + 1) * points);
            const alone = curveFit({ ...shared, x, y: ys, method });
            const at = batch.at(i);
            const where = `${method} ${i}`;
            expect([where, batch.statusOf(i)]).toEqual([where, alone.status]);
            expect(at.params).toEqual(alone.params);
            expect(at.covariance).toEqual(alone.covariance);
            expect(at.stats).toEqual(alone.stats);
            expect([...batch.params.subarray(3 * i, 3 * i + 3)]).toEqual(names.map((name) => alone.values[name]));
            expect([...batch.residuals!.subarray(i * points, (i + 1) * points)]).toEqual([...alone.residuals]);
            if (alone.success) expectMinimum(loss, alone, batch.ssr[i]!, ys, params, spread);
          }
        }
      });
    }
  }
});

/** No short step along any free parameter, within its bounds, lowers what is minimised. */
function expectMinimum(
  loss: LossName, fit: FitResult<string>, minimum: number, ys: Float64Array, params: object,
  s: (i: number) => number,
): void {
  const base = cost(loss, fit.values, ys, s);
  expect(Math.abs(minimum / base - 1)).toBeLessThan(1e-10);
  for (const name of names) {
    const spec = (params as Record<string, number | ParamSpec>)[name]!;
    const { min = -Infinity, max = Infinity, vary = true, expr: tie } = typeof spec === 'object' ? spec : {};
    if (!vary || tie !== undefined) continue;
    for (const step of [1e-4, -1e-4]) {
      const to = Math.min(max, Math.max(min, fit.values[name]! * (1 + step)));
      const moved: Record<string, number> = { ...fit.values, [name]: to };
      if (params === parameters.tied) moved['c'] = moved['a']! / 7;
      expect(cost(loss, moved, ys, s)).toBeGreaterThanOrEqual(base * (1 - 1e-12));
    }
  }
}
