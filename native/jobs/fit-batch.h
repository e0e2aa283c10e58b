// A batch of fits as plain memory: what the add-on fills in and the kernels read. No C++ library
// header, because the kernels include it. Twin of FitJob in src/engine/engine.ts, which explains
// the members.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "optim/methods.h"
#include "program/program.h"

namespace nadir {

struct FitBatch {
  const Program* program;
  int64_t fits;
  int64_t points;
  const uint32_t* offsets;  // null unless ragged
  const Column* x;          // one per predictor
  bool xShared;
  Column y;
  bool yShared;
  Column sigma;  // data null when absent
  bool sigmaShared;
  const double* init;
  bool initShared;
  double ftol, xtol, gtol;
  int32_t maxIter;
  double covarianceFactor;
  LeastSquaresMethod method;
  const double* lower;  // of all parameters; null without bounds, as upper
  const double* upper;
  uint8_t loss;  // Loss in optim/losses.h
  const double* lossScale;  // null counts as 1
  bool lossScaleShared;
  const double* xScale;  // null scales by columns
  bool polish;
  bool careful;
  bool geodesic;
  bool pseudoInverse;
  // Outputs; null where not asked for.
  double* params;
  double* ssr;
  uint8_t* status;
  uint16_t* iterations;
  double* stdErr;
  double* covariance;
  double* r2;
  double* residuals;
  double* sums;
};

// How a kernel gets work. Every thread has its own context.
struct WorkSource {
  void* context;
  // The next range of fits [begin, end); false when there is none left.
  bool (*claim)(void* context, int64_t* begin, int64_t* end);
  // `count` fits have come to their status.
  void (*finished)(void* context, int64_t count);
  // Asked after every round with the number of points just evaluated: -1 to go on, else the code of
  // the status with which fits in progress are left.
  int (*stop)(void* context, int64_t points);
};

// What one instruction set exports, and all it exports.
struct Kernels {
  const char* name;
  int lanes;
  // Bytes that one thread needs for this batch, aligned to 64.
  size_t (*fitWorkspace)(const FitBatch& batch);
  void (*fit)(const FitBatch& batch, void* workspace, const WorkSource& source);
  size_t (*evaluateWorkspace)(const Program& program);
  // value: points; jacobian: points × columns, row-major, or null.
  void (*evaluate)(const Program& program, void* workspace, const Column* x, int64_t points,
                   const double* params, double* value, double* jacobian);
  // One operation of the op table on arrays, for tests. b and c may be null beyond its arity.
  void (*apply)(int op, const double* a, const double* b, const double* c, double* out,
                int64_t count);
};

#define NADIR_DECLARE_KERNELS(target) \
  extern const Kernels kernels_##target; \
  extern const Kernels kernels_fused_##target;
NADIR_DECLARE_KERNELS(scalar)
NADIR_DECLARE_KERNELS(sse2)
NADIR_DECLARE_KERNELS(avx2)
NADIR_DECLARE_KERNELS(avx512)
NADIR_DECLARE_KERNELS(neon)
#undef NADIR_DECLARE_KERNELS

}  // namespace nadir
