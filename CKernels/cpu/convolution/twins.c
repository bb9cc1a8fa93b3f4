// The convolutions of each instruction set: one driver, other tiles.
#include "gemm/product.h"
#include "variants/kernels.h"

#define DEFINE_CONVOLUTION(isa)                                                              \
  void ck_conv2d_f32_##isa(const ck_conv2d_shape *s, const void *x, const void *filter,      \
                           const void *bias, void *y, ck_kept *kept, ck_pool *pool) {        \
    ck_conv2d_on_tiles(&ck_tiles_##isa, s, x, filter, bias, y, kept, pool);                  \
  }                                                                                          \
  size_t ck_conv2d_keeps_f32_##isa(const ck_conv2d_shape *s) {                               \
    return ck_conv2d_keeps_on_tiles(&ck_tiles_##isa, s);                                     \
  }                                                                                          \
  void ck_conv2d_input_gradient_f32_##isa(const ck_conv2d_shape *s, const void *dy,          \
                                          const void *filter, const void *bias, void *dx,    \
                                          ck_kept *kept, ck_pool *pool) {                    \
    ck_conv2d_input_gradient_on_tiles(&ck_tiles_##isa, s, dy, filter, bias, dx, kept, pool); \
  }                                                                                          \
  size_t ck_conv2d_input_gradient_keeps_f32_##isa(const ck_conv2d_shape *s) {                \
    return ck_conv2d_input_gradient_keeps_on_tiles(&ck_tiles_##isa, s);                      \
  }                                                                                          \
  void ck_conv2d_filter_gradient_f32_##isa(const ck_conv2d_shape *s, const void *x,          \
                                           const void *dy, void *dfilter, ck_pool *pool) {   \
    ck_conv2d_filter_gradient_on_tiles(&ck_tiles_##isa, s, x, dy, dfilter, pool);            \
  }

#if defined(__x86_64__)
DEFINE_CONVOLUTION(avx2)
DEFINE_CONVOLUTION(avx512)
#endif
