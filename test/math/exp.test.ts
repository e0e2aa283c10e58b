// exp, expm1 and exp2 of the portable engine against high-precision tables and ECMAScript's rules.
import { describe, expect, it } from 'vitest';
import { exp, exp2, expm1 } from '../../src/portable/math/exp.ts';
import { step, worstError } from './reference.ts';

describe('accuracy', () => {
  for (const [name, f] of Object.entries({ exp, expm1, exp2 })) {
    it(`${name} stays within 1 ulp`, () => {
      const worst = worstError(name, f);
      expect(worst.rows).toBe(1500);
      expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(1);
    });
  }

  it('exp2 is exact for every integer exponent', () => {
    for (let k = -1074, power = Number.MIN_VALUE; k < 1024; k++, power *= 2) {
      expect(exp2(k)).toBe(power);
    }
  });
});

describe('special values', () => {
  it.each([
    [NaN, NaN, NaN, NaN],
    [Infinity, Infinity, Infinity, Infinity],
    [-Infinity, 0, -1, 0],
    [0, 1, 0, 1],
    [-0, 1, -0, 1],
    [1e300, Infinity, Infinity, Infinity],
    [-1e300, 0, -1, 0],
    [5e-324, 1, 5e-324, 1],
    [-5e-324, 1, -5e-324, 1],
    [1e-20, 1, 1e-20, 1],
  ])('at %d', (x, ofExp, ofExpm1, ofExp2) => {
    expect(exp(x)).toBe(ofExp);
    expect(expm1(x)).toBe(ofExpm1);
    expect(exp2(x)).toBe(ofExp2);
  });

  it('overflows and vanishes at the right doubles', () => {
    expect(exp(709.782712893384)).toBeLessThan(Infinity);
    expect(exp(step(709.782712893384, 1))).toBe(Infinity);
    expect(exp(-745.1332191019411)).toBe(Number.MIN_VALUE);
    expect(exp(step(-745.1332191019411, -1))).toBe(0);
    expect(exp2(step(1024, -1))).toBeLessThan(Infinity);
    expect(exp2(1024)).toBe(Infinity);
    expect(exp2(step(-1075, 1))).toBe(Number.MIN_VALUE);
    expect(exp2(-1075)).toBe(0);
  });
});

describe('monotonicity', () => {
  // Neighbouring results may be equal or one ulp out of order at most, never two.
  it.each([
    ['exp', exp, 708],
    ['exp', exp, -708],
    ['exp', exp, Math.LN2 / 2],
    ['exp', exp, -1.5 * Math.LN2],
    ['expm1', expm1, Math.LN2 / 2],
    ['expm1', expm1, -Math.LN2 / 2],
    ['expm1', expm1, 36.7],
    ['exp2', exp2, 0.5],
    ['exp2', exp2, -1022],
  ] as const)('%s rises through its breakpoint (%#)', (_, f, breakpoint) => {
    let last = f(step(breakpoint, -60));
    for (let i = -59; i <= 60; i++) {
      const value = f(step(breakpoint, i));
      expect(value).toBeGreaterThanOrEqual(step(last, -1));
      last = value;
    }
    expect(f(breakpoint + 1e-9)).toBeGreaterThan(f(breakpoint - 1e-9));
  });
});
