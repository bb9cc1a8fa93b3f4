// Sharing out work over a pool in chunks that the shape alone decides.
#pragma once
#include <stdint.h>
#include "ck_runtime.h"

static inline int64_t ck_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ck_max(int64_t a, int64_t b) { return a > b ? a : b; }

// Work is claimed in chunks of about this many elements: enough to pay for the claim, few enough to
// share out. One chunk runs on the calling thread.
#define CK_CHUNK 16384

// Does items begin ..< end.
typedef void (*ck_range_task)(void *context, int64_t begin, int64_t end, void *scratch);

typedef struct ck_range_call {
  ck_range_task task;
  void *context;
  int64_t items, step;
} ck_range_call;

static inline void ck_range_chunk(void *context, int chunk, void *scratch) {
  const ck_range_call *call = context;
  const int64_t begin = chunk * call->step;
  call->task(call->context, begin, ck_min(begin + call->step, call->items), scratch);
}

// Shares out `items` that are worth `elements` each, in chunks that they alone decide.
static inline void ck_run(ck_pool *pool, int64_t items, int64_t elements, ck_range_task task,
                          void *context) {
  if (items <= 0) return;
  ck_range_call call = {task, context, items, ck_max(1, CK_CHUNK / ck_max(1, elements))};
  ck_pool_run(pool, (int)((items + call.step - 1) / call.step), ck_range_chunk, &call);
}
