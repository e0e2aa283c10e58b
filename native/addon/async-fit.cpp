#include "addon/async-fit.h"

#include <stdlib.h>
#include <string.h>

#include <new>

#include "jobs/select.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nadir {
namespace {

// In the status column: this fit was not run. Not the code of any status.
constexpr uint8_t untouched = 255;

// Hands out parts of one block, each on a cache line of its own; without a block it only counts.
struct Layout {
  char* block;
  size_t used;

  void* take(size_t bytes) noexcept {
    void* const part = block == nullptr ? nullptr : block + used;
    used += (bytes + 63) & ~size_t{63};
    return part;
  }
};

// Memory for large batches: with pages of 2 MB, filling it costs half as much.
void* allocate(size_t bytes) noexcept {
  void* const block = malloc(bytes + 64);
#if defined(__linux__)
  constexpr uintptr_t largePage = uintptr_t{2} << 20;
  if (block != nullptr && bytes >= 4 * largePage) {
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + largePage - 1) & ~(largePage - 1);
    const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + bytes) & ~(largePage - 1);
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
#endif
  return block;
}

// An input that is laid out per fit, and the job's own copy of it.
struct Copy {
  char* target;
  const char* source;
  size_t elementSize;
  size_t width;  // elements per fit; 0 when the offsets tell
};

// What is still to be copied when the job begins: its threads need not wait for all of it.
struct Copies {
  Copy list[mostFitArguments];
  int count = 0;

  void run(const uint32_t* offsets, int64_t begin, int64_t end) const noexcept {
    for (int i = 0; i < count; i++) {
      const Copy& copy = list[i];
      const size_t first = copy.width > 0 ? copy.width * static_cast<size_t>(begin) : offsets[begin];
      const size_t last = copy.width > 0 ? copy.width * static_cast<size_t>(end) : offsets[end];
      if (last > first)
        memcpy(copy.target + first * copy.elementSize, copy.source + first * copy.elementSize,
               (last - first) * copy.elementSize);
    }
  }
};

// The job's own memory for its arguments. Called twice: to count, and to hand it out. What is
// shared by all fits is copied at once, the rest is noted in `copies`.
void place(FitArguments& arguments, const bool* shared, AsyncFit& fit, Layout& layout, Column*& x,
           uint32_t*& offsets, Copies& copies) noexcept {
  const bool counts = layout.block == nullptr;
  const size_t fits = static_cast<size_t>(arguments.fits);
  const bool isRagged = arguments.isPresent[offsetsArgument];
  const double* const numbers = arguments.numbers;
  x = static_cast<Column*>(layout.take(sizeof(Column) * (arguments.count - firstPredictor)));
  for (int k = yArgument; k < arguments.count; k++) {
    Array& array = arguments.arrays[k];
    const bool isOutput = k >= firstOutput && k < firstPredictor;
    // Offsets are addresses: nobody else may be able to change them once they are checked. And the
    // status tells which fits were run, so it starts from a value of our own.
    const bool isPrivate = k == offsetsArgument || k == statusArgument;
    if (!arguments.isPresent[k] || (shared[k] && !isPrivate)) continue;
    void* const own = layout.take(array.bytes());
    if (counts) continue;
    const bool isForAll = k == offsetsArgument ||
                          (k == sigmaArgument && numbers[sigmaSharedField] != 0) ||
                          (k == initArgument && numbers[initSharedField] != 0) ||
                          (k >= firstPredictor && numbers[xSharedField] != 0);
    if (isOutput)
      fit.results[k - firstOutput] = own;
    else if (isForAll && array.length > 0)
      memcpy(own, array.data, array.bytes());
    else if (array.length > 0 && fits > 0)
      copies.list[copies.count++] = {static_cast<char*>(own), static_cast<const char*>(array.data),
                                     array.elementSize,
                                     isRagged && k != initArgument ? 0 : array.length / fits};
    if (k == statusArgument) memset(own, untouched, array.length);
    array.data = own;
    if (k == offsetsArgument) offsets = static_cast<uint32_t*>(own);
  }
}

// Brings the data of all fits, about a megabyte at a time. Copying is several times faster than
// fitting, so the threads that have begun hardly ever wait.
void bring(AsyncFit& fit, const Copies& copies, const FitArguments& arguments) noexcept {
  constexpr int64_t pieceBytes = 1 << 20;
  const int64_t bytes = static_cast<int64_t>(arguments.arrays[yArgument].bytes()) * copies.count;
  const int64_t fits = arguments.fits, pieces = bytes / pieceBytes + 1;
  const int64_t size = (fits + pieces - 1) / pieces;
  for (int64_t begin = 0; begin < fits; begin += size) {
    const int64_t end = fits - begin < size ? fits : begin + size;
    copies.run(fit.batch.offsets, begin, end);
    fit.ready.store(end, std::memory_order_release);
  }
}

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
  place(arguments, shared, *fit, layout, x, offsets, copies);
  fit->block = allocate(layout.used);
  if (!isKept || fit->block == nullptr) fault.memory();
  if (isKept && fit->block != nullptr) {
    const uintptr_t address = (reinterpret_cast<uintptr_t>(fit->block) + 63) & ~uintptr_t{63};
    layout = {reinterpret_cast<char*>(address), 0};
    place(arguments, shared, *fit, layout, x, offsets, copies);
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
