// The functions that JavaScript sees. Thin: arguments are checked, kernels are called. What crosses
// is numbers and typed arrays. Whatever they are called with, they answer with a result or a
// JavaScript error; nothing in here or below throws a C++ exception. The module is registered through
// node-addon-api; the rest is the C interface, where every status is looked at.

#include <napi.h>

#include "addon/arguments.h"
#include "addon/async-fit.h"
#include "addon/environment.h"
#include "addon/fit-arguments.h"
#include "addon/handles.h"
#include "jobs/pool.h"
#include "jobs/select.h"
#include "optim/status.h"

namespace nadir {
namespace {

// Fewer points than this in all fits together are done before another thread has woken up.
constexpr size_t worthSharing = 4096;

// The call at hand: the environment and up to `most` arguments; absent ones are undefined.
template <size_t most>
struct Call {
  napi_env env;
  size_t count = most;
  napi_value values[most];
  Environment* environment = nullptr;
  Fault fault;

  Call(napi_env callEnv, napi_callback_info info) noexcept : env(callEnv) {
    void* data = nullptr;
    if (napi_get_cb_info(env, info, &count, values, nullptr, &data) == napi_ok)
      environment = static_cast<Environment*>(data);
  }

  bool isValid() noexcept {
    if (environment == nullptr) return fault.type("the environment is closing");
    return count <= most || fault.type("expected at most %zu arguments, got %zu", most, count);
  }
};

// createProgram(words, constants): the validated copy of a program, as an opaque value.
napi_value createProgramEntry(napi_env env, napi_callback_info info) noexcept {
  Call<2> call(env, info);
  Array words, constants;
  if (!call.isValid() ||
      !readArray(env, call.values[0], "words", Elements::ints, anyLength, words, call.fault) ||
      !readArray(env, call.values[1], "constants", Elements::doubles, anyLength, constants,
        call.fault))
    return call.fault.raise(env);
  ProgramHandle* const handle = createProgram(words, constants, call.fault);
  if (handle == nullptr) return call.fault.raise(env);
  return wrap(env, programTag, handle,
              [](napi_env, void* data, void*) { static_cast<ProgramHandle*>(data)->release(); });
}

bool fitNow(Environment& environment, const FitArguments& arguments, Fault& fault) noexcept {
  const Array* const arrays = arguments.arrays;
  uint32_t* offsets = nullptr;
  if (arguments.isPresent[offsetsArgument]) {
    // Copied before they are checked: another thread may write to shared memory in between.
    offsets = static_cast<uint32_t*>(environment.offsets.reserve(arrays[offsetsArgument].bytes()));
    if (offsets == nullptr) return fault.memory();
    __builtin_memcpy(offsets, arrays[offsetsArgument].data, arrays[offsetsArgument].bytes());
    if (!checkOffsets(offsets, arguments.fits, arrays[yArgument].length, fault)) return false;
  }
  Column x[maxPredictors];
  Job job;
  describeBatch(arguments, offsets, x, job.batch);
  job.kernels = &kernelsFor(environment.target, arguments.isFused);
  job.threads = arguments.threads;
  job.maxSeconds = arguments.maxSeconds;
  job.completed = nullptr;
  prepareJob(job);
  Pool* const pool = arrays[yArgument].length < worthSharing || usefulThreads(job) < 2
                         ? nullptr
                         : environment.openPool();
  if (pool != nullptr) pool->run(job, environment.workspace);
  else participate(job, environment.workspace);
  environment.offsets.trim();
  if (job.outOfMemory.load(std::memory_order_relaxed)) return fault.memory();
  double* const numbers = static_cast<double*>(arrays[numbersArgument].data);
  numbers[doneField] = static_cast<double>(job.done.load(std::memory_order_relaxed));
  numbers[stopCodeField] = job.stopCode.load(std::memory_order_relaxed);
  return true;
}

// fit(program, numbers, …, ...x): see addon/fit-arguments.h. Arrays are used in place.
napi_value fitEntry(napi_env env, napi_callback_info info) noexcept {
  Call<mostFitArguments> call(env, info);
  FitArguments arguments;
  if (!call.isValid() ||
      !readFitArguments(env, call.values, call.count, arguments, call.fault) ||
      !fitNow(*call.environment, arguments, call.fault))
    return call.fault.raise(env);
  return nullptr;
}

// startFit(onDone, program, numbers, …, ...x): the same on other threads; see addon/async-fit.h.
napi_value startFitEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1 + mostFitArguments> call(env, info);
  if (!call.isValid()) return call.fault.raise(env);
  const size_t count = call.count < 1 ? 0 : call.count - 1;
  const napi_value handle =
      startFit(*call.environment, call.values[0], call.values + 1, count, call.fault);
  return handle != nullptr ? handle : call.fault.raise(env);
}

// bringData(job): copies the next slice of the inputs; true when it is to be called again, in a later
// turn of the event loop.
napi_value bringDataEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1> call(env, info);
  AsyncFit* fit;
  if (!call.isValid() || !readAsyncFit(env, call.values[0], fit, call.fault))
    return call.fault.raise(env);
  napi_value isLeft = nullptr;
  napi_get_boolean(env, bringData(env, *fit), &isLeft);
  return isLeft;
}

// deliverResults(job): copies the next slice of the results, after onDone; true when it is to be
// called again, in a later turn of the event loop.
napi_value deliverResultsEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1> call(env, info);
  AsyncFit* fit;
  bool isLeft;
  if (!call.isValid() || !readAsyncFit(env, call.values[0], fit, call.fault) ||
      !deliverResults(env, *fit, isLeft, call.fault))
    return call.fault.raise(env);
  napi_value value = nullptr;
  napi_get_boolean(env, isLeft, &value);
  return value;
}

// jobDone(job): the number of fits that have come to their status so far.
napi_value jobDoneEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1> call(env, info);
  AsyncFit* fit;
  if (!call.isValid() || !readAsyncFit(env, call.values[0], fit, call.fault))
    return call.fault.raise(env);
  napi_value done = nullptr;
  napi_create_double(env, static_cast<double>(fit->done.load(std::memory_order_relaxed)), &done);
  return done;
}

// cancelJob(job, code): fits in progress are left with the status of this code.
napi_value cancelJobEntry(napi_env env, napi_callback_info info) noexcept {
  Call<2> call(env, info);
  AsyncFit* fit;
  double number;
  int64_t code;
  if (!call.isValid() || !readAsyncFit(env, call.values[0], fit, call.fault) ||
      !readNumber(env, call.values[1], "code", number, call.fault) ||
      !readCount(number, "code", static_cast<double>(Status::noProgress), code, call.fault))
    return call.fault.raise(env);
  fit->stop(static_cast<int>(code));
  return nullptr;
}

// evaluate(program, points, params, value, jacobian | null, ...x)
napi_value evaluateEntry(napi_env env, napi_callback_info info) noexcept {
  constexpr int first = 5;
  Call<first + maxPredictors> call(env, info);
  Fault& fault = call.fault;
  ProgramHandle* handle;
  double number;
  int64_t points;
  if (!call.isValid() || !readProgramHandle(env, call.values[0], handle, fault) ||
      !readNumber(env, call.values[1], "points", number, fault) ||
      !readCount(number, "points", 4294967295.0, points, fault))
    return fault.raise(env);
  const Program& program = handle->program;
  const size_t length = static_cast<size_t>(points);
  Array params, value, jacobian = {};
  if (!readArray(env, call.values[2], "params", Elements::doubles, program.params, params, fault) ||
      !readArray(env, call.values[3], "value", Elements::doubles, length, value, fault) ||
      (!isAbsent(env, call.values[4]) &&
       !readArray(env, call.values[4], "jacobian", Elements::doubles, length * program.columns,
                  jacobian, fault)))
    return fault.raise(env);
  if (call.count != static_cast<size_t>(first) + program.predictors) {
    fault.type("expected %d arrays of predictors, got %zu", program.predictors, call.count - first);
    return fault.raise(env);
  }
  Column x[maxPredictors];
  for (int k = 0; k < program.predictors; k++) {
    Array array;
    if (!readArray(env, call.values[first + k], "x", Elements::floats, length, array, fault))
      return fault.raise(env);
    if (overlaps(array, value) || overlaps(array, jacobian)) {
      fault.range("ERR_OVERLAP", "x: shares memory with the results");
      return fault.raise(env);
    }
    x[k] = array.column();
  }
  if (overlaps(value, jacobian) || overlaps(params, value) || overlaps(params, jacobian)) {
    fault.range("ERR_OVERLAP", "value, jacobian and params: share memory");
    return fault.raise(env);
  }
  const Kernels& kernels = kernelsFor(call.environment->target, false);
  Workspace& workspace = call.environment->workspace;
  void* const memory = workspace.reserve(kernels.evaluateWorkspace(program));
  if (memory == nullptr) {
    fault.memory();
    return fault.raise(env);
  }
  kernels.evaluate(program, memory, x, points, static_cast<const double*>(params.data),
                   static_cast<double*>(value.data), static_cast<double*>(jacobian.data));
  workspace.trim();
  return nullptr;
}

// apply(op, fused, out, a, b | null, c | null): one operation of the table, element by element.
napi_value applyEntry(napi_env env, napi_callback_info info) noexcept {
  Call<6> call(env, info);
  Fault& fault = call.fault;
  double number, fusedNumber;
  int64_t op, fused;
  Array out;
  if (!call.isValid() || !readNumber(env, call.values[0], "op", number, fault) ||
      !readCount(number, "op", opCount - 1, op, fault) ||
      !readNumber(env, call.values[1], "fused", fusedNumber, fault) ||
      !readCount(fusedNumber, "fused", 1, fused, fault) ||
      !readArray(env, call.values[2], "out", Elements::doubles, anyLength, out, fault))
    return fault.raise(env);
  const double* operands[3] = {};
  for (int k = 0; k < opArity[op]; k++) {
    Array array;
    if (!readArray(env, call.values[3 + k], "operand", Elements::doubles, out.length, array, fault))
      return fault.raise(env);
    operands[k] = static_cast<const double*>(array.data);
  }
  kernelsFor(call.environment->target, fused != 0)
      .apply(static_cast<int>(op), operands[0], operands[1], operands[2],
             static_cast<double*>(out.data), static_cast<int64_t>(out.length));
  return nullptr;
}

// setTarget(name): the best instruction set of this machine that is not above the named one, from
// now on and in this environment. Bits do not depend on it.
napi_value setTargetEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1> call(env, info);
  char name[16] = {};
  size_t length;
  Target cap;
  if (!call.isValid()) return call.fault.raise(env);
  if (napi_get_value_string_latin1(env, call.values[0], name, sizeof name, &length) != napi_ok) {
    call.fault.type("target: expected a string");
    return call.fault.raise(env);
  }
  if (!targetNamed(name, cap) || !bestTargetUpTo(cap, call.environment->target)) {
    call.fault.range("ERR_RANGE",
      "expected the name of an instruction set of this processor, got '%s'",
                     name);
    return call.fault.raise(env);
  }
  return nullptr;
}

// info(): { simd, lanes, targets }: the instruction set in use, its doubles per vector, and the
// names of all that this machine can run.
napi_value infoEntry(napi_env env, napi_callback_info info) noexcept {
  Call<1> call(env, info);
  if (!call.isValid()) return call.fault.raise(env);
  const Target target = call.environment->target;
  napi_value result, simd, lanes, targets;
  if (napi_create_object(env, &result) != napi_ok || napi_create_array(env, &targets) != napi_ok ||
      napi_create_string_utf8(env, nameOf(target), NAPI_AUTO_LENGTH, &simd) != napi_ok ||
      napi_create_int32(env, kernelsFor(target, false).lanes, &lanes) != napi_ok)
    return nullptr;
  uint32_t count = 0;
  for (int i = 0; i < targetCount; i++) {
    napi_value name;
    if (!isSupported(static_cast<Target>(i))) continue;
    napi_create_string_utf8(env, nameOf(static_cast<Target>(i)), NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, targets, count++, name);
  }
  napi_set_named_property(env, result, "simd", simd);
  napi_set_named_property(env, result, "lanes", lanes);
  napi_set_named_property(env, result, "targets", targets);
  return result;
}

struct Entry {
  const char* name;
  napi_callback function;
};

constexpr Entry entries[] = {
    {"info", infoEntry},         {"setTarget", setTargetEntry}, {"createProgram",
      createProgramEntry},
    {"fit", fitEntry},           {"startFit", startFitEntry},   {"bringData", bringDataEntry},
    {"deliverResults", deliverResultsEntry},                    {"jobDone", jobDoneEntry},
    {"cancelJob", cancelJobEntry}, {"evaluate", evaluateEntry}, {"apply", applyEntry},
};

}  // namespace
}  // namespace nadir

static Napi::Object registerAddon(Napi::Env env, Napi::Object exports) {
  nadir::Environment* const environment = nadir::createEnvironment(env);
  if (environment == nullptr) {
    napi_throw_error(env, "ERR_MEMORY", "nadir: the native engine could not be set up");
    return exports;
  }
  for (const nadir::Entry& entry : nadir::entries) {
    napi_value function;
    if (napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, environment,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, entry.name, function) != napi_ok)
      break;
  }
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, registerAddon)
