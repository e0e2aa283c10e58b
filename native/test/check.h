// A counting CHECK, reproducible random numbers and comparison of bits, for the tests of the core.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <vector>

namespace nadir::test {

struct Counts {
  long passed = 0, failed = 0;
};
inline Counts counts;

inline void check(bool holds, const char* text, const char* file, int line) {
  if (holds) {
    counts.passed++;
    return;
  }
  if (counts.failed++ < 20) printf("%s:%d: does not hold: %s\n", file, line, text);
}

#define NADIR_CHECK(condition) ::nadir::test::check((condition), #condition, __FILE__, __LINE__)

// splitmix64 (Steele, Lea, Flood 2014).
struct Random {
  uint64_t state;

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  int below(int n) { return static_cast<int>(next() % static_cast<uint64_t>(n)); }
  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(next() >> 11) * 0x1p-53);
  }
};

// The same bits; one NaN is as good as another.
inline bool isSame(double a, double b) {
  return (a != a && b != b) || memcmp(&a, &b, sizeof a) == 0;
}
inline bool isSame(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); i++)
    if (!isSame(a[i], b[i])) return false;
  return true;
}

// Random trials are divided by this: emulated processors are slow.
inline int divisor = 1;

// The groups of tests, one per file.
void testReadProgram();
void testKernels();
void testRandomFits();
void testPool();
void testCareful();

}  // namespace nadir::test
