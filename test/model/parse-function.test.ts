import * as esbuild from 'esbuild';
import { minify } from 'terser';
import type { MinifyOptions } from 'terser';
import { describe, expect, test } from 'vitest';
import { compileProgram, parseFunction, usedParams } from '../../src/model/compile.ts';
import type { ModelScope, ParsedModel } from '../../src/model/compile.ts';
import { evaluateProgram } from './evaluate-program.ts';

type Fn = (x: any, p: any) => unknown;

const names = ['a', 'b', 'c'];
const sets = [
  { a: 1.3, b: 0.7, c: -0.4 }, { a: -2.1, b: 1.9, c: 3.3 }, { a: 0.4, b: -0.6, c: 0.9 },
];
const xs = [-2.5, -0.3, 0, 0.9, 1, 3.7];

/** A function from its source text, so that no tool has rewritten it. */
function fromSource(source: string): Fn {
  return (0, eval)(`(${source})`) as Fn;
}

function modelOf(
  fn: Function, scope?: ModelScope, predictors: readonly string[] | null = null,
): ParsedModel {
  const parse = parseFunction(fn, predictors, names, scope);
  if (!parse.ok) throw new Error(parse.reason);
  return parse.model;
}

function expectSame(fn: Fn, model: ParsedModel, run: Fn = fn): void {
  const program = compileProgram(model, [0, 1, 2]);
  for (const x of xs) for (const p of sets) {
    const expected = Number(run(x, p));
    const { value } = evaluateProgram(program, [x], [p.a, p.b, p.c]);
    if (Number.isNaN(expected)) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(expected, 10);
  }
}

function refusal(source: string | Function, scope?: ModelScope): string {
  const parse = parseFunction(
    typeof source === 'string' ? fromSource(source) : source, null, names, scope);
  if (parse.ok) throw new Error(`accepted: ${String(source)}`);
  return parse.reason;
}

const accepted: Readonly<Record<string, string>> = {
  'an arrow': '(x, p) => p.a * Math.exp(-p.b * x) + p.c',
  'a block': '(x, p) => { const e = Math.exp(-p.b * x); return p.a * e + p.c; }',
  'a function expression': 'function (x, p) { return p.a * x + p.b; }',
  'a named function': 'function line(x, p) { "use strict"; return p.a * x + p.b; }',
  'destructured parameters': '(x, { a, b: rate, c }) => a * Math.exp(-rate * x) + c',
  'a destructured constant': '(x, p) => { const { a, b: k } = p; return a * k * x; }',
  'names in brackets': '(x, p) => p["a"] * x + p[\'b\']',
  'quoted names': '(x, { "a": q }) => q * x',
  'reassignment': '(x, p) => { let s = 0; s += p.a; s *= x; s -= p.b; s /= 2; s **= 2; s = s + 1; s++; --s; return s; }',
  'update values': '(x, p) => { let i = 1; const j = i++ + ++i; return p.a * j + i; }',
  'helper arrows': '(x, p) => { const g = (c, w) => Math.exp(-((x - c) ** 2) / w ** 2); return g(p.a, 1.5) + p.b * g(p.c, 2); }',
  'helper declarations, hoisted': '(x, p) => { return twice(p.a) + twice(x); function twice(z) { return 2 * z; } }',
  'helpers with branches': '(x, p) => { const relu = (z) => { if (z > 0) return z; return 0; }; return relu(x - p.a) + relu(p.b); }',
  'helpers that assign outer variables': '(x, p) => { let s = 0; const add = (z) => { s += z; }; add(p.a); add(x); return s; }',
  'conditional expressions': '(x, p) => x > p.a ? p.b * x : x < 0 ? p.c : 0',
  'if and else': '(x, p) => { let y; if (x > p.a) { y = p.b; } else { y = x * p.c; } return y; }',
  'if without else': '(x, p) => { let y = p.a; if (x > 0) y += p.b * x; return y; }',
  'early return': '(x, p) => { if (x < 0) return p.a; if (x < 1) return p.b; return p.c; }',
  'early return with later assignments': '(x, p) => { let y = 1; if (x < 0) { y = 2; if (p.a > 0) return y * p.b; y = 5; } y += p.c; return y; }',
  'else if chain': '(x, p) => { if (x < 0) { return p.a; } else if (x < 1) { return p.b; } else { return p.c; } }',
  'returns on nested paths': '(x, p) => { if (x > 0) { if (p.a > 0) { return 1; } else { return 2; } } return 3; }',
  'assignment in one branch that returns': '(x, p) => { let y = p.a; if (x > 0) { y = 9; return p.b; } return y; }',
  'and, or, not': '(x, p) => (x > 0 && p.a > 0) || !(p.b < 1) ? p.a : p.b',
  'values of and and or': '(x, p) => (x || p.a) + (x && p.b) + (p.c || 0)',
  'conditions as numbers': '(x, p) => (x > 1) * 2 + (p.a <= 0) + p.b',
  'truth of numbers': '(x, p) => { if (x) return p.a; return p.b; }',
  'truth of NaN': '(x, p) => Math.log(-1 - x * x) ? p.a : p.b',
  'comparisons': '(x, p) => (x < 1) + 2 * (x <= 1) + 4 * (x > 1) + 8 * (x >= 1) + 16 * (x == 1) + 32 * (x === 1) + 64 * (x != 1) + 128 * (x !== 1)',
  'min, max, hypot': '(x, p) => Math.min(x, p.a, p.b) + Math.max(x) + Math.hypot(x, p.a, p.b) + Math.hypot(x)',
  'constants': '(x, p) => p.a * Math.PI + Math.E + Math.LN2 + Math.LN10 + Math.LOG2E + Math.LOG10E + Math.SQRT2 + Math.SQRT1_2 + Number.EPSILON',
  'infinity and isNaN': '(x, p) => Math.min(Infinity, x) + (isNaN(p.a) ? 1 : 2) + (Number.isFinite(x) ? p.b : 0)',
  'loops': '(x, p) => { let s = 0; for (let i = 0; i < 4; i++) s += p.a * x ** i; return s; }',
  'loops that count down and jump': '(x, p) => { let s = p.b; for (let i = 9; i >= 0; i -= 2) { if (i === 5) continue; if (i === 1) break; s = s * x + i; } return s; }',
  'loops with early return': '(x, p) => { const c = [0, 1, 2]; for (let i = 0; i < c.length; i++) { if (x < c[i]) return p.a * c[i]; } return p.b; }',
  'for of': '(x, p) => { let s = 0; for (const c of [p.a, 2, p.b]) s += c * x; return s; }',
  'arrays of constants': '(x, p) => { const c = [1, 2, [3, 4]]; return c[0] * p.a + c[1] * x + c[2][1]; }',
  'array patterns': '(x, p) => { const [u, , v] = [p.a, 1, x]; return u * v; }',
  'var': '(x, p) => { if (x > 0) { var y = p.a; } else { var y = p.b; } return y; }',
  'shadowed Math': '(x, p) => { const Math = p.a; return Math * x; }',
  'commas': '(x, p) => (p.a, p.b) * x',
  'parentheses and unary plus': '(x, p) => +(-(+x)) * (((p.a)))',
  'remainder': '(x, p) => x % 2 + p.a',
  'exponent of exponent': '(x, p) => 2 ** 3 ** (x / 4) * p.a',
  'comments and Unicode': '(x, p) => /* α */ { const β = p.a; // x\n return β * x; }',
  'extra parameters': '(x, p, unused) => p.a * x',
  'numeric separators': '(x, p) => p.a * 1_000 + 0x10 + 0b11 + 1e-3',
  'optional chaining': '(x, p) => p?.a * x',
  'booleans': '(x, p) => true * p.a + !1 + (false ? 1 : 2)',
  'assignment as a value': '(x, p) => { let u, v; u = v = p.a * x; return u + v; }',
  'a one-path variable that is not used there': '(x, p) => { let y; if (x > 0) y = 1; return p.a; }',
};

describe('functions', () => {
  test.each(Object.entries(accepted))('%s', (_, source) => {
    const fn = fromSource(source);
    expectSame(fn, modelOf(fn));
  });

  test('methods, also with computed access of their object', () => {
    const object = {
      model(x: number, p: any): number { return p.a * x; },
      'odd name'(x: number, p: any): number { return p.b + x; },
    };
    expectSame(object.model, modelOf(object.model));
    expectSame(object['odd name'], modelOf(object['odd name']));
  });

  test('several predictors by name', () => {
    for (const source of [
      '(x, p) => p.a * x.dose / (p.b + x.dose) + x.time * p.c',
      '({ dose, time: t }, p) => p.a * dose / (p.b + dose) + t * p.c',
    ]) {
      const model = modelOf(fromSource(source), undefined, ['dose', 'time']);
      expect(model.predictors).toEqual(['dose', 'time']);
      const { value } = evaluateProgram(compileProgram(model, []), [3, 5], [1, 2, 4]);
      expect(value).toBeCloseTo(3 / 5 + 20, 12);
    }
  });

  test('parameters alone, by index', () => {
    const fn = fromSource(`(v) => {
      let s = 0;
      for (let i = 0; i < v.length - 1; i++)
        s += 100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2;
      return s;
    }`);
    const parse = parseFunction(fn, [], ['0', '1', '2']);
    if (!parse.ok) throw new Error(parse.reason);
    const program = compileProgram(parse.model, [0, 1, 2]);
    const { value, jacobian } = evaluateProgram(program, [], [1.2, 0.8, 2]);
    expect(value).toBeCloseTo(Number((fn as Function)([1.2, 0.8, 2])), 10);
    expect(jacobian[2]).toBeCloseTo(200 * (2 - 0.64), 10);
  });

  test('captured numbers and functions come from scope', () => {
    const T0 = 273.15;
    const shift = (z: number): number => z + T0;
    const inner = (z: number): number => shift(z) * 2;
    const fn = (x: number, p: any): number => p.a * shift(x) + inner(p.b) + T0;
    expectSame(fn, modelOf(fn, { T0, shift, inner }));
    const root = Math.sqrt;
    const other = (x: number, p: any): number => root(x * x) + p.a;
    expectSame(other, modelOf(other, { root }));
    expect(modelOf(fn, { T0: 0, shift, inner })).not.toBe(modelOf(fn, { T0, shift, inner }));
  });

  test('are read once per function, names and scope', () => {
    const fn = fromSource('(x, p) => p.a * x + p.b');
    expect(parseFunction(fn, null, names)).toBe(parseFunction(fn, null, [...names]));
    expect(parseFunction(fn, null, names)).not.toBe(parseFunction(fn, null, ['a', 'b']));
    const model = modelOf(fn);
    expect(compileProgram(model, [0, 2])).toBe(compileProgram(model, [0, 2]));
    expect(compileProgram(model, [0, 2])).not.toBe(compileProgram(model, [0]));
  });

  test('use what they use', () => {
    const model = modelOf(fromSource('(x, p) => { const unused = p.c; return p.a * x; }'));
    expect([...usedParams(model)]).toEqual(['a']);
  });
});

describe('refusals name the construct and the place', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['(x, p) => p.a * Math.random()', /`Math.random` is not supported: its value changes.*line 1, column 17/],
    ['(x, p) => p.a * (x - T0)', /captures `T0`, which nadir cannot see: pass it as scope: \{ T0 \} \(line 1, column 22\)/],
    ['(x, p) => { let i = 0; while (i < 3) i++; return i; }', /a `while` loop/],
    ['(x, p) => { let i = 0; do { i++; } while (i < 3); return i; }', /a `do` loop/],
    ['(x, p) => {\n  for (const k in p) return 1;\n}', /a `for … in` loop is not supported \(line 2, column 3\)/],
    ['(x, p) => { for (let i = 0; i < p.a; i++) x += i; return x; }', /bounds depend on data or parameters/],
    ['(x, p) => { let s = 0; for (let i = 0; i < 9; i++) { if (s > x) break; s += p.a; } return s; }', /ends early depending/],
    ['(x, p) => { for (let i = 0; ; i++) { x += p.a; } return x; }', /more than 10000 operations|too long/],
    ['(x, p) => { for (;;) { } }', /too long to read/],
    ['async (x, p) => p.a', /async/],
    ['function* (x, p) { yield p.a; }', /generator/],
    ['class A {}', /class/],
    ['(x, p) => p.q * x', /`q` is not one of the parameters \(a, b, c\)/],
    ['(x, { q }) => q', /`q` is not one of the parameters/],
    ['(x, { a = 1 }) => a', /a default value/],
    ['(x, { a, ...rest }) => a', /a rest element/],
    ['(x, ...rest) => x', /a rest element/],
    ['(x, p) => `${p.a}`', /a template string/],
    ['(x, p) => "1" * p.a', /a string is used as a number/],
    ['(x, p) => ({ a: 1 })', /an object/],
    ['(x, p) => [p.a]', /does not return a number/],
    ['(x, p) => p', /does not return a number/],
    ['(x, p) => { p.a; }', /is undefined/],
    ['(x, p) => { if (x > 0) return p.a; }', /may end without returning/],
    ['(x, p) => { return; }', /is undefined/],
    ['(x, p) => p.a | 0', /`\|` is not supported/],
    ['(x, p) => ~~x', /`~` is not supported/],
    ['(x, p) => x ^ 2', /write `\*\*` for a power/],
    ['(x, p) => typeof x', /`typeof` is not supported/],
    ['(x, p) => x ?? p.a', /`\?\?`/],
    ['(x, p) => this.k * x', /`this`/],
    ['function (x, p) { return arguments[0]; }', /`arguments`/],
    ['(x, p) => new Date() * x', /`new`/],
    ['(x, p) => x.length', /`.length` of a number/],
    ['(x, p) => Math.foo(x)', /`Math.foo` is not supported/],
    ['(x, p) => Math.exp(x, p)', /the parameters are used as a number/],
    ['(x, p) => Math.exp(x, x)', /takes 1 argument, got 2/],
    ['(x, p) => Math.erf(x)', /`Math.erf` is not supported/],
    ['(x, p) => Math[p.a > 0 ? "sin" : "cos"](x)', /index or name that depends/],
    ['(x, p) => { const c = [1, 2]; return c[x]; }', /index or name that depends/],
    ['(x, p) => { const c = [1, 2]; c[0] = p.a; return c[0]; }', /only variables of the function/],
    ['(x, p) => { p.a = 2; return x; }', /only variables of the function/],
    ['(x, p) => { const k = 1; k = 2; return k * x; }', /`k` is constant/],
    ['(x, p) => { counter++; return x; }', /`counter` is assigned, which is not a variable/],
    ['(x, p) => { let y; if (x > 0) y = p.a; return y * 2; }', /on one path only/],
    ['(x, p) => { const f = (z) => z > 0 ? f(z - 1) : 0; return f(x); }', /call themselves/],
    ['(x, p) => { try { return x; } catch { return 0; } }', /`try`/],
    ['(x, p) => { switch (x) { default: return 1; } }', /a `switch`/],
    ['(x, p) => { throw 1; }', /`throw`/],
    ['(x, p) => 10n * x', /10n/],
    ['(x, p) => x.map((v) => v)', /of a number/],
    ['(x, p) => console.log(x)', /captures `console`/],
    ['(x, p) => globalThis.k * x', /captures `globalThis`/],
    ['(x, p) => __vite_ssr_import_0__.k * x', /captures `__vite_ssr_import_0__`/],
    ['(x, p) => eval("x")', /captures `eval`/],
    ['(x, p) => (() => x)', /does not return a number/],
  ];
  test.each(table)('%s', (source, pattern) => {
    const reason = refusal(source);
    expect(reason).toMatch(pattern);
    expect(reason).not.toContain('\n');
  });
  test('native code, bound functions, getters', () => {
    expect(refusal(Math.exp)).toContain('native code');
    expect(refusal(((x: number) => x).bind(null))).toContain('bound');
    const getter = Object.getOwnPropertyDescriptor({ get model() { return 1; } }, 'model')!.get!;
    expect(refusal(getter)).toContain('getter');
  });
  test('scope entries that cannot be read', () => {
    const fn = fromSource('(x, p) => g(x) + p.a');
    expect(refusal(fn, { g: ((z: number) => z).bind(null) })).toContain('`g` of scope');
    expect(refusal(fn, { g: 'x' as never })).toContain('neither a number nor a function');
    expect(refusal(fn, { g: (0, eval)('(z) => z * unknown') as never })).toContain('`unknown`');
  });
  test('sources nested without end, and very long ones', () => {
    const chain = fromSource(`(x, p) => x${' + x*p.a'.repeat(9000)}`);
    const parse = parseFunction(chain, null, names);
    expect(parse.ok ? '' : parse.reason).toMatch(/^$|nested|stack/);
    expect(refusal(`(x, p) => x${' + x'.repeat(30000)}`)).toMatch(/longer than/);
    const loops = 'for (let i = 0; i < 1000; i++) '.repeat(4);
    expect(refusal(`(x, p) => { let y = x; ${loops} y += 1; return y; }`))
      .toMatch(/too long|more than/);
  });
});

describe('what tools make of functions', () => {
  const sources = Object.entries(accepted);

  test.each(sources)('esbuild: %s', async (_, source) => {
    const settings: esbuild.TransformOptions[] = [
      { minify: true, keepNames: true }, { minify: true, target: 'es2015' },
      { target: 'es2016', keepNames: true }, { target: 'es2015' },
    ];
    for (const options of settings) {
      const { code } = await esbuild.transform(
        `export const model = ${source}`, { format: 'esm', ...options });
      const fn = fromModule(code);
      // A minifier renames esbuild's own power function, which is then a captured name.
      if (source.includes('**') && options.minify === true && options.target === 'es2015') {
        expect(parseFunction(fn, null, names).ok).toBe(false);
        continue;
      }
      expectSame(fn, modelOf(fn), fromSource(source));
    }
  });

  test.each(sources)('terser: %s', async (_, source) => {
    const settings: MinifyOptions[] = [
      { compress: { passes: 2 } },
      { compress: { ecma: 2020, booleans_as_integers: true }, mangle: { toplevel: true } },
    ];
    for (const options of settings) {
      const { code } = await minify(`export const model = ${source}`, { module: true, ...options });
      const fn = fromModule(code!);
      expectSame(fn, modelOf(fn), fromSource(source));
    }
  });

  test('names kept for functions that are declared', () => {
    const source = `function outer(x, p) {
      function inner(t) { return t * p.a; }
      keep(inner, "inner");
      return keep(inner, "inner")(x) + p.b;
    }`;
    const plain = fromSource('(x, p) => x * p.a + p.b');
    expectSame(fromSource(source), modelOf(fromSource(source)), plain);
  });
  test('Math taken apart', () => {
    const fn = fromSource('(x, p) => { const { exp, PI: turn } = Math; return p.a * exp(-p.b * x) + turn; }');
    expectSame(fn, modelOf(fn));
    expect(() => modelOf(fromSource('(x, p) => { const { random } = Math; return random() * p.a; }')))
      .toThrow(/`Math.random` is not supported: its value changes/);
  });
  test('functions that call themselves by their own name', () => {
    const fixed = fromSource('function f(x, p, n = undefined) { return p.a * x; }');
    expect(() => modelOf(fixed)).toThrow(/default value/);
    const counted = fromSource('function f(x, p, n) { return n === 3 ? x : p.a * f(x, p, n === undefined ? 1 : n + 1); }');
    expectSame(counted, modelOf(counted));
    expect(() => modelOf(fromSource('function f(x, p) { return x < 1 ? p.a : f(x - 1, p) * p.b; }')))
      .toThrow(/functions that call themselves are not supported/);
  });
  test('counters of coverage tools are left out', () => {
    const cov = { f: [0], s: [0, 0, 0], b: [[0, 0], [0, 0]] };
    (globalThis as any).cov_1a2b3c = () => cov;
    const fn = fromSource(`(x, p) => {
      cov_1a2b3c().f[0]++;
      const e = (cov_1a2b3c().s[0]++, Math.exp(-p.b * x));
      cov_1a2b3c().s[1]++;
      if ((cov_1a2b3c().b[0][0]++, x > 0) && (cov_1a2b3c().b[0][1]++, p.a > 0)) {
        cov_1a2b3c().b[1][0]++;
        cov_1a2b3c().s[2]++;
        return p.a * e;
      } else {
        cov_1a2b3c().b[1][1]++;
      }
      cov_1a2b3c().s[2]++;
      return x > 1 ? (cov_1a2b3c().b[0][0]++, p.b) : (cov_1a2b3c().b[0][1]++, p.c);
    }`);
    expectSame(fn, modelOf(fn));
  });

  test('what older targets make of destructuring', () => {
    const fn = fromSource(`function (x, param) {
      var a = param.a, rate = param.b === void 0 ? 1 : param.b, e = Math.pow(x, 2);
      return a * e + rate * !0;
    }`);
    expectSame(fn, modelOf(fn));
    expect(refusal('(x, p) => p.a + void 0')).toContain('undefined');
  });
});

/** The export `model` of a module, evaluated as a script. */
function fromModule(code: string): Fn {
  const script = code
    .replace(/export\s*\{\s*(\w+\$?)\s+as\s+model\s*,?\s*\};?/, 'globalThis.built = $1;')
    .replace(/export\s*\{\s*model\s*,?\s*\};?/, 'globalThis.built = model;')
    .replace(/export\s+const\s+model\s*=/, 'globalThis.built =');
  (0, eval)(`{ ${script} }`);
  return (globalThis as unknown as { built: Fn }).built;
}
