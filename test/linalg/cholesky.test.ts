import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factor, inverseColumn, pivotRank, solve } from '../../src/portable/linalg/cholesky.ts';

const packed = (i: number, j: number): number => (i >= j ? (i * (i + 1)) / 2 + j : (j * (j + 1)) / 2 + i);

/** A positive definite matrix BᵀB + shift, packed, from the numbers of B. */
function positiveDefinite(b: readonly number[], n: number, shift: number): Float64Array {
  const a = new Float64Array((n * (n + 1)) / 2);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let s = i === j ? shift : 0;
      for (let k = 0; k < n; k++) s += b[k * n + i]! * b[k * n + j]!;
      a[packed(i, j)] = s;
    }
  return a;
}

const multiply = (a: Float64Array, n: number, x: Float64Array): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => {
    let s = 0;
    for (let j = 0; j < n; j++) s += a[packed(i, j)]! * x[j]!;
    return s;
  });

const system = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    b: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n }),
    x: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: n, maxLength: n }),
  }));

describe('factor and solve', () => {
  it('solve random positive definite systems with a residual of a few roundings', () => {
    fc.assert(
      fc.property(system, ({ n, b, x }) => {
        const a = positiveDefinite(b, n, 1);
        const right = multiply(a, n, Float64Array.from(x));
        const factors = a.slice(), solution = right.slice();
        expect(factor(factors, n, 1e-14)).toBe(true);
        solve(factors, n, solution);
        const norm = Math.max(...a.map(Math.abs)) * n;
        const size = Math.max(...solution.map(Math.abs), 1e-300);
        multiply(a, n, solution).forEach((value, i) =>
          expect(Math.abs(value - right[i]!)).toBeLessThanOrEqual(10 * n * 2 ** -52 * norm * size));
      }),
    );
  });

  it('gives the columns of the inverse', () => {
    const n = 3;
    const a = Float64Array.of(4, 2, 5, 1, 3, 6);
    const factors = a.slice(), column = new Float64Array(n);
    factor(factors, n, 0);
    for (let j = 0; j < n; j++) {
      inverseColumn(factors, n, j, column);
      multiply(a, n, column).forEach((value, i) => expect(value).toBeCloseTo(i === j ? 1 : 0, 14));
    }
  });

  it('holds L below the diagonal and 1/d on it', () => {
    const a = Float64Array.of(4, 2, 5);
    factor(a, 2, 0);
    expect([...a]).toEqual([0.25, 0.5, 0.25]);
  });

  it('says no to singular, indefinite and NaN matrices', () => {
    expect(factor(Float64Array.of(1, 1, 1), 2, pivotRank)).toBe(false);
    expect(factor(Float64Array.of(1, 2, 1), 2, pivotRank)).toBe(false);
    expect(factor(Float64Array.of(0), 1, pivotRank)).toBe(false);
    expect(factor(Float64Array.of(NaN), 1, pivotRank)).toBe(false);
    expect(factor(Float64Array.of(1, NaN, 1), 2, pivotRank)).toBe(false);
  });

  it('judges pivots by their own scale, so that units do not matter', () => {
    for (const unit of [1e-150, 1, 1e150]) {
      const a = Float64Array.of(1, 0.5 * unit, unit * unit);
      expect(factor(a, 2, pivotRank)).toBe(true);
    }
  });

  it('takes more columns than its scratch was made for', () => {
    const n = 80;
    const a = new Float64Array((n * (n + 1)) / 2);
    for (let i = 0; i < n; i++) a[packed(i, i)] = i + 1;
    expect(factor(a, n, 1e-14)).toBe(true);
    expect(a[packed(n - 1, n - 1)]).toBe(1 / n);
  });
});
