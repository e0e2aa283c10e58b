// What the portable engine promises of rounding, sign, extrema and remainder, as a table that the
// native twin is held to as well.
import { describe, expect, it } from 'vitest';
import {
  ceil, floor, maximum, minimum, remainder, round, sign, trunc,
} from '../../src/portable/math/rounding.ts';

describe('rounding to integers', () => {
  // x, floor, ceil, trunc, round, sign
  it.each([
    [0, 0, 0, 0, 0, 0],
    [-0, -0, -0, -0, -0, -0],
    [0.3, 0, 1, 0, 0, 1],
    [-0.3, -1, -0, -0, -0, -1],
    [0.49999999999999994, 0, 1, 0, 0, 1],
    [0.5, 0, 1, 0, 1, 1],
    [-0.5, -1, -0, -0, -0, -1],
    [-0.5000000000000001, -1, -0, -0, -1, -1],
    [1.5, 1, 2, 1, 2, 1],
    [2.5, 2, 3, 2, 3, 1],
    [-1.5, -2, -1, -1, -1, -1],
    [-2.5, -3, -2, -2, -2, -1],
    [-5e-324, -1, -0, -0, -0, -1],
    [2 ** 51 + 0.5, 2 ** 51, 2 ** 51 + 1, 2 ** 51, 2 ** 51 + 1, 1],
    [2 ** 52 + 1, 2 ** 52 + 1, 2 ** 52 + 1, 2 ** 52 + 1, 2 ** 52 + 1, 1],
    [-1e300, -1e300, -1e300, -1e300, -1e300, -1],
    [Infinity, Infinity, Infinity, Infinity, Infinity, 1],
    [NaN, NaN, NaN, NaN, NaN, NaN],
  ])('of %d', (x, ...expected) => {
    expect([floor, ceil, trunc, round, sign].map((f) => f(x))).toEqual(expected);
  });
});

describe('extrema', () => {
  it.each([
    [1, 2, 1, 2],
    [-0, 0, -0, 0],
    [0, -0, -0, 0],
    [NaN, 1, NaN, NaN],
    [1, NaN, NaN, NaN],
    [-Infinity, Infinity, -Infinity, Infinity],
  ])('of %d and %d', (a, b, least, greatest) => {
    expect(minimum(a, b)).toBe(least);
    expect(maximum(a, b)).toBe(greatest);
  });
});

describe('remainder', () => {
  it.each([
    [7, 3, 1],
    [-7, 3, -1],
    [7, -3, 1],
    [-6, 3, -0],
    [5, Infinity, 5],
    [-0, 1, -0],
    [1, 0, NaN],
    [Infinity, 1, NaN],
    [NaN, 1, NaN],
    [5e-324, 2 ** -1022, 5e-324],
  ])('of %d by %d', (a, b, expected) => {
    expect(remainder(a, b)).toBe(expected);
  });

  it('is exact where the quotient has a thousand bits', () => {
    // 2^1023 ≡ 2^(1023 mod 4) (mod 5), because 2^4 ≡ 1.
    expect(remainder(2 ** 1023, 5)).toBe(3);
    expect(remainder(2 ** 1023, 3 * 5e-324)).toBe(2 * 5e-324);
  });
});
