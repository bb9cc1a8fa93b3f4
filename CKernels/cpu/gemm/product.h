// The blocked matrix product that gemm and all three passes of convolution are driven by.
//
//   c[i, j] = activation(sum over p of a[i, p] b[p, j] (+ c[i, j]) + bias[j])
//
// a and b need not be stored as matrices: an operand says how its elements are found, and packing
// reads them straight from there, so a convolution makes no copy of its patches in memory. Faster
// algorithms for special shapes (Winograd, direct kernels for few channels) belong beside this
// one, chosen by shape in the entries of gemm/ and convolution/.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "CKernels.h"
#include "convolution/winograd.h"

// The patches of n pictures [h, w, pixel] as the rows of a matrix. Row (n, i, j) of the grid rows_h
// x rows_w holds, for every tap (s, t) in row order, `channels` elements of the pixel at
//   (i * step_h + s * tap_h + origin_h, j * step_w + t * tap_w + origin_w),
// or zeros where that is outside the picture.
typedef struct ck_patches {
  const float *x;  // the first wanted channel of the first pixel
  int first_row;   // the grid's row that the matrix starts with
  int h, w, pixel, channels;
  int rows_h, rows_w, step_h, step_w;
  int taps_h, taps_w, tap_h, tap_w, origin_h, origin_w;
} ck_patches;

// How the elements of a (rows i, columns p) or of b (rows p, columns j) are found.
typedef struct ck_operand {
  enum { CK_MATRIX, CK_TAPS, CK_PATCHES } kind;
  // CK_MATRIX: x[row * row_step + column * column_step]; one of the steps is 1.
  const float *x;
  ptrdiff_t row_step, column_step;
  // CK_TAPS (b alone): as a matrix with column_step 1, whose rows start anew after every `tap_rows`
  // of them: those of tap (s, t) at x + s * tap_step_h + t * tap_step_w.
  int tap_rows, taps_w;
  ptrdiff_t tap_step_h, tap_step_w;
  // CK_PATCHES
  ck_patches patches;
} ck_operand;

// Where the rows of c are: row (n, i, j) of a grid rows_h x rows_w at x + n * step_n + i * step_h +
// j * step_w; columns are contiguous. A plain matrix is a grid of one row.
typedef struct ck_output {
  float *x;
  int rows_h, rows_w;
  ptrdiff_t step_n, step_h, step_w;
} ck_output;

typedef struct ck_product {
  int m, n, k;
  ck_precision precision;
  ck_operand a, b;
  ck_output c;
  bool accumulate;
  const float *bias;  // [n] or NULL
  ck_activation activation;
  float slope;
} ck_product;

// A piece of a product whose operands are at hand.
typedef struct ck_block {
  int rows, columns, depth;
  int runs;  // of the depth, one after another; 0 is 1
  const float *a;
  ptrdiff_t a_row, a_column, a_run;  // steps
  const float *b;
  ptrdiff_t b_row, b_panel;  // from row to row, and between panels of ck_tiles.columns columns
  float **c;                 // where each row starts
  bool accumulate;
  bool c_is_far;  // in no cache: worth asking for before it is written
  // What is done to the finished sums: NULL and none where more of the depth follows.
  const float *bias;
  ck_activation activation;
  float slope;
} ck_block;

// A correlation with few outputs, of planes [channels, height, width] (convolution/few_channels.c):
//   out[i, j, o] = sum over taps (s, t) and channels c, in that order, of weights[(s, t, c), o] *
//     planes[c * plane_step + i * row_step + j + s * tap_step_h + t * tap_step_w]
#define CK_FEW_CHANNELS 4
typedef struct ck_correlation {
  const float *planes;
  ptrdiff_t plane_step, row_step, tap_step_h, tap_step_w;
  int taps_h, taps_w, channels;
  const float *weights;
  ptrdiff_t weight_step;
  const float *bias;           // [outputs], added last, or NULL
  int rows, columns, outputs;  // outputs: 1...CK_FEW_CHANNELS
  float *out;
} ck_correlation;

typedef struct ck_bfloat16 ck_bfloat16;  // gemm/bfloat16.h

// What one instruction set brings: its register tile and the functions built on it.
typedef struct ck_tiles {
  int rows, columns;  // of the register tile; b is packed in panels of so many columns
  void (*block)(const ck_block *block);
  // out[r * out_step + c] = x[r * step + c]
  void (*copy)(const float *x, ptrdiff_t step, int rows, int columns, float *out,
               ptrdiff_t out_step);
  // out[c * out_step + r] = x[r * step + c]
  void (*transpose)(const float *x, ptrdiff_t step, int rows, int columns, float *out,
                    ptrdiff_t out_step);
  // Element (row + r, column + c) of the patches goes to
  //   out[r * out_step + c / width * panel_step + c % width]:
  // panels of `width` columns, or plain rows where width is `columns`.
  void (*gather)(const ck_patches *patches, int row, int rows, int column, int columns, int width,
                 float *out, ptrdiff_t out_step, ptrdiff_t panel_step);
  void (*correlate)(const ck_correlation *correlation);
  const ck_transforms *transforms;  // convolution/winograd.h
  const ck_bfloat16 *bfloat16;      // for processors that multiply it, or NULL
  bool rounds_all;                  // it is faster than Winograd's algorithm in float32
  void (*activate)(ck_activation activation, float slope, void *values, int count);
} ck_tiles;

// The products 0..<batch, each described by `describe`, all of the same m, n, k, precision,
// operand kinds and activation. Their outputs are apart.
typedef struct ck_batch {
  int count;
  void (*describe)(const void *context, int index, ck_product *product);
  const void *context;
  ck_kept *kept;  // of b, as long as ck_product_keeps says; NULL: nothing is kept
} ck_batch;

void ck_run_products(const ck_tiles *tiles, const ck_batch *batch, ck_pool *pool);

// Bytes of b's panels where they are worth keeping: one product whose b is packed. Else 0.
size_t ck_product_keeps(const ck_tiles *tiles, const ck_batch *batch);

// Packs rows depth_start..<depth_end and columns of b into panels, each [rows, tiles->columns], in
// float32.
void ck_pack_b(const ck_tiles *tiles, const ck_operand *b, int depth_start, int depth_end,
               int column_start, int column_end, float *out);

// Entries shared by the twins: the same calls as ck_kernels.h's, on the tiles of an instruction
// set.
void ck_gemm_on_tiles(const ck_tiles *tiles, const ck_gemm_shape *s, const float *a, const float *b,
                      const float *bias, float *c, ck_kept *kept, ck_pool *pool);
size_t ck_gemm_keeps_on_tiles(const ck_tiles *tiles, const ck_gemm_shape *s);
void ck_conv2d_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s, const float *x,
                        const float *filter, const float *bias, float *y, ck_kept *kept,
                        ck_pool *pool);
size_t ck_conv2d_keeps_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s);
void ck_conv2d_input_gradient_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                       const float *dy, const float *filter, const float *bias,
                                       float *dx, ck_kept *kept, ck_pool *pool);
size_t ck_conv2d_input_gradient_keeps_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s);
void ck_conv2d_filter_gradient_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                        const float *x, const float *dy, float *dfilter,
                                        ck_pool *pool);

#if defined(__x86_64__)
extern const ck_tiles ck_tiles_avx2, ck_tiles_avx512, ck_tiles_amx;
// As ck_tiles_amx, with emulated tiles: on AVX2, and on AVX-512 that packs bfloat16.
extern const ck_tiles ck_tiles_amx_on_avx2, ck_tiles_amx_on_avx512;
#endif
