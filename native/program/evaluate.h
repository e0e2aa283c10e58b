// A program at many points of one parameter vector: lanes hold consecutive points. Twin:
// portable/program/evaluate.ts.
#pragma once

#include "program/interpreter.h"

namespace {

using nadir::Column;

// Vectors per chunk, at most.
constexpr int pointsPerChunk = 128;

struct PointEvaluator {
  Interpreter interpreter;
  const Program& program;
  F64* columns;
  F64* params;

  explicit PointEvaluator(const Program& p) : program(p) {
    interpreter.program = &program;
    interpreter.chunk = chunkPoints(pointsPerChunk, program.pointSlots + program.dataSlots + 1);
  }

  void layout(Arena& arena, bool) {
    interpreter.layout(arena);
    columns = arena.take<F64>(static_cast<int64_t>(interpreter.chunk) * program.dataSlots);
    params = arena.take<F64>(program.params);
  }

  void run(const Column* x, int64_t points, const double* values, double* value, double* jacobian) {
    begin();
    enter(values);
    evaluate(x, 0, points, value, jacobian);
  }

  // Once, on the memory laid out.
  void begin() {
    interpreter.decode();
    for (int k = 0; k < program.dataSlots; k++)
      interpreter.data[k] = interpreter.derived[k] = columns + static_cast<int64_t>(interpreter.chunk) * k;
    interpreter.enterChunk();
  }

  // For every set of parameters.
  void enter(const double* values) {
    for (int k = 0; k < program.params; k++) params[k] = splat(values[k]);
    interpreter.computeFit(params);
  }

  // At `points` points of the columns, the first of which is `first`.
  void evaluate(const Column* x, int64_t first, int64_t points, double* value, double* jacobian) {
    const int chunk = interpreter.chunk, n = program.columns;
    const int64_t perChunk = static_cast<int64_t>(chunk) * lanes;
    for (int64_t from = 0; from < points; from += perChunk) {
      const int64_t count = points - from < perChunk ? points - from : perChunk;
      const int rows = static_cast<int>((count + lanes - 1) / lanes);
      for (int k = 0; k < program.predictors; k++) {
        double* const column = reinterpret_cast<double*>(columns + static_cast<int64_t>(chunk) * k);
        for (int64_t i = 0; i < count; i++)
          column[i] = x[k].isSingle ? static_cast<const float*>(x[k].data)[first + from + i]
                                    : static_cast<const double*>(x[k].data)[first + from + i];
        for (int64_t i = count; i < static_cast<int64_t>(rows) * lanes; i++) column[i] = column[count - 1];
      }
      interpreter.computeData(rows);
      interpreter.computePoints(rows);
      write(program.value, count, value + from, 1);
      for (int j = 0; jacobian && j < n; j++)
        write(program.jacobian[j], count, jacobian + from * n + j, n);
    }
  }

 private:
  void write(int32_t operand, int64_t count, double* target, int64_t stride) const {
    const double* const source = reinterpret_cast<const double*>(interpreter.at(operand));
    const bool varies = Interpreter::variesOverPoints(operand);
    for (int64_t i = 0; i < count; i++) target[i * stride] = source[varies ? i : 0];
  }
};

}  // namespace
