// Running sums of the products of all pairs of columns: the lower triangle of AᵀA, one matrix per
// lane, points added one after another (the order of pairwise-sum.h). Native only: the portable
// engine generates the same additions as text.
//
// Tiles of up to 4 × 4 pairs keep their sums in registers while the points of a chunk stream by:
// eight loads serve sixteen products. With sixteen registers (SSE2, AVX2) tiles of 3 × 3 fit.
#pragma once

#include "simd/vec.h"

namespace {

#if NADIR_VECTOR_BYTES == 64 || defined(__aarch64__)
constexpr int tileSide = 4;
#else
constexpr int tileSide = 3;
#endif

template <int rows, int columns, bool isDiagonal, bool isSame>
static void addTile(const F64* const* a, const F64* const* b, F64* const* sums, int points) {
  F64 total[rows][columns];
#pragma GCC unroll 4
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++)
      if (!isDiagonal || j <= i) total[i][j] = sums[i][j];
  const F64* left[rows];
  const F64* right[columns];
#pragma GCC unroll 4
  for (int i = 0; i < rows; i++) left[i] = a[i];
#pragma GCC unroll 4
  for (int j = 0; j < columns; j++) right[j] = b[j];
  for (int p = 0; p < points; p++) {
    F64 l[rows], r[columns];
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++) l[i] = left[i][p];
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++) r[j] = isDiagonal && isSame ? l[j] : right[j][p];
#pragma GCC unroll 4
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
      for (int j = 0; j < columns; j++)
        if (!isDiagonal || j <= i) total[i][j] = mulAdd(l[i], r[j], total[i][j]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
    for (int j = 0; j < columns; j++)
      if (!isDiagonal || j <= i) sums[i][j] = total[i][j];
}

using AddTile = void (*)(const F64* const*, const F64* const*, F64* const*, int);

template <int columns>
static constexpr AddTile tilesOf[4] = {
    addTile<1, columns, false, true>, addTile<2, columns, false, true>,
    addTile<3, columns, false, true>, addTile<4, columns, false, true>};
static constexpr const AddTile* tiles[4] = {tilesOf<1>, tilesOf<2>, tilesOf<3>, tilesOf<4>};
static constexpr AddTile diagonalTiles[2][4] = {
    {addTile<1, 1, true, false>, addTile<2, 2, true, false>, addTile<3, 3, true, false>,
     addTile<4, 4, true, false>},
    {addTile<1, 1, true, true>, addTile<2, 2, true, true>, addTile<3, 3, true, true>,
     addTile<4, 4, true, true>}};

// sums, packed by rows, += products left[i]·right[j], j ≤ i, of `count` columns over `points` points.
static void addProducts(const F64* const* left, const F64* const* right, int count, F64* sums, int points) {
  for (int i = 0; i < count; i += tileSide) {
    const int rows = count - i < tileSide ? count - i : tileSide;
    F64* at[tileSide];
    for (int j = 0; j <= i; j += tileSide) {
      for (int k = 0; k < rows; k++) at[k] = sums + (i + k) * (i + k + 1) / 2 + j;
      if (j == i)
        diagonalTiles[left == right][rows - 1](left + i, right + i, at, points);
      else
        tiles[tileSide - 1][rows - 1](left + i, right + j, at, points);
    }
  }
}

}  // namespace
