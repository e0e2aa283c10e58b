// From an instruction set to the functions compiled for it.
#pragma once

#include "jobs/fit-batch.h"
#include "simd/dispatch.h"

namespace nadir {

// `target` is one that isSupported says yes to. `fused` asks for the functions that may use fused
// multiply-add and other orders of summation.
const Kernels& kernelsFor(Target target, bool fused) noexcept;

}  // namespace nadir
