// How one kernel text becomes a variant per element type and instruction set.
//
// A template (*.inc) is plain, branch-free C. A variant is one translation unit of this folder: it
// defines the macros below, switches the instruction set on round the includes (never by a compiler
// flag, so one build serves every processor) and includes every template through templates.inc. The
// reference is the same text without an instruction set.
//
//   REAL         element type
//   NAME(op)     ck_<op>_<dtype>_<isa>
//   CK_INDEPENDENT   before a loop: no iteration needs an earlier one's result (in place: y[i] from
//   x[i] alone). The compiler warns
//                where it cannot vectorise such a loop; empty in variants that call the C library
//   REAL_IS_F32, REAL_IS_F64, REAL_IS_I32   exactly one is 1
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "include/ck_kernels.h"
#include "elementwise/activate.h"

#define CK_JOIN_(op, variant) ck_##op##_##variant
#define CK_JOIN(op, variant) CK_JOIN_(op, variant)

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

// The largest power of two below `leaves`, at least 2: how many of them the first half of a tree
// has. So a tree pairs neighbours, level by level, and carries an odd one up.
static inline int64_t ck_half_of_tree(int64_t leaves) {
  return (int64_t)1 << (63 - __builtin_clzll((uint64_t)leaves - 1));
}

// Toward zero; held to the range of int32; NaN gives 0.
static inline int32_t ck_int_of_double(double x) {
  return x != x ? 0 : x <= INT32_MIN ? INT32_MIN : x >= INT32_MAX ? INT32_MAX : (int32_t)x;
}

// The libm functions that are single instructions where the processor has them; correctly rounded
// everywhere.
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_SQRT(x) __builtin_elementwise_sqrt(x)
#define CK_FLOOR(x) __builtin_elementwise_floor(x)

static inline uint32_t ck_bits_of_float(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}
static inline float ck_float_of_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}
#define CK_AS_UINT(x) ck_bits_of_float(x)
#define CK_AS_FLOAT(u) ck_float_of_bits(u)
#define CK_INLINE static inline
#define CK_MATH(name) NAME(name)
