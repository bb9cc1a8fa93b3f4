// The filter gradient as products of dy with patches, [oc, positions] x [positions, kh kw c], group
// by group and part by part of the positions (see ck_position_parts); the parts are then added.
#include "convolution/patches.h"
#include "convolution/winograd_run.h"

#define ELEMENTS_PER_CHUNK 8192

typedef struct gradient_call {
  const ck_conv2d_shape *shape;
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

// dfilter = the sum of the parts, in rising order.
static void add_parts(void *context, int chunk, void *scratch) {
  (void)scratch;
  const gradient_call *call = context;
  const ptrdiff_t first = (ptrdiff_t)chunk * ELEMENTS_PER_CHUNK;
  const ptrdiff_t left = call->filter - first;
  const ptrdiff_t count = left < ELEMENTS_PER_CHUNK ? left : ELEMENTS_PER_CHUNK;
  float *out = call->dfilter + first;
  const float *sums = call->sums + first;
  for (ptrdiff_t i = 0; i < count; i++) out[i] = sums[i];
  for (int part = 1; part < call->parts.count; part++) {
    sums += call->filter;
    for (ptrdiff_t i = 0; i < count; i++) out[i] += sums[i];
  }
}

void ck_conv2d_filter_gradient_on_tiles(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                        const float *x, const float *dy, float *dfilter,
                                        ck_pool *pool) {
  ck_winograd winograd;
  if (ck_winograd_filter_gradient(s, &winograd)) {
    ck_run_winograd_filter_gradient(tiles, &winograd, x, dy, dfilter, pool);
    return;
  }
  gradient_call call = {.shape = s,
                        .x = x,
                        .dy = dy,
                        .parts = ck_filter_gradient_parts(s),
                        .filter = (ptrdiff_t)s->oc * s->kh * s->kw * (s->c / s->groups),
                        .dfilter = dfilter};
  const bool whole = call.parts.count == 1;
  call.sums = whole ? dfilter : ck_pool_shared_scratch(pool);
  const ck_batch batch = {
      .count = call.parts.count * s->groups, .describe = describe, .context = &call};
  ck_run_products(tiles, &batch, pool);
  if (!whole) {
    const ptrdiff_t chunks = (call.filter + ELEMENTS_PER_CHUNK - 1) / ELEMENTS_PER_CHUNK;
    ck_pool_run(pool, (int)chunks, add_parts, &call);
  }
}
