#include "addon/fit-arguments.h"

#include <string.h>

#include "jobs/pool.h"

namespace nadir {
namespace {

constexpr const char* names[firstPredictor] = {
    "program", "numbers", "y", "sigma", "offsets", "init", "lower", "upper", "xScale", "lossScale",
    "params", "ssr", "status", "iterations", "stdErr", "covariance", "r2", "residuals", "sums"};

// Doubles count every whole number up to here.
constexpr double mostWhole = 9007199254740991.0;
constexpr double mostIterations = 65535;  // what Uint16Array holds

// a·b elements, or false when there can be no such array.
bool product(int64_t a, int64_t b, size_t& length) noexcept {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result) || result > static_cast<int64_t>(SIZE_MAX / 16))
    return false;
  length = static_cast<size_t>(result);
  return true;
}

bool readFlag(double value, const char* name, bool& flag, Fault& fault) noexcept {
  if (value != 0 && value != 1)
    return fault.range("ERR_RANGE", "%s: expected 0 or 1, got %g", name, value);
  flag = value == 1;
  return true;
}

struct Reader {
  napi_env env;
  const napi_value* values;
  FitArguments& arguments;
  Fault& fault;

  bool required(int position, size_t length) noexcept {
    arguments.isPresent[position] = true;
    return readArray(env, values[position], argumentName(position),
                     argumentElements(position), length, arguments.arrays[position], fault);
  }

  bool optional(int position, size_t length) noexcept {
    if (isAbsent(env, values[position])) {
      arguments.isPresent[position] = false;
      arguments.arrays[position] = {};
      return true;
    }
    return required(position, length);
  }
};

// Results may not be written where something is read, or where others are written.
bool checkOverlaps(const FitArguments& arguments, Fault& fault) noexcept {
  for (int output = firstOutput; output < firstPredictor; output++)
    for (int other = numbersArgument; other < arguments.count; other++) {
      if (other >= firstOutput && other <= output) continue;
      if (overlaps(arguments.arrays[output], arguments.arrays[other]))
        return fault.range("ERR_OVERLAP", "%s: shares memory with %s", argumentName(output),
          argumentName(other));
    }
  return true;
}

}  // namespace

const char* argumentName(int position) noexcept {
  return position < firstPredictor ? names[position] : "x";
}

Elements argumentElements(int position) noexcept {
  switch (position) {
    case yArgument:
    case sigmaArgument:
      return Elements::floats;
    case offsetsArgument:
      return Elements::unsigneds;
    case statusArgument:
      return Elements::bytes;
    case iterationsArgument:
      return Elements::shorts;
    default:
      return position < firstPredictor ? Elements::doubles : Elements::floats;
  }
}

bool readFitArguments(napi_env env, const napi_value* values, size_t count, FitArguments& arguments,
                      Fault& fault) noexcept {
  if (count < firstPredictor)
    return fault.type("expected at least %d arguments, got %zu", firstPredictor, count);
  if (!readProgramHandle(env, values[programArgument], arguments.program, fault)) return false;
  const Program& program = arguments.program->program;
  if (count != static_cast<size_t>(firstPredictor) + program.predictors)
    return fault.type("expected %d arrays of predictors, got %zu", program.predictors,
                      count - firstPredictor);
  arguments.count = static_cast<int>(count);
  arguments.arrays[programArgument] = {};

  Reader reader = {env, values, arguments, fault};
  if (!reader.required(numbersArgument, numberFields)) return false;
  double* const numbers = arguments.numbers;
  memcpy(numbers, arguments.arrays[numbersArgument].data, sizeof arguments.numbers);
  int64_t fits = 0, points = 0, iterations = 0, threads = 0, method = 0, loss = 0;
  bool xShared = false, sigmaShared = false, initShared = false, yShared = false, flag = false;
  if (!readCount(numbers[fitsField], "fits", mostWhole, fits, fault) ||
      !readCount(numbers[pointsField], "points", mostWhole, points, fault) ||
      !readCount(numbers[maxIterField], "maxIter", mostIterations, iterations, fault) ||
      !readCount(numbers[threadsField], "threads", maxThreads, threads, fault) ||
      !readFlag(numbers[xSharedField], "xShared", xShared, fault) ||
      !readFlag(numbers[sigmaSharedField], "sigmaShared", sigmaShared, fault) ||
      !readFlag(numbers[initSharedField], "initShared", initShared, fault) ||
      !readFlag(numbers[fusedField], "fused", arguments.isFused, fault) ||
      !readFlag(numbers[ySharedField], "yShared", yShared, fault) ||
      !readCount(numbers[methodField], "method", leastSquaresMethods - 1, method, fault) ||
      !readCount(numbers[lossField], "loss", lossCount - 1, loss, fault) ||
      !readFlag(numbers[polishField], "polish", flag, fault) ||
      !readFlag(numbers[carefulField], "careful", flag, fault) ||
      !readFlag(numbers[geodesicField], "geodesic", flag, fault) ||
      !readFlag(numbers[pseudoInverseField], "pseudoInverse", flag, fault))
    return false;
  arguments.fits = fits;
  arguments.threads = threads < 1 ? 1 : static_cast<int>(threads);
  arguments.maxSeconds = numbers[maxSecondsField];
  if (!(arguments.maxSeconds >= 0))
    return fault.range("ERR_RANGE", "maxSeconds: expected a number from 0 on, got %g",
                       arguments.maxSeconds);

  size_t dataLength, paramsLength, covarianceLength, offsetsLength, residualsLength, sumsLength;
  const int64_t width = (int64_t{program.columns} + 1) * (program.columns + 2) / 2 + (loss != 0 ? 3 : 0);
  if (!product(fits, points, dataLength) || !product(fits, program.params, paramsLength) ||
      !product(fits, int64_t{program.columns} * program.columns, covarianceLength) ||
      !product(fits, width, sumsLength) || !product(fits + 1, 1, offsetsLength))
    return fault.range("ERR_SIZE", "fits: too many for any array");

  if (!reader.optional(offsetsArgument, offsetsLength)) return false;
  const bool isRagged = arguments.isPresent[offsetsArgument];
  if (isRagged && (points != 0 || xShared))
    return fault.range("ERR_SHAPE", "offsets: with offsets, points must be 0 and x is not shared");
  if (yShared && (isRagged || !xShared || !sigmaShared))
    return fault.range("ERR_SHAPE", "y: shared by all fits, x and sigma must be shared too");
  const size_t sharedLength = static_cast<size_t>(points);
  residualsLength = dataLength;
  if (!reader.required(yArgument, isRagged ? anyLength : yShared ? sharedLength : dataLength)) return false;
  if (isRagged) dataLength = residualsLength = arguments.arrays[yArgument].length;
  const size_t fitLength = static_cast<size_t>(fits);
  if (!reader.optional(sigmaArgument, sigmaShared ? sharedLength : dataLength) ||
      !reader.required(initArgument, initShared ? program.params : paramsLength) ||
      !reader.optional(lowerArgument, program.params) || !reader.optional(upperArgument, program.params) ||
      !reader.optional(xScaleArgument, program.params) || !reader.optional(lossScaleArgument, anyLength) ||
      !reader.required(paramsArgument, paramsLength) ||
      !reader.required(ssrArgument, fitLength) ||
      !reader.required(statusArgument, fitLength) ||
      !reader.required(iterationsArgument, fitLength) ||
      !reader.optional(stdErrArgument, paramsLength) ||
      !reader.optional(covarianceArgument, covarianceLength) ||
      !reader.optional(r2Argument, fitLength) ||
      !reader.optional(residualsArgument, residualsLength) || !reader.optional(sumsArgument, sumsLength))
    return false;
  if (arguments.isPresent[lowerArgument] != arguments.isPresent[upperArgument])
    return fault.range("ERR_SHAPE", "lower: expected together with upper, or neither");
  const size_t scales = arguments.arrays[lossScaleArgument].length;
  if (arguments.isPresent[lossScaleArgument] && scales != 1 && scales != fitLength)
    return fault.range("ERR_SHAPE", "lossScale: expected 1 value or %zu, got %zu", fitLength, scales);
  if (isRagged && sigmaShared && arguments.isPresent[sigmaArgument])
    return fault.range("ERR_SHAPE", "sigma: with offsets it cannot be shared");
  for (int k = firstPredictor; k < arguments.count; k++)
    if (!reader.required(k, xShared ? sharedLength : dataLength)) return false;
  return checkOverlaps(arguments, fault);
}

bool checkOffsets(const uint32_t* offsets, int64_t fits, size_t length, Fault& fault) noexcept {
  for (int64_t k = 0; k < fits; k++)
    if (offsets[k] > offsets[k + 1])
      return fault.range("ERR_SHAPE", "offsets: must ascend, but falls at %lld",
                         static_cast<long long>(k + 1));
  if (offsets[fits] > length)
    return fault.range("ERR_SHAPE", "offsets: ends at %u, beyond the %zu values of y",
      offsets[fits],
                       length);
  return true;
}

void describeBatch(const FitArguments& arguments, const uint32_t* offsets, Column* x,
                   FitBatch& batch) noexcept {
  const Array* const arrays = arguments.arrays;
  const double* const numbers = arguments.numbers;
  for (int k = firstPredictor; k < arguments.count; k++) x[k - firstPredictor] = arrays[k].column();
  const auto doubles = [arrays](int position) {
    return static_cast<double*>(arrays[position].data);
  };
  batch.program = &arguments.program->program;
  batch.fits = arguments.fits;
  batch.points = static_cast<int64_t>(numbers[pointsField]);
  batch.offsets = offsets;
  batch.x = x;
  batch.xShared = numbers[xSharedField] != 0;
  batch.y = arrays[yArgument].column();
  batch.sigma = arrays[sigmaArgument].column();
  batch.sigmaShared = numbers[sigmaSharedField] != 0;
  batch.init = doubles(initArgument);
  batch.initShared = numbers[initSharedField] != 0;
  batch.ftol = numbers[ftolField];
  batch.xtol = numbers[xtolField];
  batch.gtol = numbers[gtolField];
  batch.maxIter = static_cast<int32_t>(numbers[maxIterField]);
  batch.covarianceFactor = numbers[covarianceFactorField];
  batch.yShared = numbers[ySharedField] != 0;
  batch.method = static_cast<LeastSquaresMethod>(numbers[methodField]);
  batch.lower = doubles(lowerArgument);
  batch.upper = doubles(upperArgument);
  batch.loss = static_cast<uint8_t>(numbers[lossField]);
  batch.lossScale = doubles(lossScaleArgument);
  batch.lossScaleShared = arrays[lossScaleArgument].length == 1;
  batch.xScale = doubles(xScaleArgument);
  batch.polish = numbers[polishField] != 0;
  batch.careful = numbers[carefulField] != 0;
  batch.geodesic = numbers[geodesicField] != 0;
  batch.pseudoInverse = numbers[pseudoInverseField] != 0;
  batch.params = doubles(paramsArgument);
  batch.ssr = doubles(ssrArgument);
  batch.status = static_cast<uint8_t*>(arrays[statusArgument].data);
  batch.iterations = static_cast<uint16_t*>(arrays[iterationsArgument].data);
  batch.stdErr = doubles(stdErrArgument);
  batch.covariance = doubles(covarianceArgument);
  batch.r2 = doubles(r2Argument);
  batch.residuals = doubles(residualsArgument);
  batch.sums = doubles(sumsArgument);
}

}  // namespace nadir
