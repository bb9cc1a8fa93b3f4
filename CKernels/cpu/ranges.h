// Sharing out work over a pool in chunks that the shape alone decides.
#pragma once
#include <stdint.h>
#include "ck_runtime.h"

static inline int64_t ck_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ck_max(int64_t a, int64_t b) { return a > b ? a : b; }

// Work is claimed in chunks of at most about this many elements: enough to pay for the claim, few
// enough to share out. One chunk runs on the calling thread.
#define CK_CHUNK 16384
// More than one are a multiple of this, nearly equal, so that threads end together.
#define CK_CHUNKS_EVEN 4
// Items of few elements are cut where cache lines end.
#define CK_LINE 16

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

// How many items a chunk has, of items worth `elements` each.
static inline int64_t ck_chunk_items(int64_t items, int64_t elements) {
  const int64_t most = ck_max(1, CK_CHUNK / ck_max(1, elements));
  if (items <= most) return items;
  const int64_t groups = (items + most * CK_CHUNKS_EVEN - 1) / (most * CK_CHUNKS_EVEN);
  const int64_t chunks = groups * CK_CHUNKS_EVEN, step = (items + chunks - 1) / chunks;
  return elements < CK_LINE ? (step + CK_LINE - 1) / CK_LINE * CK_LINE : step;
}

// Shares out `items` that are worth `elements` each, in chunks that they alone decide.
static inline void ck_run(ck_pool *pool, int64_t items, int64_t elements, ck_range_task task,
                          void *context) {
  if (items <= 0) return;
  ck_range_call call = {task, context, items, ck_chunk_items(items, elements)};
  ck_pool_run(pool, (int)((items + call.step - 1) / call.step), ck_range_chunk, &call);
}
