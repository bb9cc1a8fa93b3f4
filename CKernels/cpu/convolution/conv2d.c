// conv2d as a product of patches with the filter: [n oh ow, kh kw c] x [kh kw c, oc], group by
// group.
#include "convolution/bfloat16.h"
#include "convolution/correlations.h"
#include "convolution/patches.h"
#include "convolution/winograd_run.h"

typedef struct conv_call {
  const ck_conv2d_shape *shape;
  ck_precision precision;
  const float *x, *filter, *bias;
  float *y;
} conv_call;

static void describe(const void *context, int group, ck_product *product) {
  const conv_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  const int outputs = s->oc / s->groups, depth = s->kh * s->kw * (s->c / s->groups);
  *product = (ck_product){
      .m = s->n * s->oh * s->ow,
      .n = outputs,
      .k = depth,
      .precision = call->precision,
      .a = ck_patches_of(s, call->x, group, 0),
      .b = {.kind = CK_MATRIX,
            .x = call->filter + (ptrdiff_t)group * outputs * depth,
            .row_step = 1,
            .column_step = depth},
      .c = {.x = call->y + (ptrdiff_t)group * outputs,
            .rows_h = 1,
            .rows_w = s->n * s->oh * s->ow,
            .step_w = s->oc},
      .bias = call->bias ? call->bias + group * outputs : NULL,
      .activation = s->activation,
      .slope = s->slope,
  };
}

size_t ck_conv2d_keeps_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s) {
  ck_winograd winograd;
  if (s->n <= 0 || ck_convolution_rounds_on(tiles, s) || !ck_winograd_conv2d(s, &winograd))
    return 0;
  return ck_winograd_keeps(tiles, &winograd);
}

void ck_conv2d_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s, const float *x,
                        const float *filter, const float *bias, float *y, ck_kept *kept,
                        ck_pool *pool) {
  const bool rounds = ck_convolution_rounds_on(tiles, s);
  ck_winograd winograd;
  if (!rounds && ck_winograd_conv2d(s, &winograd)) {
    ck_run_winograd(tiles, &winograd, x, filter, bias, s->activation, s->slope, y, kept, pool);
    return;
  }
  const conv_call call = {.shape = s,
                          .precision = rounds ? CK_BFLOAT16 : CK_FLOAT32,
                          .x = x,
                          .filter = filter,
                          .bias = bias,
                          .y = y};
  ck_run_correlations(
      tiles,
      &(ck_correlations){.phases = 1, .groups = s->groups, .describe = describe, .context = &call},
      pool);
}
