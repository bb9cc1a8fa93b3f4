// bfloat16 products on AVX-512 with vdpbf16ps: the tile of float32, with a pair of factors where
// that has one, in as many bits.
#if defined(__x86_64__)
#include "elementwise/activate.h"
#include "gemm/amx.h"
#include "gemm/bfloat16.h"
#include "sizes.h"

#pragma clang attribute push(                                                          \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma"))), \
    apply_to = function)
#include "gemm/vectors_avx512.h"

static inline vector add_pair(vector a, vector b, vector sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

#define NAME(x) x##_avx512
#define TILE_STEP add_pair
#define TILE_ROWS 14
#define FOR_EACH_ROW_COUNT(F) \
  F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
#include "gemm/tile.inc"

// The conversions round to nearest even, take denormals as zeros and keep NaN, as
// ck_bfloat16_factor does.
static inline vector neighbours(vector low, vector high) {
  return (vector)_mm512_cvtne2ps_pbh(high, low);
}

ALWAYS_INLINE void pack_run(const float *x, int depth, float *out) {
  int p = 0;
  for (; p + 2 * WIDTH <= depth; p += 2 * WIDTH)
    store(out + p / 2, neighbours(load(x + p), load(x + p + WIDTH)));
  if (p < depth) {
    const vector low = load_some(x + p, first(depth - p));
    const vector high = load_some(x + p + WIDTH, first(depth - p - WIDTH));
    store_some(out + p / 2, first((depth - p + 1) / 2), neighbours(low, high));
  }
}

static void pack_rows(const float *x, ptrdiff_t step, int rows, int depth, float *out,
                      ptrdiff_t out_step) {
  for (int r = 0; r < rows; r++) pack_run(x + r * step, depth, out + r * out_step);
}

#define MOVE_RUN pack_run
#define PACKED(count) ((count) / 2)
#include "gemm/gather.inc"

static void gather(const ck_patches *patches, int row, int rows, int column, int columns,
                   float *out, ptrdiff_t out_step) {
  gather_avx512(patches, row, rows, column, columns, columns, out, out_step, 0);
}

// Pairs of elements of two rows.
static inline vector pairs(vector above, vector below) {
  const __m512i both = (__m512i)neighbours(above, below);
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24,
                                         8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (vector)_mm512_permutexvar_epi16(order, both);
}

static void pack_columns(const float *x, ptrdiff_t step, int depth, int columns, float *out,
                         ptrdiff_t out_step) {
  for (int p = 0; p < depth; p += 2, x += 2 * step, out += out_step)
    for (int c = 0; c < columns; c += WIDTH) {
      const vector_mask some = first(columns - c);
      const vector below = p + 1 < depth ? load_some(x + step + c, some) : zero();
      store_some(out + c, some, pairs(load_some(x + c, some), below));
    }
}

static void block(const ck_tiles *tiles, const ck_block *block) {
  (void)tiles;
  block_avx512(block);
}

const ck_bfloat16 ck_bfloat16_avx512 = {.pair = 1,
                                        .pairs = 1,
                                        .rows = 1,
                                        .pack_rows = pack_rows,
                                        .pack_columns = pack_columns,
                                        .gather = gather,
                                        .block = block};

#define ON_AMX(multiply)            \
  {                                 \
      .pair = 1,                    \
      .pairs = CK_AMX_SIDE,         \
      .rows = 2 * CK_AMX_SIDE,      \
      .a_by_rows = true,            \
      .pack_rows = pack_rows,       \
      .pack_columns = pack_columns, \
      .gather = gather,             \
      .block = multiply,            \
  }
const ck_bfloat16 ck_bfloat16_amx = ON_AMX(ck_amx_block_on_tiles);
const ck_bfloat16 ck_bfloat16_amx_emulated = ON_AMX(ck_amx_block_emulated);
#pragma clang attribute pop
#endif
