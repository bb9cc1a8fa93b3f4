// The pictures of a convolution as an operand of a product.
#pragma once
#include "gemm/product.h"

// The patches under every position (n, oh, ow) from `first` on, of one group's channels: a plain
// matrix where filters of one pixel read every pixel in turn.
static inline ck_operand ck_patches_of(const ck_conv2d_shape *s, const float *x, int group,
                                       int first) {
  const int channels = s->c / s->groups;
  x += (ptrdiff_t)group * channels;
  const bool pointwise = s->kh == 1 && s->kw == 1 && s->stride_h == 1 && s->stride_w == 1 &&
                         s->pad_top == 0 && s->pad_left == 0 && s->oh == s->h && s->ow == s->w;
  if (pointwise)
    return (ck_operand){
        .kind = CK_MATRIX, .x = x + (ptrdiff_t)first * s->c, .row_step = s->c, .column_step = 1};
  return (ck_operand){.kind = CK_PATCHES,
                      .patches = {.x = x,
                                  .first_row = first,
                                  .h = s->h,
                                  .w = s->w,
                                  .pixel = s->c,
                                  .channels = channels,
                                  .rows_h = s->oh,
                                  .rows_w = s->ow,
                                  .step_h = s->stride_h,
                                  .step_w = s->stride_w,
                                  .taps_h = s->kh,
                                  .taps_w = s->kw,
                                  .tap_h = s->dilation_h,
                                  .tap_w = s->dilation_w,
                                  .origin_h = -s->pad_top,
                                  .origin_w = -s->pad_left}};
}
