// Products in bfloat16, summed in float32: the arithmetic that ck_kernels.h states, step by step,
// and what packs operands for it.
#pragma once
#include <math.h>
#include <stdbool.h>

#include "gemm/product.h"
#include "movement/half.h"

// x as a factor: nearest bfloat16, to even, in a float; denormals are zeros.
static inline float ck_bfloat16_factor(float x) {
  const uint32_t u = ck_bits_of_float(x);
  const uint32_t rounded = (uint32_t)ck_bfloat_of_float(x) << 16;
  return ck_float_of_bits((u & 0x7f800000u) == 0 ? u & 0x80000000u : rounded);
}

// fma(a, b, sum) of factors; a denormal sum, before and after, is a zero of its sign. Tiny after
// rounding: a result that rounds to the least normal number only because denormals are coarser
// counts as denormal. A double holds such a result exactly, or one beside it that decides alike.
static inline float ck_bfloat16_step(float a, float b, float sum) {
  if (fabsf(sum) < 0x1p-126f) sum = copysignf(0, sum);
  const float next = __builtin_elementwise_fma(a, b, sum);
  if (!(fabsf(next) <= 0x1p-126f)) return next;
  const double exact = (double)a * b + sum;
  return fabs(exact) < 0x1p-126 * (1 - 0x1p-25) ? copysignf(0, next) : next;
}

// A sum of products in rising depth; begins as {.sum = 0 or C}.
typedef struct ck_bfloat16_sum {
  float sum, a, b;
  bool holds;  // a and b, the first of a pair
} ck_bfloat16_sum;

static inline void ck_bfloat16_add(ck_bfloat16_sum *s, float a, float b) {
  a = ck_bfloat16_factor(a), b = ck_bfloat16_factor(b);
  if (s->holds)
    s->sum = ck_bfloat16_step(s->a, s->b, ck_bfloat16_step(a, b, s->sum));
  else
    s->a = a, s->b = b;
  s->holds = !s->holds;
}

static inline float ck_bfloat16_total(ck_bfloat16_sum *s) {
  if (s->holds) ck_bfloat16_add(s, 0, 0);
  return s->sum;
}

// The same in plain C: the specification of the twins. True if the call asks for it, and it is
// done.
bool ck_gemm_bfloat16_reference(const ck_gemm_shape *s, const float *a, const float *b,
                                const float *bias, float *c, ck_pool *pool);

// How operands of float32 become pairs of factors, and what sums those. A pair takes `pair` floats
// of the packed operand: one, that holds two bfloat16, or two of float32, in the order of the
// steps.
struct ck_bfloat16 {
  int pair;
  int pairs;       // of the depth that a step of the block takes; zeros make a packed depth as long
  int rows;        // parts and blocks of rows begin at multiples of so many
  bool a_by_rows;  // a is packed row by row even where it is transposed
  // The depth of every row: out[r * out_step + ...] = the pairs of x[r * step + 0 ..< depth].
  void (*pack_rows)(const float *x, ptrdiff_t step, int rows, int depth, float *out,
                    ptrdiff_t out_step);
  // Across rows: row i of out = pairs of rows 2i and 2i + 1 of x; of pairs of two floats, two rows.
  void (*pack_columns)(const float *x, ptrdiff_t step, int depth, int columns, float *out,
                       ptrdiff_t out_step);
  // Rows of patches whose channels are even in number, so that pairs do not part them, from an even
  // column on, as pack_rows packs rows; NULL: it is for those who call to find them first.
  void (*gather)(const ck_patches *patches, int row, int rows, int column, int columns, float *out,
                 ptrdiff_t out_step);
  // As ck_tiles.block, for a depth of packed floats.
  void (*block)(const ck_tiles *tiles, const ck_block *block);
};

// What these tiles multiply bfloat16 by, on this processor.
const ck_bfloat16 *ck_bfloat16_for(const ck_tiles *tiles);

// Floats that so much of the depth takes when packed, with the zeros that make it whole steps.
int ck_bfloat16_floats(const ck_bfloat16 *way, int depth);

// Floats that packing needs beside its result: 16 rows of the longest depth, spread a little.
#define CK_BFLOAT16_STAGING (48 << 10)

// Packs rows and depth of a: row by row at `out_step`, or, where a is transposed and may be packed
// so, pair by pair.
void ck_bfloat16_pack_a(const ck_tiles *tiles, const ck_bfloat16 *way, const ck_operand *a, int row,
                        int rows, int depth_start, int depth, float *out, ptrdiff_t out_step,
                        float *staging);

// Packs a depth and columns of b into panels of tiles->columns.
void ck_bfloat16_pack_b(const ck_tiles *tiles, const ck_bfloat16 *way, const ck_operand *b,
                        int depth_start, int depth, int column_start, int column_end, float *out,
                        float *staging);

// Any tiles will do for pairs of float32.
extern const ck_bfloat16 ck_bfloat16_in_float32;
#if defined(__x86_64__)
extern const ck_bfloat16 ck_bfloat16_avx512;
// Packed as for AVX-512, and multiplied on the tiles of AMX: those of the processor, and of plain
// C.
extern const ck_bfloat16 ck_bfloat16_amx, ck_bfloat16_amx_emulated;
#endif
// Packed and multiplied in plain C (gemm/amx_emulated.c).
extern const ck_bfloat16 ck_bfloat16_emulated;
