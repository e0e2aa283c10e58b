// What each operation computes, and the loops that run it over a chunk of points. Twin:
// portable/program/ops.ts.
#pragma once

#include "math/error-function.h"
#include "math/exp.h"
#include "math/faddeeva.h"
#include "math/hyperbolic.h"
#include "math/inverse-trigonometric.h"
#include "math/log.h"
#include "math/pow.h"
#include "math/root.h"
#include "math/rounding.h"
#include "math/trigonometric.h"
#include "program/program.h"
#include "simd/pack.h"

namespace {

NADIR_INLINE F64 truth(Mask mask) { return fromBits(mask & bitsOf(splat(1))); }
NADIR_INLINE Mask isTrue(F64 a) { return a != splat(0); }

// One struct per row of the table; `compute` takes as many operands as the op has.
#define NADIR_UNARY(name, expression) \
  struct name##Row { NADIR_INLINE F64 compute(F64 a) { return expression; } };
#define NADIR_BINARY(name, expression) \
  struct name##Row { NADIR_INLINE F64 compute(F64 a, F64 b) { return expression; } };
#define NADIR_TERNARY(name, expression) \
  struct name##Row { NADIR_INLINE F64 compute(F64 a, F64 b, F64 c) { return expression; } };
#define NADIR_FUNCTION(name) NADIR_UNARY(name, name(a))

NADIR_BINARY(add, a + b)
NADIR_BINARY(sub, a - b)
NADIR_BINARY(mul, a * b)
NADIR_BINARY(div, a / b)
NADIR_UNARY(neg, -a)
NADIR_UNARY(abs, absolute(a))
NADIR_UNARY(sqrt, squareRoot(a))
NADIR_TERNARY(mulAdd, mulAdd(a, b, c))
NADIR_TERNARY(mulSub, mulSub(a, b, c))
NADIR_TERNARY(negMulAdd, negMulAdd(a, b, c))
NADIR_BINARY(less, truth(a < b))
NADIR_BINARY(lessEqual, truth(a <= b))
NADIR_BINARY(equal, truth(a == b))
NADIR_BINARY(notEqual, truth(a != b))
NADIR_BINARY(and, truth(isTrue(a) & isTrue(b)))
NADIR_BINARY(or, truth(isTrue(a) | isTrue(b)))
NADIR_UNARY(not, truth(~isTrue(a)))
NADIR_TERNARY(select, select(isTrue(a), b, c))
NADIR_FUNCTION(floor)
NADIR_FUNCTION(ceil)
NADIR_FUNCTION(trunc)
NADIR_FUNCTION(round)
NADIR_FUNCTION(sign)
NADIR_BINARY(minimum, minimum(a, b))
NADIR_BINARY(maximum, maximum(a, b))
NADIR_BINARY(remainder, remainder(a, b))
NADIR_FUNCTION(exp)
NADIR_FUNCTION(expm1)
NADIR_FUNCTION(exp2)
NADIR_FUNCTION(log)
NADIR_FUNCTION(log1p)
NADIR_FUNCTION(log2)
NADIR_FUNCTION(log10)
NADIR_BINARY(pow, pow(a, b))
NADIR_FUNCTION(sin)
NADIR_FUNCTION(cos)
NADIR_FUNCTION(tan)
NADIR_FUNCTION(asin)
NADIR_FUNCTION(acos)
NADIR_FUNCTION(atan)
NADIR_BINARY(atan2, atan2(a, b))
NADIR_FUNCTION(sinh)
NADIR_FUNCTION(cosh)
NADIR_FUNCTION(tanh)
NADIR_FUNCTION(asinh)
NADIR_FUNCTION(acosh)
NADIR_FUNCTION(atanh)
NADIR_FUNCTION(cbrt)
NADIR_BINARY(hypot, hypot(a, b))
NADIR_FUNCTION(erf)
NADIR_FUNCTION(erfc)
NADIR_BINARY(faddeevaReal, faddeevaReal(a, b))
NADIR_BINARY(faddeevaImaginary, faddeevaImaginary(a, b))
#undef NADIR_UNARY
#undef NADIR_BINARY
#undef NADIR_TERNARY
#undef NADIR_FUNCTION

// An instruction with its operands found. An operand is either one vector for all points
// (uniform) or one vector per point.
struct Instruction {
  void (*run)(const Instruction& instruction, int points);
  F64* target;
  const F64* a;
  const F64* b;
  const F64* c;
};
using Run = void (*)(const Instruction&, int);

// Loops are unrolled by four: enough to hide the latency of a multiplication behind loads, and the
// chunk's tail stays cheap.
template <class Row, bool aVaries>
static void runUnary(const Instruction& instruction, int points) {
  const F64* const a = instruction.a;
  F64* const target = instruction.target;
#pragma GCC unroll 4
  for (int i = 0; i < points; i++) target[i] = Row::compute(a[aVaries ? i : 0]);
}
template <class Row, bool aVaries, bool bVaries>
static void runBinary(const Instruction& instruction, int points) {
  const F64* const a = instruction.a;
  const F64* const b = instruction.b;
  F64* const target = instruction.target;
  // Uniform operands are read once: the target might alias them as far as the compiler knows.
  const F64 a0 = a[0], b0 = b[0];
#pragma GCC unroll 4
  for (int i = 0; i < points; i++) target[i] = Row::compute(aVaries ? a[i] : a0, bVaries ? b[i] : b0);
}
template <class Row, bool aVaries, bool bVaries, bool cVaries>
static void runTernary(const Instruction& instruction, int points) {
  const F64* const a = instruction.a;
  const F64* const b = instruction.b;
  const F64* const c = instruction.c;
  F64* const target = instruction.target;
  const F64 a0 = a[0], b0 = b[0], c0 = c[0];
#pragma GCC unroll 4
  for (int i = 0; i < points; i++)
    target[i] = Row::compute(aVaries ? a[i] : a0, bVaries ? b[i] : b0, cVaries ? c[i] : c0);
}

// exp decides once per chunk whether all arguments are in the common range, and then takes four
// vectors at a time.
static void runExp(const Instruction& instruction, int points) {
  const F64* const a = instruction.a;
  F64* const target = instruction.target;
  int i = 0;
  if (allWithin(a, points, expLimit))
    for (; i + packWidth <= points; i += packWidth)
      storePack(target + i, expCore(loadPack(a + i)));
  for (; i < points; i++) target[i] = exp(a[i]);
}

template <class Row, int arity>
struct Runs;
template <class Row>
struct Runs<Row, 1> {
  static constexpr Run of[8] = {runUnary<Row, false>, runUnary<Row, true>};
};
template <>
struct Runs<expRow, 1> {
  static constexpr Run of[8] = {runUnary<expRow, false>, runExp};
};
template <class Row>
struct Runs<Row, 2> {
  static constexpr Run of[8] = {runBinary<Row, false, false>, runBinary<Row, true, false>,
                                runBinary<Row, false, true>, runBinary<Row, true, true>};
};
template <class Row>
struct Runs<Row, 3> {
  static constexpr Run of[8] = {
      runTernary<Row, false, false, false>, runTernary<Row, true, false, false>,
      runTernary<Row, false, true, false>,  runTernary<Row, true, true, false>,
      runTernary<Row, false, false, true>,  runTernary<Row, true, false, true>,
      runTernary<Row, false, true, true>,   runTernary<Row, true, true, true>};
};

#define NADIR_OP(name, arity) Runs<name##Row, arity>::of,
static constexpr const Run* runsOf[] = {NADIR_OPS(NADIR_OP)};
#undef NADIR_OP

// The loop for an op whose operands vary as the bits of `varies` say (1: a, 2: b, 4: c).
NADIR_INLINE Run runFor(int op, int varies) { return runsOf[op][varies]; }

}  // namespace
