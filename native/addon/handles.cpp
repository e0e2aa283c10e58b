#include "addon/handles.h"

#include <stdlib.h>
#include <string.h>

#include <new>

namespace nadir {

// Random numbers, made once: they tell these values from those of other add-ons.
const napi_type_tag programTag = {0x6e8bd2a90f1c4e57, 0xa3d4176bc95e2f80};
const napi_type_tag jobTag = {0x31f7c60e8d2b49a5, 0x9c0b5ed7426a18f3};

void ProgramHandle::release() noexcept {
  if (references.fetch_sub(1, std::memory_order_acq_rel) == 1) free(this);
}

ProgramHandle* createProgram(const Array& words, const Array& constants, Fault& fault) noexcept {
  // Longer than any valid program: refused before it is copied.
  constexpr size_t mostWords =
      headerWords + 2 * size_t{maxColumns} + 3 * size_t{instructionWords} * maxInstructions;
  if (words.length > mostWords || constants.length > maxConstants) {
    fault.range("ERR_PROGRAM", "program: too long");
    return nullptr;
  }
  // One block: the record, the constants, the words.
  const size_t size = sizeof(ProgramHandle) + constants.bytes() + words.bytes();
  void* const block = malloc(size);
  uint8_t* const scratch = static_cast<uint8_t*>(malloc(readProgramScratch));
  if (block == nullptr || scratch == nullptr) {
    free(block);
    free(scratch);
    fault.memory();
    return nullptr;
  }
  char* const afterRecord = static_cast<char*>(block) + sizeof(ProgramHandle);
  double* const ownConstants = reinterpret_cast<double*>(afterRecord);
  int32_t* const ownWords = reinterpret_cast<int32_t*>(ownConstants + constants.length);
  if (constants.length > 0) memcpy(ownConstants, constants.data, constants.bytes());
  if (words.length > 0) memcpy(ownWords, words.data, words.bytes());

  Program program = {};
  const char* const problem =
      readProgram(ownWords, words.length, ownConstants, constants.length, scratch, program);
  free(scratch);
  if (problem != nullptr) {
    free(block);
    fault.range("ERR_PROGRAM", "program: %s", problem);
    return nullptr;
  }
  ProgramHandle* const handle = new (block) ProgramHandle{program, {1}};
  return handle;
}

napi_value wrap(napi_env env, const napi_type_tag& tag, void* data,
  napi_finalize finalize) noexcept {
  napi_value value;
  if (napi_create_external(env, data, finalize, nullptr, &value) != napi_ok) {
    finalize(env, data, nullptr);
    return nullptr;
  }
  return napi_type_tag_object(env, value, &tag) == napi_ok ? value : nullptr;
}

void* unwrap(napi_env env, const napi_type_tag& tag, napi_value value) noexcept {
  napi_valuetype type;
  bool isOurs = false;
  void* data = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external ||
      napi_check_object_type_tag(env, value, &tag, &isOurs) != napi_ok || !isOurs ||
      napi_get_value_external(env, value, &data) != napi_ok)
    return nullptr;
  return data;
}

bool readProgramHandle(napi_env env, napi_value value, ProgramHandle*& handle,
                       Fault& fault) noexcept {
  handle = static_cast<ProgramHandle*>(unwrap(env, programTag, value));
  if (handle == nullptr) return fault.type("program: expected what createProgram returned");
  return true;
}

}  // namespace nadir
