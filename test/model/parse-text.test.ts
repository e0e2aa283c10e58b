import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileProgram, parseText, usedParams } from '../../src/model/compile.ts';
import type { ParsedModel } from '../../src/model/compile.ts';
import { evaluateProgram } from './evaluate-program.ts';

function modelOf(text: string, predictors?: readonly string[]): ParsedModel {
  const parse = parseText(text, predictors);
  if (!parse.ok) throw new Error(parse.reason);
  return parse.model;
}
function valueOf(text: string, values: Record<string, number> = {}): number {
  const model = modelOf(text);
  return evaluateProgram(
    compileProgram(model, []), [values.x ?? NaN], model.params.map((name) => values[name]!)).value;
}
function refusal(text: string): { reason: string; at: number | undefined } {
  const parse = parseText(text);
  if (parse.ok) throw new Error(`accepted: ${text}`);
  return { reason: parse.reason, at: parse.at };
}

describe('precedence', () => {
  const table: readonly (readonly [string, number])[] = [
    ['2 + 3*4', 14],
    ['(2 + 3)*4', 20],
    ['2 - 3 - 4', -5],
    ['24/4/2', 3],
    ['17 % 5 * 2', 4],
    ['2^3^2', 512],
    ['2**3**2', 512],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^-1', 0.5],
    ['2^-1*4', 2],
    ['-2*-3', 6],
    ['--2', 2],
    ['+2 - +3', -1],
    ['2*3^2', 18],
    ['-3 % 2', -1],
    ['1 + 2 < 4', 1],
    ['1 < 2 && 3 < 2', 0],
    ['1 < 2 && 3 < 2 || 1', 1],
    ['1 || 0 && 0', 1],
    ['!0 + 1', 2],
    ['!(1 > 2)', 1],
    ['1 < 2 == 1', 1],
    ['1 ? 2 : 3 + 10', 2],
    ['0 ? 1 : 0 ? 2 : 3', 3],
    ['1 ? 0 ? 1 : 2 : 3', 2],
    ['if(2 > 1, 5, 6)', 5],
    ['1e3 + 2.5E-1 + .5 + 4.', 1004.75],
    ['max(1, 2, 3) - min(4, 5) + max(7)', 6],
    ['hypot(3, 4) + hypot(2, 3, 6) + hypot(-1)', 13],
    ['ln(exp(2)) + log10(100) + log2(8)', 7],
    ['remainder(7, 4)', 3],
    ['sin(pi/2)', 1],
    ['3 === 3', 1],
    ['3 !== 3', 0],
  ];
  test.each(table)('%s is %d', (text, expected) => {
    expect(valueOf(text)).toBeCloseTo(expected, 13);
  });
});

describe('names', () => {
  test('are parameters in order of appearance, but for the predictors', () => {
    const model = modelOf('b*dose + a*exp(-c*time) + b', ['dose', 'time']);
    expect(model.params).toEqual(['b', 'a', 'c']);
    expect(model.predictors).toEqual(['dose', 'time']);
    expect([...usedParams(model)].sort()).toEqual(['a', 'b', 'c']);
  });
  test('may be Unicode, and anything in backquotes', () => {
    expect(modelOf('α*x + Δ_1 + größe').params).toEqual(['α', 'Δ_1', 'größe']);
    expect(modelOf('`dose mg`*k + `exp`', ['dose mg']).params).toEqual(['k', 'exp']);
  });
  test('pi is the constant, e a parameter, and e^x is refused', () => {
    expect(modelOf('a*pi').params).toEqual(['a']);
    expect(modelOf('a + b*x + c*x + d + e').params).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(refusal('a*e^(-b*x)')).toMatchObject({ at: 2, reason: expect.stringContaining('exp(') });
    expect(valueOf('`e`^x', { e: 3, x: 2 })).toBe(9);
    expect(modelOf('`pi`*x').params).toEqual(['pi']);
  });
  test('that the value does not need are parameters that are not used', () => {
    const model = modelOf('1 ? a : b');
    expect(model.params).toEqual(['a', 'b']);
    expect([...usedParams(model)]).toEqual(['a']);
  });
  test('like prototype members are ordinary', () => {
    expect(modelOf('constructor + __proto__*toString').params)
      .toEqual(['constructor', '__proto__', 'toString']);
    expect(refusal('constructor(x)').reason).toContain('not a function');
    expect(refusal('hasOwnProperty(x)').reason).toContain('not a function');
  });
});

describe('faults are reported with position and hint', () => {
  const table: readonly (readonly [string, number, string])[] = [
    ['', 0, 'no expression'],
    ['   ', 0, 'no expression'],
    ['a +', 3, 'ends where a value'],
    ['a + * b', 4, '`*` stands where a value'],
    ['(a + b', 6, 'expected `)`'],
    ['a + b)', 5, 'no `(` for this `)`'],
    ['2x', 1, 'write `2*x`'],
    ['2(x + 1)', 1, 'write `2*(…)`'],
    ['a b', 2, 'write `a*b`'],
    ['a(x + 1)', 0, 'write `a*(…)`'],
    ['a*x + a(x)', 6, '`a` is not a function'],
    ['(a)(x)', 3, 'expected an operator'],
    ['exq(x)', 0, 'did you mean `exp`?'],
    ['epx(x)', 0, 'did you mean `exp`?'],
    ['a*sqt(x)', 2, 'did you mean `sqrt`?'],
    ['exp + 1', 0, 'write `exp(…)`'],
    ['exp()', 0, 'needs an argument'],
    ['exp(x, 2)', 0, 'takes 1 argument, got 2'],
    ['pow(x)', 0, 'takes 2 arguments, got 1'],
    ['exp(x', 5, 'expected `,` or `)`'],
    ['Math.exp(x)', 4, '`exp(x)`'],
    ['p.a*x', 1, 'no members'],
    ['a = 3', 2, 'write `==`'],
    ['a < x < b', 6, 'cannot be chained'],
    ['a ? b', 5, 'expected `:`'],
    ['`a b', 0, 'never closed'],
    ['``', 0, 'no name'],
    ['a − b', 2, 'write `-`'],
    ['a & b', 2, 'write `&&`'],
    ['x²', 1, 'write `^2`'],
    ['a; b', 1, '`;` has no meaning'],
    ['a\u0000b', 1, 'U+0000'],
    ['"a"', 0, '`"` has no meaning'],
    ['Infinity*x', 0, 'not a parameter name'],
    ['PI*x', 0, 'write `pi`'],
    ['1.2.3', 3, 'expected an operator'],
    ['if(x, 1)', 0, 'condition and two values'],
    ['x ? : 1', 4, 'stands where a value'],
    ['1 : 2', 2, '`:` is not expected'],
    ['e^x', 0, 'exp('],
  ];
  test.each(table)('%j at %d: %s', (text, at, message) => {
    const fault = refusal(text);
    expect(fault.reason).toContain(message);
    expect(fault.at).toBe(at);
  });
  test('with a caret under the place', () => {
    expect(refusal('a*x + exq(b)').reason.split('\n').slice(1))
      .toEqual(['  a*x + exq(b)', '        ^']);
    const long = `${'a + '.repeat(100)}exq(b)${' + c'.repeat(100)}`;
    const [, line, caret] = refusal(long).reason.split('\n');
    expect(line!.length).toBeLessThan(100);
    expect(line!.slice(caret!.indexOf('^')).startsWith('exq(b)')).toBe(true);
  });
});

describe('hostile text', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['deep parentheses', '('.repeat(50000) + 'x' + ')'.repeat(50000)],
    ['only open parentheses', '('.repeat(100000)],
    ['signs', '-'.repeat(99999) + 'x'],
    ['negations', '!'.repeat(99999) + 'x'],
    ['powers', 'x' + '^x'.repeat(49999)],
    ['ternaries', 'x?'.repeat(30000) + 'x' + ':x'.repeat(20000)],
    ['calls', 'exp('.repeat(20000) + 'x' + ')'.repeat(20000)],
    ['beyond the length', 'x+'.repeat(60000) + 'x'],
    ['many names', Array.from({ length: 15000 }, (_, i) => `n${i}`).join('+')],
    ['backquotes', '`'.repeat(99999)],
  ];
  test.each(hostile)('%s: refused at once', (_, text) => {
    const start = performance.now();
    const parse = parseText(text);
    expect(parse.ok).toBe(false);
    expect(parse.ok ? '' : parse.reason.length).toBeLessThan(400);
    expect(performance.now() - start).toBeLessThan(2000);
  });
  const long: readonly (readonly [string, string])[] = [
    ['sums', Array.from({ length: 4500 }, (_, i) => `x*${i}`).join('+')],
    ['products', Array.from({ length: 3000 }, (_, i) => `sin(x+a+${i})`).join('*')],
    ['differences of shared terms', 'x' + '-a*x'.repeat(20000)],
    ['quotients', 'a' + '/(x+a)'.repeat(10000)],
    ['nested sharing', 'x' + '*(x+1)'.repeat(500)],
  ];
  test.each(long)('%s: read and compiled in bounded time', (_, text) => {
    const start = performance.now();
    const parse = parseText(text);
    if (parse.ok) {
      const program = compileProgram(parse.model, parse.model.params.map((_, i) => i));
      evaluateProgram(program, [1], parse.model.params.map(() => 1));
    } else expect(parse.reason).toMatch(/more than/);
    expect(performance.now() - start).toBeLessThan(5000);
  });
  test('any string is read or refused, never thrown at', () => {
    const words = fc.constantFrom(
      'x', 'a', 'e', 'pi', '2', '1e9', '.5', '+', '-', '*', '/', '^', '**', '%', '(', ')', ',',
      '?', ':', '<', '==', '!', '&&', '||', 'exp(', 'min(', 'if(', '`', ' ', '\n', 'π', '²', '.', '1e');
    const texts = fc.oneof(fc.array(words, { maxLength: 30 }).map((w) => w.join('')), fc.string());
    fc.assert(fc.property(texts, (text) => {
      const parse = parseText(text);
      if (parse.ok) compileProgram(parse.model, parse.model.params.map((_, i) => i));
      else expect(parse.reason.length).toBeGreaterThan(0);
    }), { numRuns: 3000, seed: 5 });
  });
});

/** Random expressions in the common language of JavaScript and text models. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('x', 'a', 'b', 'c', '2', '0.5', '3', '1e-3', '7'),
    fc.tuple(
      tie('expression'), fc.constantFrom('+', '-', '*', '/', '%', '+', '*'), tie('expression'),
    ).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(
      fc.constantFrom('sin', 'cos', 'exp', 'tanh', 'atan', 'abs', 'sqrt', 'log', 'floor'),
      tie('expression'),
    ).map(([f, a]) => `${f}(${a})`),
    fc.tuple(
      tie('expression'), fc.constantFrom('<', '<=', '>', '==', '!='),
      tie('expression'), tie('expression'), tie('expression'),
    ).map(([a, op, b, c, d]) => `(${a} ${op} ${b} ? ${c} : ${d})`),
    fc.tuple(tie('expression'), fc.constantFrom('2', '3', '4', '0.5', '1.5', '(-1)', '(-2)'))
      .map(([a, n]) => `((${a}) ** ${n})`),
    fc.tuple(fc.constantFrom('min', 'max', 'hypot'), tie('expression'), tie('expression'))
      .map(([f, a, b]) => `${f}(${a}, ${b})`),
    tie('expression').map((a) => `(-${a})`),
  ),
}));

describe('random expressions', () => {
  const p = { a: 0.7310585, b: 1.8934651, c: -0.4128339 };
  const javascript = (text: string, x: number): number => {
    const source = text.replace(/[a-z]\w+(?=\()/g, 'Math.$&');
    return new Function('x', 'a', 'b', 'c', `return ${source}`)(x, p.a, p.b, p.c) as number;
  };

  test('have the value that JavaScript gives them', () => {
    let compared = 0;
    fc.assert(fc.property(expression, fc.constantFrom(0.83712, 2.418273, -1.29381), (text, x) => {
      const expected = javascript(text, x);
      // Rounding may be amplified by what the expression does with it; that much is allowed.
      const nearby = [x * (1 + 1e-12), x * (1 - 1e-12)].map((moved) => javascript(text, moved));
      const spread = Math.max(...nearby.map((value) => Math.abs(value - expected)));
      if (!(Math.abs(expected) < 1e100)) return;
      if (!(spread < 1e-6 * Math.max(1e-3, Math.abs(expected)))) return;
      const value = valueOf(text, { x, ...p });
      expect(Math.abs(value - expected), `${text} at ${x}: ${value}, JavaScript ${expected}`)
        .toBeLessThanOrEqual(10 * spread + 1e-9 * Math.abs(expected) + 1e-9);
      compared++;
    }), { numRuns: 4000, seed: 11 });
    expect(compared).toBeGreaterThan(1500);
  });

  test('print as text that is read as the same model', () => {
    fc.assert(fc.property(expression, (text) => {
      const model = modelOf(text);
      const again = modelOf(model.expression);
      expect(again.expression).toBe(model.expression);
      const known = (m: ParsedModel): number[] => m.params.map((name) => p[name as 'a']);
      const value = evaluateProgram(compileProgram(model, []), [0.9], known(model)).value;
      const value2 = evaluateProgram(compileProgram(again, []), [0.9], known(again)).value;
      if (Number.isFinite(value))
        expect(Math.abs(value2 - value)).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(value)));
    }), { numRuns: 1500, seed: 3 });
  });

  test('have derivatives that agree with differences', () => {
    let compared = 0;
    fc.assert(fc.property(expression, (text) => {
      const model = modelOf(text);
      const start = model.params.map((name) => p[name as 'a']);
      const at = (k: number, h: number): number => evaluateProgram(
        compileProgram(model, []), [0.83712], start.map((v, i) => v + (i === k ? h : 0))).value;
      const { value, jacobian } = evaluateProgram(
        compileProgram(model, model.params.map((_, i) => i)), [0.83712], start);
      if (!(Math.abs(value) < 1e4)) return;
      jacobian.forEach((d, k) => {
        const slope = (h: number): number => (at(k, h) - at(k, -h)) / (2 * h);
        const wide = slope(1e-5), narrow = slope(5e-6);
        // Compared where the differences themselves are trustworthy.
        if (!(Math.abs(wide) < 1e4)) return;
        if (!(Math.abs(wide - narrow) < 1e-7 * (1 + Math.abs(wide)))) return;
        expect(Math.abs(d - narrow), `${text}, d/d${model.params[k]}`)
          .toBeLessThan(2e-5 * (1 + Math.abs(narrow)));
        compared++;
      });
    }), { numRuns: 3000, seed: 17 });
    expect(compared).toBeGreaterThan(1500);
  });
});
