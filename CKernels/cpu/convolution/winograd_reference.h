// Winograd's algorithm in plain C, float32: the specification of its twins. True if the shape asks
// for it, and it is done.
#pragma once
#include <stdbool.h>

#include "ck_kernels.h"

bool ck_winograd_conv2d_reference(const ck_conv2d_shape *s, const float *x, const float *filter,
                                  const float *bias, float *y, ck_pool *pool);
bool ck_winograd_input_gradient_reference(const ck_conv2d_shape *s, const float *dy,
                                          const float *filter, const float *bias, float *dx,
                                          ck_pool *pool);
bool ck_winograd_filter_gradient_reference(const ck_conv2d_shape *s, const float *x,
                                           const float *dy, float *dfilter, ck_pool *pool);
