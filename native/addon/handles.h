// Native records that JavaScript holds as opaque values. Each is tagged, so that a value of another
// kind or of another add-on is refused, and counted, so that a running job keeps what it needs.
#pragma once

#include <node_api.h>

#include <atomic>

#include "addon/arguments.h"
#include "program/program.h"

namespace nadir {

// A validated copy of a program; immutable, shared by all threads.
struct ProgramHandle {
  Program program;
  std::atomic<int> references;

  void retain() noexcept { references.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;
};

extern const napi_type_tag programTag, jobTag;

// Copies, validates and wraps. Null with a fault.
ProgramHandle* createProgram(const Array& words, const Array& constants, Fault& fault) noexcept;

// An opaque value for `data`, which it owns from now on: `finalize` is called when it is collected,
// or at once when it cannot be made. Null when N-API fails.
napi_value wrap(napi_env env, const napi_type_tag& tag, void* data,
  napi_finalize finalize) noexcept;

// What is in a value made by `wrap` with this tag; null for any other value.
void* unwrap(napi_env env, const napi_type_tag& tag, napi_value value) noexcept;

bool readProgramHandle(napi_env env, napi_value value, ProgramHandle*& handle,
                       Fault& fault) noexcept;

}  // namespace nadir
