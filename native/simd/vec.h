// Vectors of doubles, one lane per curve, in GCC/Clang vector extensions. This header and the
// target headers beside it are the only code that knows the processor.
//
// Every file that includes it is compiled once per instruction set (NADIR_TARGET names it) and may
// use no C++ standard library header; everything here has internal linkage, so that code compiled
// with wide instructions can never be picked by the linker for another instruction set.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(NADIR_SCALAR)
#define NADIR_VECTOR_BYTES 8
#elif defined(__AVX512F__)
#define NADIR_VECTOR_BYTES 64
#include <immintrin.h>
#elif defined(__AVX2__)
#define NADIR_VECTOR_BYTES 32
#include <immintrin.h>
#elif defined(__SSE2__)
#define NADIR_VECTOR_BYTES 16
#include <immintrin.h>
#elif defined(__aarch64__)
#define NADIR_VECTOR_BYTES 16
#include <arm_neon.h>
#else
#define NADIR_VECTOR_BYTES 16
#endif

#define NADIR_INLINE static inline __attribute__((always_inline))
// Large pieces are kept apart: in one body their vectors compete for registers (measured: 5 %).
#define NADIR_NOINLINE __attribute__((noinline))

namespace {

typedef double F64 __attribute__((vector_size(NADIR_VECTOR_BYTES)));
typedef int64_t I64 __attribute__((vector_size(NADIR_VECTOR_BYTES)));
typedef uint64_t U64 __attribute__((vector_size(NADIR_VECTOR_BYTES)));
typedef double F64Unaligned __attribute__((vector_size(NADIR_VECTOR_BYTES), aligned(8), may_alias));

// A mask holds all ones (true) or zero (false) per lane, as vector comparisons yield it.
typedef I64 Mask;

constexpr int lanes = NADIR_VECTOR_BYTES / 8;

// Subtracting +0 keeps the sign of a zero, where adding it would not.
NADIR_INLINE F64 splat(double value) { F64 zero = {0}; return value - zero; }
NADIR_INLINE I64 splatInt(int64_t value) { I64 v = {0}; return v + value; }
NADIR_INLINE F64 load(const double* p) { return *reinterpret_cast<const F64Unaligned*>(p); }
NADIR_INLINE void store(double* p, F64 v) { *reinterpret_cast<F64Unaligned*>(p) = v; }

// Bit patterns, not values.
NADIR_INLINE I64 bitsOf(F64 v) { return reinterpret_cast<I64>(v); }
NADIR_INLINE F64 fromBits(I64 v) { return reinterpret_cast<F64>(v); }
// Modulo 2⁶⁴, for bit patterns whose sum may leave the range of signed numbers.
NADIR_INLINE I64 addBits(I64 a, I64 b) {
  return reinterpret_cast<I64>(reinterpret_cast<U64>(a) + reinterpret_cast<U64>(b));
}
NADIR_INLINE I64 subtractBits(I64 a, I64 b) {
  return reinterpret_cast<I64>(reinterpret_cast<U64>(a) - reinterpret_cast<U64>(b));
}

// Lane by lane: mask ? a : b.
NADIR_INLINE F64 select(Mask mask, F64 a, F64 b) { return mask ? a : b; }
NADIR_INLINE I64 select(Mask mask, I64 a, I64 b) { return mask ? a : b; }

NADIR_INLINE bool any(Mask mask) {
#if NADIR_VECTOR_BYTES == 64
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(mask)) != 0;
#elif NADIR_VECTOR_BYTES == 32
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(mask)) != 0;
#elif NADIR_VECTOR_BYTES == 16 && defined(__SSE2__)
  return _mm_movemask_pd(reinterpret_cast<__m128d>(mask)) != 0;
#else
  int64_t bits = 0;
  for (int lane = 0; lane < lanes; lane++) bits |= mask[lane];
  return bits != 0;
#endif
}
NADIR_INLINE bool all(Mask mask) { return !any(~mask); }

NADIR_INLINE F64 absolute(F64 v) { return fromBits(bitsOf(v) & splatInt(0x7fffffffffffffff)); }
// |magnitude| with the sign bit of `sign`.
NADIR_INLINE F64 copySign(F64 magnitude, F64 sign) {
  return fromBits((bitsOf(magnitude) & splatInt(0x7fffffffffffffff)) |
                  (bitsOf(sign) & splatInt(INT64_MIN)));
}

// Whether |values[i]| < limit in every lane, for i < count; NaN is not.
NADIR_INLINE bool allWithin(const F64* values, int count, double limit) {
#if NADIR_VECTOR_BYTES == 64
  // Magnitudes compared as integers, where NaN is larger than infinity: two instructions each.
  __m512i largest = _mm512_setzero_si512();
  for (int i = 0; i < count; i++)
    largest = _mm512_maskz_max_epi64(static_cast<__mmask8>(-1), largest,
                                     reinterpret_cast<__m512i>(absolute(values[i])));
  return !any(reinterpret_cast<I64>(largest) >= bitsOf(splat(limit)));
#else
  Mask inside = splatInt(-1);
  for (int i = 0; i < count; i++) inside &= absolute(values[i]) < splat(limit);
  return all(inside);
#endif
}

// Correctly rounded square root.
NADIR_INLINE F64 squareRoot(F64 v) {
#if NADIR_VECTOR_BYTES == 64
  return reinterpret_cast<F64>(_mm512_maskz_sqrt_pd(static_cast<__mmask8>(-1), reinterpret_cast<__m512d>(v)));
#elif NADIR_VECTOR_BYTES == 32
  return reinterpret_cast<F64>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(v)));
#elif NADIR_VECTOR_BYTES == 16 && defined(__SSE2__)
  return reinterpret_cast<F64>(_mm_sqrt_pd(reinterpret_cast<__m128d>(v)));
#else
  F64 r = v;
  for (int lane = 0; lane < lanes; lane++) r[lane] = __builtin_sqrt(v[lane]);
  return r;
#endif
}

// a·b + c. Two roundings, the same on every machine; one rounding where NADIR_FUSED asks for it
// (`numerics: 'fast'`). The only place where a fused multiply-add can come from.
NADIR_INLINE F64 mulAdd(F64 a, F64 b, F64 c) {
#if defined(NADIR_FUSED) && NADIR_VECTOR_BYTES == 64
  return reinterpret_cast<F64>(_mm512_fmadd_pd(reinterpret_cast<__m512d>(a),
      reinterpret_cast<__m512d>(b), reinterpret_cast<__m512d>(c)));
#elif defined(NADIR_FUSED) && NADIR_VECTOR_BYTES == 32
  return reinterpret_cast<F64>(_mm256_fmadd_pd(reinterpret_cast<__m256d>(a),
      reinterpret_cast<__m256d>(b), reinterpret_cast<__m256d>(c)));
#elif defined(NADIR_FUSED) && defined(__aarch64__) && NADIR_VECTOR_BYTES == 16
  return reinterpret_cast<F64>(vfmaq_f64(reinterpret_cast<float64x2_t>(c),
      reinterpret_cast<float64x2_t>(a), reinterpret_cast<float64x2_t>(b)));
#else
  return a * b + c;
#endif
}
// c − a·b.
NADIR_INLINE F64 negMulAdd(F64 a, F64 b, F64 c) {
#if defined(NADIR_FUSED)
  return mulAdd(-a, b, c);
#else
  return c - a * b;
#endif
}
// a·b − c.
NADIR_INLINE F64 mulSub(F64 a, F64 b, F64 c) {
#if defined(NADIR_FUSED)
  return mulAdd(a, b, -c);
#else
  return a * b - c;
#endif
}
NADIR_INLINE F64 mulAdd(F64 a, double b, F64 c) { return mulAdd(a, splat(b), c); }
NADIR_INLINE F64 mulAdd(F64 a, F64 b, double c) { return mulAdd(a, b, splat(c)); }

}  // namespace
