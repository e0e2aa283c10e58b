// Every status of N-API is looked at: a Proxy, a revoked proxy or an object with the prototype of a
// typed array fails there, whatever it pretends to be in JavaScript.
#include "addon/arguments.h"

#include <stdarg.h>
#include <stdio.h>

namespace nadir {
namespace {

struct Kind {
  const char* name;
  napi_typedarray_type type, otherType;
};

const Kind& kindOf(Elements elements) noexcept {
  static constexpr Kind kinds[] = {
      {"Float64Array", napi_float64_array, napi_float64_array},
      {"Float64Array or Float32Array", napi_float64_array, napi_float32_array},
      {"Uint8Array", napi_uint8_array, napi_uint8_array},
      {"Uint16Array", napi_uint16_array, napi_uint16_array},
      {"Int32Array", napi_int32_array, napi_int32_array},
      {"Uint32Array", napi_uint32_array, napi_uint32_array},
  };
  return kinds[static_cast<int>(elements)];
}

size_t sizeOf(napi_typedarray_type type) noexcept {
  switch (type) {
    case napi_uint8_array:
      return 1;
    case napi_uint16_array:
      return 2;
    case napi_float64_array:
      return 8;
    default:
      return 4;
  }
}

}  // namespace

bool Fault::type(const char* format, ...) noexcept {
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  kind = Kind::type;
  code = "ERR_TYPE";
  return false;
}

bool Fault::range(const char* stableCode, const char* format, ...) noexcept {
  va_list values;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  kind = Kind::range;
  code = stableCode;
  return false;
}

bool Fault::memory() noexcept {
  snprintf(message, sizeof message, "not enough memory for the fit");
  kind = Kind::memory;
  code = "ERR_MEMORY";
  return false;
}

napi_value Fault::raise(napi_env env) const noexcept {
  if (kind == Kind::type) napi_throw_type_error(env, code, message);
  if (kind == Kind::range) napi_throw_range_error(env, code, message);
  if (kind == Kind::memory) napi_throw_error(env, code, message);
  return nullptr;
}

bool readArray(napi_env env, napi_value value, const char* name, Elements elements, size_t length,
               Array& array, Fault& fault) noexcept {
  const Kind& kind = kindOf(elements);
  bool isTypedArray = false;
  size_t offset;
  if (napi_is_typedarray(env, value, &isTypedArray) != napi_ok || !isTypedArray ||
      napi_get_typedarray_info(env, value, &array.type, &array.length, &array.data, &array.buffer,
                               &offset) != napi_ok ||
      (array.type != kind.type && array.type != kind.otherType))
    return fault.type("%s: expected a %s", name, kind.name);
  array.elementSize = sizeOf(array.type);
  if (length != anyLength && array.length != length)
    return fault.range("ERR_SHAPE", "%s: expected %zu values, got %zu", name, length, array.length);
  if (array.length == 0) return true;
  // Memory that another add-on made an array of may be anywhere.
  if (array.data == nullptr || reinterpret_cast<uintptr_t>(array.data) % array.elementSize != 0)
    return fault.type("%s: expected aligned memory", name);
  return true;
}

bool isAbsent(napi_env env, napi_value value) noexcept {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined);
}

bool readCount(double value, const char* name, double most, int64_t& count, Fault& fault) noexcept {
  if (!(value >= 0 && value <= most) || value != static_cast<double>(static_cast<int64_t>(value)))
    return fault.range("ERR_RANGE", "%s: expected a whole number from 0 to %.0f, got %g", name,
      most,
                       value);
  count = static_cast<int64_t>(value);
  return true;
}

bool readNumber(napi_env env, napi_value value, const char* name, double& number,
                Fault& fault) noexcept {
  if (napi_get_value_double(env, value, &number) == napi_ok) return true;
  return fault.type("%s: expected a number", name);
}

bool isShared(napi_env env, const Array& array) noexcept {
  bool isPlain = true;
  return napi_is_arraybuffer(env, array.buffer, &isPlain) == napi_ok && !isPlain;
}

bool overlaps(const Array& a, const Array& b) noexcept {
  const uintptr_t beginA = reinterpret_cast<uintptr_t>(a.data), endA = beginA + a.bytes();
  const uintptr_t beginB = reinterpret_cast<uintptr_t>(b.data), endB = beginB + b.bytes();
  return a.length > 0 && b.length > 0 && beginA < endB && beginB < endA;
}

}  // namespace nadir
