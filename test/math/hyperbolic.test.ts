// Hyperbolic functions of the portable engine against high-precision tables and ECMAScript's rules.
import { describe, expect, it } from 'vitest';
import { acosh, asinh, atanh, cosh, sinh, tanh } from '../../src/portable/math/hyperbolic.ts';
import { readTable, step, worstError } from './reference.ts';

describe('accuracy', () => {
  for (const [name, f] of Object.entries({ sinh, cosh, tanh, asinh, acosh, atanh })) {
    it(`${name} stays within 1 ulp`, () => {
      const worst = worstError(name, f);
      expect(worst.rows).toBe(1500);
      expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(1);
    });
  }
});

describe('symmetry', () => {
  it.each([
    ['sinh', sinh],
    ['tanh', tanh],
    ['asinh', asinh],
    ['atanh', atanh],
  ] as const)('%s is odd', (name, f) => {
    for (const [x] of readTable(name, 3)) expect(f(-x)).toBe(-f(x));
  });

  it('cosh is even', () => {
    for (const [x] of readTable('cosh', 3)) expect(cosh(-x)).toBe(cosh(x));
  });
});

describe('special values', () => {
  it.each([
    ['sinh', sinh, [0, -0, 5e-324, -5e-324, Infinity, -Infinity, NaN], []],
    ['asinh', asinh, [0, -0, 5e-324, -5e-324, Infinity, -Infinity, NaN], []],
    ['tanh', tanh, [0, -0, 5e-324, -5e-324, NaN], [[Infinity, 1], [-Infinity, -1], [30, 1]]],
    ['atanh', atanh, [0, -0, 5e-324, NaN], [[1, Infinity], [-1, -Infinity], [1.5, NaN], [-2, NaN],
      [Infinity, NaN]]],
    ['cosh', cosh, [Infinity, NaN], [[-Infinity, Infinity], [0, 1], [-0, 1], [1e-9, 1]]],
    ['acosh', acosh, [Infinity, NaN], [[1, 0], [0.99, NaN], [0, NaN], [-1, NaN], [-Infinity, NaN]]],
  ] as const)('%s', (_, f, fixed, mapped) => {
    for (const x of fixed) expect(f(x)).toBe(x);
    for (const [x, value] of mapped) expect(f(x)).toBe(value);
  });

  it('sinh and cosh overflow after e^x does', () => {
    const last = 710.4758600739439;
    expect(sinh(last)).toBeLessThan(Infinity);
    expect(cosh(last)).toBeLessThan(Infinity);
    expect(sinh(step(last, 1))).toBe(Infinity);
    expect(cosh(-step(last, 1))).toBe(Infinity);
    expect(sinh(-1e300)).toBe(-Infinity);
  });
});

describe('monotonicity', () => {
  it.each([
    ['sinh', sinh, 1],
    ['sinh', sinh, 708],
    ['cosh', cosh, 708],
    ['tanh', tanh, 0.75],
    ['asinh', asinh, 0.5],
    ['asinh', asinh, 2 ** 28],
    ['acosh', acosh, 2 ** 28],
    ['atanh', atanh, 0.17],
  ] as const)('%s rises through its breakpoint (%#)', (_, f, breakpoint) => {
    let last = f(step(breakpoint, -60));
    for (let i = -59; i <= 60; i++) {
      const value = f(step(breakpoint, i));
      expect(value).toBeGreaterThanOrEqual(step(last, -1));
      last = value;
    }
    expect(f(breakpoint * (1 + 1e-9))).toBeGreaterThan(f(breakpoint * (1 - 1e-9)));
  });
});
