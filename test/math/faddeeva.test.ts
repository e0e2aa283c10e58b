// Faddeeva's function of the portable engine against a high-precision table and its limits.
import { describe, expect, it } from 'vitest';
import { erf, erfc } from '../../src/portable/math/error-function.ts';
import { faddeevaImaginary, faddeevaReal } from '../../src/portable/math/faddeeva.ts';
import { readTable } from './reference.ts';

const rows = readTable('faddeeva', 4);

/** |computed − true| / |true| */
function relativeError([x, y, re, im]: Float64Array): number {
  const size = Math.hypot(re, im);
  return Math.hypot(faddeevaReal(x, y) - re, faddeevaImaginary(x, y) - im) / size;
}

describe('accuracy', () => {
  it('is 2e-15 of |w| in the upper half plane', () => {
    const upper = rows.filter(([, y]) => y >= 0);
    expect(upper.length).toBeGreaterThan(1200);
    for (const row of upper)
      expect(relativeError(row), `at ${row[0]} + ${row[1]}i`).toBeLessThan(2e-15);
  });

  it('is 1e-12 of |w| in the lower half plane, where e^(−z²) rules', () => {
    const lower = rows.filter(([, y]) => y < 0);
    expect(lower.length).toBe(250);
    for (const row of lower)
      expect(relativeError(row), `at ${row[0]} + ${row[1]}i`).toBeLessThan(1e-12);
  });

  it('keeps the digits of the small real part far out on the axis', () => {
    for (const y of [1e-3, 1e-9, 1e-100]) {
      // K → y/(√π·x²)·(1 + 3/(2x²) + 15/(4x⁴) + 105/(8x⁶)) for y → 0 (DLMF 7.12.1)
      const x = 60;
      const s = 1 / (x * x);
      const series = (y * s) / Math.sqrt(Math.PI) *
        (1 + s * (1.5 + s * (3.75 + s * 13.125)));
      expect(faddeevaReal(x, y) / series).toBeCloseTo(1, 8);
    }
  });
});

describe('relations to other functions', () => {
  it('on the imaginary axis it is the scaled complementary error function', () => {
    for (let y = 0; y < 5; y += 0.1) {
      expect(faddeevaReal(0, y) / (Math.exp(y * y) * erfc(y))).toBeCloseTo(1, 13);
      expect(faddeevaImaginary(0, y)).toBe(0);
    }
  });

  it('on the real axis its real part is a Gaussian', () => {
    for (let x = -6; x < 6; x += 0.1)
      expect(Math.abs(faddeevaReal(x, 0) - Math.exp(-x * x))).toBeLessThan(2e-15);
  });

  it('w(x + iy) + w(−x − iy) = 2·e^(−z²)', () => {
    for (const [x, y] of [[1, 0.5], [-2, 1], [3, 3], [0.1, 4]]) {
      const size = 2 * Math.exp(y * y - x * x);
      expect((faddeevaReal(x, y) + faddeevaReal(-x, -y)) / size)
        .toBeCloseTo(Math.cos(2 * x * y), 12);
      expect((faddeevaImaginary(x, y) + faddeevaImaginary(-x, -y)) / size)
        .toBeCloseTo(-Math.sin(2 * x * y), 12);
    }
    expect(erf(1)).toBeCloseTo(1 - faddeevaReal(0, 1) * Math.exp(-1), 15);
  });
});

describe('special values', () => {
  it.each([
    [Infinity, 0, 0, 0],
    [0, Infinity, 0, 0],
    [Infinity, Infinity, 0, 0],
    [NaN, 0, NaN, NaN],
    [0, NaN, NaN, NaN],
  ])('at %d + %di', (x, y, re, im) => {
    expect(faddeevaReal(x, y) + 0).toBe(re);
    expect(faddeevaImaginary(x, y) + 0).toBe(im);
    expect(faddeevaReal(-x, y) + 0).toBe(re);
  });

  it('stays finite and falls as 1/z to the end of the range', () => {
    for (const r of [1e10, 1e100, 1e149, 1e151, 1e200, 1e300]) {
      expect(faddeevaImaginary(r, 1) * r).toBeCloseTo(1 / Math.sqrt(Math.PI), 12);
      expect(faddeevaReal(1, r) * r).toBeCloseTo(1 / Math.sqrt(Math.PI), 12);
    }
  });
});

describe('symmetry', () => {
  it('conjugates across the imaginary axis, to the last bit', () => {
    for (const [x, y] of rows) {
      expect(faddeevaReal(-x, y)).toBe(faddeevaReal(x, y));
      expect(faddeevaImaginary(-x, y) + 0).toBe(-faddeevaImaginary(x, y) + 0);
    }
  });
});
