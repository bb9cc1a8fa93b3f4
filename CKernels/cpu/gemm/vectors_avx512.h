// Vectors of AVX-512 as the tiles' texts name them. To be included with the instruction set
// switched on.
#pragma once
#include <immintrin.h>

#define WIDTH 16

typedef __m512 vector;
typedef __mmask16 vector_mask;

static inline vector zero(void) { return _mm512_setzero_ps(); }
static inline vector load(const float *x) { return _mm512_loadu_ps(x); }
static inline void store(float *x, vector v) { _mm512_storeu_ps(x, v); }
static inline vector broadcast(const float *x) { return _mm512_set1_ps(*x); }
static inline vector constant(float x) { return _mm512_set1_ps(x); }
static inline vector fuse(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
static inline vector add(vector a, vector b) { return _mm512_add_ps(a, b); }
static inline vector subtract(vector a, vector b) { return _mm512_sub_ps(a, b); }
static inline vector multiply(vector a, vector b) { return _mm512_mul_ps(a, b); }
static inline vector relu(vector x) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, zero(), _CMP_NLE_UQ), x);
}
static inline vector leaky_relu(vector x, vector slope) {
  return _mm512_mask_mov_ps(_mm512_mul_ps(slope, x), _mm512_cmp_ps_mask(x, zero(), _CMP_GT_OQ), x);
}

// The first `count` elements: 0 or fewer gives none, WIDTH or more gives all.
static inline vector_mask first(int count) {
  return count >= WIDTH ? 0xffff : count <= 0 ? 0 : (vector_mask)((1u << count) - 1);
}
static inline vector load_some(const float *x, vector_mask m) {
  return _mm512_maskz_loadu_ps(m, x);
}
static inline void store_some(float *x, vector_mask m, vector v) { _mm512_mask_storeu_ps(x, m, v); }

// The first and the second half of a[0], b[0], a[1], b[1], ...
static inline vector interleave_low(vector a, vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline vector interleave_high(vector a, vector b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                 31);
}
