// The careful solver, asked and told: digits, outcomes, bounds, and what it says of the end.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileProgram, parseText } from '../../src/model/compile.ts';
import { evaluateProgram } from '../../src/portable/program/evaluate.ts';
import { statusCode, lastSuccess } from '../../src/portable/optim/status.ts';
import { certifiedProblems } from '../data/certified.mjs';
import { smallProblems } from '../problems/more-garbow-hillstrom.ts';
import { evaluateProblem } from '../problems/residual-problem.ts';
import { negated, runCareful, type Residuals } from './run-careful.ts';

const methods = ['lm', 'trf', 'dogbox', 'gauss-newton'] as const;

/** Residuals and derivatives of a model given as text, parameters in the order of their names. */
function residualsOf(text: string, names: readonly string[], x: readonly number[], y: readonly number[]): Residuals {
  const parse = parseText(text);
  if (!parse.ok) throw new Error(parse.reason);
  const place = parse.model.params.map((name) => names.indexOf(name));
  const program = compileProgram(parse.model, place.map((_, k) => k));
  const predictor = Float64Array.from(x), n = names.length;
  const f = new Float64Array(x.length), own = new Float64Array(x.length * n);
  return (p, r, jacobian) => {
    evaluateProgram(program, [predictor], x.length, Float64Array.from(place, (k) => p[k]!), f, own);
    for (let i = 0; i < x.length; i++) {
      r[i] = y[i]! - f[i]!;
      if (jacobian !== null) for (let k = 0; k < n; k++) jacobian[i * n + place[k]!] = own[i * n + k]!;
    }
  };
}

const digits = (value: number, truth: number): number =>
  value === truth ? 17 : -Math.log10(Math.abs(value - truth) / Math.abs(truth));
const worst = (values: readonly number[], truth: readonly number[]): number =>
  Math.min(...values.map((value, k) => digits(value, truth[k]!)));

/** Three numbers on a grid: coarse enough that nothing underflows. */
const sixtyFourths = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }).map((k) => k / 64), { minLength: 3, maxLength: 3 });

const times = [0, 0.5, 1, 1.5, 2, 3, 4, 6];
const decay = times.map((t, i) => 3 * Math.exp(-0.8 * t) + 0.5 + 0.05 * Math.cos(5 * i));
const decaying = residualsOf('a*exp(-b*x)+c', ['a', 'b', 'c'], times, decay);

describe.each(certifiedProblems())('$name', ({ model, paramNames, x, y, starts, dof, refined }) => {
  const residuals = residualsOf(model, paramNames, x, y);
  it.each(starts)('comes out right from %s', (...start) => {
    const run = runCareful(residuals, y.length, start);
    expect(statusCode[run.status]).toBeLessThanOrEqual(lastSuccess);
    expect(worst(run.x, refined.params)).toBeGreaterThan(10.5);
    expect(digits(run.value, refined.ssr)).toBeGreaterThan(9.5);
    const n = paramNames.length, covariance = new Float64Array(n * n);
    expect(run.search.finish().covarianceInto(covariance, false)).toBe(true);
    const errors = paramNames.map((_, j) => Math.sqrt((covariance[j * n + j]! * run.value) / dof));
    expect(worst(errors, refined.stdErr)).toBeGreaterThan(9.5);
  });
});

describe('outcomes', () => {
  it('polishes away the last digits of a problem with large residuals', () => {
    const problem = smallProblems.find(({ name }) => name.includes('Brown and Dennis'))!;
    const residuals = negated((x, r, jacobian) => evaluateProblem(problem, x, r, jacobian));
    const plain = runCareful(residuals, problem.m, problem.start, { method: 'lm', polish: false });
    const polished = runCareful(residuals, problem.m, problem.start, { method: 'lm' });
    // From two starts the same point, to nearly all digits; without polish to about half of them.
    const other = problem.start.map((x) => 10 * x);
    const again = runCareful(residuals, problem.m, other, { method: 'lm' });
    expect(worst(polished.x, again.x)).toBeGreaterThan(10);
    expect(worst(plain.x, again.x)).toBeLessThan(8);
    expect(polished.value).toBeLessThanOrEqual(plain.value);
  });

  it('reports notFinite where the start cannot be evaluated', () => {
    const run = runCareful((_, r) => r.fill(NaN), 3, [1, 2]);
    expect(run.status).toBe('notFinite');
    expect(run.evaluations).toBe(1);
  });

  it('steps back where the model is not finite', () => {
    // ln(x − b) with b beyond the first point is NaN.
    const x = [1, 2, 3, 4, 5, 6], y = x.map((t) => 2 * Math.log(t - 0.9));
    const run = runCareful(residualsOf('a*log(x-b)', ['a', 'b'], x, y), 6, [1, -30]);
    expect(statusCode[run.status]).toBeLessThanOrEqual(lastSuccess);
    expect(worst(run.x, [2, 0.9])).toBeGreaterThan(10);
  });

  it('reports singular where no variable changes anything', () => {
    const run = runCareful((_, r, jacobian) => {
      r.fill(1);
      jacobian?.fill(0);
    }, 4, [1, 2]);
    expect(run.status).toBe('singular');
  });

  it('reports singular on a plateau that the model has elsewhere left', () => {
    // At b = 60 the second term is gone, to the last bit.
    const y = times.map((t) => 1 + Math.exp(-t));
    const model = residualsOf('a+c*exp(-exp(b)*(x+1))', ['a', 'b', 'c'], times, y);
    const run = runCareful(model, times.length, [1, 60, 1], { method: 'lm' });
    expect(run.status).toBe('singular');
  });

  it('converges with a variable that the model does not have, and gives it no variance', () => {
    const residuals: Residuals = (p, r, jacobian) => times.forEach((t, i) => {
      r[i] = decay[i]! - (p[0]! + p[1]! * t);
      jacobian?.set([1, t, 0], 3 * i);
    });
    const run = runCareful(residuals, times.length, [0, 0, 7]);
    expect(statusCode[run.status]).toBeLessThanOrEqual(lastSuccess);
    const final = run.search.finish();
    expect([final.rank, final.free, final.conditionNumber]).toEqual([2, 3, Infinity]);
    expect(final.nullVectors()).toEqual([Float64Array.of(0, 0, 1)]);
    expect(run.x[2]).toBe(7);
  });

  it('ends at maxIter with the best point', () => {
    const run = runCareful(decaying, times.length, [30, 9, -4], { method: 'lm', maxIter: 2 });
    expect(run.status).toBe('maxIter');
    expect(run.iterations).toBe(2);
    const r = new Float64Array(times.length);
    decaying(Float64Array.from(run.x), r, null);
    expect(run.value).toBe(r.reduce((sum, t) => sum + t * t, 0));
  });

  it('comes to the same point when values are told before triangles', () => {
    for (const method of methods) {
      const eager = runCareful(decaying, times.length, [1, 2, 0], { method });
      const lazy = runCareful(decaying, times.length, [1, 2, 0], { method, lazy: true });
      expect(lazy.x).toEqual(eager.x);
      expect(lazy.search.factorings).toBeLessThanOrEqual(eager.search.factorings);
    }
  });

  it('needs fewer steps along the geodesic in a curved valley', () => {
    const { model, paramNames, x, y, starts, refined } = certifiedProblems().find(({ name }) => name === 'Lanczos3')!;
    const residuals = residualsOf(model, paramNames, x, y);
    const plain = runCareful(residuals, y.length, starts[0]!, { method: 'lm' });
    const bent = runCareful(residuals, y.length, starts[0]!, { method: 'lm', geodesic: true });
    expect(worst(bent.x, refined.params)).toBeGreaterThan(10.5);
    expect(bent.iterations).toBeLessThan(plain.iterations / 2);
  });
});

describe('rank', () => {
  // b and c only as their product.
  const product = residualsOf('a+b*c*x', ['a', 'b', 'c'], times, decay);

  it('is what the data resolve, and the null vector names the combination', () => {
    const run = runCareful(product, times.length, [1, 2, -3]);
    expect(statusCode[run.status]).toBeLessThanOrEqual(lastSuccess);
    const final = run.search.finish(), covariance = new Float64Array(9);
    expect([final.rank, final.free]).toEqual([2, 3]);
    expect(final.covarianceInto(covariance, false)).toBe(false);
    expect([...covariance].every(Number.isNaN)).toBe(true);
    const [vector] = final.nullVectors();
    expect(Math.abs(vector![0]!)).toBeLessThan(1e-12);
    expect(Math.abs(vector![1]!)).toBeCloseTo(Math.SQRT1_2, 10);
    expect(Math.abs(vector![2]!)).toBeCloseTo(Math.SQRT1_2, 10);
  });

  it('is made up for by the pseudo-inverse', () => {
    const run = runCareful(product, times.length, [1, 2, -3]);
    const covariance = new Float64Array(9);
    run.search.finish().covarianceInto(covariance, true);
    // The variance of the slope b·c is that of the plain line.
    const [, b, c] = run.x as [number, number, number];
    const slope = c * c * covariance[4]! + 2 * b * c * covariance[5]! + b * b * covariance[8]!;
    const mean = times.reduce((s, t) => s + t, 0) / times.length;
    expect(slope * times.reduce((s, t) => s + (t - mean) ** 2, 0)).toBeCloseTo(1, 10);
  });
});

describe.each(methods)('%s with bounds', (method) => {
  it('never evaluates outside, and ends where no feasible direction falls', () => {
    fc.assert(fc.property(
      sixtyFourths(-64, 256), sixtyFourths(1, 320), sixtyFourths(0, 64),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      (low, width, share, isOpen) => {
        const lower = Float64Array.from(low), upper = lower.map((l, j) => (isOpen[j] ? Infinity : l + width[j]!));
        const start = [...lower].map((l, j) => Math.min(upper[j]!, l + share[j]! * width[j]!));
        const run = runCareful(decaying, times.length, start, { method, lower, upper });
        for (const x of run.visited)
          x.forEach((p, j) => {
            expect(p).toBeGreaterThanOrEqual(lower[j]!);
            expect(p).toBeLessThanOrEqual(upper[j]!);
          });
        if (statusCode[run.status] > lastSuccess) return;
        const r = new Float64Array(times.length), jacobian = new Float64Array(times.length * 3);
        decaying(Float64Array.from(run.x), r, jacobian);
        for (let j = 0; j < 3; j++) {
          let along = 0, square = 0;
          for (let i = 0; i < times.length; i++) {
            along += jacobian[3 * i + j]! * r[i]!;
            square += jacobian[3 * i + j]! ** 2;
          }
          const cosine = along === 0 ? 0 : along / Math.sqrt(square * run.value);
          const isFree = !(run.x[j] === lower[j] && along <= 0) && !(run.x[j] === upper[j] && along >= 0);
          if (isFree) expect(Math.abs(cosine)).toBeLessThan(1e-4);
        }
      },
    ), { numRuns: 300 });
  });

  it('leaves variables at an active bound out of the covariance', () => {
    const lower = Float64Array.of(0, 0.1, 0.8), upper = Float64Array.of(10, 5, 2);
    const run = runCareful(decaying, times.length, [1, 1, 1], { method, lower, upper });
    expect(statusCode[run.status]).toBeLessThanOrEqual(lastSuccess);
    expect(run.x[2]).toBe(0.8);
    const covariance = new Float64Array(9), final = run.search.finish();
    expect(final.covarianceInto(covariance, false)).toBe(true);
    expect([final.rank, final.free]).toEqual([2, 2]);
    expect([...covariance].map(Number.isNaN)).toEqual([false, false, true, false, false, true, true, true, true]);
    const alone = runCareful(
      residualsOf('a*exp(-b*x)+0.8', ['a', 'b'], times, decay), times.length, [1, 1]);
    const own = new Float64Array(4);
    alone.search.finish().covarianceInto(own, false);
    expect(digits(covariance[0]!, own[0]!)).toBeGreaterThan(8);
    expect(digits(run.x[1]!, alone.x[1]!)).toBeGreaterThan(9);
  });
});
