#include "convolution/add_parts.h"

#include "ranges.h"

typedef struct parts_call {
  const float *sums;
  int parts;
  ptrdiff_t size;
  float *out;
} parts_call;

static void add_range(void *context, int64_t begin, int64_t end, void *scratch) {
  (void)scratch;
  const parts_call *call = context;
  const float *sums = call->sums;
  for (int64_t i = begin; i < end; i++) call->out[i] = sums[i];
  for (int part = 1; part < call->parts; part++) {
    sums += call->size;
    for (int64_t i = begin; i < end; i++) call->out[i] += sums[i];
  }
}

void ck_add_parts(const float *sums, int parts, ptrdiff_t size, float *out, ck_pool *pool) {
  parts_call call = {sums, parts, size, out};
  ck_run(pool, size, 1, add_range, &call);
}
