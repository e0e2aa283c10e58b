// From JavaScript values to plain memory. Sizes and addresses come from the engine in the call that
// uses them and are never remembered, since the owner of an array may detach or resize it between
// two calls.
#pragma once

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#include "jobs/fit-batch.h"

namespace nadir {

// What is wrong with an argument. A record, since the build has no exceptions.
struct Fault {
  enum class Kind { type, range, memory };
  Kind kind;
  const char* code;
  char message[160];

  // Both return false, so that a check can end with them.
  bool type(const char* format, ...) noexcept __attribute__((format(printf, 2, 3)));
  bool range(const char* code, const char* format, ...) noexcept
      __attribute__((format(printf, 3, 4)));
  bool memory() noexcept;

  // Throws it in JavaScript. Returns null, which an entry returns in turn.
  napi_value raise(napi_env env) const noexcept;
};

struct Array {
  void* data;
  size_t length;       // in elements
  size_t elementSize;  // in bytes
  napi_typedarray_type type;
  napi_value buffer;

  size_t bytes() const noexcept { return length * elementSize; }
  bool isSingle() const noexcept { return type == napi_float32_array; }
  Column column() const noexcept { return {data, isSingle()}; }
};

// Which element types an argument may have.
enum class Elements { doubles, floats /* double or single */, bytes, shorts, ints, unsigneds };

// Reads a typed array of the given kind, of exactly `length` elements unless that is anyLength.
constexpr size_t anyLength = SIZE_MAX;
bool readArray(napi_env env, napi_value value, const char* name, Elements elements, size_t length,
               Array& array, Fault& fault) noexcept;

bool isAbsent(napi_env env, napi_value value) noexcept;  // null or undefined

// A whole number in [0, most].
bool readCount(double value, const char* name, double most, int64_t& count, Fault& fault) noexcept;
bool readNumber(napi_env env, napi_value value, const char* name, double& number,
                Fault& fault) noexcept;

// Whether the memory belongs to a SharedArrayBuffer: it stays in place and as large as it is while
// somebody refers to it, but other threads may write to it at any time.
bool isShared(napi_env env, const Array& array) noexcept;

bool overlaps(const Array& a, const Array& b) noexcept;

}  // namespace nadir
