// Everything that runs over lanes, compiled once per instruction set (NADIR_TARGET names it) and
// exported as one table. No C++ library header may be included here and nothing but the table may
// have external linkage: see simd/vec.h.

#include "jobs/fit-batch.h"
#include "jobs/lane-fitter.h"
#include "program/evaluate.h"

#define NADIR_JOIN2(a, b) a##b
#define NADIR_JOIN(a, b) NADIR_JOIN2(a, b)
#define NADIR_TEXT2(a) #a
#define NADIR_TEXT(a) NADIR_TEXT2(a)
#ifdef NADIR_FUSED
#define NADIR_TABLE NADIR_JOIN(kernels_fused_, NADIR_TARGET)
#else
#define NADIR_TABLE NADIR_JOIN(kernels_, NADIR_TARGET)
#endif

namespace {

template <class Job>
size_t bytesOf(Job& job) {
  Arena arena = {nullptr};
  job.layout(arena, true);
  return reinterpret_cast<uintptr_t>(arena.at) + 64;
}

size_t fitWorkspace(const FitBatch& batch) {
  LaneFitter fitter(batch);
  return bytesOf(fitter);
}

void fit(const FitBatch& batch, void* workspace, const WorkSource& source) {
  LaneFitter fitter(batch);
  Arena arena = {static_cast<char*>(workspace)};
  fitter.layout(arena, false);
  fitter.begin();
  fitter.run(source);
}

size_t evaluateWorkspace(const Program& program) {
  PointEvaluator evaluator(program);
  return bytesOf(evaluator);
}

void evaluate(const Program& program, void* workspace, const Column* x, int64_t points,
              const double* params, double* value, double* jacobian) {
  PointEvaluator evaluator(program);
  Arena arena = {static_cast<char*>(workspace)};
  evaluator.layout(arena, false);
  evaluator.run(x, points, params, value, jacobian);
}

void apply(int op, const double* a, const double* b, const double* c, double* out, int64_t count) {
  const double* const sources[3] = {a, b, c};
  for (int64_t from = 0; from < count; from += lanes) {
    F64 operands[3] = {splat(0), splat(0), splat(0)};
    F64 target = splat(0);
    const int64_t left = count - from < lanes ? count - from : lanes;
    for (int k = 0; k < nadir::opArity[op]; k++)
      for (int lane = 0; lane < left; lane++) operands[k][lane] = sources[k][from + lane];
    const Instruction instruction = {runFor(op, (1 << nadir::opArity[op]) - 1), &target,
                                     &operands[0], &operands[1], &operands[2]};
    instruction.run(instruction, 1);
    for (int lane = 0; lane < left; lane++) out[from + lane] = target[lane];
  }
}

}  // namespace

namespace nadir {

extern const Kernels NADIR_TABLE = {NADIR_TEXT(NADIR_TARGET), lanes, fitWorkspace, fit,
                                    evaluateWorkspace, evaluate, apply};

}  // namespace nadir
