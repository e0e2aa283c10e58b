// erf and erfc of the portable engine against high-precision tables and their limits.
import { describe, expect, it } from 'vitest';
import { erf, erfc } from '../../src/portable/math/error-function.ts';
import { readTable, step, worstError } from './reference.ts';

describe('accuracy', () => {
  it.each([
    ['erf', erf],
    ['erfc', erfc],
  ] as const)('%s stays within 2 ulp', (name, f) => {
    const worst = worstError(name, f);
    expect(worst.rows).toBe(1500);
    expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(2);
  });

  it('the two add up to 1', () => {
    for (const [x] of readTable('erf', 3)) {
      expect(Math.abs(erf(x) + erfc(x) - 1), `at ${x}`).toBeLessThan(4.5e-16);
    }
  });
});

describe('special values', () => {
  it.each([
    [0, 0, 1],
    [-0, -0, 1],
    [Infinity, 1, 0],
    [-Infinity, -1, 2],
    [NaN, NaN, NaN],
    [1e300, 1, 0],
    [-1e300, -1, 2],
    [-7, -1, 2],
    [28, 1, 0],
    [5e-324, 5e-324, 1],
    [-5e-324, -5e-324, 1],
  ])('at %d', (x, ofErf, ofErfc) => {
    expect(erf(x)).toBe(ofErf);
    expect(erfc(x)).toBe(ofErfc);
  });

  it('erfc reaches into the denormal numbers before it vanishes', () => {
    expect(erfc(26.54)).toBeGreaterThan(2 ** -1022);
    expect(erfc(26.55)).toBeLessThan(2 ** -1022);
    expect(erfc(27.2)).toBeGreaterThan(0);
    expect(erfc(27.3)).toBe(0);
  });
});

describe('symmetry', () => {
  it('erf is odd to the last bit and erfc reflects about 1', () => {
    for (const [x] of readTable('erf', 3)) {
      expect(erf(-x)).toBe(-erf(x));
      expect(Math.abs(erfc(-x) - (2 - erfc(x)))).toBeLessThanOrEqual(2 ** -51);
    }
  });
});

describe('monotonicity', () => {
  it.each([
    ['erf', erf, 0.9],
    ['erf', erf, -0.9],
    ['erfc falling', (x: number) => -erfc(x), 0.65],
    ['erfc falling', (x: number) => -erfc(x), -0.65],
    ['erfc falling', (x: number) => -erfc(x), 3.5],
    ['erfc falling', (x: number) => -erfc(x), 26],
  ] as const)('%s keeps its order through %d', (_, f, breakpoint) => {
    let last = f(step(breakpoint, -60));
    for (let i = -59; i <= 60; i++) {
      const value = f(step(breakpoint, i));
      expect(value).toBeGreaterThanOrEqual(step(last, -4));
      last = value;
    }
    expect(f(breakpoint + 1e-9)).toBeGreaterThan(f(breakpoint - 1e-9));
  });

  it('rises to 1 and stays there', () => {
    let last = -1;
    for (let x = -6.5; x < 6.5; x += 0.01) {
      const value = erf(x);
      expect(value).toBeGreaterThanOrEqual(last);
      last = value;
    }
    expect(last).toBe(1);
  });
});
