// A batch that runs on the pool while JavaScript goes on. The caller's arrays may be overwritten,
// resized or detached meanwhile, so the job has memory of its own: inputs are copied into it while
// the first fits run, and results out of it at the end, both on the JavaScript thread and in slices
// that leave the event loop free. Memory of a SharedArrayBuffer can neither go nor shrink: it is
// used in place.
//
//   startFit       the first slice of the inputs; all of them in a small job
//   bringData      one slice more; called once a turn until it says that nothing is left
//   onDone         no thread works on the job any more
//   deliverResults one slice of the results; called once a turn like bringData
#pragma once

#include <node_api.h>

#include <atomic>

#include "addon/environment.h"
#include "addon/fit-arguments.h"
#include "addon/handles.h"
#include "addon/transfer.h"
#include "jobs/pool.h"

namespace nadir {

// What the members say is for the JavaScript thread alone, but for those of the Job.
struct AsyncFit : Job {
  Environment* environment;
  ProgramHandle* program;
  int references;  // held by the JavaScript value and by the run
  bool isBrought;
  bool isFinished;
  void* block;  // copies of inputs, and results on their way
  napi_ref onDone;
  napi_ref usedInPlace[mostFitArguments];
  int usedInPlaceCount;
  Transfer inputs;
  Transfer results;
  bool hasFault;
  Fault fault;  // in bringing the data
  AsyncFit* previousRunning;
  AsyncFit* followingRunning;

  // Gives back the memory and all JavaScript values; what is left is the record.
  void clear(napi_env env) noexcept;
  void release(napi_env env) noexcept;
};

// Begins the job and returns its handle; onDone is called with the number of fits that came to a
// status of their own, and the code of the status with which the job was stopped or -1. Null with a
// fault or a pending exception.
napi_value startFit(Environment& environment, napi_value onDone, const napi_value* values,
                    size_t count, Fault& fault) noexcept;

bool readAsyncFit(napi_env env, napi_value value, AsyncFit*& fit, Fault& fault) noexcept;

// True when there is more to bring. An array that is gone stops the job, and deliverResults tells.
bool bringData(napi_env env, AsyncFit& fit) noexcept;

// Sets `isLeft` when there is more to deliver. False when the job failed or an array is gone.
bool deliverResults(napi_env env, AsyncFit& fit, bool& isLeft, Fault& fault) noexcept;

// The JavaScript side of the end of a job: what the threadsafe function of the environment calls.
void completeFit(napi_env env, napi_value, void* context, void* data) noexcept;

}  // namespace nadir
