// A plain evaluator of programs at one point, for tests: written from the description of the
// format, with the functions of the platform, so that it shares nothing with the engines.

import { ops } from '../../src/model/ops.ts';
import type { OpName } from '../../src/model/ops.ts';
import { encodeProgram, validateProgram } from '../../src/model/program.ts';
import type { Program } from '../../src/model/program.ts';

/** Maclaurin series for small arguments, Lentz's continued fraction of erfc for large ones. */
export function erf(x: number): number {
  if (Math.abs(x) > 2.5) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let sum = 0, term = x;
  for (let n = 0; n < 80; n++) {
    sum += term / (2 * n + 1);
    term *= -x * x / (n + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

/** w = (i/π)·∫ e^(−t²)/(z − t) dt by the trapezoidal rule, for y well above 0. */
function faddeeva(x: number, y: number): [number, number] {
  const h = 0.02;
  let re = 0;
  let im = 0;
  for (let k = -350; k <= 350; k++) {
    const t = k * h;
    const weight = (h / Math.PI) * Math.exp(-t * t) / ((x - t) ** 2 + y * y);
    re += weight * y;
    im += weight * (x - t);
  }
  return [re, im];
}

export function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  let tail = 0;
  for (let n = 120; n > 0; n--) tail = n / 2 / (x + tail);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail);
}

const values: Record<OpName, (a: number, b: number, c: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  mulAdd: (a, b, c) => a * b + c,
  mulSub: (a, b, c) => a * b - c,
  negMulAdd: (a, b, c) => c - a * b,
  less: (a, b) => (a < b ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
  notEqual: (a, b) => (a !== b ? 1 : 0),
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  not: (a) => (a === 0 ? 1 : 0),
  select: (a, b, c) => (a !== 0 ? b : c),
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: Math.round,
  sign: Math.sign,
  minimum: (a, b) => Math.min(a, b),
  maximum: (a, b) => Math.max(a, b),
  remainder: (a, b) => a % b,
  exp: Math.exp,
  expm1: Math.expm1,
  exp2: (a) => 2 ** a,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  pow: (a, b) => a ** b,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  hypot: (a, b) => Math.hypot(a, b),
  erf,
  erfc,
  faddeevaReal: (x, y) => faddeeva(x, y)[0],
  faddeevaImaginary: (x, y) => faddeeva(x, y)[1],
};

/** Value and derivatives at one point; throws when the program is not valid. */
export function evaluateProgram(
  program: Program, x: ArrayLike<number>, p: ArrayLike<number>,
): { value: number; jacobian: Float64Array } {
  const fault = validateProgram(encodeProgram(program), program.constants);
  if (fault !== null) throw new Error(`program not valid: ${fault}`);
  const files = [
    new Float64Array(program.fitSlots).fill(NaN),
    new Float64Array(program.dataSlots).fill(NaN),
    new Float64Array(program.pointSlots).fill(NaN),
  ];
  files[0]!.set(Array.from(p).slice(0, program.params));
  files[0]!.set(program.constants, program.params);
  files[1]!.set(Array.from(x).slice(0, program.predictors));
  const read = (reference: number): number =>
    reference < 0 ? NaN : files[reference % 4]![Math.floor(reference / 4)]!;
  let at = 0;
  const run = (file: number, count: number): void => {
    for (let i = 0; i < count; i++, at += 5) {
      const [op, target, a, b, c] = program.code.subarray(at, at + 5) as unknown as number[];
      files[file]![target!] = values[ops[op!]!.name](read(a!), read(b!), read(c!));
    }
  };
  run(1, program.dataInstructions);
  run(0, program.fitInstructions);
  run(2, program.pointInstructions);
  return { value: read(program.value), jacobian: Float64Array.from(program.jacobian, read) };
}

/** How often each operation stands in the point section. */
export function pointOperations(program: Program): Record<string, number> {
  const counts: Record<string, number> = {};
  let at = 5 * (program.dataInstructions + program.fitInstructions);
  for (let i = 0; i < program.pointInstructions; i++, at += 5) {
    const { name } = ops[program.code[at]!]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
