// Values of operations on constants, by the functions that the portable engine uses: a folded
// constant has the bits that an engine would have computed.

import { erf, erfc } from '../portable/math/error-function.ts';
import { exp, exp2, expm1 } from '../portable/math/exp.ts';
import { faddeevaImaginary, faddeevaReal } from '../portable/math/faddeeva.ts';
import { acosh, asinh, atanh, cosh, sinh, tanh } from '../portable/math/hyperbolic.ts';
import { acos, asin, atan, atan2 } from '../portable/math/inverse-trigonometric.ts';
import { log, log10, log1p, log2 } from '../portable/math/log.ts';
import { pow } from '../portable/math/pow.ts';
import { cbrt, hypot } from '../portable/math/root.ts';
import {
  ceil, floor, maximum, minimum, remainder, round, sign, trunc,
} from '../portable/math/rounding.ts';
import { cos, sin, tan } from '../portable/math/trigonometric.ts';
import type { OpName } from './ops.ts';

type Fold = (a: number, b: number, c: number) => number;

const folds: Readonly<Record<OpName, Fold>> = {
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
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
  notEqual: (a, b) => Number(a !== b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  not: (a) => Number(a === 0),
  select: (a, b, c) => (a !== 0 ? b : c),
  floor, ceil, trunc, round, sign, remainder,
  // Math's own take any number of arguments.
  minimum: (a, b) => minimum(a, b),
  maximum: (a, b) => maximum(a, b),
  exp, expm1, exp2, log, log1p, log2, log10, pow,
  sin, cos, tan, asin, acos, atan, atan2, sinh, cosh, tanh, asinh, acosh, atanh, cbrt, hypot,
  erf, erfc, faddeevaReal, faddeevaImaginary,
};

/** The value of an operation on constants. */
export function foldConstants(op: OpName, a: number, b: number, c: number): number {
  return folds[op](a, b, c);
}
