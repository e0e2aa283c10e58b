// Differences of callbacks: right to their order, with exact steps, never beyond a bound.

import { describe, expect, it } from 'vitest';
import { callbackEvaluator } from '../../src/portable/program/callback.ts';

const schemes = ['2-point', '3-point'] as const;
const curve = (p: number): number => 3 + 2 * p - 0.7 * p * p;
const slope = (p: number): number => 2 - 1.4 * p;

/** The derivative of `curve` at p, and where it was called. */
function derivative(
  scheme: '2-point' | '3-point', p: number, lower: number, upper: number, scale?: number,
): { value: number; seen: number[] } {
  const seen: number[] = [];
  const evaluator = callbackEvaluator({
    params: 2, varying: Int32Array.of(1), scheme,
    lower: Float64Array.of(-Infinity, lower), upper: Float64Array.of(Infinity, upper),
    ...(scale !== undefined && { scale: Float64Array.of(1, scale) }),
    value: (_x, params) => {
      seen.push(params[1]!);
      return curve(params[1]!);
    },
  }, 1);
  const jacobian = new Float64Array(1);
  const data = { columns: [Float64Array.of(0)], offsets: [0] };
  evaluator.evaluate(Float64Array.of(5, p), data, 1, new Float64Array(1), jacobian);
  return { value: jacobian[0]!, seen };
}

describe.each(schemes)('%s', (scheme) => {
  const tolerance = scheme === '2-point' ? 1e-7 : 1e-9;

  it.each([
    ['without bounds near', 1.5, -Infinity, Infinity],
    ['at the lower bound', 1.5, 1.5, 4],
    ['at the upper bound', 1.5, -4, 1.5],
    ['at 0', 0, -1, 1],
    ['at a bound of 0', 0, 0, 1],
    ['closer to a bound than a step', 1.5, 1.5 - 1e-12, 9],
    ['at a negative value', -2, -2, 5],
  ])('%s', (_what, p, lower, upper) => {
    const { value, seen } = derivative(scheme, p, lower, upper);
    expect(Math.abs(value - slope(p))).toBeLessThan(tolerance * Math.abs(slope(p)) + tolerance);
    for (const at of seen) {
      expect(at).toBeGreaterThanOrEqual(lower);
      expect(at).toBeLessThanOrEqual(upper);
    }
    expect(seen.length).toBe(scheme === '2-point' ? 2 : 3);
  });

  it('stays inside where the bounds are closer than a step', () => {
    const { value, seen } = derivative(scheme, 1.5, 1.5 - 2 ** -40, 1.5 + 2 ** -41);
    for (const at of seen) expect(Math.abs(at - 1.5)).toBeLessThanOrEqual(2 ** -40);
    expect(Math.abs(value - slope(1.5))).toBeLessThan(1e-2);
  });

  it('takes steps of the size that a scale asks for', () => {
    const { value, seen } = derivative(scheme, 1e-20, -1, 1, 1);
    expect(Math.abs(value - 2)).toBeLessThan(1e-6);
    expect(Math.max(...seen)).toBeGreaterThan(1e-9);
  });
});
