// leastSquares beyond small problems: sparse Jacobians by coloured columns, many residuals, many
// variables; and runs that are set aside and taken up again.

import { describe, expect, it } from 'vitest';
import { leastSquares, type Checkpoint, type LsqOptions, type LsqResult } from '../../src/index.ts';

type Vector = Float64Array;

/** Broyden's tridiagonal function (Moré, Garbow & Hillstrom 1981, problem 30). */
function broyden(n: number): { fn: (x: Vector, out: Vector) => void; pattern: { rows: number[]; cols: number[] } } {
  const rows: number[] = [], cols: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = Math.max(0, i - 1); j <= Math.min(n - 1, i + 1); j++) {
      rows.push(i);
      cols.push(j);
    }
  const fn = (x: Vector, out: Vector): void => {
    for (let i = 0; i < n; i++)
      out[i] = (3 - 2 * x[i]!) * x[i]! - (x[i - 1] ?? 0) - 2 * (x[i + 1] ?? 0) + 1;
  };
  return { fn, pattern: { rows, cols } };
}

describe('a sparse Jacobian', () => {
  it('takes three evaluations where it is tridiagonal, whatever its size', () => {
    for (const n of [10, 1000]) {
      const { fn, pattern } = broyden(n);
      const result = leastSquares(fn, new Float64Array(n).fill(-1), n, {
        jacSparsity: pattern, jac: '2-point', maxIter: n === 10 ? 50 : 1, covariance: false,
      });
      // Two calls try the function at the start; every other is a trial or one of three columns.
      expect(result.nEval).toBeLessThanOrEqual(2 + 1 + result.nIter + 3 * result.nJac);
      if (n === 10) expect(result).toMatchObject({ success: true, derivatives: '2-point' });
      else expect(result.cost).toBeLessThan(0.1 * 500);
    }
  });

  it('gives the Jacobian that differencing every column gives', () => {
    const { fn, pattern } = broyden(12);
    const start = new Float64Array(12).fill(-1);
    for (const jac of ['2-point', '3-point'] as const) {
      const sparse = leastSquares(fn, start, 12, { jacSparsity: pattern, jac });
      const dense = leastSquares(fn, start, 12, { jac });
      expect(sparse.jacobian.data).toEqual(dense.jacobian.data);
      expect(sparse.x).toEqual(dense.x);
      expect(sparse.nEval).toBeLessThan(dense.nEval / 2);
    }
  });

  it('may have an arrow, columns without entries, and entries said twice', () => {
    const fn = (x: Vector, out: Vector): void => {
      for (let i = 0; i < 20; i++) out[i] = x[0]! * x[1 + (i % 4)]! - (i % 4) - 1;
      out[20] = x[0]! - 2;
    };
    const rows: number[] = [], cols: number[] = [];
    for (let i = 0; i < 20; i++) {
      rows.push(i, i, i);
      cols.push(0, 1 + (i % 4), 0);
    }
    rows.push(20);
    cols.push(0);
    const result = leastSquares(fn, [1, 1, 1, 1, 1, 7], 21, { jacSparsity: { rows, cols }, jac: '2-point' });
    expect(result.success).toBe(true);
    [2, 0.5, 1, 1.5, 2, 7].forEach((value, j) => expect(result.x[j]).toBeCloseTo(value, 6));
    // The arrow's column and the other four: two groups, again where x[1] is nearly 0. One more
    // point shows that x[5] has no influence elsewhere.
    expect(result.nEval).toBeLessThanOrEqual(2 + 1 + result.nIter + 2 * result.nJac + 3);
    expect(result.warnings.find(({ code }) => code === 'rank-deficient')!.params).toEqual(['x[5]']);
  });
});

describe('size', () => {
  it('has no fixed limit in variables', () => {
    const n = 150;
    const { fn, pattern } = broyden(n);
    const result = leastSquares(fn, new Float64Array(n).fill(-1), n, { jacSparsity: pattern, covariance: false });
    expect(result.success).toBe(true);
    expect(result.cost).toBeLessThan(1e-15);
    expect(result.residuals.every((r) => Math.abs(r) < 1e-8)).toBe(true);
  });

  it('may be 20,000 residuals', () => {
    const m = 20000;
    const result = leastSquares((x, out) => {
      for (let i = 0; i < m; i++) out[i] = x[0]! * Math.exp(-x[1]! * i * 1e-4) + x[2]! - 2 * Math.exp(-i * 1e-4) - 0.25;
    }, [1, 2, 0], m);
    expect(result.reason).toMatch(/more than 1000 residuals/);
    [2, 1, 0.25].forEach((value, j) => expect(result.x[j]).toBeCloseTo(value, 6));
  });
});

describe('a checkpoint', () => {
  const data = Array.from({ length: 30 }, (_, i) => 3 * Math.exp(-0.3 * i) + 0.5 + 0.05 * Math.sin(9 * i) + (i === 7 ? 1 : 0));
  const called = (x: Vector): number[] => data.map((y, i) => x[0]! * Math.exp(-x[1]! * i) + x[2]! - y);
  const compiled = (x: Vector): number[] => [10 * (x[1]! - x[0]! ** 2), 1 - x[0]!, 0.1 * x[0]! * x[1]!];
  // BoxBOD of the certified problems (NIST), whose first start leads lm onto a plateau.
  const days = [1, 2, 3, 5, 7, 10], demand = [109, 149, 149, 191, 213, 224];
  const box = (b: Vector): number[] => days.map((t, i) => b[0]! * (1 - Math.exp(-b[1]! * t)) - demand[i]!);
  const start = [1, 1.5, 0];
  const ways: [name: string, fn: (x: Vector) => number[], start: number[], options: LsqOptions][] = [
    ['lm', called, start, { method: 'lm' }],
    ['trf with bounds', called, start, { method: 'trf', bounds: { lower: [0, 0, -1], upper: 5 } }],
    ['dogbox with bounds', called, [1, 1.5, 0.7], { method: 'dogbox', bounds: { lower: [0, 0, 0.6] }, jac: '3-point' }],
    ['gauss-newton', called, [3, 0.4, 0], { method: 'gauss-newton' }],
    ['geodesic acceleration', called, start, { geodesicAcceleration: true }],
    ['a loss', called, start, { loss: 'huber', lossScale: 0.1 }],
    ['a loss with estimated scale', called, start, { loss: 'cauchy', lossScale: 'mad' }],
    ['auto, where lm finds no way', box, [1, 1], { method: 'auto' }],
    ['exact derivatives and polishing', compiled, [-1.2, 1], {}],
  ];

  it.each(ways)('of a run with %s goes on to the same bits', (_, fn, x0, options) => {
    const saved: string[] = [];
    const whole = leastSquares(fn, x0, {
      ...options,
      trace: true,
      callback: (state) => {
        saved.push(JSON.stringify(state.checkpoint()));
      },
    });
    expect(saved.length).toBeGreaterThan(2);
    for (const text of [saved[0]!, saved[saved.length >> 1]!, saved.at(-1)!]) {
      const resumed = leastSquares(fn, x0, { ...options, trace: true, resumeFrom: JSON.parse(text) as Checkpoint });
      for (const name of ['x', 'residuals', 'cost', 'status'] as const) expect(resumed[name]).toEqual(whole[name]);
      expect(resumed.covariance?.data).toEqual(whole.covariance?.data);
      expect(resumed.trace!.f).toEqual(whole.trace!.f);
    }
  });

  it('is not needed to get off a plateau', () => {
    expect(leastSquares(box, [1, 1], { method: 'lm' }).success).toBe(false);
    const result = leastSquares(box, [1, 1]);
    expect(result.success).toBe(true);
    expect(result.x[0]).toBeCloseTo(213.80940889, 4);
    expect(result.x[1]).toBeCloseTo(0.54723748542, 7);
    expect(result.stdErr![0]).toBeCloseTo(12.354515176, 4);
  });

  it('repeats no evaluation', () => {
    let checkpoint: Checkpoint | undefined;
    const stopped = leastSquares(called, start, {
      callback: (state) => {
        checkpoint = state.checkpoint();
        return state.iter === 3;
      },
    });
    expect(stopped).toMatchObject({ status: 'stoppedByCallback', nIter: 3 });
    let calls = 0;
    const resumed = leastSquares((x) => {
      calls++;
      return called(x);
    }, start, { resumeFrom: checkpoint! });
    const whole: LsqResult = leastSquares(called, start);
    expect(resumed.x).toEqual(whole.x);
    expect(resumed.nIter).toBe(whole.nIter);
    // One call finds how many residuals there are.
    expect(calls).toBeLessThanOrEqual(whole.nEval - stopped.nEval + 3);
  });

  it('is refused by another run', () => {
    let checkpoint: Checkpoint | undefined;
    leastSquares(called, start, {
      method: 'lm',
      callback: (state) => {
        checkpoint = state.checkpoint();
        return true;
      },
    });
    const resumeFrom = checkpoint!;
    expect(() => leastSquares(called, start, { method: 'trf', resumeFrom })).toThrow(/resumeFrom: the checkpoint is of a run with method lm, this one has trf/);
    expect(() => leastSquares(compiled, [1, 1], { resumeFrom })).toThrow(/with m 30, this one has 3/);
    const broken = JSON.parse(JSON.stringify(resumeFrom)) as { state: { record: Record<string, unknown> } };
    delete broken.state.record['values'];
    expect(() => leastSquares(called, start, { resumeFrom: broken as never })).toThrow(/'values' is missing/);
  });
});
