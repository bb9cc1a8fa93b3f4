// The register tile on AVX2: 6 rows by two vectors takes 12 of the 16 registers, leaves two for b
// and one or two for a.
#if defined(__x86_64__)
#include <immintrin.h>

#include "elementwise/activate.h"
#include "gemm/bfloat16.h"
#include "gemm/product.h"
#include "sizes.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define NAME(x) x##_avx2
#define WIDTH 8
#define TILE_STEP fuse
#define TILE_ROWS 6
#define CORRELATION_SUMS 12
#define BFLOAT16 NULL
#define FOR_EACH_ROW_COUNT(F) F(1) F(2) F(3) F(4) F(5) F(6)

typedef __m256 vector;
typedef __m256i vector_mask;

static inline vector zero(void) { return _mm256_setzero_ps(); }
static inline vector load(const float *x) { return _mm256_loadu_ps(x); }
static inline void store(float *x, vector v) { _mm256_storeu_ps(x, v); }
static inline vector broadcast(const float *x) { return _mm256_broadcast_ss(x); }
static inline vector constant(float x) { return _mm256_set1_ps(x); }
static inline vector fuse(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
static inline vector add(vector a, vector b) { return _mm256_add_ps(a, b); }
static inline vector subtract(vector a, vector b) { return _mm256_sub_ps(a, b); }
static inline vector multiply(vector a, vector b) { return _mm256_mul_ps(a, b); }
static inline vector relu(vector x) {
  return _mm256_and_ps(_mm256_cmp_ps(x, zero(), _CMP_NLE_UQ), x);
}
static inline vector leaky_relu(vector x, vector slope) {
  return _mm256_blendv_ps(_mm256_mul_ps(slope, x), x, _mm256_cmp_ps(x, zero(), _CMP_GT_OQ));
}

// The first `count` elements: 0 or fewer gives none, WIDTH or more gives all.
static inline vector_mask first(int count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
static inline vector load_some(const float *x, vector_mask m) { return _mm256_maskload_ps(x, m); }
static inline void store_some(float *x, vector_mask m, vector v) { _mm256_maskstore_ps(x, m, v); }

// The first and the second half of a[0], b[0], a[1], b[1], ...
static inline vector interleave_low(vector a, vector b) {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}
static inline vector interleave_high(vector a, vector b) {
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

#include "gemm/tiles.inc"

const ck_tiles ck_tiles_amx_on_avx2 = TILES(&ck_bfloat16_emulated, true);
#pragma clang attribute pop
#endif
