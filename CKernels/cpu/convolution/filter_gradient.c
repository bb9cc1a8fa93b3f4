// The filter gradient as products of dy with patches, [oc, positions] x [positions, kh kw c], group
// by group and part by part of the positions (see ck_position_parts); the parts are then added.
#include "convolution/add_parts.h"
#include "convolution/bfloat16.h"
#include "convolution/from_few_filter_gradient.h"
#include "convolution/patches.h"
#include "convolution/winograd_run.h"

typedef struct gradient_call {
  const ck_conv2d_shape *shape;
  ck_precision precision;
  const float *x, *dy;
  ck_position_parts parts;
  ptrdiff_t filter;  // elements of the filter
  float *sums;       // [parts, filter]
  float *dfilter;
} gradient_call;

// index = part * groups + group
static void describe(const void *context, int index, ck_product *product) {
  const gradient_call *call = context;
  const ck_conv2d_shape *s = call->shape;
  const int part = index / s->groups, group = index % s->groups;
  const int outputs = s->oc / s->groups, columns = s->kh * s->kw * (s->c / s->groups);
  const int positions = s->n * s->oh * s->ow, first = part * call->parts.length;
  const int left = positions - first;
  *product = (ck_product){
      .m = outputs,
      .n = columns,
      .k = left < call->parts.length ? left : call->parts.length,
      .precision = call->precision,
      .a = {.kind = CK_MATRIX,
            .x = call->dy + (ptrdiff_t)first * s->oc + group * outputs,
            .row_step = 1,
            .column_step = s->oc},
      .b = ck_patches_of(s, call->x, group, first),
      .c = {.x = call->sums + part * call->filter + (ptrdiff_t)group * outputs * columns,
            .rows_h = 1,
            .rows_w = outputs,
            .step_w = columns},
  };
}

void ck_conv2d_filter_gradient_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                        const float *x, const float *dy, float *dfilter,
                                        ck_pool *pool) {
  const bool rounds = ck_convolution_rounds_on(tiles, s);
  ck_winograd winograd;
  if (!rounds && ck_winograd_filter_gradient(s, &winograd)) {
    ck_run_winograd_filter_gradient(tiles, &winograd, x, dy, dfilter, pool);
    return;
  }
  gradient_call call = {.shape = s,
                        .precision = rounds ? CK_BFLOAT16 : CK_FLOAT32,
                        .x = x,
                        .dy = dy,
                        .parts = ck_filter_gradient_parts(s),
                        .filter = (ptrdiff_t)s->oc * s->kh * s->kw * (s->c / s->groups),
                        .dfilter = dfilter};
  const bool whole = call.parts.count == 1;
  call.sums = whole ? dfilter : ck_pool_shared_scratch(pool);
  const ck_batch batch = {
      .count = call.parts.count * s->groups, .describe = describe, .context = &call};
  if (rounds || !ck_run_from_few_filter_gradient(tiles, s, x, dy, call.parts, call.sums, pool))
    ck_run_products(tiles, &batch, pool);
  if (!whole) ck_add_parts(call.sums, call.parts.count, call.filter, dfilter, pool);
}
