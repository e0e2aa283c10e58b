// pow of the portable engine against high-precision tables, exact powers and ECMAScript's rules.
import { describe, expect, it } from 'vitest';
import { pow } from '../../src/portable/math/pow.ts';
import { ulpError, worstError } from './reference.ts';

describe('accuracy', () => {
  it('stays within 2 ulp', () => {
    const worst = worstError('pow', pow);
    expect(worst.rows).toBe(1500);
    expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(2);
  });

  it('is exact where the power is a whole number below 2^53', () => {
    let count = 0;
    for (let base = 2n; base < 300n; base++) {
      for (let n = 1n, power = base; power < 2n ** 53n; n++, power *= base, count++) {
        expect(pow(Number(base), Number(n))).toBe(Number(power));
        expect(pow(-Number(base), Number(n))).toBe(Number(n % 2n === 0n ? power : -power));
      }
    }
    expect(count).toBeGreaterThan(2000);
  });
});

describe('special values', () => {
  // Every pair of these: the operator `**` is the specification; where both are finite and not
  // exact, 2 ulp.
  const awkward = [
    0, 1, 0.5, 2, 3, 4, 1 / 3, 1.5, Infinity, NaN, 5e-324, 2 ** -1022, Number.MAX_VALUE, 1 - 2 ** -53,
    1 + 2 ** -52, 2 ** 52 + 1, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64, 2 ** 65, 1e300, 1023, 1024, 1074,
    1075,
  ].flatMap((x) => [x, -x]);

  it.each(awkward)('of base %d', (x) => {
    for (const y of awkward) {
      const value = pow(x, y);
      const expected = x ** y;
      if (Object.is(value, expected)) continue;
      expect(ulpError(value, expected, 0), `${x} ** ${y}: ${value}, ${expected}`).toBeLessThan(2);
    }
  });

  it('is undefined where ECMAScript says so and IEEE 754 does not', () => {
    expect(pow(1, Infinity)).toBe(NaN);
    expect(pow(-1, -Infinity)).toBe(NaN);
    expect(pow(1, NaN)).toBe(NaN);
    expect(pow(NaN, 0)).toBe(1);
  });
});
