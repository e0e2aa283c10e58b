// sin, cos and tan of the portable engine against high-precision tables and ECMAScript's rules.
import { describe, expect, it } from 'vitest';
import { cos, sin, tan } from '../../src/portable/math/trigonometric.ts';
import { readTable, spacing, step, worstError } from './reference.ts';

const functions = { sin, cos, tan };

describe('accuracy', () => {
  for (const [name, f] of Object.entries(functions)) {
    it(`${name} stays within 1 ulp, for huge arguments and near its zeros too`, () => {
      const worst = worstError(name, f);
      expect(worst.rows).toBe(1500);
      expect(worst.ulp, `at ${worst.at}`).toBeLessThanOrEqual(1);
    });
  }

  it('meets the double nearest to a multiple of π/2', () => {
    const x = 6381956970095103 * 2 ** 797;
    expect(cos(x)).toBe(-4.687165924254628e-19);
    expect(sin(x)).toBe(1);
    expect(tan(x)).toBe(-2.133485385753704e18);
  });

  it('keeps sin² + cos² at 1 and tan at sin/cos over all magnitudes', () => {
    for (const [x] of readTable('sin', 3)) {
      const s = sin(x);
      const c = cos(x);
      expect(Math.abs(s * s + c * c - 1), `at ${x}`).toBeLessThan(5e-16);
      expect(Math.abs(tan(x) - s / c), `at ${x}`).toBeLessThanOrEqual(3 * spacing(s / c));
    }
  });
});

describe('special values', () => {
  it.each([
    [0, 0, 1, 0],
    [-0, -0, 1, -0],
    [5e-324, 5e-324, 1, 5e-324],
    [-5e-324, -5e-324, 1, -5e-324],
    [2 ** -1022, 2 ** -1022, 1, 2 ** -1022],
    [1e-20, 1e-20, 1, 1e-20],
    [NaN, NaN, NaN, NaN],
    [Infinity, NaN, NaN, NaN],
    [-Infinity, NaN, NaN, NaN],
  ])('at %d', (x, ofSin, ofCos, ofTan) => {
    expect(sin(x)).toBe(ofSin);
    expect(cos(x)).toBe(ofCos);
    expect(tan(x)).toBe(ofTan);
  });
});

describe('symmetry', () => {
  it('sin and tan are odd, cos is even, to the last bit', () => {
    for (const [x] of readTable('cos', 3)) {
      expect(sin(-x)).toBe(-sin(x));
      expect(tan(-x)).toBe(-tan(x));
      expect(cos(-x)).toBe(cos(x));
    }
  });
});

describe('continuity', () => {
  // At the changes of quadrant, of reduction and of formula, neighbours differ by the slope only.
  it.each([Math.PI / 4, 3 * (Math.PI / 4), 101 * (Math.PI / 4), 2 ** -27, 157079])(
    'holds through %d',
    (breakpoint) => {
      for (const f of [sin, cos, tan]) {
        for (let i = -40; i < 40; i++) {
          const x = step(breakpoint, i);
          const next = step(breakpoint, i + 1);
          const slope = f === tan ? 1 + tan(x) ** 2 : f === sin ? cos(x) : -sin(x);
          const jump = f(next) - f(x) - slope * (next - x);
          expect(Math.abs(jump), `${f.name} at ${x}`).toBeLessThanOrEqual(2 * spacing(f(x)));
        }
      }
    },
  );
});
