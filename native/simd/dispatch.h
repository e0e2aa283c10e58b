// Which instruction set to run on: asks the processor and the operating system. Knows nothing of
// what is compiled for each.
#pragma once

namespace nadir {

// In ascending order within a family of processors; scalar belongs to all of them.
enum class Target : int { scalar, sse2, avx2, avx512, neon };
constexpr int targetCount = 5;

const char* nameOf(Target target) noexcept;

// False when no instruction set has this name.
bool targetNamed(const char* name, Target& target) noexcept;

// Whether this binary holds code for the target and this machine can run it.
bool isSupported(Target target) noexcept;

Target bestTarget() noexcept;

// The best supported target that is not above `cap`, or false when `cap` is of another family.
bool bestTargetUpTo(Target cap, Target& target) noexcept;

}  // namespace nadir
