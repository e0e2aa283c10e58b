// The table of operations: one row each, in the order of the codes. Twin: src/model/ops.ts, which
// says what each computes.
#pragma once

// NADIR_OP(name, arity)
#define NADIR_OPS(NADIR_OP) \
  NADIR_OP(add, 2) \
  NADIR_OP(sub, 2) \
  NADIR_OP(mul, 2) \
  NADIR_OP(div, 2) \
  NADIR_OP(neg, 1) \
  NADIR_OP(abs, 1) \
  NADIR_OP(sqrt, 1) \
  NADIR_OP(mulAdd, 3) \
  NADIR_OP(mulSub, 3) \
  NADIR_OP(negMulAdd, 3) \
  NADIR_OP(less, 2) \
  NADIR_OP(lessEqual, 2) \
  NADIR_OP(equal, 2) \
  NADIR_OP(notEqual, 2) \
  NADIR_OP(and, 2) \
  NADIR_OP(or, 2) \
  NADIR_OP(not, 1) \
  NADIR_OP(select, 3) \
  NADIR_OP(floor, 1) \
  NADIR_OP(ceil, 1) \
  NADIR_OP(trunc, 1) \
  NADIR_OP(round, 1) \
  NADIR_OP(sign, 1) \
  NADIR_OP(minimum, 2) \
  NADIR_OP(maximum, 2) \
  NADIR_OP(remainder, 2) \
  NADIR_OP(exp, 1) \
  NADIR_OP(expm1, 1) \
  NADIR_OP(exp2, 1) \
  NADIR_OP(log, 1) \
  NADIR_OP(log1p, 1) \
  NADIR_OP(log2, 1) \
  NADIR_OP(log10, 1) \
  NADIR_OP(pow, 2) \
  NADIR_OP(sin, 1) \
  NADIR_OP(cos, 1) \
  NADIR_OP(tan, 1) \
  NADIR_OP(asin, 1) \
  NADIR_OP(acos, 1) \
  NADIR_OP(atan, 1) \
  NADIR_OP(atan2, 2) \
  NADIR_OP(sinh, 1) \
  NADIR_OP(cosh, 1) \
  NADIR_OP(tanh, 1) \
  NADIR_OP(asinh, 1) \
  NADIR_OP(acosh, 1) \
  NADIR_OP(atanh, 1) \
  NADIR_OP(cbrt, 1) \
  NADIR_OP(hypot, 2) \
  NADIR_OP(erf, 1) \
  NADIR_OP(erfc, 1) \
  NADIR_OP(faddeevaReal, 2) \
  NADIR_OP(faddeevaImaginary, 2)

namespace nadir {

// and, or, not are reserved words in C++: enumerators carry a suffix.
#define NADIR_OP(name, arity) name##Op,
enum Op : int { NADIR_OPS(NADIR_OP) opCount };
#undef NADIR_OP

#define NADIR_OP(name, arity) arity,
constexpr unsigned char opArity[] = {NADIR_OPS(NADIR_OP)};
#undef NADIR_OP

}  // namespace nadir
