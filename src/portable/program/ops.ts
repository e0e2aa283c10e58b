// What each operation of a program computes: as JavaScript text for generated code, and as a
// function for the interpreter. The order is that of src/model/ops.ts; the native twin is
// native/program/interpreter.h.

import * as error from '../math/error-function.ts';
import * as exponential from '../math/exp.ts';
import * as faddeeva from '../math/faddeeva.ts';
import * as hyperbolic from '../math/hyperbolic.ts';
import * as inverse from '../math/inverse-trigonometric.ts';
import * as logarithm from '../math/log.ts';
import * as power from '../math/pow.ts';
import * as root from '../math/root.ts';
import * as rounding from '../math/rounding.ts';
import * as trigonometric from '../math/trigonometric.ts';
import type { OpName } from '../../model/ops.ts';

export type Evaluate = (a: number, b: number, c: number) => number;

interface Row {
  /** JavaScript over the operands a, b, c. */
  readonly text: (a: string, b: string, c: string) => string;
  readonly evaluate: Evaluate;
}

const row = (text: Row['text'], evaluate: Evaluate): Row => ({ text, evaluate });
const call = (name: string, f: (...values: number[]) => number, arity: 1 | 2): Row =>
  arity === 1
    ? row((a) => `${name}(${a})`, (a) => f(a))
    : row((a, b) => `${name}(${a}, ${b})`, (a, b) => f(a, b));

/** Functions that generated code may call, by name. */
export const functions: Readonly<Record<string, (...values: number[]) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  floor: rounding.floor,
  ceil: rounding.ceil,
  trunc: rounding.trunc,
  round: rounding.round,
  sign: rounding.sign,
  minimum: rounding.minimum,
  maximum: rounding.maximum,
  remainder: rounding.remainder,
  exp: exponential.exp,
  expm1: exponential.expm1,
  exp2: exponential.exp2,
  log: logarithm.log,
  log1p: logarithm.log1p,
  log2: logarithm.log2,
  log10: logarithm.log10,
  pow: power.pow,
  sin: trigonometric.sin,
  cos: trigonometric.cos,
  tan: trigonometric.tan,
  asin: inverse.asin,
  acos: inverse.acos,
  atan: inverse.atan,
  atan2: inverse.atan2,
  sinh: hyperbolic.sinh,
  cosh: hyperbolic.cosh,
  tanh: hyperbolic.tanh,
  asinh: hyperbolic.asinh,
  acosh: hyperbolic.acosh,
  atanh: hyperbolic.atanh,
  cbrt: root.cbrt,
  hypot: root.hypot,
  erf: error.erf,
  erfc: error.erfc,
  faddeevaReal: faddeeva.faddeevaReal,
  faddeevaImaginary: faddeeva.faddeevaImaginary,
};

const unary = (name: string): Row => call(name, functions[name]!, 1);
const binary = (name: string): Row => call(name, functions[name]!, 2);

export const table: Readonly<Record<OpName, Row>> = {
  add: row((a, b) => `${a} + ${b}`, (a, b) => a + b),
  sub: row((a, b) => `${a} - ${b}`, (a, b) => a - b),
  mul: row((a, b) => `${a} * ${b}`, (a, b) => a * b),
  div: row((a, b) => `${a} / ${b}`, (a, b) => a / b),
  neg: row((a) => `-${a}`, (a) => -a),
  abs: unary('abs'),
  sqrt: unary('sqrt'),
  mulAdd: row((a, b, c) => `${a} * ${b} + ${c}`, (a, b, c) => a * b + c),
  mulSub: row((a, b, c) => `${a} * ${b} - ${c}`, (a, b, c) => a * b - c),
  negMulAdd: row((a, b, c) => `${c} - ${a} * ${b}`, (a, b, c) => c - a * b),
  less: row((a, b) => `${a} < ${b} ? 1 : 0`, (a, b) => (a < b ? 1 : 0)),
  lessEqual: row((a, b) => `${a} <= ${b} ? 1 : 0`, (a, b) => (a <= b ? 1 : 0)),
  equal: row((a, b) => `${a} === ${b} ? 1 : 0`, (a, b) => (a === b ? 1 : 0)),
  notEqual: row((a, b) => `${a} !== ${b} ? 1 : 0`, (a, b) => (a !== b ? 1 : 0)),
  and: row((a, b) => `${a} !== 0 && ${b} !== 0 ? 1 : 0`, (a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
  or: row((a, b) => `${a} !== 0 || ${b} !== 0 ? 1 : 0`, (a, b) => (a !== 0 || b !== 0 ? 1 : 0)),
  not: row((a) => `${a} === 0 ? 1 : 0`, (a) => (a === 0 ? 1 : 0)),
  select: row((a, b, c) => `${a} !== 0 ? ${b} : ${c}`, (a, b, c) => (a !== 0 ? b : c)),
  floor: unary('floor'),
  ceil: unary('ceil'),
  trunc: unary('trunc'),
  round: unary('round'),
  sign: unary('sign'),
  minimum: binary('minimum'),
  maximum: binary('maximum'),
  remainder: binary('remainder'),
  exp: unary('exp'),
  expm1: unary('expm1'),
  exp2: unary('exp2'),
  log: unary('log'),
  log1p: unary('log1p'),
  log2: unary('log2'),
  log10: unary('log10'),
  pow: binary('pow'),
  sin: unary('sin'),
  cos: unary('cos'),
  tan: unary('tan'),
  asin: unary('asin'),
  acos: unary('acos'),
  atan: unary('atan'),
  atan2: binary('atan2'),
  sinh: unary('sinh'),
  cosh: unary('cosh'),
  tanh: unary('tanh'),
  asinh: unary('asinh'),
  acosh: unary('acosh'),
  atanh: unary('atanh'),
  cbrt: unary('cbrt'),
  hypot: binary('hypot'),
  erf: unary('erf'),
  erfc: unary('erfc'),
  faddeevaReal: binary('faddeevaReal'),
  faddeevaImaginary: binary('faddeevaImaginary'),
};
