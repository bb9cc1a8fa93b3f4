// Two-dimensional convolution and its two adjoints for the table of kernels: the contracts are
// ck_kernels.h's.
#pragma once
#include "CKernels.h"

#define CK_DECLARE_CONVOLUTION(suffix)                                                             \
  void ck_conv2d_##suffix(const ck_conv2d_shape *s, const void *x, const void *filter,             \
                          const void *bias, void *y, ck_pool *pool);                               \
  void ck_conv2d_input_gradient_##suffix(const ck_conv2d_shape *s, const void *dy,                 \
                                         const void *filter, const void *bias, void *dx,           \
                                         ck_pool *pool);                                           \
  void ck_conv2d_filter_gradient_##suffix(const ck_conv2d_shape *s, const void *x, const void *dy, \
                                          void *dfilter, ck_pool *pool)

CK_DECLARE_CONVOLUTION(f32_reference);
CK_DECLARE_CONVOLUTION(f64_reference);
#if defined(__x86_64__)
CK_DECLARE_CONVOLUTION(f32_avx2);
CK_DECLARE_CONVOLUTION(f32_avx512);
#endif

// The filter gradient sums over every position (n, oh, ow) of dy, often far more than the filter
// has elements. One chain over all of them would lose accuracy with their number and leave nothing
// to share out, so positions are cut into `count` parts of `length` (the last may be shorter): each
// part is one fma chain, and the parts are added in rising order.
typedef struct ck_position_parts {
  int count, length;
} ck_position_parts;

ck_position_parts ck_filter_gradient_parts(const ck_conv2d_shape *s);
