#include "addon/async-fit.h"

#include <stdlib.h>
#include <string.h>

#include <new>

#include "addon/own-memory.h"
#include "jobs/select.h"

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

void releaseFit(napi_env, void* data, void*) noexcept { static_cast<AsyncFit*>(data)->release(); }

// One output into the caller's array; where the job was stopped, only the fits that were run.
void deliver(const AsyncFit& fit, const uint8_t* status, int output, const Array& array) noexcept {
  const char* const source = static_cast<const char*>(fit.results[output]);
  char* const target = static_cast<char*>(array.data);
  const FitBatch& batch = fit.batch;
  const bool isRagged = batch.offsets != nullptr && output + firstOutput == residualsArgument;
  const size_t width = batch.fits > 0 ? array.length / static_cast<size_t>(batch.fits) : 0;
  const auto copy = [&](int64_t begin, int64_t end) {
    const size_t first = isRagged ? batch.offsets[begin] : width * static_cast<size_t>(begin);
    const size_t last = isRagged ? batch.offsets[end] : width * static_cast<size_t>(end);
    const size_t size = array.elementSize;
    if (last > first) memcpy(target + first * size, source + first * size, (last - first) * size);
  };
  if (fit.stopCode.load(std::memory_order_relaxed) == notStopped) return copy(0, batch.fits);
  for (int64_t k = 0; k < batch.fits; k++)
    if (status[k] != untouched) copy(k, k + 1);
}

// Results into the caller's arrays, which are looked at again: they may be gone by now.
bool deliverAll(napi_env env, const AsyncFit& fit, Fault& fault) noexcept {
  const uint8_t* const status =
      static_cast<const uint8_t*>(fit.results[statusArgument - firstOutput]);
  for (int i = 0; i < outputCount; i++) {
    if (fit.results[i] == nullptr) continue;
    const int position = firstOutput + i;
    napi_value value;
    Array array;
    if (napi_get_reference_value(env, fit.outputs[i], &value) != napi_ok ||
        !readArray(env, value, argumentName(position), argumentElements(position), fit.lengths[i],
                   array, fault))
      return fault.range("ERR_DETACHED", "%s: detached or resized while the fits were running",
                         argumentName(position));
    deliver(fit, status, i, array);
  }
  return true;
}

AsyncFit* createFit(napi_env env, FitArguments& arguments, const napi_value* values,
                    napi_value onDone, Copies& copies, Fault& fault) noexcept {
  void* const memory = malloc(sizeof(AsyncFit));
  if (memory == nullptr) {
    fault.memory();
    return nullptr;
  }
  AsyncFit* const fit = new (memory) AsyncFit{};
  fit->references.store(1, std::memory_order_relaxed);
  fit->program = arguments.program;
  fit->program->retain();
  bool shared[mostFitArguments] = {};
  bool isKept = keep(env, onDone, fit->onDone);
  for (int k = yArgument; k < arguments.count && isKept; k++) {
    if (!arguments.isPresent[k]) continue;
    shared[k] = isShared(env, arguments.arrays[k]);
    if (k >= firstOutput && k < firstPredictor) {
      fit->lengths[k - firstOutput] = arguments.arrays[k].length;
      isKept = keep(env, values[k], fit->outputs[k - firstOutput]);
    } else if (shared[k]) {
      isKept = keep(env, values[k], fit->sharedInputs[fit->sharedInputCount]);
      if (isKept) fit->sharedInputCount++;
    }
  }
  Layout layout = {nullptr, 0};
  Column* x = nullptr;
  uint32_t* offsets = nullptr;
  place(arguments, shared, fit->results, layout, x, offsets, copies);
  fit->block = allocate(layout.used);
  if (!isKept || fit->block == nullptr) fault.memory();
  if (isKept && fit->block != nullptr) {
    const uintptr_t address = (reinterpret_cast<uintptr_t>(fit->block) + 63) & ~uintptr_t{63};
    layout = {reinterpret_cast<char*>(address), 0};
    place(arguments, shared, fit->results, layout, x, offsets, copies);
    if (offsets == nullptr ||
        checkOffsets(offsets, arguments.fits, arguments.arrays[yArgument].length, fault)) {
      describeBatch(arguments, offsets, x, fit->batch);
      return fit;
    }
  }
  fit->dropReferences(env);
  fit->release();
  return nullptr;
}

}  // namespace

void AsyncFit::dropReferences(napi_env env) noexcept {
  const auto drop = [env](napi_ref& reference) {
    if (reference != nullptr) napi_delete_reference(env, reference);
    reference = nullptr;
  };
  drop(onDone);
  for (napi_ref& reference : outputs) drop(reference);
  for (int i = 0; i < sharedInputCount; i++) drop(sharedInputs[i]);
}

void AsyncFit::release() noexcept {
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  free(block);
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
  Copies copies;
  AsyncFit* const fit = createFit(env, arguments, values, onDone, copies, fault);
  if (fit == nullptr) return nullptr;
  fit->environment = &environment;
  fit->kernels = &kernelsFor(environment.target, arguments.isFused);
  fit->threads = arguments.threads;
  fit->maxSeconds = arguments.maxSeconds;
  fit->completed = sendCompletion;
  prepareJob(*fit);

  fit->references.fetch_add(1, std::memory_order_relaxed);
  const napi_value handle = wrap(env, jobTag, fit, releaseFit);
  if (handle == nullptr) {
    fit->dropReferences(env);
    fit->release();
    fault.memory();
    return nullptr;
  }
  environment.addRunning(fit);
  fit->ready.store(0, std::memory_order_relaxed);
  const bool isStarted = pool->start(*fit);
  bring(*fit, copies, arguments);
  if (!isStarted) {
    // No thread is to be had: better late than never.
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

void completeFit(napi_env env, napi_value, void* context, void* data) noexcept {
  // What is left in the queue when the environment closes: the job is gone already.
  Environment* const environment = static_cast<Environment*>(context);
  if (env == nullptr || environment->isClosing.load(std::memory_order_relaxed)) return;
  AsyncFit* const fit = static_cast<AsyncFit*>(data);
  environment->removeRunning(fit);

  Fault fault;
  const bool isDelivered = fit->outOfMemory.load(std::memory_order_relaxed)
                               ? fault.memory()
                               : deliverAll(env, *fit, fault);
  napi_value onDone, receiver, values[3];
  napi_value code, message;
  const bool isReady =
      napi_get_reference_value(env, fit->onDone, &onDone) == napi_ok &&
      napi_get_undefined(env, &receiver) == napi_ok &&
      napi_create_double(env, static_cast<double>(fit->done.load()), &values[0]) == napi_ok &&
      napi_create_int32(env, fit->stopCode.load(), &values[1]) == napi_ok &&
      (isDelivered ||
       (napi_create_string_utf8(env, fault.code, NAPI_AUTO_LENGTH, &code) == napi_ok &&
        napi_create_string_utf8(env, fault.message, NAPI_AUTO_LENGTH, &message) == napi_ok &&
        napi_create_error(env, code, message, &values[2]) == napi_ok));
  fit->dropReferences(env);
  free(fit->block);
  fit->block = nullptr;
  fit->release();
  if (isReady) napi_call_function(env, receiver, onDone, isDelivered ? 2 : 3, values, nullptr);
}

}  // namespace nadir
