// bfloat16 products on the tiles of float32: factors are rounded while packing and stay floats, a
// pair in the order of its steps, so that the tiles' own chain is the one that ck_kernels.h states.
#include "gemm/bfloat16.h"

#include "sizes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

static void pack_rows(const float *x, ptrdiff_t step, int rows, int depth, float *out,
                      ptrdiff_t out_step) {
  for (int r = 0; r < rows; r++, x += step, out += out_step) {
    for (int p = 0; p + 1 < depth; p += 2) {
      const float first = ck_bfloat16_factor(x[p]), second = ck_bfloat16_factor(x[p + 1]);
      out[p] = second, out[p + 1] = first;
    }
    if (depth % 2) out[depth] = ck_bfloat16_factor(x[depth - 1]), out[depth - 1] = 0;
  }
}

static void pack_columns(const float *x, ptrdiff_t step, int depth, int columns, float *out,
                         ptrdiff_t out_step) {
  for (int p = 0; p < depth; p++) {
    const float *from = x + p * step;
    float *to = out + (p ^ 1) * out_step;
    for (int c = 0; c < columns; c++) to[c] = ck_bfloat16_factor(from[c]);
  }
  if (depth % 2)
    for (int c = 0; c < columns; c++) out[(depth - 1) * out_step + c] = 0;
}

#define FLUSH_TO_ZERO 0x8000
#define DENORMALS_ARE_ZERO 0x0040

// Sums with denormals flushed, as the steps ask for; bias and activation without.
static void block(const ck_tiles *tiles, const ck_block *whole) {
  ck_block sums = *whole;
  sums.bias = NULL, sums.activation = CK_NO_ACTIVATION;
  const unsigned mode = _mm_getcsr();
  _mm_setcsr(mode | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  tiles->block(&sums);
  _mm_setcsr(mode);
  for (int r = 0; r < whole->rows; r++) {
    float *c = whole->c[r];
    if (whole->bias)
      for (int j = 0; j < whole->columns; j++) c[j] += whole->bias[j];
    if (whole->activation != CK_NO_ACTIVATION)
      tiles->activate(whole->activation, whole->slope, c, whole->columns);
  }
}

#pragma clang attribute pop

const ck_bfloat16 ck_bfloat16_in_float32 = {.pair = 2,
                                            .pairs = 1,
                                            .rows = 1,
                                            .pack_rows = pack_rows,
                                            .pack_columns = pack_columns,
                                            .block = block};

const ck_bfloat16 *ck_bfloat16_for(const ck_tiles *tiles) {
  const bool can = tiles->rounds_all || ck_processor_has_bfloat16();
  return tiles->bfloat16 && can ? tiles->bfloat16 : &ck_bfloat16_in_float32;
}
#else
// No instruction set here has tiles yet, so nobody asks.
const ck_bfloat16 *ck_bfloat16_for(const ck_tiles *tiles) { return tiles->bfloat16; }
#endif
