// The block-arrow system against the same problem written out as one dense system, and the solver
// against the conditions of a minimum.

import { describe, expect, it } from 'vitest';
import { RowTriangle } from '../../src/portable/linalg/qr.ts';
import { ArrowCovariance } from '../../src/arrow/arrow-covariance.ts';
import { ArrowSolver, running } from '../../src/arrow/arrow-solver.ts';
import {
  ArrowSystem,
  predictedReduction,
  slopesInto,
  triangleSize,
  unknownsOf,
  type ArrowShape,
} from '../../src/arrow/arrow-system.ts';
import { statuses } from '../../src/portable/optim/status.ts';
import { noise } from '../api/data.ts';

interface Dense {
  /** rows × unknowns, and the right side */
  readonly rows: number[][];
  readonly right: number[];
  readonly triangles: Float64Array;
}

/** Random points of every set, dense and as triangles. */
function randomSystem(shape: ArrowShape, points: number, seed: number): Dense {
  const next = noise(seed);
  const { sets, locals, shared } = shape;
  const n = unknownsOf(shape), columns = locals + shared + 1;
  const triangles = new Float64Array(sets * triangleSize(shape));
  const rows: number[][] = [], right: number[] = [];
  const triangle = new RowTriangle(columns);
  for (let set = 0; set < sets; set++) {
    triangle.clear();
    for (let i = 0; i < points; i++) {
      const row = new Array<number>(n).fill(0);
      for (let j = 0; j < columns; j++) {
        const value = next() * 10 ** (j % 3);
        triangle.block[j * 128 + i] = value;
        if (j === columns - 1) right.push(value);
        else row[j < locals ? shared + set * locals + j : j - locals] = value;
      }
      rows.push(row);
    }
    triangle.push(points);
    triangles.set(triangle.triangle, set * triangleSize(shape));
  }
  return { rows, right, triangles };
}

/** Solves (AᵀA + diag d²) z = b and the like by Gaussian elimination with pivoting. */
function solveDense(matrix: number[][], b: number[]): number[] {
  const n = b.length;
  const a = matrix.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[pivot]![k]!)) pivot = i;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    for (let i = k + 1; i < n; i++) {
      const l = a[i]![k]! / a[k]![k]!;
      for (let j = k; j <= n; j++) a[i]![j]! -= l * a[k]![j]!;
    }
  }
  const z = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    let value = a[k]![n]!;
    for (let j = k + 1; j < n; j++) value -= a[k]![j]! * z[j]!;
    z[k] = value / a[k]![k]!;
  }
  return z;
}

const gram = (rows: number[][], n: number): number[][] =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_v, j) => rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0)),
  );
const product = (rows: number[][], right: number[], n: number): number[] =>
  Array.from({ length: n }, (_, j) => rows.reduce((sum, row, i) => sum + row[j]! * right[i]!, 0));

const shapes: ArrowShape[] = [
  { sets: 3, locals: 2, shared: 1 },
  { sets: 4, locals: 1, shared: 3 },
  { sets: 2, locals: 0, shared: 2 },
  { sets: 3, locals: 2, shared: 0 },
  { sets: 1, locals: 2, shared: 2 },
];

describe.each(shapes)('$sets sets, $locals local and $shared shared', (shape) => {
  const n = unknownsOf(shape);
  const { rows, right, triangles } = randomSystem(shape, 9, 5 + n);

  it('solves the dense system, damped and with fixed unknowns', () => {
    const system = new ArrowSystem(shape);
    for (const variant of ['plain', 'damped', 'fixed']) {
      const next = noise(3);
      const damping = variant === 'plain' ? null : Float64Array.from({ length: n }, () => 1 + next());
      const fixed = new Uint8Array(n);
      if (variant === 'fixed') fixed[0] = fixed[n - 1] = 1;
      system.reduce(triangles, damping, fixed);
      const step = new Float64Array(n);
      system.solveInto(step);
      const free = Array.from({ length: n }, (_, j) => j).filter((j) => fixed[j] === 0);
      const part = rows.map((row) => free.map((j) => row[j]!));
      const matrix = gram(part, free.length);
      free.forEach((j, k) => (matrix[k]![k]! += damping === null ? 0 : damping[j]! ** 2));
      const expected = solveDense(matrix, product(part, right, free.length));
      for (let j = 0; j < n; j++) {
        const k = free.indexOf(j);
        if (k < 0) expect(step[j]).toBe(0);
        else expect(step[j]! / expected[k]!).toBeCloseTo(1, 10);
      }
    }
  });

  it('has the gradient, the curvature and the predicted reduction of the rows', () => {
    const gradient = new Float64Array(n), curvature = new Float64Array(n);
    expect(slopesInto(triangles, shape, { gradient, curvature })).toBe(true);
    const g = product(rows, right, n), h = gram(rows, n);
    const step = Float64Array.from({ length: n }, (_, j) => 0.01 * (j + 1));
    let before = 0, after = 0;
    rows.forEach((row, i) => {
      const moved = right[i]! - row.reduce((sum, v, j) => sum + v * step[j]!, 0);
      before += right[i]! ** 2;
      after += moved ** 2;
    });
    for (let j = 0; j < n; j++) {
      expect(Math.abs(gradient[j]! - g[j]!)).toBeLessThan(1e-11 * Math.sqrt(h[j]![j]! * before));
      expect(curvature[j]! / h[j]![j]!).toBeCloseTo(1, 12);
    }
    expect(Math.abs(predictedReduction(triangles, shape, step) - (before - after))).toBeLessThan(1e-10 * before);
  });

  it('has the covariance of the dense system', () => {
    const covariance = new ArrowCovariance(shape, triangles, new Uint8Array(n));
    expect(covariance.combinations).toEqual([]);
    const h = gram(rows, n);
    const inverse = Array.from({ length: n }, (_, j) =>
      solveDense(h, Array.from({ length: n }, (_v, i) => (i === j ? 1 : 0))),
    );
    const { sets, locals, shared } = shape;
    const common = covariance.ofShared();
    for (let i = 0; i < shared; i++)
      for (let j = 0; j < shared; j++)
        expect(common[i * shared + j]! / inverse[i]![j]!).toBeCloseTo(1, 9);
    for (let set = 0; set < sets; set++) {
      const own = covariance.ofSet(set), size = locals + shared;
      const unknown = (j: number): number => (j < locals ? shared + set * locals + j : j - locals);
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++)
          expect(own[i * size + j]! / inverse[unknown(i)]![unknown(j)]!).toBeCloseTo(1, 9);
    }
  });
});

describe('what cannot be told apart', () => {
  const shape = { sets: 2, locals: 2, shared: 2 };
  const n = unknownsOf(shape);

  /** Triangles where column `to` of every set is `factor` times column `from`. */
  function dependent(from: number, to: number, sets: readonly number[]): Float64Array {
    const size = triangleSize(shape), triangles = new Float64Array(2 * size);
    const triangle = new RowTriangle(5);
    for (let set = 0; set < 2; set++) {
      const next = noise(31 + set);
      triangle.clear();
      for (let i = 0; i < 20; i++) {
        for (let j = 0; j < 5; j++) triangle.block[j * 128 + i] = next();
        if (sets.includes(set)) triangle.block[to * 128 + i] = -3 * triangle.block[from * 128 + i]!;
      }
      triangle.push(20);
      triangles.set(triangle.triangle, set * size);
    }
    return triangles;
  }
  const found = (triangles: Float64Array): number[][] =>
    new ArrowCovariance(shape, triangles, new Uint8Array(n)).combinations.map((one) => [...one].sort());

  it('is found among the local parameters of one set', () =>
    expect(found(dependent(0, 1, [1]))).toEqual([[4, 5]]));
  it('is found among the shared ones', () => expect(found(dependent(2, 3, [0, 1]))).toEqual([[0, 1]]));
  it('is found between a shared and the local ones', () =>
    expect(found(dependent(0, 3, [0, 1]))).toEqual([[1, 2]]));
  it('is nothing where another set tells them apart', () =>
    expect(found(dependent(0, 3, [0]))).toEqual([]));
});

/** Exponential decays aᵢ·exp(−k·x) by a driver of its own. */
function decays(bounds: { lower: Float64Array; upper: Float64Array } | null, shift: number) {
  const sets = 3, points = 12, k = 0.7;
  const next = noise(77);
  const y = Array.from({ length: sets }, (_, set) =>
    Array.from({ length: points }, (_v, i) => (2 + set) * Math.exp((-k * i) / 3) + shift * next()),
  );
  const shape = { sets, locals: 1, shared: 1 };
  const solver = new ArrowSolver(
    shape,
    { ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 100, lower: bounds?.lower ?? null, upper: bounds?.upper ?? null },
    false,
  );
  const outside: number[] = [];
  const triangle = new RowTriangle(3);
  const evaluate = (): number => {
    let value = 0;
    for (let set = 0; set < sets; set++) {
      const a = solver.x[1 + set]!, rate = solver.x[0]!;
      triangle.clear();
      for (let i = 0; i < points; i++) {
        const e = Math.exp((-rate * i) / 3), r = y[set]![i]! - a * e;
        triangle.block[i] = e;
        triangle.block[128 + i] = (-a * i * e) / 3;
        triangle.block[256 + i] = r;
        value += r * r;
      }
      triangle.push(points);
      solver.triangles.set(triangle.triangle, set * 6);
    }
    if (bounds !== null)
      solver.x.forEach((p, j) => {
        if (p < bounds.lower[j]! || p > bounds.upper[j]!) outside.push(j);
      });
    return value;
  };
  const run = (start: readonly number[]): string => {
    solver.x.set(start);
    let status = running;
    while (status === running) status = solver.advance(evaluate());
    return statuses[status]!;
  };
  return { solver, run, outside };
}

describe('the solver', () => {
  it('ends where no gradient is left', () => {
    const { solver, run } = decays(null, 0.05);
    expect(['ftol', 'xtol', 'gtol']).toContain(run([0.2, 1, 1, 1]));
    const gradient = new Float64Array(4), curvature = new Float64Array(4);
    slopesInto(solver.baseTriangles, solver.shape, { gradient, curvature });
    for (let j = 0; j < 4; j++)
      expect(Math.abs(gradient[j]!) / Math.sqrt(curvature[j]! * solver.baseValue)).toBeLessThan(1e-13);
  });

  it('finds exact data to rounding', () => {
    const { solver, run } = decays(null, 0);
    expect(['ftol', 'xtol', 'gtol', 'exact']).toContain(run([0.2, 1, 1, 1]));
    [0.7, 2, 3, 4].forEach((p, j) => expect(Math.abs(solver.base[j]! / p - 1)).toBeLessThan(1e-15 * 4));
  });

  it('stays within bounds and ends on those that are active', () => {
    const lower = Float64Array.of(0.1, 0, 0, 0), upper = Float64Array.of(0.5, 9, 9, 3);
    const { solver, run, outside } = decays({ lower, upper }, 0.05);
    expect(['ftol', 'xtol', 'gtol']).toContain(run([0.2, 1, 1, 1]));
    expect(outside).toEqual([]);
    expect(solver.base[0]).toBe(0.5);
    expect([...solver.atBounds]).toEqual([1, 0, 0, solver.base[3] === 3 ? 1 : 0]);
  });

  it('says notFinite where the start is not finite, and singular where nothing has influence', () => {
    const { solver, run } = decays(null, 0.05);
    expect(run([-1e6, 1, 1, 1])).toBe('notFinite');
    expect(solver.evaluations).toBe(1);
    const flat = new ArrowSolver(
      { sets: 1, locals: 1, shared: 1 },
      { ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 9, lower: null, upper: null },
      true,
    );
    flat.triangles[5] = 1;
    expect(statuses[flat.advance(1)]).toBe('singular');
  });

  it('stops after maxIter steps at the best point', () => {
    const { solver, run } = decays(null, 0.05);
    const short = new ArrowSolver(
      solver.shape,
      { ftol: 1e-12, xtol: 1e-8, gtol: 1e-8, maxIter: 0, lower: null, upper: null },
      true,
    );
    short.triangles.fill(1);
    expect(statuses[short.advance(3)]).toBe('maxIter');
    expect(short.baseValue).toBe(3);
    expect(run([0.2, 1, 1, 1])).not.toBe('maxIter');
  });
});
