import { describe, expect, test } from 'vitest';
import { parseFunction, parseText, verifyModel } from '../../src/model/compile.ts';
import { evaluateProgram } from './evaluate-program.ts';

function verify(
  fn: (x: any, p: any) => unknown, text: string, predictors?: readonly string[],
): string {
  const parse = parseText(text, predictors);
  if (!parse.ok) throw new Error(parse.reason);
  const result = verifyModel(fn, parse.model, predictors !== undefined, evaluateProgram);
  return result.ok ? 'ok' : result.reason;
}

describe('verifyModel', () => {
  test('accepts the same function written differently', () => {
    expect(verify((x, p) => p.a * Math.exp(-x * p.b), 'a/exp(b*x)')).toBe('ok');
    expect(verify((x, p) => Math.log(p.a) * x, 'log(a)*x')).toBe('ok');
    expect(verify((x, p) => p.a * x.dose - x.time, 'a*dose - time', ['dose', 'time'])).toBe('ok');
  });
  test('refuses other values, with the point', () => {
    expect(verify((x, p) => p.a * Math.exp(-x * p.b) + 1e-6, 'a/exp(b*x)'))
      .toMatch(/gives .* where the function gives .* x = /);
    expect(verify((x, p) => (x > 5 ? p.a : p.b), 'b + 0*a')).toMatch(/where the function gives/);
    expect(verify((x, p) => Math.sqrt(x * x) * p.a, 'x*a')).toMatch(/where the function gives/);
    expect(verify((x, p) => p.a, 'log(-1 - a^2)')).toMatch(/gives NaN/);
  });
  test('refuses what is not a number, and what throws', () => {
    expect(verify((x, p) => p.a > x, 'a > x')).toContain('a boolean');
    expect(verify(() => undefined, 'a')).toContain('undefined');
    expect(verify(() => null, 'a')).toContain('null');
    expect(verify((x, p) => p.a.b.c, 'a')).toContain('throws');
  });
  test('finds functions that remember', () => {
    let calls = 0;
    const fn = (x: number, p: any): number => p.a * x + (calls++ > 3 ? 1 : 0);
    expect(verify(fn, 'a*x')).toMatch(/where the function gives/);
  });
  test('passes parameters alone to functions without predictors', () => {
    const fn = (v: any): number => v[0] ** 2 + v[1];
    const parse = parseFunction(fn, [], ['0', '1']);
    if (!parse.ok) throw new Error(parse.reason);
    expect(verifyModel(fn, parse.model, false, evaluateProgram)).toEqual({ ok: true });
  });
});
