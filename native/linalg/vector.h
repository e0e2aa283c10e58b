// Sums over the points of one data set, in the order of pairwise-sum.h. Twin: portable/linalg/vector.ts.
#pragma once

#include "linalg/pairwise-sum.h"

namespace {

// Σ term(i) for i in [0, count).
template <class Term>
NADIR_INLINE double pairwiseSum(int64_t count, Term term) {
  double levels[64];
  int64_t blocks = 0;
  for (int64_t from = 0; from < count; from += blockPoints, blocks++) {
    const int64_t to = from + blockPoints < count ? from + blockPoints : count;
    double total = 0;
    for (int64_t i = from; i < to; i++) total += term(i);
    int level = 0;
    for (int64_t n = blocks; n & 1; n >>= 1, level++) total = levels[level] + total;
    levels[level] = total;
  }
  double sum = 0;
  bool isFirst = true;
  int level = 0;
  for (int64_t n = blocks; n > 0; n >>= 1, level++) {
    if (!(n & 1)) continue;
    sum = isFirst ? levels[level] : levels[level] + sum;
    isFirst = false;
  }
  return sum;
}

// Σ (w·(y − ȳ))² about the weighted mean ȳ = Σ w²y / Σ w².
template <class Weight, class Value>
NADIR_INLINE double totalSumOfSquares(int64_t points, Weight weight, Value y) {
  const double weightSum = pairwiseSum(points, [&](int64_t i) { return weight(i) * weight(i); });
  const double weighted = pairwiseSum(points, [&](int64_t i) { return weight(i) * weight(i) * y(i); });
  const double mean = weighted / weightSum;
  return pairwiseSum(points, [&](int64_t i) {
    const double t = weight(i) * (y(i) - mean);
    return t * t;
  });
}

}  // namespace
