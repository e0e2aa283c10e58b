// Scratch memory that grows on demand and is reused from call to call.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

namespace nadir {

// Never runs a destructor of its own accord: its owner calls release, so that it may live in
// records that are freed as plain memory.
struct Workspace {
  static constexpr size_t alignment = 64;
  // More than this is given back after use: one large job must not be paid for ever after.
  static constexpr size_t kept = size_t{16} << 20;

  void* block = nullptr;
  size_t size = 0;

  // Memory of at least `bytes` bytes, aligned to 64, contents undefined; null when there is none.
  void* reserve(size_t bytes) noexcept {
    if (bytes > size || block == nullptr) {
      release();
      if (bytes > SIZE_MAX - alignment) return nullptr;
      block = malloc(bytes + alignment);
      if (block == nullptr) return nullptr;
      size = bytes;
    }
    const uintptr_t address = reinterpret_cast<uintptr_t>(block);
    return reinterpret_cast<void*>((address + alignment - 1) & ~uintptr_t{alignment - 1});
  }

  void trim() noexcept {
    if (size > kept) release();
  }

  void release() noexcept {
    free(block);
    block = nullptr;
    size = 0;
  }
};

}  // namespace nadir
