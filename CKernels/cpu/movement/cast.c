// Conversions between element types, rounded once to nearest even. Half precisions are integer
// arithmetic, so that every processor gives the same bits; NaNs become quiet and keep the upper
// bits of their payload.
#include <string.h>
#include "ck_kernels.h"
#include "movement/half.h"
#include "ranges.h"

typedef struct cast_call {
  const ck_cast_shape *s;
  const char *source;
  char *target;
} cast_call;

static int bytes_of(ck_dtype type) {
  return type == CK_F64 ? 8 : type == CK_F16 || type == CK_BF16 ? 2 : 4;
}

// float32, and what fits in it exactly.
#define CAST_LOOP(FROM, TO, conversion)   \
  {                                       \
    const FROM *restrict x = source;      \
    TO *restrict y = target;              \
    for (int64_t i = 0; i < count; i++) { \
      const FROM from = x[i];             \
      y[i] = conversion;                  \
    }                                     \
    return;                               \
  }

#define CAST_FROM(FROM, value, to_half, to_bfloat)      \
  switch (to) {                                         \
    case CK_F32:                                        \
      CAST_LOOP(FROM, float, (float)(value))            \
    case CK_F64:                                        \
      CAST_LOOP(FROM, double, (double)(value))          \
    case CK_I32:                                        \
      CAST_LOOP(FROM, int32_t, ck_int_of_double(value)) \
    case CK_F16:                                        \
      CAST_LOOP(FROM, uint16_t, to_half)                \
    case CK_BF16:                                       \
      CAST_LOOP(FROM, uint16_t, to_bfloat)              \
  }                                                     \
  return

static void cast_segment(ck_dtype type, ck_dtype to, const void *source, void *target,
                         int64_t count) {
  switch (type) {
    case CK_F32:
      CAST_FROM(float, from, ck_half_of_float(from), ck_bfloat_of_float(from));
    case CK_F16:
      CAST_FROM(uint16_t, ck_float_of_half(from), from, ck_bfloat_of_float(ck_float_of_half(from)));
    case CK_BF16:
      CAST_FROM(uint16_t, ck_float_of_bfloat(from), ck_half_of_float(ck_float_of_bfloat(from)),
                from);
    case CK_F64:
      CAST_FROM(double, from, ck_half_of_float(ck_float_to_odd(from)),
                ck_bfloat_of_float(ck_float_to_odd(from)));
    case CK_I32:
      CAST_FROM(int32_t, from, ck_half_of_float(ck_float_to_odd(from)),
                ck_bfloat_of_float(ck_float_to_odd(from)));
  }
}

static void cast_range(void *context, int64_t begin, int64_t end, void *scratch) {
  const cast_call *call = context;
  const ck_dtype from = call->s->from, to = call->s->to;
  const char *source = call->source + begin * bytes_of(from);
  char *target = call->target + begin * bytes_of(to);
  if (from == to)
    memcpy(target, source, (size_t)((end - begin) * bytes_of(to)));
  else
    cast_segment(from, to, source, target, end - begin);
}

void ck_cast(const ck_cast_shape *s, const void *source, void *target, ck_pool *pool) {
  cast_call call = {s, source, target};
  ck_run(pool, s->count, 1, cast_range, &call);
}
