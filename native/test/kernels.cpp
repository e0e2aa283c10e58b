// The kernels of every instruction set that this machine has: known values, and the same bits as
// the scalar ones, operation by operation and over random programs.
#include <math.h>

#include "jobs/select.h"
#include "jobs/workspace.h"
#include "test/programs.h"

namespace nadir::test {
namespace {

std::vector<Target> supportedTargets() {
  std::vector<Target> targets;
  for (int i = 0; i < targetCount; i++)
    if (isSupported(static_cast<Target>(i))) targets.push_back(static_cast<Target>(i));
  return targets;
}

// Arguments where something changes: zeros, ones, limits of ranges, not-a-number, any bits.
double awkward(Random& random) {
  const double special[] = {0.0, -0.0, 1.0, -1.0, 0.5, 2.0, INFINITY, -INFINITY, NAN, 5e-324,
                            2.2250738585072014e-308, 1.7976931348623157e308, 709.8, -745.2, 1e-9,
                            1e15, 4503599627370496.5, 0.4999999999999999, 3.141592653589793};
  switch (random.below(4)) {
    case 0: return special[random.below(sizeof special / sizeof special[0])];
    case 1: return random.uniform(-10, 10);
    case 2: return random.uniform(-1, 1) * pow(2, random.uniform(-40, 40));
    default: {
      const uint64_t bits = random.next();
      double value;
      memcpy(&value, &bits, sizeof value);
      return value;
    }
  }
}

std::vector<double> applyOp(const Kernels& kernels, int op, const std::vector<double>& a,
                            const std::vector<double>& b, const std::vector<double>& c) {
  std::vector<double> out(a.size());
  kernels.apply(op, a.data(), b.data(), c.data(), out.data(), static_cast<int64_t>(a.size()));
  return out;
}

struct Evaluation {
  std::vector<double> value, jacobian;
};

Evaluation evaluate(const Kernels& kernels, const Program& program,
                    const std::vector<std::vector<double>>& x, const std::vector<double>& params) {
  const size_t points = x[0].size();
  std::vector<Column> columns;
  for (const auto& column : x) columns.push_back({column.data(), false});
  Evaluation result = {std::vector<double>(points), std::vector<double>(points * program.columns)};
  Workspace workspace;
  kernels.evaluate(program, workspace.reserve(kernels.evaluateWorkspace(program)), columns.data(),
                   static_cast<int64_t>(points), params.data(), result.value.data(),
                   result.jacobian.data());
  workspace.release();
  return result;
}

void testKnownValues(const Kernels& kernels) {
  const auto unary = [&](int op, double a) { return applyOp(kernels, op, {a}, {0}, {0})[0]; };
  const auto binary = [&](int op, double a, double b) { return applyOp(kernels, op, {a}, {b}, {0})[0]; };
  NADIR_CHECK(unary(expOp, 0) == 1 && unary(expOp, -INFINITY) == 0 && unary(expOp, 710) == INFINITY);
  NADIR_CHECK(fabs(unary(expOp, 1) - 2.718281828459045) <= 4.5e-16);
  NADIR_CHECK(unary(logOp, 1) == 0 && unary(logOp, 0) == -INFINITY && isnan(unary(logOp, -1)));
  NADIR_CHECK(unary(log2Op, 1024) == 10 && unary(exp2Op, -1074) == 5e-324);
  NADIR_CHECK(unary(sqrtOp, 2) == 1.4142135623730951 && isnan(unary(sqrtOp, -1)));
  NADIR_CHECK(unary(sinOp, 0) == 0 && fabs(unary(sinOp, 1e22) - -0.8522008497671888) <= 2.3e-16);
  NADIR_CHECK(unary(cosOp, 0) == 1 && fabs(unary(atanOp, 1) - 0.7853981633974483) <= 1.2e-16);
  NADIR_CHECK(unary(erfOp, INFINITY) == 1 && unary(erfcOp, -INFINITY) == 2);
  NADIR_CHECK(unary(roundOp, -0.5) == 0 && signbit(unary(roundOp, -0.5)) && unary(roundOp, 2.5) == 3);
  NADIR_CHECK(binary(powOp, 2, 0.5) == 1.4142135623730951 && binary(powOp, NAN, 0) == 1);
  NADIR_CHECK(isnan(binary(powOp, 1, INFINITY)));  // ECMAScript, where IEEE 754 has 1
  NADIR_CHECK(binary(remainderOp, -7, 3) == -1 && isnan(binary(minimumOp, 1, NAN)));
  NADIR_CHECK(binary(hypotOp, 0x3p600, 0x4p600) == 0x5p600 && binary(hypotOp, NAN, INFINITY) == INFINITY);
  NADIR_CHECK(binary(lessOp, NAN, 1) == 0 && binary(notEqualOp, NAN, NAN) == 1);
}

}  // namespace

void testKernels() {
  const std::vector<Target> targets = supportedTargets();
  NADIR_CHECK(targets[0] == Target::scalar && targets.size() > 1);
  NADIR_CHECK(isSupported(bestTarget()));
  Target named = Target::scalar;
  NADIR_CHECK(targetNamed(nameOf(bestTarget()), named) && named == bestTarget());
  NADIR_CHECK(!targetNamed("sse3", named));

  Random random = {2};
  const size_t count = 4099;  // no multiple of any number of lanes
  std::vector<double> a(count), b(count), c(count);
  for (size_t i = 0; i < count; i++) a[i] = awkward(random), b[i] = awkward(random), c[i] = awkward(random);
  const Kernels& scalar = kernelsFor(Target::scalar, false);
  for (const Target target : targets) {
    const Kernels& kernels = kernelsFor(target, false);
    NADIR_CHECK(strcmp(kernels.name, nameOf(target)) == 0);
    testKnownValues(kernels);
    testKnownValues(kernelsFor(target, true));
    for (int op = 0; op < opCount; op++) {
      const bool same = isSame(applyOp(kernels, op, a, b, c), applyOp(scalar, op, a, b, c));
      NADIR_CHECK(same);
      if (!same) printf("  operation %d on %s\n", op, kernels.name);
    }
  }

  for (int trial = 0; trial < 2000 / divisor; trial++) {
    const ProgramText text = randomProgram(random);
    Program program;
    NADIR_CHECK(text.read(program) == nullptr);
    std::vector<std::vector<double>> x(program.predictors, std::vector<double>(1 + random.below(150)));
    for (auto& column : x) {
      column.resize(x[0].size());
      for (double& value : column) value = random.uniform(-3, 3);
    }
    std::vector<double> params(program.params);
    for (double& value : params) value = random.below(8) == 0 ? awkward(random) : random.uniform(-3, 3);
    const Evaluation expected = evaluate(scalar, program, x, params);
    for (const Target target : targets) {
      const Evaluation got = evaluate(kernelsFor(target, false), program, x, params);
      NADIR_CHECK(isSame(got.value, expected.value) && isSame(got.jacobian, expected.jacobian));
    }
  }

  Program program;
  const ProgramText text = decay();
  NADIR_CHECK(text.read(program) == nullptr);
  const std::vector<double> x = {0, 0.25, 1, 2.5, 10};
  const Evaluation got = evaluate(kernelsFor(bestTarget(), false), program, {x}, {3, 0.7, 0.5});
  for (size_t i = 0; i < x.size(); i++) {
    const double e = exp(-0.7 * x[i]);
    NADIR_CHECK(fabs(got.value[i] - (3 * e + 0.5)) <= 1e-15);
    NADIR_CHECK(fabs(got.jacobian[3 * i] - e) <= 3e-16 && got.jacobian[3 * i + 2] == 1);
    NADIR_CHECK(fabs(got.jacobian[3 * i + 1] + 3 * x[i] * e) <= 1e-15);
  }
}

}  // namespace nadir::test
