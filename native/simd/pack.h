// Four vectors that go through a computation side by side. A processor looks about a hundred
// instructions ahead: of one long polynomial after another it sees hardly two, and waits; of four
// interleaved ones it always finds something to do. The arithmetic of each vector is unchanged.
#pragma once

#include "simd/vec.h"

namespace {

constexpr int packWidth = 4;

struct Pack {
  F64 part[packWidth];
};

NADIR_INLINE Pack loadPack(const F64* p) { return {{p[0], p[1], p[2], p[3]}}; }
NADIR_INLINE void storePack(F64* p, const Pack& v) {
  p[0] = v.part[0], p[1] = v.part[1], p[2] = v.part[2], p[3] = v.part[3];
}

// The same operand for all four vectors, or one for each.
NADIR_INLINE double partOf(double a, int) { return a; }
NADIR_INLINE F64 partOf(F64 a, int) { return a; }
NADIR_INLINE F64 partOf(const Pack& a, int i) { return a.part[i]; }

template <class F>
NADIR_INLINE Pack eachPart(F f) {
  return {{f(0), f(1), f(2), f(3)}};
}

#define NADIR_PACK_OPERATOR(op) \
  template <class B> NADIR_INLINE Pack operator op(const Pack& a, const B& b) { \
    return eachPart([&](int i) __attribute__((always_inline)) { return a.part[i] op partOf(b, i); }); \
  } \
  NADIR_INLINE Pack operator op(double a, const Pack& b) { \
    return eachPart([&](int i) __attribute__((always_inline)) { return a op b.part[i]; }); \
  }
NADIR_PACK_OPERATOR(+)
NADIR_PACK_OPERATOR(-)
NADIR_PACK_OPERATOR(*)
#undef NADIR_PACK_OPERATOR

template <class B, class C>
NADIR_INLINE Pack mulAdd(const Pack& a, const B& b, const C& c) {
  return eachPart([&](int i) __attribute__((always_inline)) {
    return mulAdd(a.part[i], partOf(b, i), partOf(c, i));
  });
}

}  // namespace
