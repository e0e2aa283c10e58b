// The tables of functions, one pair per instruction set that the build compiles for this processor
// family (native/sources.gypi lists them).
#include "jobs/select.h"

namespace nadir {

const Kernels& kernelsFor(Target target, bool fused) noexcept {
#define NADIR_SELECT(name) \
  case Target::name: \
    return fused ? kernels_fused_##name : kernels_##name;
  switch (target) {
#if defined(__x86_64__) || defined(_M_X64)
    NADIR_SELECT(sse2)
    NADIR_SELECT(avx2)
    NADIR_SELECT(avx512)
#elif defined(__aarch64__) || defined(_M_ARM64)
    NADIR_SELECT(neon)
#endif
    default:
      break;
  }
#undef NADIR_SELECT
  return fused ? kernels_fused_scalar : kernels_scalar;
}

}  // namespace nadir
