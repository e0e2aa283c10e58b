// leastSquares on the textbook problems: every method, every way to have derivatives, every loss,
// bounds, and the figures of the result.

import { describe, expect, it } from 'vitest';
import { leastSquares, type LsqOptions, type LsqResult } from '../../src/index.ts';
import { noise } from './data.ts';

type Vector = Float64Array;
const methods = ['auto', 'lm', 'trf', 'dogbox', 'gauss-newton'] as const;

interface Problem {
  readonly name: string;
  readonly fn: (x: Vector) => number[];
  readonly start: number[];
  readonly x: number[];
  readonly cost: number;
}

const problems: Problem[] = [
  {
    name: 'Rosenbrock',
    fn: (x) => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!],
    start: [-1.2, 1], x: [1, 1], cost: 0,
  },
  {
    name: 'Brown badly scaled',
    fn: (x) => [x[0]! - 1e6, x[1]! - 2e-6, x[0]! * x[1]! - 2],
    start: [1, 1], x: [1e6, 2e-6], cost: 0,
  },
  {
    name: 'Beale',
    fn: ([a, b]) => [1.5 - a! * (1 - b!), 2.25 - a! * (1 - b! ** 2), 2.625 - a! * (1 - b! ** 3)],
    start: [1, 1], x: [3, 0.5], cost: 0,
  },
  {
    name: 'helical valley',
    fn: (x) => {
      const turn = Math.atan2(x[1]!, x[0]!) / (2 * Math.PI);
      return [10 * (x[2]! - 10 * turn), 10 * (Math.sqrt(x[0]! ** 2 + x[1]! ** 2) - 1), x[2]!];
    },
    start: [-1, 0.1, 0], x: [1, 0, 0], cost: 0,
  },
  {
    name: 'a line through five points',
    fn: ([a, b]) => [1.1, 1.9, 3.2, 3.8, 5.1].map((y, i) => a! + b! * i - y),
    start: [0, 0], x: [1.04, 0.99], cost: 0.0535,
  },
];

const digits = (found: Vector, known: number[]): number =>
  Math.min(...known.map((value, j) => {
    const error = Math.abs(found[j]! - value) / (value === 0 ? 1 : Math.abs(value));
    return error === 0 ? 16 : -Math.log10(error);
  }));

describe.each(problems)('$name', ({ fn, start, x, cost }) => {
  it.each(methods)('is solved by %s with exact derivatives or differences', (method) => {
    for (const jac of ['auto', '2-point', '3-point'] as const) {
      const result = leastSquares(fn, start, { method, jac });
      expect({ success: result.success, status: result.status }).toMatchObject({ success: true });
      expect(digits(result.x, x)).toBeGreaterThan(5);
      expect(result.cost).toBeCloseTo(cost, 10);
      // The reported cost is that of the residuals at the reported point.
      const again = Float64Array.from(fn(result.x));
      if (result.derivatives !== 'symbolic') expect(again).toEqual(result.residuals);
      expect(result.cost).toBeCloseTo(again.reduce((sum, r) => sum + r * r, 0) / 2, 12);
    }
  });
});

describe('derivatives', () => {
  it('are exact for an array literal, and for residuals written one by one', () => {
    const returned = leastSquares((x) => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!], [-1.2, 1]);
    const written = leastSquares((x, out) => {
      out[0] = 10 * (x[1]! - x[0]! ** 2);
      out[1] = 1 - x[0]!;
    }, [-1.2, 1], 2);
    for (const { derivatives, reason } of [returned, written])
      expect({ derivatives, reason }).toEqual({ derivatives: 'symbolic', reason: undefined });
    expect(written.x).toEqual(returned.x);
    expect(returned.jacobian.toArray()).toEqual([[-20, 10], [-1, 0]]);
    expect(returned.nEval).toBeLessThan(40);
  });

  it('follow loops, conditions, destructuring and sums into out', () => {
    const result = leastSquares((x, out) => {
      for (let i = 0; i < out.length; i++) {
        out[i] = 0;
        for (let j = 0; j < x.length; j++) out[i]! += (j + 1) * x[j]! * i;
        out[i]! -= i < 2 ? 3 : 6;
      }
    }, [0, 0], 4);
    expect(result.derivatives).toBe('symbolic');
    expect(result.jacobian.toArray()).toEqual([[0, 0], [1, 2], [2, 4], [3, 6]]);
    const taken = leastSquares(([a, b]) => [Math.exp(a!) - 2, a! > 0 ? b! - a! : b! + a!], [0.1, 0.1]);
    expect(taken.derivatives).toBe('symbolic');
    expect(taken.x[0]).toBeCloseTo(Math.LN2, 12);
  });

  it('fall back to differences and say why', () => {
    const data = [1, 2, 3];
    const captured = leastSquares((x) => data.map((y) => y - x[0]!), [0]);
    expect(captured.derivatives).toBe('2-point');
    expect(captured.reason).toMatch(/captures `data`/);
    const unset = leastSquares((x, out) => {
      if (x[0]! > 5) out[0] = 1;
      out[1] = x[0]!;
    }, [1], 2);
    expect(unset.reason).toMatch(/residual 0 is not a number on every path/);
    expect(unset.status).toBe('notFinite');
    expect(unset.message).toBe('residual 0 is NaN (was it set?) at the start');
  });

  it('are those of a given Jacobian, and a wrong one is noticed', () => {
    const fn = (x: Vector): number[] => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!];
    const right = leastSquares(fn, [-1.2, 1], {
      jac: (x, out) => out.data.set([-20 * x[0]!, 10, -1, 0]),
    });
    expect(right).toMatchObject({ derivatives: 'given', success: true });
    expect(right.warnings.map(({ code }) => code)).toEqual(['fewer-points-than-params']);
    expect(right.x).toEqual(Float64Array.of(1, 1));
    const wrong = leastSquares(fn, [-1.2, 1], {
      jac: (x, out) => out.data.set([-20 * x[0]!, 10, 1, 0]),
    });
    expect(wrong.warnings.map(({ code }) => code)).toContain('gradient-mismatch');
    expect(wrong.warnings.find(({ code }) => code === 'gradient-mismatch')!.message).toMatch(/entry \(1, 0\) is 1 at the start, where differences give -1/);
  });

  it('of three points are better than those of two', () => {
    const rows = [0, 1, 2, 3, 4, 5];
    const fn = (x: Vector): number[] => rows.map((i) => Math.exp(-x[0]! * i) * x[1]! - 2 ** -i);
    const exact = (x: Vector, j: number, i: number): number =>
      j === 0 ? -i * Math.exp(-x[0]! * i) * x[1]! : Math.exp(-x[0]! * i);
    const error = (jac: '2-point' | '3-point'): number => {
      const { jacobian, x } = leastSquares(fn, [1, 1.3], { jac, maxIter: 1 });
      return Math.max(...rows.flatMap((i) => [0, 1].map((j) => Math.abs(jacobian.get(i, j) - exact(x, j, i)))));
    };
    expect(error('2-point')).toBeLessThan(1e-7);
    expect(error('3-point')).toBeLessThan(1e-9);
  });

  it('take a larger step where the change is lost in rounding', () => {
    // At 1e-15 a step of √ε·|x| changes nothing beside the 1.
    const fn = (x: Vector): number[] => [x[0]! + 1, x[0]! + 1, 2 * x[0]! + 5];
    for (const start of [1, 0, 1e-12, 1e-15]) {
      const result = leastSquares(fn, [start], { jac: '2-point' });
      expect({ start, success: result.success }).toEqual({ start, success: true });
      expect(result.x[0]).toBeCloseTo(-2, 6);
    }
  });
});

describe('bounds', () => {
  const ways = methods.flatMap((method) => (['2-point', '3-point'] as const).map((jac) => ({ method, jac })));
  it.each(ways)('are never crossed by $method, $jac differences included', ({ method, jac }) => {
    const seen: Vector[] = [];
    const lower = [-2, 1.5], upper = [0.8, Infinity];
    const fn = (x: Vector): number[] => {
      seen.push(x);
      return [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!];
    };
    // The constrained minimum of Rosenbrock's function, where x1 is at 1.5.
    const result = leastSquares(fn, [-1.2, 1.5], { method, jac, bounds: { lower, upper } });
    for (const x of seen)
      for (let j = 0; j < 2; j++) {
        expect(x[j]).toBeGreaterThanOrEqual(lower[j]!);
        expect(x[j]).toBeLessThanOrEqual(upper[j]!);
      }
    expect(result.success).toBe(true);
    expect(result.x[1]).toBeCloseTo(1.5, method === 'trf' ? 5 : 12);
  });

  it('are reported where they stop a variable, with the covariance of the others', () => {
    const ys = [1.1, 1.9, 3.2, 3.8, 5.1];
    const free = leastSquares(([a, b]) => ys.map((y, i) => a! + b! * i - y), [0, 0]);
    const held = leastSquares(([a, b]) => ys.map((y, i) => a! + b! * i - y), [0, 0], {
      bounds: { upper: [1, 2] },
    });
    expect(Array.from(free.activeBounds)).toEqual([0, 0]);
    expect(Array.from(held.activeBounds)).toEqual([1, 0]);
    expect(held.x[0]).toBe(1);
    expect(held.warnings.find(({ code }) => code === 'param-at-bound')!.params).toEqual(['x[0]']);
    expect(held.stdErr![0]).toBeNaN();
    // With a = 1 the slope is Σ i(y − 1)/Σ i² with variance s²/Σ i².
    const slope = ys.reduce((sum, y, i) => sum + i * (y - 1), 0) / 30;
    expect(held.x[1]).toBeCloseTo(slope, 12);
    expect(held.stdErr![1]).toBeCloseTo(Math.sqrt((2 * held.cost) / 3 / 30), 12);
    expect(held.rank).toBe(1);
  });

  it('hold one number for all, and move a start on a bound inside', () => {
    const starts: Vector[] = [];
    const result = leastSquares((x) => {
      starts.push(x);
      return [x[0]! - 0.5, x[1]! - 0.25];
    }, [0, 1], { bounds: { lower: 0, upper: 1 } });
    expect(starts[0]).toEqual(Float64Array.of(0.01, 0.99));
    expect(Array.from(result.x)).toEqual([0.5, 0.25]);
  });
});

describe('losses', () => {
  const next = noise(7);
  const x = Array.from({ length: 40 }, (_, i) => i / 10);
  const y = x.map((t, i) => 2 * Math.exp(-0.7 * t) + 0.3 + 0.02 * next() + (i % 10 === 3 ? 2 : 0));
  const fn = (p: Vector): number[] => x.map((t, i) => p[0]! * Math.exp(-p[1]! * t) + p[2]! - y[i]!);
  const fit = (options: LsqOptions): LsqResult => leastSquares(fn, [1, 1, 0], options);
  const rho: Record<string, (z: number) => number> = {
    linear: (z) => z,
    soft_l1: (z) => 2 * (Math.sqrt(1 + z) - 1),
    huber: (z) => (z <= 1 ? z : 2 * Math.sqrt(z) - 1),
    cauchy: (z) => Math.log1p(z),
    arctan: (z) => Math.atan(z),
    tukey: (z) => (z < 1 ? (1 - (1 - z) ** 3) / 3 : 1 / 3),
    welsch: (z) => 1 - Math.exp(-z),
  };
  const names = ['soft_l1', 'huber', 'cauchy', 'arctan', 'tukey', 'welsch'] as const;
  const cost = (p: Vector, loss: string, c: number): number =>
    fn(p).reduce((sum, r) => sum + c * c * rho[loss]!((r / c) ** 2), 0) / 2;

  it.each(names.flatMap((loss) => methods.map((method) => ({ loss, method }))))(
    '$loss by $method withstands outliers and ends where its cost is lowest',
    ({ loss, method }) => {
      // From the neighbourhood, since tukey, welsch and arctan do not see what is far.
      const c = 0.1;
      const result = leastSquares(fn, [1.9, 0.8, 0.35], { loss, lossScale: c, method });
      expect(result.success).toBe(true);
      expect(result.cost).toBeCloseTo(cost(result.x, loss, c), 10);
      expect(result.lossScale).toBe(c);
      for (let j = 0; j < 3; j++)
        for (const h of [-1e-4, 1e-4]) {
          const near = result.x.slice();
          near[j]! += h;
          expect(cost(near, loss, c)).toBeGreaterThan(result.cost);
        }
      expect(Math.abs(result.x[0]! - 2)).toBeLessThan(0.12);
    },
  );

  it('are not what linear least squares finds', () => {
    expect(Math.abs(fit({}).x[2]! - 0.3)).toBeGreaterThan(0.05);
    expect(fit({}).cost).toBeCloseTo(cost(fit({}).x, 'linear', 1), 10);
  });

  it("estimate their scale from the residuals with 'mad'", () => {
    const result = fit({ loss: 'huber', lossScale: 'mad' });
    expect(result.success).toBe(true);
    const sorted = Array.from(result.residuals).sort((a, b) => a - b);
    const center = (sorted[19]! + sorted[20]!) / 2;
    const away = sorted.map((r) => Math.abs(r - center)).sort((a, b) => a - b);
    const mad = (1.482602218505602 * (away[19]! + away[20]!)) / 2;
    expect(Math.abs(result.lossScale / mad - 1)).toBeLessThan(0.02);
    expect(Math.abs(result.x[0]! - 2)).toBeLessThan(0.05);
  });

  it('give standard errors of the size that clean data would', () => {
    const clean = leastSquares(
      (p) => fn(p).map((r, i) => (i % 10 === 3 ? r + 2 : r)), [1, 1, 0]);
    const robust = fit({ loss: 'huber', lossScale: 0.02 });
    for (let j = 0; j < 3; j++) {
      const ratio = robust.stdErr![j]! / clean.stdErr![j]!;
      expect(ratio).toBeGreaterThan(0.7);
      expect(ratio).toBeLessThan(3);
    }
  });
});

describe('the result', () => {
  const ys = [1.1, 1.9, 3.2, 3.8, 5.1];
  const line = ([a, b]: Vector): number[] => ys.map((y, i) => a! + b! * i - y);

  it('has the covariance of linear regression', () => {
    const { covariance, stdErr, cost, rank, conditionNumber } = leastSquares(line, [0, 0]);
    const s2 = (2 * cost) / 3;
    // (JᵀJ)⁻¹ with Σ1 = 5, Σi = 10, Σi² = 30
    const known = [[30 / 50, -10 / 50], [-10 / 50, 5 / 50]];
    known.forEach((row, i) => row.forEach((v, j) => expect(covariance!.get(i, j)).toBeCloseTo(s2 * v, 8)));
    expect(stdErr![0]).toBeCloseTo(Math.sqrt(s2 * 0.6), 8);
    expect(rank).toBe(2);
    // Cosine between the columns 1 and i: 10/√150; κ² = (1 + c)/(1 − c).
    const c = 10 / Math.sqrt(150);
    expect(conditionNumber).toBeCloseTo(Math.sqrt((1 + c) / (1 - c)), 6);
  });

  it('says which variables cannot be told apart, and has a pseudo-inverse on request', () => {
    const fn = ([a, b, c]: Vector): number[] => ys.map((y, i) => (a! + b!) * i + c! - y);
    const result = leastSquares(fn, [0.2, 0.1, 0]);
    expect(result.success).toBe(true);
    expect(result.covariance).toBeUndefined();
    expect(result.stdErr).toBeUndefined();
    expect(result.rank).toBe(2);
    expect(result.warnings.find(({ code }) => code === 'rank-deficient')!.params).toEqual(['x[0]', 'x[1]']);
    const pseudo = leastSquares(fn, [0.2, 0.1, 0], { covariance: 'pseudo-inverse' });
    expect(pseudo.stdErr!.every(Number.isFinite)).toBe(true);
    expect(leastSquares(line, [0, 0], { covariance: false }).covariance).toBeUndefined();
  });

  it('warns where there are no degrees of freedom, and where a variable has no influence', () => {
    const few = leastSquares(([a, b]) => [a! - 1, a! * b! - 2], [3, 3]);
    expect(few.warnings.map(({ code }) => code)).toEqual(['fewer-points-than-params']);
    expect(few.covariance).toBeUndefined();
    const idle = leastSquares(([a, b]) => [a! - 1, 2 * a! - 2.5, b! - b!], [3, 3]);
    expect(idle.warnings.find(({ code }) => code === 'rank-deficient')!.params).toEqual(['x[1]']);
  });

  it('comes to an end where more variables than residuals, or all residuals constant, are given', () => {
    const wide = leastSquares(([a, b, c]) => [a! + b! + c! - 3, a! - b!], [0, 0, 0]);
    expect(wide.success).toBe(true);
    expect(wide.cost).toBeLessThan(1e-25);
    const constant = leastSquares(() => [1, 2, 3], [1, 1]);
    expect(constant).toMatchObject({ success: false, status: 'singular', cost: 7 });
    expect(leastSquares(() => [0, 0], [1]).status).toBe('exact');
  });

  it('prints, turns into JSON, and throws when asked to', () => {
    const result = leastSquares(line, [0, 0], { bounds: { upper: [1, 5] } });
    const text = result.report();
    expect(text).toMatch(/^status {7}\w+, converged/);
    expect(text).toMatch(/x\[0\] .* 1 \(start 0, within -Infinity to 1\), at its upper bound/);
    expect(text).toMatch(/warning param-at-bound/);
    const json = JSON.parse(JSON.stringify(result)) as LsqResult;
    expect(Array.from(json.x as unknown as number[])).toEqual(Array.from(result.x));
    expect(json.status).toBe(result.status);
    expect(result.orThrow()).toBe(result);
    const stopped = leastSquares((x) => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!], [-1.2, 1], { maxIter: 2 });
    expect(stopped.status).toBe('maxIter');
    expect(() => stopped.orThrow()).toThrow(/did not succeed: stopped after maxIter/);
  });

  it('is the same, to the bit, for the same function', () => {
    const fn = (x: Vector): number[] => [Math.exp(x[0]!) - x[1]!, x[0]! * x[1]! - 1.3, x[1]! ** 3 - 2];
    const [a, b] = [0, 1].map(() => leastSquares(fn, [0.3, 0.7]));
    expect(a!.x).toEqual(b!.x);
    expect(a!.derivatives).toBe('symbolic');
  });
});

describe('options', () => {
  const fn = (x: Vector): number[] => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!];

  it('record a trace, thinned where it would be too long', () => {
    const full = leastSquares(fn, [-1.2, 1], { trace: { x: true }, method: 'lm' });
    const { count, f, gradNorm, step, x } = full.trace!;
    expect(count).toBe(full.nIter + 1);
    expect([f.length, gradNorm.length, step.length, x!.length]).toEqual([count, count, count, 2 * count]);
    expect(f[0]).toBeCloseTo((4.4 ** 2 + 2.2 ** 2) / 2, 12);
    expect(Array.from(x!.subarray(0, 2))).toEqual([-1.2, 1]);
    // ∇f = Jᵀr at the start
    expect(gradNorm[0]).toBeCloseTo(107.8, 10);
    expect(f[count - 1]).toBe(full.cost);
    for (let k = 1; k < count; k++) expect(f[k]).toBeLessThanOrEqual(f[k - 1]!);
    const thin = leastSquares(fn, [-1.2, 1], { trace: { max: 5 }, method: 'lm' }).trace!;
    expect(thin.count).toBeLessThanOrEqual(5);
    expect(thin.count).toBeGreaterThanOrEqual(3);
    expect(thin.f[0]).toBe(f[0]);
    expect(thin.x).toBeUndefined();
    expect(leastSquares(fn, [-1.2, 1]).trace).toBeUndefined();
  });

  it('call back once per iteration, and stop when told to', () => {
    const seen: number[] = [];
    const result = leastSquares(fn, [-1.2, 1], {
      callback: ({ iter, f, x, gradNorm }) => {
        seen.push(iter);
        expect(f).toBeCloseTo((fn(x)[0]! ** 2 + fn(x)[1]! ** 2) / 2, 10);
        expect(gradNorm).toBeGreaterThanOrEqual(0);
        return iter === 4;
      },
    });
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(result).toMatchObject({ status: 'stoppedByCallback', nIter: 4, success: false });
  });

  it('limit evaluations and iterations', () => {
    const limited = leastSquares(fn, [-1.2, 1], { maxEval: 12, jac: '2-point' });
    expect(limited.status).toBe('maxEval');
    expect(limited.nEval).toBeLessThanOrEqual(12 + 2 + 3);
    expect(limited.cost).toBeLessThan(12.1);
    expect(leastSquares(fn, [-1.2, 1], { maxSeconds: 0 }).status).toBe('maxSeconds');
  });

  it('decide about values that are not finite', () => {
    const root = (x: Vector): number[] => [Math.sqrt(x[0]!) - 0.1, 0.01 * x[0]!].map(Number);
    expect(leastSquares(root, [4])).toMatchObject({ success: true });
    const stopped = leastSquares(root, [4], { onNonFinite: 'stop' });
    expect(stopped.status).toBe('notFinite');
    expect(stopped.cost).toBeLessThan(2);
    expect(() => leastSquares(root, [4], { onNonFinite: 'throw' })).toThrow(/residuals\[0\] is NaN at x = \[-/);
  });

  it('scale variables as told, and accelerate along geodesics', () => {
    expect(leastSquares(fn, [-1.2, 1], { xScale: [1, 100] }).x).toEqual(Float64Array.of(1, 1));
    const geodesic = leastSquares(fn, [-1.2, 1], { geodesicAcceleration: true });
    expect(geodesic.success).toBe(true);
    expect(geodesic.cost).toBeLessThan(1e-25);
    const noisy = leastSquares(fn, [-1.2, 1], { noise: 1e-8, jac: '2-point' });
    expect(noisy.cost).toBeLessThan(1e-10);
  });
});
