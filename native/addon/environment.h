// What belongs to one environment (the main thread or a worker): its threads, its scratch memory
// and its running jobs. Nothing is shared between environments, and nothing lives in statics.
#pragma once

#include <node_api.h>

#include <atomic>

#include "jobs/pool.h"
#include "jobs/workspace.h"
#include "simd/dispatch.h"

namespace nadir {

struct AsyncFit;

struct Environment {
  napi_env env;
  Target target;
  Workspace workspace;  // for fits on the calling thread
  Workspace offsets;    // their copy of `offsets`
  Pool* pool;           // made on first use
  // Brings the end of asynchronous jobs to the JavaScript thread, and keeps the event loop alive
  // while there are any.
  napi_threadsafe_function completion;
  AsyncFit* running;
  std::atomic<bool> isClosing;

  // The pool, and with it the channel for completions; null when there is no memory.
  Pool* openPool() noexcept;

  void addRunning(AsyncFit* fit) noexcept;
  void removeRunning(AsyncFit* fit) noexcept;
};

// Makes the record and hangs it on the environment. Null when N-API or memory fails.
Environment* createEnvironment(napi_env env) noexcept;

Environment* environmentOf(napi_env env) noexcept;

}  // namespace nadir
