#include "convolution/bfloat16.h"

#include "convolution/winograd.h"
#include "elementwise/activate.h"
#include "gemm/bfloat16.h"

bool ck_convolution_rounds(const ck_conv2d_shape *s) {
  ck_winograd winograd;
  return s->precision == CK_BFLOAT16 && !ck_convolution_is_narrow(s) &&
         !ck_winograd_conv2d(s, &winograd);
}

typedef struct conv_call {
  const ck_conv2d_shape *shape;
  const float *x, *dy, *filter, *bias;
  float *y, *dx, *dfilter;
} conv_call;

// Where a channel of a pixel (iy, ix) of x, or of y, is; what lies outside is a zero.
static float input_at(const conv_call *call, int n, int iy, int ix, int c) {
  const ck_conv2d_shape *s = call->shape;
  if (iy < 0 || iy >= s->h || ix < 0 || ix >= s->w) return 0;
  return call->x[(((ptrdiff_t)n * s->h + iy) * s->w + ix) * s->c + c];
}

static float output_gradient_at(const conv_call *call, int n, int oy, int ox, int o) {
  const ck_conv2d_shape *s = call->shape;
  if (oy < 0 || oy >= s->oh || ox < 0 || ox >= s->ow) return 0;
  return call->dy[(((ptrdiff_t)n * s->oh + oy) * s->ow + ox) * s->oc + o];
}

static float filter_at(const conv_call *call, int o, int ky, int kx, int c) {
  const ck_conv2d_shape *s = call->shape;
  return call->filter[(((ptrdiff_t)o * s->kh + ky) * s->kw + kx) * (s->c / s->groups) + c];
}

static float forward_sum(const conv_call *call, int n, int oy, int ox, int o) {
  const ck_conv2d_shape *s = call->shape;
  const int channels = s->c / s->groups, first = o / (s->oc / s->groups) * channels;
  ck_bfloat16_sum sum = {};
  for (int ky = 0; ky < s->kh; ky++)
    for (int kx = 0; kx < s->kw; kx++)
      for (int c = 0; c < channels; c++) {
        const int iy = oy * s->stride_h + ky * s->dilation_h - s->pad_top;
        const int ix = ox * s->stride_w + kx * s->dilation_w - s->pad_left;
        ck_bfloat16_add(&sum, input_at(call, n, iy, ix, first + c), filter_at(call, o, ky, kx, c));
      }
  return ck_bfloat16_total(&sum);
}

// The gradient of channel c of a pixel, over the taps that reach it at that stride.
static float input_gradient_sum(const conv_call *call, int n, int iy, int ix, int c) {
  const ck_conv2d_shape *s = call->shape;
  const int channels = s->c / s->groups, outputs = s->oc / s->groups, group = c / channels;
  ck_bfloat16_sum sum = {};
  for (int ky = 0; ky < s->kh; ky++)
    for (int kx = 0; kx < s->kw; kx++) {
      const int y = iy + s->pad_top - ky * s->dilation_h;
      const int x = ix + s->pad_left - kx * s->dilation_w;
      if (y % s->stride_h != 0 || x % s->stride_w != 0) continue;
      for (int o = group * outputs; o < (group + 1) * outputs; o++)
        ck_bfloat16_add(&sum, output_gradient_at(call, n, y / s->stride_h, x / s->stride_w, o),
                        filter_at(call, o, ky, kx, c % channels));
    }
  return ck_bfloat16_total(&sum);
}

// The chain over positions first..<last of one element of the filter.
static float filter_gradient_sum(const conv_call *call, int o, int ky, int kx, int c, int first,
                                 int last) {
  const ck_conv2d_shape *s = call->shape;
  const int channel = o / (s->oc / s->groups) * (s->c / s->groups) + c;
  ck_bfloat16_sum sum = {};
  for (int position = first; position < last; position++) {
    const int ox = position % s->ow, oy = position / s->ow % s->oh, n = position / s->ow / s->oh;
    ck_bfloat16_add(&sum, call->dy[(ptrdiff_t)position * s->oc + o],
                    input_at(call, n, oy * s->stride_h + ky * s->dilation_h - s->pad_top,
                             ox * s->stride_w + kx * s->dilation_w - s->pad_left, channel));
  }
  return ck_bfloat16_total(&sum);
}

// A row of a picture of y.
static void conv_row(void *context, int chunk, void *scratch) {
  (void)scratch;
  const conv_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  float *y = call->y + (ptrdiff_t)chunk * s->ow * s->oc;
  for (int ox = 0; ox < s->ow; ox++, y += s->oc) {
    for (int o = 0; o < s->oc; o++) {
      y[o] = forward_sum(call, chunk / s->oh, chunk % s->oh, ox, o);
      if (call->bias) y[o] += call->bias[o];
    }
    if (s->activation != CK_NO_ACTIVATION)
      ck_activate_f32_reference(s->activation, s->slope, y, s->oc);
  }
}

// A row of a picture of dx.
static void input_gradient_row(void *context, int chunk, void *scratch) {
  (void)scratch;
  const conv_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  float *dx = call->dx + (ptrdiff_t)chunk * s->w * s->c;
  for (int ix = 0; ix < s->w; ix++, dx += s->c) {
    for (int c = 0; c < s->c; c++) {
      dx[c] = input_gradient_sum(call, chunk / s->h, chunk % s->h, ix, c);
      if (call->bias) dx[c] += call->bias[c];
    }
    if (s->activation != CK_NO_ACTIVATION)
      ck_activate_f32_reference(s->activation, s->slope, dx, s->c);
  }
}

// The gradient of one output's filter.
static void filter_gradient(void *context, int o, void *scratch) {
  (void)scratch;
  const conv_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  const int positions = s->n * s->oh * s->ow, channels = s->c / s->groups;
  const ck_position_parts parts = ck_filter_gradient_parts(s);
  float *d = call->dfilter + (ptrdiff_t)o * s->kh * s->kw * channels;
  for (int ky = 0; ky < s->kh; ky++)
    for (int kx = 0; kx < s->kw; kx++)
      for (int c = 0; c < channels; c++) {
        float sum = 0;
        for (int part = 0; part < parts.count; part++) {
          const int first = part * parts.length;
          const int last = part + 1 < parts.count ? first + parts.length : positions;
          const float chain = filter_gradient_sum(call, o, ky, kx, c, first, last);
          sum = part ? sum + chain : chain;
        }
        *d++ = sum;
      }
}

bool ck_conv2d_bfloat16_reference(const ck_conv2d_shape *s, const float *x, const float *filter,
                                  const float *bias, float *y, ck_pool *pool) {
  if (!ck_convolution_rounds(s)) return false;
  conv_call call = {.shape = s, .x = x, .filter = filter, .bias = bias, .y = y};
  ck_pool_run(pool, s->n * s->oh, conv_row, &call);
  return true;
}

bool ck_conv2d_input_gradient_bfloat16_reference(const ck_conv2d_shape *s, const float *dy,
                                                 const float *filter, const float *bias, float *dx,
                                                 ck_pool *pool) {
  if (!ck_convolution_rounds(s)) return false;
  conv_call call = {.shape = s, .dy = dy, .filter = filter, .bias = bias, .dx = dx};
  ck_pool_run(pool, s->n * s->h, input_gradient_row, &call);
  return true;
}

bool ck_conv2d_filter_gradient_bfloat16_reference(const ck_conv2d_shape *s, const float *x,
                                                  const float *dy, float *dfilter, ck_pool *pool) {
  if (!ck_convolution_rounds(s)) return false;
  conv_call call = {.shape = s, .x = x, .dy = dy, .dfilter = dfilter};
  ck_pool_run(pool, s->oc, filter_gradient, &call);
  return true;
}
