// The table of operations of a program. The position in the table is the code that engines
// receive; native/program/ops.h and portable/program/ops.ts hold the same list in the same order.

export interface Op {
  readonly name: string;
  /** Number of operands, 1 to 3. */
  readonly arity: number;
}

const rows = [
  // arithmetic
  ['add', 2], // a + b
  ['sub', 2], // a − b
  ['mul', 2], // a · b
  ['div', 2], // a / b
  ['neg', 1],
  ['abs', 1],
  ['sqrt', 1],
  // two roundings; one where numerics is 'fast'
  ['mulAdd', 3], // a·b + c
  ['mulSub', 3], // a·b − c
  ['negMulAdd', 3], // c − a·b
  // conditions: 1 is true, 0 is false; a comparison with NaN is false, but for notEqual
  ['less', 2],
  ['lessEqual', 2],
  ['equal', 2],
  ['notEqual', 2],
  ['and', 2],
  ['or', 2],
  ['not', 1],
  ['select', 3], // a ≠ 0 ? b : c
  // rounding and ordering, as ECMAScript's Math has them
  ['floor', 1],
  ['ceil', 1],
  ['trunc', 1],
  ['round', 1],
  ['sign', 1],
  ['minimum', 2],
  ['maximum', 2],
  ['remainder', 2], // a % b
  // functions
  ['exp', 1],
  ['expm1', 1],
  ['exp2', 1],
  ['log', 1],
  ['log1p', 1],
  ['log2', 1],
  ['log10', 1],
  ['pow', 2],
  ['sin', 1],
  ['cos', 1],
  ['tan', 1],
  ['asin', 1],
  ['acos', 1],
  ['atan', 1],
  ['atan2', 2],
  ['sinh', 1],
  ['cosh', 1],
  ['tanh', 1],
  ['asinh', 1],
  ['acosh', 1],
  ['atanh', 1],
  ['cbrt', 1],
  ['hypot', 2],
  ['erf', 1],
  ['erfc', 1],
  // Faddeeva's w(a + ib)
  ['faddeevaReal', 2],
  ['faddeevaImaginary', 2],
] as const;

export type OpName = (typeof rows)[number][0];

export const ops: readonly (Op & { readonly name: OpName })[] = rows.map(([name, arity]) => ({ name, arity }));

/** The code of an operation. */
export const opCode: Readonly<Record<OpName, number>> = Object.fromEntries(
  ops.map((op, code) => [op.name, code]),
) as Record<OpName, number>;
