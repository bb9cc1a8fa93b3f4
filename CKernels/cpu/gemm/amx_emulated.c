// bfloat16 products on tiles of plain C.
#include "gemm/amx.h"

#include <string.h>

#include "sizes.h"

// The factors of a tile, those of a pair side by side.
typedef float tile_factors[CK_AMX_SIDE][2 * CK_AMX_SIDE];

static void read_factors(const ck_amx_tile *tile, tile_factors factors) {
  for (int r = 0; r < CK_AMX_SIDE; r++)
    for (int i = 0; i < CK_AMX_SIDE; i++) {
      const uint32_t pair = tile->rows[r][i];
      factors[r][2 * i] = ck_bfloat16_factor(ck_float_of_bits(pair << 16));
      factors[r][2 * i + 1] = ck_bfloat16_factor(ck_float_of_bits(pair & 0xffff0000u));
    }
}

// The sum of two numbers, as a step of the product of one of them and 1.
static float add(float a, float b) { return ck_bfloat16_step(a, 1, b); }

static inline __attribute__((always_inline)) void dot(ck_amx_tile *sum, const ck_amx_tile *a,
                                                      const ck_amx_tile *b) {
  tile_factors of_a, of_b;
  read_factors(a, of_a);
  read_factors(b, of_b);
  for (int m = 0; m < CK_AMX_SIDE; m++) {
    float chains[2 * CK_AMX_SIDE] = {};
    for (int k = 0; k < CK_AMX_SIDE; k++)
      for (int n = 0; n < 2 * CK_AMX_SIDE; n++)
        chains[n] = ck_bfloat16_step(of_a[m][2 * k + n % 2], of_b[k][n], chains[n]);
    for (int n = 0; n < CK_AMX_SIDE; n++) {
      const float before = ck_float_of_bits(sum->rows[m][n]);
      sum->rows[m][n] = ck_bits_of_float(add(add(chains[2 * n], chains[2 * n + 1]), before));
    }
  }
}

#if defined(__x86_64__)
// The same with an instruction for fma, where there is one, instead of the C library's.
__attribute__((target("avx2,fma"))) static void dot_by_fma(ck_amx_tile *sum, const ck_amx_tile *a,
                                                           const ck_amx_tile *b) {
  dot(sum, a, b);
}
#endif

void ck_amx_dot(ck_amx_tile *sum, const ck_amx_tile *a, const ck_amx_tile *b) {
#if defined(__x86_64__)
  if (ck_processor_isa(CK_AVX2) == CK_AVX2) {
    dot_by_fma(sum, a, b);
    return;
  }
#endif
  dot(sum, a, b);
}

typedef struct tile_file {
  ck_amx_tile tiles[8];
} tile_file;

static void load_tile(ck_amx_tile *tile, const float *from, ptrdiff_t step) {
  for (int r = 0; r < CK_AMX_SIDE; r++)
    memcpy(tile->rows[r], (const char *)from + r * step, sizeof(tile->rows[r]));
}

static void store_tile(const ck_amx_tile *tile, float *to, ptrdiff_t step) {
  for (int r = 0; r < CK_AMX_SIDE; r++)
    memcpy((char *)to + r * step, tile->rows[r], sizeof(tile->rows[r]));
}

#define START(file) ((void)(file))
#define ZERO(file, tile) memset(&(file)->tiles[tile], 0, sizeof(ck_amx_tile))
#define LOAD(file, tile, from, step) load_tile(&(file)->tiles[tile], from, step)
#define DOT(file, sum, a, b) ck_amx_dot(&(file)->tiles[sum], &(file)->tiles[a], &(file)->tiles[b])
#define STORE(file, tile, to, step) store_tile(&(file)->tiles[tile], to, step)
#define FINISH(file) ((void)(file))

#define NAME(x) ck_amx_##x##_emulated
#include "gemm/amx.inc"

// Packing in plain C, where there is no instruction for it.
static uint32_t pair_of(float first, float second) {
  return ck_bits_of_float(ck_bfloat16_factor(first)) >> 16 |
         ck_bits_of_float(ck_bfloat16_factor(second));
}

static void pack_rows(const float *x, ptrdiff_t step, int rows, int depth, float *out,
                      ptrdiff_t out_step) {
  for (int r = 0; r < rows; r++, x += step)
    for (int p = 0; p < depth; p += 2) {
      const uint32_t pair = pair_of(x[p], p + 1 < depth ? x[p + 1] : 0);
      memcpy(&out[r * out_step + p / 2], &pair, sizeof(pair));
    }
}

static void pack_columns(const float *x, ptrdiff_t step, int depth, int columns, float *out,
                         ptrdiff_t out_step) {
  for (int p = 0; p < depth; p += 2, x += 2 * step, out += out_step)
    for (int c = 0; c < columns; c++) {
      const uint32_t pair = pair_of(x[c], p + 1 < depth ? x[step + c] : 0);
      memcpy(&out[c], &pair, sizeof(pair));
    }
}

const ck_bfloat16 ck_bfloat16_emulated = {.pair = 1,
                                          .pairs = CK_AMX_SIDE,
                                          .rows = 2 * CK_AMX_SIDE,
                                          .a_by_rows = true,
                                          .pack_rows = pack_rows,
                                          .pack_columns = pack_columns,
                                          .block = ck_amx_block_emulated};
