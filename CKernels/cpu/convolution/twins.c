// The convolutions of each instruction set: one driver, other tiles.
#include "convolution/bfloat16.h"
#include "variants/kernels.h"

bool ck_convolution_rounds_on(const ck_tiles *tiles, const ck_conv2d_shape *s) {
  if (!tiles->rounds_all) return ck_convolution_rounds(s);
  return s->precision == CK_BFLOAT16 && !ck_convolution_is_narrow(s);
}

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
DEFINE_CONVOLUTION(amx)
DEFINE_CONVOLUTION(amx_on_avx2)
DEFINE_CONVOLUTION(amx_on_avx512)
#endif
