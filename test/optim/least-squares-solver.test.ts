// The solver alone, asked and told: every outcome, and the safeguards around it.
import { describe, expect, it } from 'vitest';
import { LeastSquaresSolver, running, type LeastSquaresOptions } from '../../src/portable/optim/least-squares-solver.ts';
import { statuses } from '../../src/portable/optim/status.ts';

type Residuals = (p: Float64Array) => { residuals: number[]; jacobian: number[][] };

const defaults: LeastSquaresOptions = { ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 200, polish: false, isRobust: false, handOver: Infinity, lower: null, upper: null };

function solve(problem: Residuals, start: number[], options: Partial<LeastSquaresOptions> = {}, varying?: number[]) {
  const columns = varying ?? start.map((_, k) => k);
  const solver = new LeastSquaresSolver(start.length, Int32Array.from(columns), { ...defaults, ...options }, false);
  solver.start(Float64Array.from(start), 0);
  const visited: { ssr: number; x: number[] }[] = [];
  for (;;) {
    const { residuals, jacobian } = problem(solver.x);
    solver.sums.fill(0);
    residuals.forEach((r, i) => {
      const row = [...columns.map((k) => jacobian[i]![k]!), r];
      for (let a = 0, s = 0; a < row.length; a++) for (let b = 0; b <= a; b++, s++) solver.sums[s]! += row[a]! * row[b]!;
    });
    visited.push({ ssr: residuals.reduce((s, r) => s + r * r, 0), x: [...solver.x] });
    const status = solver.advance();
    if (status !== running) {
      const ssr = solver.baseSums[solver.baseSums.length - 1]!;
      return { status: statuses[status]!, x: [...solver.base], ssr, iterations: solver.iteration, visited };
    }
  }
}

const exponential = (x: number[], y: number[]): Residuals => (p) => ({
  residuals: x.map((t, i) => y[i]! - p[0]! * Math.exp(-p[1]! * t)),
  jacobian: x.map((t) => [Math.exp(-p[1]! * t), -p[0]! * t * Math.exp(-p[1]! * t)]),
});
const times = [0, 0.5, 1, 1.5, 2, 3, 4];
const noisy = times.map((t, i) => 3 * Math.exp(-0.8 * t) + 0.01 * Math.cos(5 * i));

/** Rosenbrock's valley as two residuals. */
const valley: Residuals = (p) => ({
  residuals: [10 * (p[1]! - p[0]! * p[0]!), 1 - p[0]!],
  // J = ∂f/∂p with r = y − f: the negative derivative of r.
  jacobian: [[20 * p[0]!, -10], [1, 0]],
});

describe('success', () => {
  it('ends with ftol or gtol at the minimum of noisy data', () => {
    const { status, x, ssr } = solve(exponential(times, noisy), [1, 2]);
    expect(['ftol', 'gtol', 'xtol']).toContain(status);
    const gradient = exponential(times, noisy)(Float64Array.from(x));
    const slope = gradient.jacobian.reduce((s, row, i) => s + row[1]! * gradient.residuals[i]!, 0);
    expect(Math.abs(slope)).toBeLessThan(1e-7);
    expect(ssr).toBeLessThan(1e-3);
  });
  it('follows the valley of Rosenbrock from the usual start', () => {
    const { x, ssr, status } = solve(valley, [-1.2, 1]);
    expect(['exact', 'xtol', 'ftol', 'gtol']).toContain(status);
    expect(ssr).toBeLessThan(1e-20);
    expect(x[0]).toBeCloseTo(1, 9);
    expect(x[1]).toBeCloseTo(1, 9);
  });
  it('is exact where the sum of squares is zero', () => {
    expect(solve((p) => ({ residuals: [3 - p[0]!], jacobian: [[1]] }), [3])).toMatchObject({ status: 'exact', iterations: 0 });
  });
  it('is gtol with no iteration when the start is a minimum', () => {
    const problem: Residuals = (p) => ({ residuals: [1 - p[0]!, -1 - p[0]!], jacobian: [[1], [1]] });
    expect(solve(problem, [0])).toMatchObject({ status: 'gtol', iterations: 0, ssr: 2 });
  });
  it('evaluates once when nothing varies', () => {
    expect(solve(exponential(times, noisy), [3, 1], {}, [])).toMatchObject({ status: 'gtol', iterations: 0, x: [3, 1] });
  });
  it('keeps fixed parameters where they are, bit for bit', () => {
    const { x } = solve(exponential(times, noisy), [1, 0.1 + 0.2], {}, [0]);
    expect(x[1]).toBe(0.1 + 0.2);
    expect(x[0]).not.toBe(1);
  });
});

describe('no success', () => {
  it('is notFinite for a start whose residual or derivative is not finite', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(solve(() => ({ residuals: [bad, 1], jacobian: [[1], [1]] }), [0]).status).toBe('notFinite');
      expect(solve(() => ({ residuals: [1, 1], jacobian: [[bad], [1]] }), [0]).status).toBe('notFinite');
    }
    expect(solve(() => ({ residuals: [1e200, 1], jacobian: [[1], [1]] }), [0]).status).toBe('notFinite');
  });
  it('is singular where no parameter has any influence', () => {
    expect(solve(() => ({ residuals: [1, 2], jacobian: [[0, 0], [0, 0]] }), [1, 1]).status).toBe('singular');
    expect(solve(() => ({ residuals: [], jacobian: [] }), [1]).status).toBe('singular');
  });
  it('is maxIter when the steps run out, with the best point', () => {
    const { status, iterations, ssr, visited } = solve(valley, [-1.2, 1], { maxIter: 3 });
    expect({ status, iterations }).toEqual({ status: 'maxIter', iterations: 3 });
    expect(ssr).toBe(Math.min(...visited.map((point) => point.ssr)));
  });
  it('is noProgress, never success, when the derivative has the wrong sign', () => {
    const wrong: Residuals = (p) => {
      const { residuals, jacobian } = exponential(times, noisy)(p);
      return { residuals, jacobian: jacobian.map((row) => row.map((d) => -d)) };
    };
    expect(solve(wrong, [2, 0.5])).toMatchObject({ status: 'noProgress', x: [2, 0.5] });
  });
  it('is noProgress, never success, behind a wall of NaN', () => {
    // The minimum is at 5, but nothing beyond 1 can be evaluated.
    const walled: Residuals = (p) => ({ residuals: [p[0]! > 1 ? NaN : 5 - p[0]!, 0.5], jacobian: [[1], [0]] });
    const { status, x } = solve(walled, [0]);
    expect(status).toBe('noProgress');
    expect(x[0]).toBeGreaterThan(0.9);
    expect(x[0]).toBeLessThanOrEqual(1);
  });
});

describe('a step that damping has made small', () => {
  // Curvature falls by 1e-12 within the first step, while the scaling keeps its maximum: what λ ≤ 1
  // still damps is then tiny, and says nothing about the minimum at 0.
  it('is not called convergence where the curvature has since become small', () => {
    const flattening: Residuals = (p) => {
      const e = Math.exp(-p[0]!);
      return { residuals: [1 + e], jacobian: [[e]] };
    };
    const { status } = solve(flattening, [0], { maxIter: 60 });
    expect(['ftol', 'xtol']).not.toContain(status);
  });
});

describe('safeguards', () => {
  it('goes round a region that cannot be evaluated', () => {
    // From 0 the first full step overshoots into NaN; shorter ones reach the minimum.
    const problem: Residuals = (p) => ({
      residuals: [p[0]! > 3 ? NaN : 2 - Math.expm1(p[0]!)],
      jacobian: [[Math.exp(p[0]!)]],
    });
    const { x, status } = solve(problem, [-3]);
    expect(['exact', 'xtol', 'ftol', 'gtol']).toContain(status);
    expect(x[0]).toBeCloseTo(Math.log(3), 9);
  });
  it('returns the best point that it visited', () => {
    for (const start of [[-1.2, 1], [5, -7], [0.1, 40]]) {
      const { ssr, visited } = solve(valley, start, { maxIter: 7 });
      expect(ssr).toBe(Math.min(...visited.map((point) => point.ssr)));
    }
  });
  it('takes two parameters that do the same thing', () => {
    const twins: Residuals = (p) => ({
      residuals: [1, 2, 3].map((x, i) => [2, 4.1, 5.9][i]! - (p[0]! + p[1]!) * x),
      jacobian: [1, 2, 3].map((x) => [x, x]),
    });
    const { status, x } = solve(twins, [0.5, 0.1]);
    expect(['ftol', 'xtol', 'gtol']).toContain(status);
    expect(x[0]! + x[1]!).toBeCloseTo((2 + 8.2 + 17.7) / 14, 8);
  });
  it('does not depend on the units of the parameters, up to rounding', () => {
    const { x: reference, iterations } = solve(exponential(times, noisy), [1, 2]);
    for (const unit of [2 ** -40, 2 ** 40]) {
      const scaled: Residuals = (p) => {
        const { residuals, jacobian } = exponential(times, noisy)(Float64Array.of(p[0]!, p[1]! * unit));
        return { residuals, jacobian: jacobian.map(([a, b]) => [a!, b! * unit]) };
      };
      const { x, iterations: steps } = solve(scaled, [1, 2 / unit]);
      expect([x[0], x[1]! * unit]).toEqual(reference);
      expect(steps).toBe(iterations);
    }
  });
  it('can be started again', () => {
    const solver = new LeastSquaresSolver(1, Int32Array.of(0), defaults, false);
    for (let round = 0; round < 2; round++) {
      solver.start(Float64Array.of(9, 3), 1);
      expect(solver.x[0]).toBe(3);
      solver.sums.set([1, 0, 0]);
      expect(statuses[solver.advance()]).toBe('exact');
      expect(solver.iteration).toBe(0);
    }
  });
});
