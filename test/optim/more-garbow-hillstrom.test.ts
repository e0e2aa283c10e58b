// The set of Moré, Garbow & Hillstrom from 1, 10 and 100 times the standard starts: what is solved,
// and that nothing is called a success that is none.

import { describe, expect, it } from 'vitest';
import { lastSuccess, statusCode } from '../../src/portable/optim/status.ts';
import { smallProblems } from '../problems/more-garbow-hillstrom.ts';
import { sizedProblems } from '../problems/more-garbow-hillstrom-sized.ts';
import { evaluateProblem, type ResidualProblem } from '../problems/residual-problem.ts';
import { negated, runCareful, type CarefulRun } from './run-careful.ts';

const problems: readonly ResidualProblem[] = [...smallProblems, ...sizedProblems];
const factors = [1, 10, 100] as const;

/** Relative distance to a minimum; for minima of zero against the start. */
function gapTo(minimum: number, value: number, first: number): number {
  return minimum === 0 ? value / Math.max(Math.min(1, first), 1e-12) : Math.abs(value - minimum) / minimum;
}

interface Outcome {
  readonly run: CarefulRun;
  readonly isSolved: boolean;
  readonly isSuccess: boolean;
  readonly runsAway: boolean;
}

function solve(problem: ResidualProblem, factor: number, method: 'auto' | 'lm' | 'trf' | 'dogbox'): Outcome {
  const start = problem.start.map((x) => factor * x);
  const residuals = negated((x, r, jacobian) => evaluateProblem(problem, x, r, jacobian));
  const first = new Float64Array(problem.m);
  residuals(Float64Array.from(start), first, null);
  const run = runCareful(residuals, problem.m, start, { method });
  const atStart = first.reduce((sum, r) => sum + r * r, 0);
  return {
    run,
    isSolved: problem.minima.some((minimum) => gapTo(minimum, run.value, atStart) <= 1e-8),
    isSuccess: statusCode[run.status] <= lastSuccess,
    runsAway: (problem.atInfinity ?? []).some((value) => Math.abs(run.value - value) <= 1e-3 * value),
  };
}

describe.each(problems)('$name', (problem) => {
  it('has the derivatives that differences show', () => {
    const { n, m } = problem;
    const x = problem.start.map((p, j) => p + 0.1 + 0.01 * j);
    const r = new Float64Array(m), jacobian = new Float64Array(m * n);
    evaluateProblem(problem, x, r, jacobian);
    const above = new Float64Array(m), below = new Float64Array(m);
    for (let j = 0; j < n; j++) {
      const h = 1e-6 * Math.max(1e-3, Math.abs(x[j]!));
      evaluateProblem(problem, x.map((p, k) => (k === j ? p + h : p)), above, null);
      evaluateProblem(problem, x.map((p, k) => (k === j ? p - h : p)), below, null);
      let size = 0;
      for (let i = 0; i < m; i++) size = Math.max(size, Math.abs(jacobian[i * n + j]!));
      for (let i = 0; i < m; i++)
        expect(Math.abs((above[i]! - below[i]!) / (2 * h) - jacobian[i * n + j]!)).toBeLessThanOrEqual(1e-5 * size);
    }
  });

  it('is solved from its standard start, and says so', () => {
    const { run, isSolved, isSuccess } = solve(problem, 1, 'auto');
    expect(`${isSolved} ${run.status}`).toMatch(/^true (ftol|xtol|gtol|exact)$/);
    expect(isSuccess).toBe(true);
  });
});

it('solves 92 of the 103 starts or more, and claims none of the others', () => {
  let solved = 0, total = 0;
  for (const problem of problems)
    for (const factor of factors) {
      if (factor > 1 && problem.start.every((x) => x === 0)) continue;
      total++;
      const { isSolved, isSuccess, runsAway, run } = solve(problem, factor, 'auto');
      if (isSolved) solved++;
      if (isSolved && !isSuccess) expect.fail(`${problem.name} × ${factor} is solved, but says ${run.status}`);
      if (!isSolved && isSuccess && !runsAway)
        expect.fail(`${problem.name} × ${factor} says ${run.status} at ${run.value}`);
    }
  expect(total).toBe(103);
  expect(solved).toBeGreaterThanOrEqual(92);
}, 30_000);

describe.each(['lm', 'trf', 'dogbox'] as const)('%s alone', (method) => {
  it('solves 84 starts or more, and claims none of the others', () => {
    let solved = 0;
    for (const problem of problems)
      for (const factor of factors) {
        if (factor > 1 && problem.start.every((x) => x === 0)) continue;
        const { isSolved, isSuccess, runsAway, run } = solve(problem, factor, method);
        if (isSolved) solved++;
        else if (isSuccess && !runsAway) expect.fail(`${problem.name} × ${factor} says ${run.status} at ${run.value}`);
      }
    expect(solved).toBeGreaterThanOrEqual(84);
  }, 30_000);
});
