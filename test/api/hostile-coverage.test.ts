// Standard errors held against what they claim: over 2,000 sets of noise, the truth lies within one
// of them 68.3 % of the time (Student's t with the degrees of freedom of the fit).

import { describe, expect, it } from 'vitest';
import { curveFitBatchSync, expr, type BatchOptions } from '../../src/index.ts';
import { noise } from './data.ts';

const fits = 2000;
const points = 40;
const x = Float64Array.from({ length: points }, (_, i) => (4 * i) / points);
const truth = { a: 5, k: 0.9, c: 1 };
const curve = x.map((t) => truth.a * Math.exp(-truth.k * t) + truth.c);
const start = { a: 4, k: 1, c: 0.8 };
const model = expr('a*exp(-k*x) + c');

/** Normal deviates (Box & Muller 1958). */
function normal(seed: number): () => number {
  const next = noise(seed);
  const uniform = (): number => (next() + 1) / 2;
  return () => Math.sqrt(-2 * Math.log(1 - uniform() * (1 - 1e-12))) * Math.cos(2 * Math.PI * uniform());
}

/** Counts of mean mu (Knuth 1969, section 3.4.1). */
function poisson(uniform: () => number, mu: number): number {
  let count = -1;
  for (let product = 1; product > Math.exp(-mu); count++) product *= (uniform() + 1) / 2;
  return count;
}

const sigma = Float64Array.from(x, (_, i) => 0.05 + 0.1 * (i % 3));
const even = (seed: number, size: number): Float64Array => {
  const next = normal(seed);
  return Float64Array.from({ length: fits * points }, (_, i) => curve[i % points]! + size * next());
};
/** One point in ten has an error ten times as large. */
const contaminated = (seed: number): Float64Array => {
  const next = normal(seed), uniform = noise(seed + 1);
  return Float64Array.from({ length: fits * points }, (_, i) => curve[i % points]! + (uniform() > 0.8 ? 1 : 0.1) * next());
};
const uneven = (seed: number): Float64Array => {
  const next = normal(seed);
  return Float64Array.from({ length: fits * points }, (_, i) => curve[i % points]! + sigma[i % points]! * next());
};

type Case = [what: string, y: Float64Array, options: Partial<BatchOptions<string>>, expected: number];
const cases: Case[] = [
  ['linear', even(1, 0.1), {}, 0.676],
  ['linear, sigma absolute', uneven(2), { sigma, sigmaIs: 'absolute' }, 0.683],
  ['linear, sigma relative', uneven(3), { sigma: sigma.map((s) => 7 * s) }, 0.676],
  ['linear, weights', uneven(4), { weights: sigma.map((s) => 1 / (s * s)) }, 0.676],
  ['huber', contaminated(5), { loss: 'huber', lossScale: 0.13 }, 0.68],
  ['soft_l1', contaminated(6), { loss: 'soft_l1', lossScale: 0.1 }, 0.68],
  ['cauchy', contaminated(7), { loss: 'cauchy', lossScale: 0.24 }, 0.68],
  ['tukey', contaminated(8), { loss: 'tukey', lossScale: 0.47 }, 0.68],
  ['welsch', contaminated(9), { loss: 'welsch', lossScale: 0.3 }, 0.68],
  ['huber of clean data', even(10, 0.1), { loss: 'huber', lossScale: 0.13 }, 0.676],
];

function coverage(result: { params: Float64Array; stdErr?: Float64Array }, at: number, width: number, value: number): number {
  let inside = 0;
  for (let i = 0; i < fits; i++)
    if (Math.abs(result.params[width * i + at]! - value) <= result.stdErr![width * i + at]!) inside++;
  return inside / fits;
}

describe('one standard error covers the truth as often as it says', () => {
  it.each(cases)('%s', (_, y, options, expected) => {
    const batch = curveFitBatchSync({ x, y, model, params: start, outputs: ['stdErr'], ...options });
    // Of 2,000 sets one may lose so many points to a loss that forgets them that no decay is left.
    expect(batch.converged).toBeGreaterThanOrEqual(fits - 1);
    // Four times √(p(1−p)/2000), and for robust losses what is asymptotic about them.
    const tolerance = options.loss === undefined ? 0.042 : 0.06;
    Object.values(truth).forEach((value, j) =>
      expect(Math.abs(coverage(batch, j, 3, value) - expected), `${j}`).toBeLessThan(tolerance));
  });

  it('poisson', () => {
    const uniform = noise(77);
    const y = Float64Array.from({ length: fits * points }, (_, i) => poisson(uniform, 8 * curve[i % points]!));
    const batch = curveFitBatchSync({ x, y, model, params: { a: 35, k: 1, c: { value: 6, min: 0 } }, estimator: 'poisson', outputs: ['stdErr'] });
    expect(batch.converged).toBe(fits);
    [40, 0.9, 8].forEach((value, j) => expect(Math.abs(coverage(batch, j, 3, value) - 0.683), `${j}`).toBeLessThan(0.042));
  });

  it('tied and derived parameters', () => {
    const batch = curveFitBatchSync({
      x, y: even(12, 0.1), model, outputs: ['stdErr'],
      params: { a: 4, k: { expr: 'c*0.9' }, c: 0.8, half: { expr: 'ln(2)/k' }, area: { expr: 'a/k + 0*c' } },
    });
    expect(batch.converged).toBe(fits);
    const right = { a: 5, k: 0.9, c: 1, half: Math.LN2 / 0.9, area: 5 / 0.9 };
    batch.paramNames.forEach((name, j) =>
      expect(Math.abs(coverage(batch, j, batch.paramNames.length, right[name as keyof typeof right]) - 0.676), name).toBeLessThan(0.042));
  });

  it('parameters whose bounds are far, and those that bounds of others leave free', () => {
    const y = even(13, 0.1);
    const far = curveFitBatchSync({ x, y, model, outputs: ['stdErr'], params: { a: { value: 4, min: 0, max: 9 }, k: { value: 1, min: 0.1 }, c: { value: 0.8, max: 5 } } });
    Object.values(truth).forEach((value, j) => expect(Math.abs(coverage(far, j, 3, value) - 0.676)).toBeLessThan(0.042));
    // The truth of c is its bound: half of the fits end there, and then a and k are estimated with c known.
    const held = curveFitBatchSync({ x, y, model, outputs: ['stdErr'], params: { a: 4, k: 1, c: { value: 2, min: 1 } } });
    let atBound = 0, inside = 0;
    for (let i = 0; i < fits; i++) {
      if (held.params[3 * i + 2] !== 1) continue;
      atBound++;
      expect(held.stdErr![3 * i + 2]).toBeNaN();
      if (Math.abs(held.params[3 * i]! - truth.a) <= held.stdErr![3 * i]!) inside++;
    }
    expect(atBound / fits).toBeGreaterThan(0.45);
    expect(atBound / fits).toBeLessThan(0.55);
    expect(inside / atBound).toBeGreaterThan(0.62);
    expect(inside / atBound).toBeLessThan(0.75);
  });
});
