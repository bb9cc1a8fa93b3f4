// Every kernel, as a table of functions per element type and instruction set.
//
// Common contract. Pointers: inputs, then outputs; aligned to their element, no more; `_Nullable`
// ones may be NULL. Outputs never overlap inputs unless the line says "in place". Sizes may be
// zero: then nothing is read or written, unless a reduction over nothing has a value. Kernels write
// every element of their output and nothing beside it, and touch nothing else; they do not
// allocate, print or fail. float32 functions give the same bits on every instruction set and at
// every thread count, except where a line says otherwise. `fmaf` chains: a product sum keeps
// one fma chain per output, in rising k, starting from 0 (or from C when accumulating). The table
// for CK_F64 is the reference source compiled in double precision. CK_I32 has: unary
// NEGATE/ABS/SIGN/SQUARE/CLAMP/SCALE_SHIFT, all of binary but DIVIDE, POWER and the derivatives,
// where, fill, gather, scatter_add, one_hot, reduce; its other entries are NULL. There arithmetic
// wraps, float parameters become int32 as in ck_cast, MEAN truncates (0 over nothing), and MAX and
// MIN over nothing are the ends of int32.
#pragma once
#include "ck_runtime.h"

#ifndef __clang__
#define _Nonnull
#define _Nullable
#endif

#pragma clang assume_nonnull begin

// One of the gradients of an optimiser's parameters, which lie one after another.
typedef struct ck_gradient {
  const void *_Nonnull x;
  int32_t count;
} ck_gradient;

typedef struct ck_kernels {
  // elementwise (ck_elementwise)
  void (*unary)(const ck_unary_shape *s, const void *x, void *y,
                ck_pool *pool);  // in place allowed
  void (*binary)(const ck_binary_shape *s, const void *a, const void *b, void *y, ck_pool *pool);
  // condition has the element type: 0 chooses b, all else, NaN too, a.
  void (*where)(const ck_where_shape *s, const void *condition, const void *a, const void *b,
                void *y, ck_pool *pool);
  void (*fill)(const ck_fill_shape *s, void *y, ck_pool *pool);

  // indices are int32
  void (*gather)(const ck_gather_shape *s, const void *table, const int32_t *indices, void *y,
                 ck_pool *pool);
  // table[indices[i]] += source[i], i rising, duplicates included.
  void (*scatter_add)(const ck_gather_shape *s, const void *source, const int32_t *indices,
                      void *table, ck_pool *pool);
  void (*one_hot)(const ck_one_hot_shape *s, const int32_t *indices, void *y, ck_pool *pool);

  // reductions and rows
  void (*reduce)(const ck_reduce_shape *s, const void *x, void *y,
                 ck_pool *pool);  // y int32 for ARGMAX and ARGMIN
  void (*softmax)(const ck_softmax_shape *s, const void *x, void *y, ck_pool *pool);
  // From the output y: softmax dx = y (dy - sum dy y); log-softmax dx = dy - exp(y) sum dy.
  void (*softmax_backward)(const ck_softmax_shape *s, const void *y, const void *dy, void *dx,
                           ck_pool *pool);
  void (*row_loss)(const ck_loss_shape *s, const void *prediction, const void *target, void *y,
                   ck_pool *pool);
  // dp[r, c] = dy[r] * dloss/dprediction.
  void (*row_loss_backward)(const ck_loss_shape *s, const void *prediction, const void *target,
                            const void *dy, void *dp, ck_pool *pool);

  // matrix products and convolution. float32 convolutions of the shapes in
  // convolution/winograd_shapes.c are done by Winograd's algorithm (docs/adr/0005): the same bits
  // on every instruction set, but not those of one chain per output, and a NaN or infinity reaches
  // every output of its 4x4 tile.
  //
  // CK_BFLOAT16, of float32 kernels alone, rounds the factors of every product to bfloat16, to
  // nearest even; NaN and infinities stay. The product of two such numbers is exact in float32.
  // Depth is summed in pairs, from 0 or from C, and of a pair the second product comes first:
  //   sum = fma(a[2i], b[2i], fma(a[2i + 1], b[2i + 1], sum)),
  // an odd depth being made even by a product of zeros. Factors, and sums before and after each
  // step, that are denormal count as zeros of their sign (tiny after rounding, as IEEE 754 calls
  // it). That is what x86's vdpbf16ps computes; instruction sets without it give the same bits, by
  // fma with denormals flushed.
  // Of convolutions, those by Winograd's algorithm and those of ck_convolution_is_narrow stay in
  // float32 (docs/adr/0006). Bias and activation are those of float32.
  //
  // CK_AMX alone does CK_BFLOAT16 otherwise: its depth is summed in steps of 32, made whole by
  // zeros, from 0 or from C, sum = sum + ((the first products of the step's pairs) + (the second)),
  // each of the two one fma chain from 0 in rising depth, with the same rounding and flushing
  // (ck_amx_dot of ck_amx.h). And of convolutions only the narrow stay in float32. So its results
  // differ from the other instruction sets' in rounding; they too are a function of the shape and
  // the factors alone, the same at every number of threads and beside whatever batch.
  //
  // kept: of b, or of the filter (ck_kept); NULL: nothing is kept. The bits are the same.
  void (*gemm)(const ck_gemm_shape *s, const void *a, const void *b, const void *_Nullable bias,
               void *c, ck_kept *_Nullable kept, ck_pool *pool);
  size_t (*gemm_keeps)(const ck_gemm_shape *s);
  void (*conv2d)(const ck_conv2d_shape *s, const void *x, const void *filter,
                 const void *_Nullable bias, void *y, ck_kept *_Nullable kept, ck_pool *pool);
  size_t (*conv2d_keeps)(const ck_conv2d_shape *s);
  // dx [n, h, w, c] = activation(adjoint of conv2d in x, applied to dy, + bias [c]): also the
  // transposed convolution.
  void (*conv2d_input_gradient)(const ck_conv2d_shape *s, const void *dy, const void *filter,
                                const void *_Nullable bias, void *dx, ck_kept *_Nullable kept,
                                ck_pool *pool);
  size_t (*conv2d_input_gradient_keeps)(const ck_conv2d_shape *s);
  // Summed over examples and positions in a fixed order that the shape alone decides.
  void (*conv2d_filter_gradient)(const ck_conv2d_shape *s, const void *x, const void *dy,
                                 void *dfilter, ck_pool *pool);

  // pictures
  void (*average_pool2d)(const ck_pool2d_shape *s, const void *x, void *y, ck_pool *pool);
  void (*average_pool2d_backward)(const ck_pool2d_shape *s, const void *dy, void *dx,
                                  ck_pool *pool);
  // index: position of the largest (the first of equals, in row order; a NaN wins) within x as a
  // whole, flat. A window without a tap: -inf and -1.
  void (*max_pool2d)(const ck_pool2d_shape *s, const void *x, void *y, int32_t *index,
                     ck_pool *pool);
  void (*resize2d)(const ck_resize2d_shape *s, const void *x, void *y, ck_pool *pool);
  void (*resize2d_backward)(const ck_resize2d_shape *s, const void *dy, void *dx,
                            ck_pool *pool);  // the adjoint

  // normalisation; mean and variance [n * g], scale and shift [g * c] (both NULL: 1 and 0)
  void (*normalize)(const ck_normalize_shape *s, const void *x, const void *mean,
                    const void *variance, const void *_Nullable scale, const void *_Nullable shift,
                    void *y, ck_pool *pool);
  // Writes mean and biased variance (NaN of nothing, or where a value is not finite), and
  // normalizes by them: the bits of normalize, in one trip through memory where examples are small.
  void (*standardize)(const ck_normalize_shape *s, const void *x, const void *_Nullable scale,
                      const void *_Nullable shift, void *mean, void *variance, void *y,
                      ck_pool *pool);
  void (*normalize_backward)(const ck_normalize_shape *s, const void *x, const void *mean,
                             const void *variance, const void *_Nullable scale, const void *dy,
                             void *dx, void *dscale, void *dshift, ck_pool *pool);

  // optimisers: parameters and state are updated in place. gradients: one after another as long
  // as the parameters. gradient_scale: one element (NULL: 1). ema: NULL
  // for none, else ema = ema_decay * ema + (1 - ema_decay) * p after the update.
  void (*sgd)(const ck_sgd_shape *s, const ck_gradient *_Nullable gradients,
              const void *_Nullable gradient_scale, void *parameter, void *momentum,
              void *_Nullable ema, ck_pool *pool);
  void (*adam)(const ck_adam_shape *s, const ck_gradient *_Nullable gradients,
               const void *_Nullable gradient_scale, void *parameter, void *m, void *v,
               void *_Nullable ema, ck_pool *pool);

  // randomness; the same bits on every instruction set and device
  void (*random)(const ck_random_shape *s, const int32_t *_Nullable examples, void *y,
                 ck_pool *pool);
} ck_kernels;

// The table for an element type (CK_F32, CK_F64, CK_I32) up to an instruction set: an entry without
// a twin there is the next lower one's. The processor has isa.
const ck_kernels *ck_kernels_for(ck_dtype dtype, ck_isa isa);

// Type-blind kernels.
void ck_copy(const ck_copy_shape *s, const void *source, void *target, ck_pool *pool);
// float to int32 truncates toward zero, saturates, NaN gives 0; to a narrower float rounds to
// nearest even.
void ck_cast(const ck_cast_shape *s, const void *source, void *target, ck_pool *pool);

// How conv2d_filter_gradient sums over the positions (n, oh, ow) of dy, often far more than the
// filter has elements. One chain over all of them would lose accuracy with their number and leave
// nothing to share out, so positions are cut into `count` parts of `length` (the last may be
// shorter): each part is one fma chain, and the parts are added in rising order.
typedef struct ck_position_parts {
  int count, length;
} ck_position_parts;

ck_position_parts ck_filter_gradient_parts(const ck_conv2d_shape *s);

// Whether a convolution has few channels on either side of a group: float32 kernels of their own do
// these, which read pictures where they lie; there is no bfloat16 form of them.
static inline int ck_convolution_is_narrow(const ck_conv2d_shape *s) {
  const int32_t least = s->c < s->oc ? s->c : s->oc;
  return least <= 4 * s->groups;
}

#pragma clang assume_nonnull end
