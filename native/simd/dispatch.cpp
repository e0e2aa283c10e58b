// Instruction sets by cpuid and XCR0 (Intel SDM vol. 1, sections 14.3 and 15.2): the processor must
// have the instructions, and the operating system must save the registers they use.
#include "simd/dispatch.h"

#include <string.h>

#if defined(__x86_64__) || defined(_M_X64)
#define NADIR_X64
#include <cpuid.h>
#elif defined(__aarch64__) || defined(_M_ARM64)
#define NADIR_ARM64
#endif

namespace nadir {
namespace {

constexpr const char* names[targetCount] = {"scalar", "sse2", "avx2", "avx512", "neon"};

#if defined(NADIR_X64)

struct Registers {
  unsigned eax, ebx, ecx, edx;
};

Registers cpuid(unsigned leaf) {
  Registers r = {};
  __cpuid_count(leaf, 0, r.eax, r.ebx, r.ecx, r.edx);
  return r;
}

constexpr bool has(unsigned flags, unsigned wanted) { return (flags & wanted) == wanted; }
constexpr unsigned bit(int position) { return 1u << position; }

// The register states that the operating system saves; only to be asked when OSXSAVE is set.
unsigned savedStates() {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

Target detect() {
  // Leaf 1 ecx; leaf 7 ebx; the parts F, DQ, CD, BW, VL of AVX-512, also in leaf 7 ebx.
  constexpr unsigned fma = bit(12), osxsave = bit(27), avx = bit(28);
  constexpr unsigned avx2 = bit(5), bmi2 = bit(8);
  constexpr unsigned avx512 = bit(16) | bit(17) | bit(28) | bit(30) | bit(31);
  constexpr unsigned ymmStates = bit(1) | bit(2), zmmStates = bit(5) | bit(6) | bit(7);
  if (cpuid(0).eax < 7) return Target::sse2;
  if (!has(cpuid(1).ecx, fma | osxsave | avx)) return Target::sse2;
  const unsigned states = savedStates(), features = cpuid(7).ebx;
  if (!has(states, ymmStates) || !has(features, avx2 | bmi2)) return Target::sse2;
  return has(states, zmmStates) && has(features, avx512) ? Target::avx512 : Target::avx2;
}

#elif defined(NADIR_ARM64)

Target detect() { return Target::neon; }

#else

Target detect() { return Target::scalar; }

#endif

bool isOfThisFamily(Target target) {
  if (target == Target::scalar) return true;
#if defined(NADIR_X64)
  return target != Target::neon;
#elif defined(NADIR_ARM64)
  return target == Target::neon;
#else
  return false;
#endif
}

}  // namespace

const char* nameOf(Target target) noexcept { return names[static_cast<int>(target)]; }

bool targetNamed(const char* name, Target& target) noexcept {
  for (int i = 0; i < targetCount; i++) {
    if (strcmp(names[i], name) != 0) continue;
    target = static_cast<Target>(i);
    return true;
  }
  return false;
}

Target bestTarget() noexcept { return detect(); }

bool isSupported(Target target) noexcept { return isOfThisFamily(target) && target <= detect(); }

bool bestTargetUpTo(Target cap, Target& target) noexcept {
  if (!isOfThisFamily(cap)) return false;
  const Target best = detect();
  target = cap < best ? cap : best;
  return true;
}

}  // namespace nadir
