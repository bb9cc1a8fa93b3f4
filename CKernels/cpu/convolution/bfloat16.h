// Convolutions of bfloat16 factors: which they are, and their specification.
#pragma once
#include <stdbool.h>

#include "gemm/product.h"

// Whether the factors of this convolution, in all its passes, are rounded to bfloat16: by its shape
// alone.
bool ck_convolution_rounds(const ck_conv2d_shape *s);

// The same on the tiles of an instruction set, of which some multiply bfloat16 so fast that
// Winograd's algorithm gains nothing.
bool ck_convolution_rounds_on(const ck_tiles *tiles, const ck_conv2d_shape *s);

// In plain C, each output one sum as ck_kernels.h states it. True if the shape asks for it, and it
// is done.
bool ck_conv2d_bfloat16_reference(const ck_conv2d_shape *s, const float *x, const float *filter,
                                  const float *bias, float *y, ck_pool *pool);
bool ck_conv2d_input_gradient_bfloat16_reference(const ck_conv2d_shape *s, const float *dy,
                                                 const float *filter, const float *bias, float *dx,
                                                 ck_pool *pool);
bool ck_conv2d_filter_gradient_bfloat16_reference(const ck_conv2d_shape *s, const float *x,
                                                  const float *dy, float *dfilter, ck_pool *pool);
