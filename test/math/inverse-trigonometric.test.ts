// asin, acos, atan and atan2 of the portable engine against high-precision tables and ECMAScript's
// rules.
import { describe, expect, it } from 'vitest';
import { acos, asin, atan, atan2 } from '../../src/portable/math/inverse-trigonometric.ts';
import { readTable, step, ulpError, worstError } from './reference.ts';

describe('accuracy', () => {
  it.each([
    ['asin', asin, 1],
    ['acos', acos, 1],
    ['atan', atan, 1],
    ['atan2', atan2, 2],
  ] as const)('%s stays within its bound', (name, f, bound) => {
    const worst = worstError(name, f);
    expect(worst.rows).toBe(1500);
    expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(bound);
  });
});

describe('special values', () => {
  it.each([
    [0, 0, 0],
    [-0, -0, -0],
    [1, Math.PI / 2, Math.PI / 4],
    [-1, -Math.PI / 2, -Math.PI / 4],
    [5e-324, 5e-324, 5e-324],
    [-5e-324, -5e-324, -5e-324],
    [Infinity, NaN, Math.PI / 2],
    [-Infinity, NaN, -Math.PI / 2],
    [1.7976931348623157e308, NaN, Math.PI / 2],
    [NaN, NaN, NaN],
  ])('of asin and atan at %d', (x, ofAsin, ofAtan) => {
    expect(asin(x)).toBe(ofAsin);
    expect(atan(x)).toBe(ofAtan);
  });

  it.each([
    [1, 0],
    [-1, Math.PI],
    [0, Math.PI / 2],
    [-0, Math.PI / 2],
    [0.5, Math.PI / 3],
    [-0.5, (2 * Math.PI) / 3],
    [1 + 2 ** -52, NaN],
    [-1 - 2 ** -52, NaN],
    [-Infinity, NaN],
    [NaN, NaN],
  ])('of acos at %d', (x, expected) => {
    const value = acos(x);
    if (Object.is(value, expected)) return;
    expect(ulpError(value, expected, 0)).toBeLessThanOrEqual(1);
  });

  it('asin is NaN just outside [-1, 1]', () => {
    expect(asin(1 + 2 ** -52)).toBe(NaN);
    expect(asin(-1 - 2 ** -52)).toBe(NaN);
  });

  // Every pair of these: Math.atan2 is exact where the point lies on an axis or a diagonal.
  const magnitudes = [0, 1, 5e-324, 2 ** -1022, Number.MAX_VALUE, Infinity, NaN];
  const awkward = magnitudes.flatMap((x) => [x, -x]);

  it.each(awkward)('of atan2 with y = %d', (y) => {
    for (const x of awkward) {
      const value = atan2(y, x);
      const expected = Math.atan2(y, x);
      if (Object.is(value, expected)) continue;
      expect(ulpError(value, expected, 0), `${y}, ${x}: ${value}`).toBeLessThanOrEqual(1);
    }
  });
});

describe('symmetry', () => {
  it('asin, atan and atan2 in y are odd to the last bit', () => {
    for (const [x] of readTable('asin', 3)) expect(asin(-x)).toBe(-asin(x));
    for (const [x] of readTable('atan', 3)) expect(atan(-x)).toBe(-atan(x));
    for (const [y, x] of readTable('atan2', 4)) expect(atan2(-y, x)).toBe(-atan2(y, x));
  });

  it('atan2 agrees with atan of the quotient to the right of the origin', () => {
    for (const [x, high, low] of readTable('atan', 3)) {
      expect(ulpError(atan2(x, 1), high, low)).toBeLessThanOrEqual(1);
    }
  });
});

describe('monotonicity', () => {
  it.each([
    ['asin', asin, 0.5],
    ['asin', asin, -0.5],
    ['atan', atan, 0.66],
    ['atan', atan, 1.5575],
    ['atan', atan, -1.5575],
    ['acos falling', (x: number) => -acos(x), 0.5],
    ['acos falling', (x: number) => -acos(x), -0.5],
    ['atan2', (y: number) => atan2(y, 1), 0.66],
    ['atan2', (y: number) => atan2(y, 1), 1.5575],
  ] as const)('%s keeps its order through %d', (_, f, breakpoint) => {
    let last = f(step(breakpoint, -60));
    for (let i = -59; i <= 60; i++) {
      const value = f(step(breakpoint, i));
      expect(value).toBeGreaterThanOrEqual(last - 2.3e-16);
      last = value;
    }
    expect(f(breakpoint + 1e-9)).toBeGreaterThan(f(breakpoint - 1e-9));
  });
});
