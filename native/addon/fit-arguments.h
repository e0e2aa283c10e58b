// The arguments of `fit` and `startFit`, checked one by one and against each other. Whatever is
// passed: what comes out of here is safe to run.
//
//   program     what createProgram returned
//   numbers     Float64Array of the record below
//   y           Float64Array or Float32Array, one curve after another
//   sigma       the same, or null
//   offsets     Uint32Array of fits + 1 positions into y, or null
//   init        Float64Array
//   lower, upper, xScale
//               Float64Array with one value per parameter, or null
//   lossScale   Float64Array with one value, or one per fit, or null
//   params, ssr, status, iterations, stdErr, covariance, r2, residuals, sums
//               arrays for the results; the last five may be null
//   ...x        one Float64Array or Float32Array per predictor
#pragma once

#include "addon/arguments.h"
#include "addon/handles.h"

namespace nadir {

// Positions in `numbers`.
enum NumberField : int {
  fitsField,
  pointsField,  // per fit; 0 with offsets
  xSharedField,
  sigmaSharedField,
  initSharedField,
  ftolField,
  xtolField,
  gtolField,
  maxIterField,
  covarianceFactorField,
  fusedField,
  ySharedField,
  methodField,
  lossField,
  polishField,
  carefulField,
  geodesicField,
  pseudoInverseField,
  threadsField,
  maxSecondsField,
  // Written by `fit`: the number of fits that came to a status of their own, and the code of the
  // status with which the job was stopped, or -1.
  doneField,
  stopCodeField,
  numberFields,
};

enum FitArgument : int {
  programArgument,
  numbersArgument,
  yArgument,
  sigmaArgument,
  offsetsArgument,
  initArgument,
  lowerArgument,
  upperArgument,
  xScaleArgument,
  lossScaleArgument,
  firstOutput,
  paramsArgument = firstOutput,
  ssrArgument,
  statusArgument,
  iterationsArgument,
  stdErrArgument,
  covarianceArgument,
  r2Argument,
  residualsArgument,
  sumsArgument,
  firstPredictor,
};

constexpr int outputCount = firstPredictor - firstOutput;
constexpr int mostFitArguments = firstPredictor + maxPredictors;

const char* argumentName(int position) noexcept;
Elements argumentElements(int position) noexcept;

struct FitArguments {
  ProgramHandle* program;
  // Arrays by position; those that are absent have length 0 and null data.
  Array arrays[mostFitArguments];
  bool isPresent[mostFitArguments];
  int count;
  double numbers[numberFields];
  int64_t fits;
  int threads;
  double maxSeconds;
  bool isFused;
};

// Reads and checks all but what stands in `offsets`, which must be copied first.
bool readFitArguments(napi_env env, const napi_value* values, size_t count, FitArguments& arguments,
                      Fault& fault) noexcept;

// Ascending, and within an array of `length` elements. To be called on memory that nobody else can
// write to: kernels use these numbers as addresses.
bool checkOffsets(const uint32_t* offsets, int64_t fits, size_t length, Fault& fault) noexcept;

// The batch on the arguments' own memory. `x` has room for the predictors.
void describeBatch(const FitArguments& arguments, const uint32_t* offsets, Column* x,
                   FitBatch& batch) noexcept;

}  // namespace nadir
