// A batch that runs on the pool while JavaScript goes on. The caller's arrays may be overwritten,
// resized or detached meanwhile, so the inputs are copied at the start and the results are copied
// back at the end, on the JavaScript thread, into arrays that are looked at anew. Memory of a
// SharedArrayBuffer can neither go nor shrink: it is used in place.
#pragma once

#include <node_api.h>

#include <atomic>

#include "addon/environment.h"
#include "addon/fit-arguments.h"
#include "addon/handles.h"
#include "jobs/pool.h"

namespace nadir {

struct AsyncFit : Job {
  Environment* environment;
  ProgramHandle* program;
  std::atomic<int> references;  // held by the JavaScript value and by the run
  void* block;                  // copies of inputs, and results on their way
  napi_ref onDone;
  napi_ref sharedInputs[mostFitArguments];
  int sharedInputCount;
  // The caller's arrays, and where their contents stand until the end: null where written in place.
  napi_ref outputs[outputCount];
  void* results[outputCount];
  size_t lengths[outputCount];
  AsyncFit* previousRunning;
  AsyncFit* followingRunning;

  // Lets go of all JavaScript values. On the JavaScript thread only.
  void dropReferences(napi_env env) noexcept;
  void release() noexcept;
};

// Begins the job and returns its handle; onDone is called with the number of fits that came to a
// status of their own, the code of the status with which the job was stopped or -1, and an Error
// where the results could not be delivered. Null with a fault or a pending exception.
napi_value startFit(Environment& environment, napi_value onDone, const napi_value* values,
                    size_t count, Fault& fault) noexcept;

bool readAsyncFit(napi_env env, napi_value value, AsyncFit*& fit, Fault& fault) noexcept;

// The JavaScript side of the end of a job: what the threadsafe function of the environment calls.
void completeFit(napi_env env, napi_value, void* context, void* data) noexcept;

}  // namespace nadir
