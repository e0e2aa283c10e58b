#include "addon/async-fit.h"

#include <stdlib.h>
#include <string.h>

#include <new>

#include "addon/own-memory.h"
#include "jobs/select.h"
#include "optim/status.h"

namespace nadir {
namespace {

bool keep(napi_env env, napi_value value, napi_ref& reference) noexcept {
  return napi_create_reference(env, value, 1, &reference) == napi_ok;
}

// Finished on a thread of the pool. An environment that closes looks after its jobs itself.
void sendCompletion(Job* job) noexcept {
  AsyncFit* const fit = static_cast<AsyncFit*>(job);
  Environment* const environment = fit->environment;
  if (!environment->isClosing.load(std::memory_order_relaxed))
    napi_call_threadsafe_function(environment->completion, fit, napi_tsfn_nonblocking);
}

// The handle is collected. Nobody is left who could bring the rest.
void releaseFit(napi_env env, void* data, void*) noexcept {
  AsyncFit* const fit = static_cast<AsyncFit*>(data);
  if (!fit->isBrought) fit->stop(static_cast<int>(Status::aborted));
  fit->release(env);
}

// Notes what is to be copied, and keeps hold of all arrays.
bool keepArrays(napi_env env, const FitArguments& arguments, const napi_value* values,
                AsyncFit& fit) noexcept {
  const bool isRagged = arguments.isPresent[offsetsArgument];
  const double* const numbers = arguments.numbers;
  for (int k = yArgument; k < arguments.count; k++) {
    // Offsets are addresses: nobody else may be able to change them once they are checked, so they
    // are copied at once. And the status tells which fits were run, so it starts from a value of
    // our own.
    if (!arguments.isPresent[k] || k == offsetsArgument) continue;
    const Array& array = arguments.arrays[k];
    if (k != statusArgument && isShared(env, array)) {
      if (!keep(env, values[k], fit.usedInPlace[fit.usedInPlaceCount])) return false;
      fit.usedInPlaceCount++;
      continue;
    }
    const bool isPredictor = k >= firstPredictor;
    const bool isResult = k >= firstOutput && !isPredictor;
    Transfer& transfer = isResult ? fit.results : fit.inputs;
    Part& part = transfer.parts[transfer.count];
    part.position = k;
    part.length = array.length;
    part.elementSize = array.elementSize;
    part.width = arguments.fits == 0 ? 0 : array.length / static_cast<size_t>(arguments.fits);
    part.isForAll = (k == sigmaArgument && numbers[sigmaSharedField] != 0) ||
                    (k == yArgument && numbers[ySharedField] != 0) || k == lowerArgument ||
                    k == upperArgument || k == xScaleArgument ||
                    (k == lossScaleArgument && array.length == 1) ||
                    (k == initArgument && numbers[initSharedField] != 0) ||
                    (isPredictor && numbers[xSharedField] != 0);
    part.isRagged = isRagged && !part.isForAll &&
                    (k == yArgument || k == sigmaArgument || k == residualsArgument || isPredictor);
    if (!keep(env, values[k], part.array)) return false;
    transfer.count++;
  }
  return true;
}

// The block, and the batch on it.
bool takeMemory(FitArguments& arguments, AsyncFit& fit, Fault& fault) noexcept {
  Layout layout = {nullptr, 0};
  Column* x;
  uint32_t* offsets;
  place(arguments, layout, x, offsets, fit.inputs, fit.results);
  fit.block = allocate(layout.used);
  if (fit.block == nullptr) return fault.memory();
  const uintptr_t address = (reinterpret_cast<uintptr_t>(fit.block) + 63) & ~uintptr_t{63};
  layout = {reinterpret_cast<char*>(address), 0};
  place(arguments, layout, x, offsets, fit.inputs, fit.results);
  if (offsets != nullptr) {
    const Array& given = arguments.arrays[offsetsArgument];
    memcpy(offsets, given.data, given.bytes());
    if (!checkOffsets(offsets, arguments.fits, arguments.arrays[yArgument].length, fault))
      return false;
  }
  for (const Transfer* const transfer : {&fit.inputs, &fit.results})
    for (int i = 0; i < transfer->count; i++) {
      const Part& part = transfer->parts[i];
      arguments.arrays[part.position].data = part.own;
      if (part.position == statusArgument) memset(part.own, untouched, part.length);
    }
  describeBatch(arguments, offsets, x, fit.batch);
  fit.inputs.start(Transfer::Direction::in, fit.batch);
  fit.results.start(Transfer::Direction::out, fit.batch);
  return true;
}

AsyncFit* createFit(napi_env env, FitArguments& arguments, const napi_value* values,
                    napi_value onDone, Fault& fault) noexcept {
  void* const memory = malloc(sizeof(AsyncFit));
  if (memory == nullptr) {
    fault.memory();
    return nullptr;
  }
  AsyncFit* const fit = new (memory) AsyncFit{};
  fit->references = 1;
  fit->program = arguments.program;
  fit->program->retain();
  const bool isKept = keep(env, onDone, fit->onDone) && keepArrays(env, arguments, values, *fit);
  if (!isKept) fault.memory();
  if (isKept && takeMemory(arguments, *fit, fault)) return fit;
  fit->release(env);
  return nullptr;
}

}  // namespace

void AsyncFit::clear(napi_env env) noexcept {
  const auto drop = [env](napi_ref& reference) {
    if (reference != nullptr) napi_delete_reference(env, reference);
    reference = nullptr;
  };
  drop(onDone);
  for (int i = 0; i < usedInPlaceCount; i++) drop(usedInPlace[i]);
  inputs.dropReferences(env);
  results.dropReferences(env);
  free(block);
  block = nullptr;
}

void AsyncFit::release(napi_env env) noexcept {
  if (--references > 0) return;
  clear(env);
  program->release();
  free(this);
}

napi_value startFit(Environment& environment, napi_value onDone, const napi_value* values,
                    size_t count, Fault& fault) noexcept {
  napi_env env = environment.env;
  napi_valuetype type;
  if (napi_typeof(env, onDone, &type) != napi_ok || type != napi_function) {
    fault.type("onDone: expected a function");
    return nullptr;
  }
  FitArguments arguments;
  if (!readFitArguments(env, values, count, arguments, fault)) return nullptr;
  Pool* const pool = environment.openPool();
  if (pool == nullptr) {
    fault.memory();
    return nullptr;
  }
  AsyncFit* const fit = createFit(env, arguments, values, onDone, fault);
  if (fit == nullptr) return nullptr;
  fit->environment = &environment;
  fit->kernels = &kernelsFor(environment.target, arguments.isFused);
  fit->threads = arguments.threads;
  fit->maxSeconds = arguments.maxSeconds;
  fit->completed = sendCompletion;
  prepareJob(*fit);

  fit->references++;
  const napi_value handle = wrap(env, jobTag, fit, releaseFit);
  if (handle == nullptr) {
    fit->release(env);
    fault.memory();
    return nullptr;
  }
  environment.addRunning(fit);
  fit->ready.store(0, std::memory_order_relaxed);
  const bool isStarted = pool->start(*fit);
  bool isLeft = bringData(env, *fit);
  if (!isStarted) {
    // No thread is to be had: better late than never.
    while (isLeft) isLeft = bringData(env, *fit);
    participate(*fit, environment.workspace);
    sendCompletion(fit);
  }
  return handle;
}

bool readAsyncFit(napi_env env, napi_value value, AsyncFit*& fit, Fault& fault) noexcept {
  fit = static_cast<AsyncFit*>(unwrap(env, jobTag, value));
  if (fit == nullptr) return fault.type("job: expected what startFit returned");
  return true;
}

bool bringData(napi_env env, AsyncFit& fit) noexcept {
  // A job that was stopped or is finished needs nothing more.
  if (fit.isBrought || fit.isFinished || fit.stopCode.load(std::memory_order_relaxed) != notStopped)
    return false;
  Transfer& inputs = fit.inputs;
  if (!inputs.open(env, fit.fault)) {
    fit.hasFault = true;
    fit.stop(static_cast<int>(Status::aborted));
    return false;
  }
  fit.isBrought = !inputs.copy(fit.batch, nullptr);
  fit.ready.store(fit.isBrought ? fit.batch.fits : inputs.begin, std::memory_order_release);
  return !fit.isBrought;
}

bool deliverResults(napi_env env, AsyncFit& fit, bool& isLeft, Fault& fault) noexcept {
  isLeft = false;
  if (!fit.isFinished) return fault.type("job: its fits are still running");
  if (fit.block == nullptr) return true;  // delivered before
  bool isDelivered = false;
  if (fit.hasFault) {
    fault = fit.fault;
  } else if (fit.outOfMemory.load(std::memory_order_relaxed)) {
    fault.memory();
  } else if (fit.results.open(env, fault)) {
    const bool isWhole = fit.stopCode.load(std::memory_order_relaxed) == notStopped;
    isLeft = fit.results.copy(fit.batch, isWhole ? nullptr : fit.batch.status);
    isDelivered = true;
  }
  if (!isLeft) fit.clear(env);
  return isDelivered;
}

void completeFit(napi_env env, napi_value, void* context, void* data) noexcept {
  // What is left in the queue when the environment closes: the job is gone already.
  Environment* const environment = static_cast<Environment*>(context);
  if (env == nullptr || environment->isClosing.load(std::memory_order_relaxed)) return;
  AsyncFit* const fit = static_cast<AsyncFit*>(data);
  environment->removeRunning(fit);
  fit->isFinished = true;
  napi_value onDone, receiver, values[2];
  const bool isReady =
      napi_get_reference_value(env, fit->onDone, &onDone) == napi_ok &&
      napi_get_undefined(env, &receiver) == napi_ok &&
      napi_create_double(env, static_cast<double>(fit->done.load()), &values[0]) == napi_ok &&
      napi_create_int32(env, fit->stopCode.load(), &values[1]) == napi_ok;
  napi_delete_reference(env, fit->onDone);
  fit->onDone = nullptr;
  fit->release(env);
  if (isReady) napi_call_function(env, receiver, onDone, 2, values, nullptr);
}

}  // namespace nadir
