// cbrt, hypot and sqrt of the portable engine against high-precision tables and ECMAScript's rules.
import { describe, expect, it } from 'vitest';
import { cbrt, hypot, sqrt } from '../../src/portable/math/root.ts';
import { readTable, step, worstError } from './reference.ts';

describe('accuracy', () => {
  it.each([
    ['cbrt', cbrt],
    ['hypot', hypot],
  ] as const)('%s stays within 1 ulp', (name, f) => {
    const worst = worstError(name, f);
    expect(worst.rows).toBe(1500);
    expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(1);
  });

  it('cbrt is exact for cubes of whole numbers and powers of eight', () => {
    for (let i = 1; i <= 20000; i++) expect(cbrt(-i * i * i)).toBe(-i);
    for (let k = -358; k <= 341; k++) expect(cbrt(2 ** (3 * k))).toBe(2 ** k);
  });

  it('hypot is exact for Pythagorean triples at every scale', () => {
    for (let k = -1060; k <= 1010; k += 10) {
      const unit = 2 ** k;
      expect(hypot(3 * unit, 4 * unit)).toBe(5 * unit);
      expect(hypot(-5 * unit, 12 * unit)).toBe(13 * unit);
    }
  });

  it('hypot scales with powers of two to the last bit', () => {
    for (let k = -1000; k <= 1000; k += 10) {
      expect(hypot(1980 * 2 ** k, -1739 * 2 ** k)).toBe(2635.2459088290034 * 2 ** k);
    }
  });
});

describe('special values', () => {
  it.each([0, -0, Infinity, -Infinity, NaN, 1, -1])('cbrt of %d is itself', (x) => {
    expect(cbrt(x)).toBe(x);
  });

  it('sqrt is the correctly rounded root', () => {
    expect(sqrt(2)).toBe(1.4142135623730951);
    expect(sqrt(5e-324)).toBe(2 ** -537);
    expect(sqrt(-0)).toBe(-0);
    expect(sqrt(Infinity)).toBe(Infinity);
    expect(sqrt(-1)).toBe(NaN);
  });

  it.each([
    [0, 0, 0],
    [-0, -0, 0],
    [-0, 0, 0],
    [0, -7, 7],
    [5e-324, 0, 5e-324],
    [-0, 5e-324, 5e-324],
    [Infinity, NaN, Infinity],
    [NaN, -Infinity, Infinity],
    [-Infinity, 1, Infinity],
    [NaN, 1, NaN],
    [0, NaN, NaN],
    [Number.MAX_VALUE, 0, Number.MAX_VALUE],
    [Number.MAX_VALUE, 5e-324, Number.MAX_VALUE],
    [Number.MAX_VALUE, Number.MAX_VALUE, Infinity],
    [1e308, 1e308, 1.4142135623730951e308],
    [1e-320, 0, 1e-320],
  ])('hypot of %d and %d', (x, y, expected) => {
    expect(hypot(x, y)).toBe(expected);
    expect(hypot(y, x)).toBe(expected);
  });
});

describe('symmetry', () => {
  it('cbrt is odd, hypot ignores order and signs, to the last bit', () => {
    for (const [x] of readTable('cbrt', 3)) expect(cbrt(-x)).toBe(-cbrt(x));
    for (const [x, y] of readTable('hypot', 4)) {
      const value = hypot(x, y);
      expect(hypot(y, x)).toBe(value);
      expect(hypot(-x, y)).toBe(value);
      expect(hypot(x, -y)).toBe(value);
      expect(value).toBeGreaterThanOrEqual(Math.max(Math.abs(x), Math.abs(y)));
    }
  });
});

describe('monotonicity', () => {
  it.each([1, 2, 4, 8, 27, 2 ** -1022])('cbrt rises through %d', (breakpoint) => {
    let last = cbrt(step(breakpoint, -60));
    for (let i = -59; i <= 60; i++) {
      const value = cbrt(step(breakpoint, i));
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
    expect(last).toBeGreaterThan(cbrt(step(breakpoint, -60)));
  });
});
