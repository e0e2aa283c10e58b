// log, log1p, log2 and log10 of the portable engine against high-precision tables and ECMAScript's
// rules.
import { describe, expect, it } from 'vitest';
import { log, log10, log1p, log2 } from '../../src/portable/math/log.ts';
import { step, worstError } from './reference.ts';

describe('accuracy', () => {
  for (const [name, f] of Object.entries({ log, log1p, log2, log10 })) {
    it(`${name} stays within 1 ulp`, () => {
      const worst = worstError(name, f);
      expect(worst.rows).toBe(1500);
      expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(1);
    });
  }

  it('log2 is exact for every power of two', () => {
    for (let k = -1074, power = Number.MIN_VALUE; k < 1024; k++, power *= 2) {
      expect(log2(power)).toBe(k);
    }
  });

  it('log10 is exact for every power of ten that is a double', () => {
    for (let k = 0; k <= 22; k++) expect(log10(Number(`1e${k}`))).toBe(k);
  });
});

describe('special values', () => {
  it.each([log, log2, log10])('$name', (f) => {
    expect(f(NaN)).toBe(NaN);
    expect(f(-1)).toBe(NaN);
    expect(f(-5e-324)).toBe(NaN);
    expect(f(-Infinity)).toBe(NaN);
    expect(f(0)).toBe(-Infinity);
    expect(f(-0)).toBe(-Infinity);
    expect(f(Infinity)).toBe(Infinity);
    expect(f(1)).toBe(0);
  });

  it('log1p', () => {
    expect(log1p(NaN)).toBe(NaN);
    expect(log1p(step(-1, -1))).toBe(NaN);
    expect(log1p(-Infinity)).toBe(NaN);
    expect(log1p(-1)).toBe(-Infinity);
    expect(log1p(Infinity)).toBe(Infinity);
    expect(log1p(0)).toBe(0);
    expect(log1p(-0)).toBe(-0);
    expect(log1p(5e-324)).toBe(5e-324);
    expect(log1p(-5e-324)).toBe(-5e-324);
    expect(log1p(Number.MAX_VALUE)).toBe(log(Number.MAX_VALUE));
  });
});

describe('monotonicity', () => {
  it.each([
    ['log', log, Math.SQRT1_2],
    ['log', log, Math.SQRT2],
    ['log', log, 2 ** -1022],
    ['log1p', log1p, Math.SQRT2 - 1],
    ['log1p', log1p, 1e300],
    ['log2', log2, Math.SQRT2],
    ['log10', log10, Math.SQRT1_2],
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
