import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileProgram, parseFunction, parseText } from '../../src/model/compile.ts';
import type { ParsedModel } from '../../src/model/compile.ts';
import { formatProgram } from '../../src/model/print.ts';
import { encodeProgram, validateProgram } from '../../src/model/program.ts';
import type { Program } from '../../src/model/program.ts';
import { evaluateProgram, pointOperations } from './evaluate-program.ts';

type Fn = (x: number, p: Record<string, number>) => number;

const decay: Fn = (x, p) => p.a! * Math.exp(-p.b! * x) + p.c!;
const gaussian: Fn = (x, p) =>
  p.a! * Math.exp(-((x - p.mu!) ** 2) / (2 * p.s! ** 2)) + p.b!;
const gaussianByRatio: Fn = (x, p) =>
  p.a! * Math.exp(-0.5 * ((x - p.mu!) / p.s!) ** 2) + p.b!;
const image: Fn = (i, p) => {
  const dx = i % 15 - p.x0!, dy = Math.floor(i / 15) - p.y0!;
  return p.a! * Math.exp(-(dx * dx + dy * dy) / (2 * p.s! * p.s!)) + p.b!;
};
const lorentzians: Fn = (x, p) => {
  const d = x - p.x1!, g = x - p.x2!, u = p.w1! * p.w1!, v = p.w2! * p.w2!;
  return p.A! * u / (d * d + u) + p.B! * v / (g * g + v) + p.c! + p.m! * x;
};

/** How much the point section may cost. */
interface Most {
  readonly exp: number;
  readonly div: number;
  readonly rest: number;
}

const models: readonly (readonly [string, Fn, Record<string, number>, Most])[] = [
  ['decay', decay, { a: 2, b: 0.3, c: 1 }, { exp: 1, div: 0, rest: 4 }],
  ['gaussian', gaussian, { a: 2, mu: 3, s: 1.2, b: 0.5 }, { exp: 1, div: 0, rest: 8 }],
  ['gaussian by ratio', gaussianByRatio, { a: 2, mu: 3, s: 1.2, b: 0.5 },
    { exp: 1, div: 0, rest: 9 }],
  ['image', image, { a: 5, x0: 7.2, y0: 6.9, s: 2.1, b: 0.4 }, { exp: 1, div: 0, rest: 11 }],
  ['lorentzians', lorentzians, { A: 3, x1: 2, w1: 0.5, B: 2, x2: 4, w2: 0.8, c: 0.2, m: 0.1 },
    { exp: 0, div: 2, rest: 20 }],
];

function compiled(fn: Fn, p: Record<string, number>): { model: ParsedModel; program: Program } {
  const parse = parseFunction(fn, null, Object.keys(p));
  if (!parse.ok) throw new Error(parse.reason);
  const varying = parse.model.params.map((_, i) => i);
  return { model: parse.model, program: compileProgram(parse.model, varying) };
}

function textProgram(
  text: string, varying?: readonly number[], predictors?: readonly string[],
): Program {
  const parse = parseText(text, predictors);
  if (!parse.ok) throw new Error(parse.reason);
  return compileProgram(parse.model, varying ?? parse.model.params.map((_, i) => i));
}

describe('programs of typical models', () => {
  test.each(models)('%s: as few operations per point as by hand', (_, fn, p, most) => {
    const { program } = compiled(fn, p);
    const { exp = 0, div = 0, ...rest } = pointOperations(program);
    expect(exp).toBe(most.exp);
    expect(div).toBeLessThanOrEqual(most.div);
    expect(Object.values(rest).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(most.rest);
    expect(Object.keys(rest).sort().every((name) => /add|sub|mul/i.test(name))).toBe(true);
  });

  test.each(models)('%s: values and derivatives', (_, fn, p) => {
    const { program } = compiled(fn, p);
    const names = Object.keys(p), values = Object.values(p);
    for (const x of [0, 1.5, 3.2, 47, 113]) {
      const { value, jacobian } = evaluateProgram(program, [x], values);
      expect(value).toBeCloseTo(fn(x, p), 12);
      names.forEach((name, k) => {
        const at = (h: number): number => fn(x, { ...p, [name]: p[name]! + h });
        const h = 1e-3;
        const expected = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
        expect(jacobian[k]).toBeCloseTo(expected, 8);
      });
    }
  });

  test('constant and shared columns take no operation', () => {
    const { program } = compiled(decay, { a: 2, b: 0.3, c: 1 });
    expect(formatProgram(program)).toMatch(/d\/dp2 1$/);
    const line = textProgram('a + b*x + c*x^2');
    expect(line.pointInstructions).toBe(2);
    expect(formatProgram(line)).toContain('d/dp1 x0');
    expect(line.dataInstructions).toBe(1);
  });

  test('denominators are inverted once when shared and divided by when not', () => {
    expect(pointOperations(textProgram('a/(b + x)', []))).toEqual({ add: 1, div: 1 });
    expect(pointOperations(textProgram('a/(b + x)')).div).toBe(1);
    expect(pointOperations(textProgram('a*x/b', []))).toEqual({ mul: 1 });
  });

  test('powers are multiplications, squares of squares where possible', () => {
    expect(pointOperations(textProgram('(x - a)^8', []))).toEqual({ sub: 1, mul: 3 });
    expect(pointOperations(textProgram('(x - a)^15', []))).toMatchObject({ sub: 1 });
    expect(pointOperations(textProgram('(x - a)^15', [])).mul).toBeLessThanOrEqual(6);
    expect(pointOperations(textProgram('(x + a)^0.5', []))).toEqual({ add: 1, sqrt: 1 });
    expect(pointOperations(textProgram('(x + a)^-0.5', []))).toEqual({ add: 1, sqrt: 1, div: 1 });
    expect(pointOperations(textProgram('(x + a)^b', []))).toEqual({ add: 1, pow: 1 });
  });

  test('one more function is evaluated only where the derivative needs one', () => {
    expect(pointOperations(textProgram('tanh(a*x + b)')).tanh).toBe(1);
    expect(pointOperations(textProgram('a*(x + c)^b')).pow).toBe(1);
    expect(pointOperations(textProgram('a*sin(b*x + c)'))).toMatchObject({ sin: 1, cos: 1 });
  });

  test('what jumps keeps the rounding of the source', () => {
    const program = textProgram('floor(x/49) + a', []);
    for (let k = 1; k < 200; k++)
      expect(evaluateProgram(program, [49 * k], [0]).value).toBe(k);
    const compare = textProgram('x/49 == a ? 1 : 0', []);
    expect(evaluateProgram(compare, [49], [1]).value).toBe(1);
  });

  test('division by what may be 0 is not cancelled in values', () => {
    expect(evaluateProgram(textProgram('(x + a)*b/(x + a)', []), [-1], [1, 2]).value).toBeNaN();
    expect(evaluateProgram(textProgram('a*x/x', []), [0], [1]).value).toBeNaN();
    expect(evaluateProgram(textProgram('(x + a)/(x + a)^2', []), [1], [1]).value).toBe(0.5);
  });

  test('ratios of large or small numbers do not overflow', () => {
    const ratio = textProgram('a*((x - b)/c)^2');
    for (const scale of [1e-170, 1e170]) {
      const { value, jacobian } = evaluateProgram(ratio, [3 * scale], [2, scale, scale]);
      expect(value).toBeCloseTo(8, 12);
      expect(jacobian[0]).toBeCloseTo(4, 12);
      expect(jacobian[1]! * scale).toBeCloseTo(-8, 12);
      expect(jacobian[2]! * scale).toBeCloseTo(-16, 12);
    }
    const huge = textProgram('1e200*x*1e200*a', []);
    expect(evaluateProgram(huge, [1e-200], [1e-200]).value).toBeCloseTo(1, 12);
  });

  test('varying parameters alone get columns', () => {
    const program = textProgram('a*exp(-b*x) + c', [1]);
    expect([...program.varying]).toEqual([1]);
    expect(program.jacobian.length).toBe(1);
  });
});

describe('limits', () => {
  const terms = (count: number, make: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => make(i)).join(' + ');
  test('are reported in one sentence', () => {
    const many = terms(300, (i) => `p${i}*x`);
    expect(() => textProgram(many, [0])).toThrow(RangeError);
    expect(() => textProgram(many, [0])).toThrow('300 parameters, the limit is 256');
    expect(() => textProgram(terms(100, (i) => `p${i}*x`)))
      .toThrow('100 varying parameters, the limit is 64');
    const names = Array.from({ length: 70 }, (_, i) => `x${i}`);
    expect(() => textProgram('a*x0', [0], names)).toThrow('70 predictors, the limit is 64');
  });
  test('large models stay valid and right', () => {
    const text = terms(30, (i) => `a${i}*exp(-((x - ${i}/3)/w)^2)`);
    const program = textProgram(text);
    const p = Array.from({ length: 31 }, (_, i) => 1 + i % 4);
    const parse = parseText(text);
    if (!parse.ok) throw new Error(parse.reason);
    const values = parse.model.params.map((name, i) => (name === 'w' ? 1.5 : p[i]!));
    let expected = 0;
    for (let i = 0; i < 30; i++)
      expected += values[i === 0 ? 0 : i + 1]! * Math.exp(-(((2 - i / 3) / 1.5) ** 2));
    expect(evaluateProgram(program, [2], values).value).toBeCloseTo(expected, 11);
    expect(program.pointSlots).toBeLessThan(program.pointInstructions / 2);
  });
});

describe('validateProgram', () => {
  const programs = [
    ...models.map(([, fn, p]) => compiled(fn, p).program),
    textProgram('x > a ? (x + b)^c : hypot(x, a) % 3'),
    textProgram('a', []),
  ];

  test('accepts what the compiler makes', () => {
    for (const program of programs)
      expect(validateProgram(encodeProgram(program), program.constants)).toBeNull();
  });

  test('never throws, whatever the words are', () => {
    const word = fc.oneof(
      fc.integer({ min: -0x80000000, max: 0x7fffffff }), fc.integer({ min: -3, max: 70 }));
    let accepted = 0;
    fc.assert(fc.property(
      fc.nat(programs.length - 1),
      fc.array(fc.tuple(fc.nat(400), word), { minLength: 1, maxLength: 4 }),
      fc.nat(3), (which, changes, cut) => {
        const program = programs[which]!;
        let words = encodeProgram(program);
        for (const [at, value] of changes) words[at % words.length] = value;
        if (cut > 0) words = words.subarray(0, Math.max(0, words.length - cut + 1));
        const fault = validateProgram(words, program.constants);
        if (fault === null) accepted++;
        else expect(fault).toMatch(/^[a-z0-9 (),A-Z-]+$/);
      }), { numRuns: 20000, seed: 8 });
    expect(accepted).toBeGreaterThan(0);
  });

  test('finds reads of slots that were never written', () => {
    const program = compiled(decay, { a: 1, b: 1, c: 1 }).program;
    const words = encodeProgram(program);
    const first = 12 + 2 * program.varying.length + 5 * program.fitInstructions;
    words[first + 2] = 4 * (program.pointSlots - 1) + 2;
    expect(validateProgram(words, program.constants))
      .toMatch(/operand 0 of instruction \d+ \(mul\)/);
  });
});
