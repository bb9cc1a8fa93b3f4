// The input gradient (and transposed convolution) without zeros between the pixels of dy.
//
// Pixels of dx whose coordinates leave the same remainders by the stride are reached by the same
// taps: for each such phase the gradient is an ordinary correlation of dy, at stride 1, with those
// taps, whose results go to every stride-th pixel:
//   [n rows_h rows_w, taps oc] x [taps oc, c].
#include "convolution/bfloat16.h"
#include "convolution/correlations.h"
#include "convolution/winograd_run.h"

// Along one axis: the taps first, first + period, ... reach the inputs phase, phase + stride, ...;
// input phase + stride * i gets tap first + period * t from output i + origin + t * step.
typedef struct phase {
  int inputs, taps, first, period, origin, step;
} phase;

static int greatest_common_divisor(int a, int b) {
  return b ? greatest_common_divisor(b, a % b) : a;
}

static phase phase_of(int index, int size, int kernel, int stride, int pad, int dilation) {
  phase p = {.period = stride / greatest_common_divisor(stride, dilation)};
  p.inputs = index < size ? (size - index + stride - 1) / stride : 0;
  while (p.first < p.period && (index + pad - p.first * dilation) % stride != 0) p.first++;
  if (p.first == p.period || p.first >= kernel) return p;  // no tap reaches this phase
  p.taps = (kernel - p.first + p.period - 1) / p.period;
  p.origin = (index + pad - p.first * dilation) / stride;
  p.step = -(p.period * dilation / stride);
  return p;
}

typedef struct gradient_call {
  const ck_conv2d_shape *shape;
  ck_precision precision;
  const float *dy, *filter, *bias;
  float *dx;
} gradient_call;

// index = (phase_h * stride_w + phase_w) * groups + group
static void describe(const void *context, int index, ck_product *product) {
  const gradient_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  const int group = index % s->groups;
  const int y = index / s->groups / s->stride_w, x = index / s->groups % s->stride_w;
  const phase phase_h = phase_of(y, s->h, s->kh, s->stride_h, s->pad_top, s->dilation_h);
  const phase phase_w = phase_of(x, s->w, s->kw, s->stride_w, s->pad_left, s->dilation_w);
  const phase *h = &phase_h, *w = &phase_w;
  const ptrdiff_t channels = s->c / s->groups, outputs = s->oc / s->groups;
  const ptrdiff_t tap = h->first * s->kw + w->first;
  *product = (ck_product){
      .m = s->n * h->inputs * w->inputs,
      .n = (int)channels,
      .k = h->taps * w->taps * (int)outputs,
      .precision = call->precision,
      .a = {.kind = CK_PATCHES,
            .patches = {.x = call->dy + group * outputs,
                        .h = s->oh,
                        .w = s->ow,
                        .pixel = s->oc,
                        .channels = (int)outputs,
                        .rows_h = h->inputs,
                        .rows_w = w->inputs,
                        .step_h = 1,
                        .step_w = 1,
                        .taps_h = h->taps,
                        .taps_w = w->taps,
                        .tap_h = h->step,
                        .tap_w = w->step,
                        .origin_h = h->origin,
                        .origin_w = w->origin}},
      .b = {.kind = CK_TAPS,
            .x = call->filter + (group * outputs * s->kh * s->kw + tap) * channels,
            .row_step = s->kh * s->kw * channels,
            .column_step = 1,
            .tap_rows = (int)outputs,
            .taps_w = w->taps,
            .tap_step_h = (ptrdiff_t)h->period * s->kw * channels,
            .tap_step_w = w->period * channels},
      .c = {.x = call->dx + ((ptrdiff_t)y * s->w + x) * s->c + group * channels,
            .rows_h = h->inputs,
            .rows_w = w->inputs,
            .step_n = (ptrdiff_t)s->h * s->w * s->c,
            .step_h = (ptrdiff_t)s->stride_h * s->w * s->c,
            .step_w = (ptrdiff_t)s->stride_w * s->c},
      .bias = call->bias ? call->bias + group * channels : NULL,
      .activation = s->activation,
      .slope = s->slope,
  };
  const bool pointwise = s->kh == 1 && s->kw == 1 && s->stride_h == 1 && s->stride_w == 1 &&
                         s->pad_top == 0 && s->pad_left == 0 && s->oh == s->h && s->ow == s->w;
  if (pointwise)
    product->a = (ck_operand){
        .kind = CK_MATRIX, .x = call->dy + group * outputs, .row_step = s->oc, .column_step = 1};
}

size_t ck_conv2d_input_gradient_keeps_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s) {
  ck_winograd winograd;
  if (s->n <= 0 || ck_convolution_rounds_on(tiles, s) ||
      !ck_winograd_input_gradient(s, 0, &winograd))
    return 0;
  return s->stride_h * s->stride_w * ck_winograd_keeps(tiles, &winograd);
}

void ck_conv2d_input_gradient_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                       const float *dy, const float *filter, const float *bias,
                                       float *dx, ck_kept *kept, ck_pool *pool) {
  const bool rounds = ck_convolution_rounds_on(tiles, s);
  ck_winograd winograd;
  if (!rounds && ck_winograd_input_gradient(s, 0, &winograd)) {
    const size_t bytes = ck_winograd_keeps(tiles, &winograd);
    for (int i = 0; i < s->stride_h * s->stride_w; i++) {
      ck_winograd_input_gradient(s, i, &winograd);
      ck_kept phase;
      if (kept) phase = (ck_kept){(char *)kept->memory + i * bytes, kept->is_filled};
      ck_run_winograd(tiles, &winograd, dy, filter, bias, s->activation, s->slope, dx,
                      kept ? &phase : NULL, pool);
    }
    if (kept) kept->is_filled = true;
    return;
  }
  const gradient_call call = {.shape = s,
                              .precision = rounds ? CK_BFLOAT16 : CK_FLOAT32,
                              .dy = dy,
                              .filter = filter,
                              .bias = bias,
                              .dx = dx};
  ck_run_correlations(tiles,
                      &(ck_correlations){.phases = s->stride_h * s->stride_w,
                                         .groups = s->groups,
                                         .describe = describe,
                                         .context = &call},
                      pool);
}
