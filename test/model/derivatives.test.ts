import { describe, expect, test } from 'vitest';
import { compileProgram, parseText } from '../../src/model/compile.ts';
import type { ParsedModel } from '../../src/model/compile.ts';
import { opCode } from '../../src/model/ops.ts';
import { evaluateProgram } from './evaluate-program.ts';

function modelOf(text: string, predictors?: string[]): ParsedModel {
  const parse = parseText(text, predictors);
  if (!parse.ok) throw new Error(parse.reason);
  return parse.model;
}

function evaluate(
  model: ParsedModel, x: number[], p: number[],
): { value: number; jacobian: Float64Array } {
  return evaluateProgram(compileProgram(model, model.params.map((_, i) => i)), x, p);
}

/** Central differences of fourth order (Fornberg 1988). */
function differences(model: ParsedModel, x: number[], p: number[]): number[] {
  return p.map((value, k) => {
    const h = 1e-3 * Math.max(1, Math.abs(value));
    const at = (step: number): number =>
      evaluate(model, x, p.map((v, i) => (i === k ? v + step * h : v))).value;
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  });
}

/** Every operation in an expression of x, a and b, with points where it is smooth. */
const smooth: readonly (readonly [string, readonly (readonly [number, number, number])[]])[] = [
  ['a*x + b', [[1.3, 0.7, -2]]],
  ['a*x - b/x', [[1.3, 0.7, -2]]],
  ['(a*x - b)*(a + x*b)/(x + a)', [[1.3, 0.7, -2], [0.2, -3, 0.5]]],
  ['-a/(b*x)', [[1.3, 0.7, -2]]],
  ['abs(a*x + b)', [[1.3, 0.7, -2], [1.3, 0.7, 2]]],
  ['sqrt(a*x + b^2)', [[1.3, 0.7, -2]]],
  ['a*x < b ? a*x^2 : b*x', [[1.3, 0.7, -2], [1.3, 0.7, 2]]],
  ['a*x <= b && x > 1 ? a^3 : b*a', [[1.3, 0.7, -2], [1.3, 0.7, 2], [0.3, 0.7, 2]]],
  ['x == 1 || x != 2 ? a*b : a^2', [[1, 0.5, 0.7], [2, 2, 3], [3, 2, 3]]],
  ['!(a < x) ? a*b : b^2', [[1, 0.5, 0.7], [1, 2, 3]]],
  ['a*floor(b*x) + a*ceil(b*x) + trunc(b)*a + round(a*x)*b + sign(b*x)*a', [[1.3, 0.71, -2.2]]],
  ['min(a*x, b*x^2) + max(a, b*x)*x', [[1.3, 0.7, -2], [1.3, 0.7, 2.5]]],
  ['(a*x) % b', [[7.3, 1.7, 2.3], [-7.3, 1.7, 2.3]]],
  ['a*exp(b*x)', [[1.3, 0.7, -2], [1.3, -0.7, 2]]],
  ['expm1(a*x*b)', [[1.3, 0.7, -2]]],
  ['exp2(a*x - b)', [[1.3, 0.7, -2]]],
  ['log(a*x + b) + log(a*b)', [[1.3, 0.7, 2]]],
  ['log1p(a*x*b)', [[1.3, 0.7, 2]]],
  ['log2(a*x) * log10(b)', [[1.3, 0.7, 2]]],
  ['(a*x)^b', [[1.3, 0.7, -2.5], [2, 3, 4]]],
  ['x^a + b^x + a^b', [[1.3, 0.7, 2]]],
  ['(a*x + 1)^(b*x)', [[1.3, 0.7, 2]]],
  ['a^3 + (a*x)^-2 + (b*x)^16 + b^0.5 + (a + x)^-0.5 + (a*x)^1.5 + (b*x)^-2.5', [[0.9, 1.1, 1.2]]],
  ['sin(a*x) * cos(b*x) + tan(a*b)', [[1.3, 0.7, 1.2], [1.3, 0.7, -1.3]]],
  ['asin(a*x) + acos(b*x) + atan(a*b*x)', [[0.5, 0.7, 0.9], [0.5, -0.7, 0.9]]],
  ['atan2(a*x, b) + atan2(x, a*b)', [[0.5, 0.7, 0.9], [0.5, -0.7, -0.9]]],
  ['sinh(a*x) + cosh(b*x) + tanh(a*b)', [[0.5, 0.7, 0.9], [0.5, -0.7, 0.9]]],
  ['asinh(a*x) + acosh(b*x) + atanh(a*b)', [[2, -0.7, 0.9], [1, 0.2, 1.4]]],
  ['cbrt(a*x) + cbrt(b - a)', [[2, -0.7, 0.9], [1, 0.2, 1.4]]],
  ['hypot(a*x, b) + hypot(a, b, x)', [[2, -0.7, 0.9]]],
  ['erf(a*x) + erfc(b*x)', [[2, -0.7, 0.3], [1, 0.2, 1.4]]],
  ['faddeevaReal(a*x, b*x)*a + faddeevaImaginary(b*x, a)',
    [[2, 0.7, 0.3], [1, 0.2, 1.4], [12, 3, 2], [-3, 0.5, -0.1]]],
  ['a/(1 + exp(-b*(x - a)))', [[2, 0.7, 0.9], [1, 3, 1.4]]],
  ['a*x/(b + x) + (a - x)/(b + x)^2', [[2, 0.7, 0.9], [1, 3, 1.4]]],
  ['a*exp(-((x - b)/a)^2)*((x - b)/a)', [[2, 0.7, 0.9], [1, 3, 1.4]]],
  ['((a*x + b)/(a - b))^2 / ((a*x + b)*(a - x))', [[2, 0.7, 0.9], [1, 3, 1.4]]],
];

describe('derivatives', () => {
  test.each(smooth)('of %s agree with differences', (text, points) => {
    const model = modelOf(text);
    for (const [x, first, second] of points) {
      const p = model.params.map((name) => (name === 'a' ? first : second));
      const { value, jacobian } = evaluate(model, [x], p);
      expect(value).not.toBeNaN();
      const expected = differences(model, [x], p);
      jacobian.forEach((d, k) => {
        const scale = Math.max(1, Math.abs(expected[k]!));
        const where = `d/d${model.params[k]} at ${x}, ${p}`;
        expect(Math.abs(d - expected[k]!) / scale, where).toBeLessThan(2e-8);
      });
    }
  });

  test('cover every operation of the table', () => {
    const text = smooth.map(([source]) => source).join(' ') + ' -a';
    const symbols: Record<string, string> = {
      add: '+', sub: '-', mul: '*', div: '/', neg: '-', less: '<', lessEqual: '<=', equal: '==',
      notEqual: '!=', and: '&&', or: '||', not: '!', select: '?', minimum: 'min(', maximum: 'max(',
      remainder: '%', pow: '^',
    };
    for (const name of Object.keys(opCode)) {
      // The scheduler makes these.
      if (name.toLowerCase().includes('muladd') || name === 'mulSub') continue;
      expect(text, name).toContain(symbols[name] ?? `${name}(`);
    }
  });

  test('are exact where differences are not: exponentials of large and small arguments', () => {
    const model = modelOf('a*exp(-b*x)');
    const { jacobian } = evaluate(model, [40], [2, 3]);
    expect(jacobian[0]).toBeCloseTo(Math.exp(-120), 60);
    expect(jacobian[1]! / (-80 * Math.exp(-120))).toBeCloseTo(1, 14);
  });
});

describe('removable singularities', () => {
  const at = (text: string, x: number, p: number[]): number[] =>
    [...evaluate(modelOf(text), [x], p).jacobian].map((d) => d + 0); // −0 counts as 0

  test('powers of 0 have the limit as derivative', () => {
    expect(at('(x*a)^2', 0, [3])).toEqual([0]);
    expect(at('(x*a)^b', 0, [3, 2.5])).toEqual([0, 0]);
    expect(at('(x - a)^b', 2, [2, 1.7])).toEqual([0, 0]);
    expect(at('(x - a)^b', 2, [2, 1])[0]).toBe(-1);
    expect(at('(x - a)^b', 2, [2, 1])[1]).toBe(0);
    expect(at('x^b', 0, [2.2])).toEqual([0]);
    expect(at('a*(x/b)^c', 0, [1, 2, 3.5]).every((v) => v === 0)).toBe(true);
    expect(at('(x*a)^1.5', 0, [3])[0]).toBe(0);
  });

  test('√0 and hypot(0, 0) with a vanishing inner derivative have derivative 0', () => {
    expect(at('sqrt(a*x)', 0, [3])).toEqual([0]);
    expect(at('sqrt((x - a)^2 + b^2)', 1, [1, 0]).every((v) => v === 0)).toBe(true);
    expect(at('hypot(a*x, b*x)', 0, [3, 2])).toEqual([0, 0]);
    expect(at('cbrt(a*x)', 0, [3])).toEqual([0]);
  });

  test('kinks take a branch and are never NaN', () => {
    const kinks = [
      'abs(a - x)', 'min(a, x)', 'max(a, x)', 'a < x ? a : x', 'floor(a)', 'sign(a - x)',
    ];
    for (const text of kinks)
      for (const d of at(text, 1, [1])) expect(Math.abs(d)).toBeLessThanOrEqual(1);
  });

  test('a branch that is not taken leaves no trace', () => {
    expect(at('x > 0 ? a*log(x) : a', 0, [2])).toEqual([1]);
    expect(at('x > 0 ? a*sqrt(x - 1) : a*b', -1, [2, 5])).toEqual([5, 2]);
  });

  test('dose-response curves are smooth at dose 0', () => {
    // d + (a − d)/(1 + (x/c)^b) at x = 0 is a, whatever the other parameters.
    for (const b of [0.4, 1, 2.5])
      expect(at('d + (a - d)/(1 + (x/c)^b)', 0, [5, 2, 3, b])).toEqual([0, 1, 0, 0]);
    expect(at('a*x^h/(k^h + x^h)', 0, [2, 1.5, 3])).toEqual([0, 0, 0]);
  });

  test('logistic curves saturate without NaN', () => {
    const curves = [
      'a/(1 + exp(-b*(x - c)))', 'a/(1 + (x/c)^b)', 'exp(b*(x - c))*a/(1 + exp(b*(x - c)))',
    ];
    for (const text of curves)
      for (const x of [300, 600]) {
        const { value, jacobian } = evaluate(modelOf(text), [x], modelOf(text).params.map(
          (name) => ({ a: 2, b: 1, c: 1 })[name]!));
        expect(value).not.toBeNaN();
        for (const d of jacobian) expect(d, text).not.toBeNaN();
      }
    const steep = evaluate(modelOf('a/(1 + exp(-b*(x - c)))'), [-1000], [2, 5, 3]);
    expect([steep.value, ...steep.jacobian]).toEqual([0, 0, 0, 0].map((v) => expect.closeTo(v)));
    const falling = evaluate(modelOf('a/(1 + (x/c)^b)'), [1e10], [2, 1e-3, 100]);
    expect([...falling.jacobian].some(Number.isNaN)).toBe(false);
  });

  test('the derivative of E/(1 + E) vanishes where E is huge', () => {
    const model = modelOf('exp(b*x)/(1 + exp(b*x))');
    for (const x of [100, 380, 450, 700])
      expect(Math.abs(evaluate(model, [x], [1]).jacobian[0]!)).toBeLessThan(1e-10);
  });
});
