// Copies between layouts, casts, and rows chosen by index. One item an element unless a kernel says
// otherwise.

#ifndef CK_INTEGER
#define STRIDED_COPY(bytes, type)                                                 \
  CK_KERNEL void copy_##bytes(const ck_copy_shape s, __global const type *source, \
                              const ulong source_start, __global type *target,    \
                              const ulong target_start, const int count) {        \
    const int i = get_global_id(0);                                               \
    if (i >= count) return;                                                       \
    int rest = i, from = 0, to = 0;                                               \
    for (int d = s.rank - 1; d >= 0; --d) {                                       \
      const int position = d == 0 ? rest : rest % s.size[d];                      \
      rest = d == 0 ? 0 : rest / s.size[d];                                       \
      from += position * s.source_stride[d];                                      \
      to += position * s.target_stride[d];                                        \
    }                                                                             \
    target[(long)target_start + to] = source[(long)source_start + from];          \
  }

STRIDED_COPY(2, ushort)
STRIDED_COPY(4, uint)
STRIDED_COPY(8, ulong)

// --- casts between two of float32, int32, float16 and bfloat16, rounded once to nearest even ---

// bfloat16 is the upper half of a float32, rounded to nearest even; a NaN stays one.
static ushort bfloat16_of(float x) {
  const uint bits = as_uint(x);
  if (isnan(x)) return (ushort)((bits >> 16) | 0x40u);
  return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// Rounded to odd, so that rounding the result to a half precision rounds x as if at once.
static float to_odd(int x) {
  const float toward_zero = convert_float_rtz(x);
  return convert_long(toward_zero) == x ? toward_zero : as_float(as_uint(toward_zero) | 1u);
}

CK_KERNEL void cast(const ck_cast_shape s, __global const void *source, const ulong source_start,
                    __global void *target, const ulong target_start) {
  const int i = get_global_id(0);
  if (i >= s.count) return;
  const ulong from = source_start + i, to = target_start + i;
  float real = 0.0f;
  switch (s.from) {
    case CK_F32:
      real = ((__global const float *)source)[from];
      break;
    case CK_F16:
      real = vload_half(from, (__global const half *)source);
      break;
    case CK_BF16:
      real = as_float((uint)((__global const ushort *)source)[from] << 16);
      break;
    default:
      real = s.to == CK_F32 ? (float)((__global const int *)source)[from]
                            : to_odd(((__global const int *)source)[from]);
  }
  switch (s.to) {
    case CK_F32:
      ((__global float *)target)[to] = real;
      break;
    case CK_F16:
      vstore_half_rte(real, to, (__global half *)target);
      break;
    case CK_BF16:
      ((__global ushort *)target)[to] = bfloat16_of(real);
      break;
    default:
      ((__global int *)target)[to] = truncated(real);
  }
}

#endif

// --- rows by index ---

CK_KERNEL void gather(const ck_gather_shape s, __global const element *restrict table,
                      const ulong table_start, __global const int *restrict indices,
                      const ulong indices_start, __global element *restrict y,
                      const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.count * s.width) return;
  const int row = indices[indices_start + i / s.width], column = i % s.width;
  const int inside = row >= 0 && row < s.rows;
  y[y_start + i] = inside ? table[table_start + (ulong)row * s.width + column] : (element)0;
}

// An item owns one column of `range` rows of the table, and adds what falls there in the order of
// the indices.
CK_KERNEL void scatter_add(const ck_gather_shape s, __global const element *restrict source,
                           const ulong source_start, __global const int *restrict indices,
                           const ulong indices_start, __global element *restrict table,
                           const ulong table_start, const int range) {
  const int column = get_global_id(0) % s.width;
  const int first = get_global_id(0) / s.width * range, last = min(first + range, s.rows);
  if (first >= s.rows) return;
  for (int i = 0; i < s.count; ++i) {
    const int row = indices[indices_start + i];
    if (row < first || row >= last) continue;
    const ulong to = table_start + (ulong)row * s.width + column;
    table[to] = plus(table[to], source[source_start + (ulong)i * s.width + column]);
  }
}

CK_KERNEL void one_hot(const ck_one_hot_shape s, __global const int *restrict indices,
                       const ulong indices_start, __global element *restrict y,
                       const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.count * s.depth) return;
  y[y_start + i] = indices[indices_start + i / s.depth] == i % s.depth;
}
