// Triangles are judged by scaled ratios: what is left over, in roundings of what went in.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockRows, factorPivoted, normOf, RowTriangle } from '../../src/portable/linalg/qr.ts';
import { jacobiSvd } from '../../src/portable/linalg/svd.ts';
import { uniform } from '../jobs/fixtures.ts';

const epsilon = 2 ** -52;

/** The triangle of m rows, `row(i)` each. */
function triangleOf(columns: number, m: number, row: (i: number) => readonly number[]): RowTriangle {
  const rows = new RowTriangle(columns);
  rows.clear();
  for (let from = 0; from < m; from += blockRows) {
    const count = Math.min(blockRows, m - from);
    for (let i = 0; i < count; i++) row(from + i).forEach((value, j) => (rows.block[j * blockRows + i] = value));
    rows.push(count);
  }
  return rows;
}

const at = (triangle: Float64Array, i: number, j: number): number => (i <= j ? triangle[(j * (j + 1)) / 2 + i]! : 0);

describe('RowTriangle', () => {
  it.each([[1, 1], [3, 2], [5, 7], [4, 128], [6, 129], [9, 1000]])('of %d columns and %d rows has RᵀR = AᵀA', (n, m) => {
    const next = uniform(n * 1000 + m);
    const a = Array.from({ length: m }, () => Array.from({ length: n }, () => 2 * next() - 1));
    const { triangle } = triangleOf(n, m, (i) => a[i]!);
    for (let p = 0; p < n; p++)
      for (let q = 0; q <= p; q++) {
        let gram = 0, own = 0;
        for (let i = 0; i < m; i++) gram += a[i]![p]! * a[i]![q]!;
        for (let l = 0; l <= q; l++) own += at(triangle, l, p) * at(triangle, l, q);
        expect(Math.abs(gram - own)).toBeLessThanOrEqual(50 * epsilon * m);
      }
  });

  it.each([300, -300, 1000, -1000])('does not mind a scale of 2^%d', (power) => {
    const next = uniform(7), m = 200;
    const a = Array.from({ length: m }, () => [next(), next() - 0.5, next()]);
    const plain = triangleOf(3, m, (i) => a[i]!).triangle;
    const scaled = triangleOf(3, m, (i) => a[i]!.map((value) => value * 2 ** power)).triangle;
    for (let k = 0; k < plain.length; k++)
      expect(Math.abs(scaled[k]! / 2 ** power - plain[k]!)).toBeLessThanOrEqual(100 * epsilon * Math.abs(plain[0]!));
  });

  it('keeps the digits of columns that differ little', () => {
    // Columns 1 and 1 + t·1e-10: the second element of R is 1e-10·‖t − mean‖, and RᵀR has none of it.
    const m = 300, mean = (m - 1) / 2;
    const { triangle } = triangleOf(2, m, (i) => [1, 1 + i * 2 ** -33]);
    let spread = 0;
    for (let i = 0; i < m; i++) spread += (i - mean) ** 2;
    expect(Math.abs(at(triangle, 1, 1)) / (Math.sqrt(spread) * 2 ** -33)).toBeCloseTo(1, 5);
  });

  it('leaves the zeros of a banded matrix', () => {
    const n = 40;
    const { triangle } = triangleOf(n, n, (i) => Array.from({ length: n }, (_, j) => (Math.abs(i - j) <= 1 ? 1 + i + j : 0)));
    for (let j = 0; j < n; j++) for (let i = 0; i < j - 2; i++) expect(Math.abs(at(triangle, i, j))).toBe(0);
  });

  it('passes on what is not a number', () => {
    const { triangle } = triangleOf(2, 9, (i) => [i === 4 ? NaN : 1, i]);
    expect(triangle.some(Number.isNaN)).toBe(true);
  });
});

const matrix = fc.integer({ min: 1, max: 9 }).chain((n) => fc.record({
  n: fc.constant(n),
  a: fc.array(fc.integer({ min: -64, max: 64 }).map((k) => k / 32), { minLength: n * n, maxLength: n * n }),
}));

describe('factorPivoted', () => {
  it('gives a triangle of falling diagonal and the same lengths', () => {
    fc.assert(fc.property(matrix, ({ n, a }) => {
      const r = Float64Array.from(a), order = new Int32Array(n);
      const b = Float64Array.from({ length: n }, (_, i) => Math.cos(i)), first = normOf(b, 0, n);
      factorPivoted(r, n, n, n, order, b);
      expect([...order].sort((x, y) => x - y)).toEqual(Array.from({ length: n }, (_, j) => j));
      expect(Math.abs(normOf(b, 0, n) - first)).toBeLessThanOrEqual(40 * n * epsilon);
      for (let k = 0; k < n; k++) {
        // A column keeps its norm: R's k-th column is that of the matrix that came k-th.
        const norm = normOf(Float64Array.from(a), order[k]! * n, n);
        expect(Math.abs(normOf(r, k * n, k + 1) - norm)).toBeLessThanOrEqual(40 * n * epsilon * (norm + 1));
        if (k > 0) expect(Math.abs(r[k * n + k]!)).toBeLessThanOrEqual(Math.abs(r[(k - 1) * n + k - 1]!) * (1 + 1e-12) + 1e-13);
      }
    }));
  });
});

describe('jacobiSvd', () => {
  it('takes a matrix apart: orthogonal factors, falling singular values, and the matrix again', () => {
    fc.assert(fc.property(matrix, ({ n, a }) => {
      const u = Float64Array.from(a), v = new Float64Array(n * n), sigma = new Float64Array(n);
      jacobiSvd(u, n, v, sigma);
      const limit = 200 * n * epsilon;
      for (let p = 0; p < n; p++) {
        if (p > 0) expect(sigma[p]!).toBeLessThanOrEqual(sigma[p - 1]! * (1 + 1e-12) + 1e-14);
        for (let q = 0; q <= p; q++) {
          let ofV = 0, ofU = 0;
          for (let i = 0; i < n; i++) {
            ofV += v[p * n + i]! * v[q * n + i]!;
            ofU += u[p * n + i]! * u[q * n + i]!;
          }
          expect(Math.abs(ofV - (p === q ? 1 : 0))).toBeLessThanOrEqual(limit);
          if (sigma[p]! > 1e-12 * sigma[0]!) expect(Math.abs(ofU - (p === q ? 1 : 0))).toBeLessThanOrEqual(limit);
        }
      }
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          let entry = 0;
          for (let k = 0; k < n; k++) entry += u[k * n + i]! * sigma[k]! * v[k * n + j]!;
          expect(Math.abs(entry - a[j * n + i]!)).toBeLessThanOrEqual(limit * (sigma[0]! + 1));
        }
    }));
  });

  it('finds small singular values of a graded triangle to all digits', () => {
    // Lower triangle [[1, 0], [s, s]]: σ₁σ₂ = s and σ₁² + σ₂² = 1 + 2s².
    for (const s of [1e-3, 1e-8, 1e-14]) {
      const g = Float64Array.of(1, s, 0, s), sigma = new Float64Array(2);
      jacobiSvd(g, 2, new Float64Array(4), sigma);
      const largest = Math.sqrt((1 + 2 * s * s + Math.sqrt(1 + 4 * s ** 4)) / 2);
      expect(Math.abs(sigma[1]! / (s / largest) - 1)).toBeLessThan(1e-14);
    }
  });
});
