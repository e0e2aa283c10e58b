// The order in which sums over data points are formed, one data set per lane. Twin and exposition:
// portable/linalg/pairwise-sum.ts. Lanes with fewer blocks add zeros, which changes no bit.
#pragma once

#include "simd/vec.h"

namespace {

constexpr int blockPoints = 128;

// Levels that `points` points can need.
static constexpr int pairwiseLevels(int64_t points) {
  int levels = 1;
  for (int64_t blocks = (points + blockPoints - 1) / blockPoints; blocks > 1; blocks = (blocks + 1) / 2)
    levels++;
  return levels;
}

// Adds blocks of `width` sums each; `levels` has room for pairwiseLevels × width.
struct PairwiseSum {
  int width;
  F64* block;
  F64* levels;
  int64_t blocks;

  void clear() { blocks = 0; }

  void push() {
    F64* place = levels;
    for (int64_t count = blocks; count & 1; count >>= 1, place += width)
      for (int k = 0; k < width; k++) block[k] = place[k] + block[k];
    for (int k = 0; k < width; k++) place[k] = block[k];
    blocks++;
  }

  void totalInto(F64* sums) const {
    for (int k = 0; k < width; k++) sums[k] = splat(0);
    bool isFirst = true;
    const F64* part = levels;
    for (int64_t count = blocks; count > 0; count >>= 1, part += width) {
      if (!(count & 1)) continue;
      for (int k = 0; k < width; k++) sums[k] = isFirst ? part[k] : part[k] + sums[k];
      isFirst = false;
    }
  }
};

}  // namespace
