// Reductions of [outer, reduced, inner] along the middle axis, in the order of the C kernels. The
// reduced axis is cut into leaves, of LEAF values if inner is 1 and of LEAF_ROWS rows else; leaves
// pair up, neighbours with neighbours, level by level. Leaves write their results to y itself if
// there is one alone, or side by side for reduce_tree: [outer, leaves, inner].
#define LEAF_ROWS 64

#ifdef CK_INTEGER
#define lowest INT_MIN
#define highest INT_MAX
#define undefined 0
#else
#define lowest -INFINITY
#define highest INFINITY
#define undefined NAN
#endif

CK_INLINE element unit_of(ck_reduce_op op) {
  return op == CK_MAX ? lowest : (op == CK_MIN ? highest : (element)0);
}

// A tie gives a; NaN in either gives NaN.
CK_INLINE element combined(ck_reduce_op op, element a, element b) {
  switch (op) {
    case CK_MAX:
      return a >= b ? a : (b > a ? b : plus(a, b));
    case CK_MIN:
      return a <= b ? a : (b < a ? b : plus(a, b));
    default:
      return plus(a, b);
  }
}

CK_INLINE element taken_in(ck_reduce_op op, element so_far, element v) {
  return op == CK_SUM_OF_SQUARES ? multiply_add(v, v, so_far) : combined(op, so_far, v);
}

// The result from what has been combined.
CK_INLINE element finished(const ck_reduce_shape *s, element total) {
  if (s->op != CK_MEAN) return total;
  return s->reduced == 0 ? undefined : total / (element)s->reduced;
}

// LANES items a leaf; inner is 1.
CK_KERNEL void reduce_values(const ck_reduce_shape s, const int leaf_count,
                             __global const element *restrict x, const ulong x_start,
                             __global element *restrict y, const ulong y_start) {
  __local element shared[CK_GROUP];
  const int leaf = row_of_lanes(), item = get_local_id(0);
  const int exists = leaf < s.outer * leaf_count;
  element value = unit_of(s.op);
  if (exists) {
    const int first = leaf % leaf_count * LEAF, last = min(first + LEAF, s.reduced);
    x += x_start + (ulong)(leaf / leaf_count) * s.reduced;
    for (int i = first + lane(); i < last; i += LANES) value = taken_in(s.op, value, x[i]);
  }
  for (int half_of_lanes = LANES / 2; half_of_lanes > 0; half_of_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    shared[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane() < half_of_lanes) value = combined(s.op, value, shared[item + half_of_lanes]);
  }
  if (exists && lane() == 0) y[y_start + leaf] = leaf_count == 1 ? finished(&s, value) : value;
}

typedef VECTOR(CK_ELEMENT, CK_COLUMNS) strip;
SOME_OF(strip, CK_ELEMENT, CK_COLUMNS)

#ifdef CK_INTEGER
#define CK_UNSIGNED(x) CK_JOIN(as_, VECTOR(uint, CK_COLUMNS))(x)
#define CK_SIGNED(x) CK_JOIN(as_, VECTOR(int, CK_COLUMNS))(x)
#define strip_plus(a, b) CK_SIGNED(CK_UNSIGNED(a) + CK_UNSIGNED(b))
#define strip_square_plus(a, b) CK_SIGNED(CK_UNSIGNED(a) * CK_UNSIGNED(a) + CK_UNSIGNED(b))
#else
#define strip_plus(a, b) ((a) + (b))
#define strip_square_plus(a, b) fma(a, a, b)
#endif

// One operation down the rows of a leaf: `update` of `value` and the row's `next`.
#define DOWN_ROWS(update)                                          \
  for (int row = first; row < last; ++row) {                       \
    const strip next = strip_some(x + (ulong)row * s.inner, rest); \
    value = (update);                                              \
  }                                                                \
  break;

// An item takes CK_COLUMNS columns of a leaf: what `taken_in` does of elements, in vectors.
CK_KERNEL void reduce_columns(const ck_reduce_shape s, const int leaf_count,
                              __global const element *restrict x, const ulong x_start,
                              __global element *restrict y, const ulong y_start) {
  const int strips = (s.inner + CK_COLUMNS - 1) / CK_COLUMNS, i = get_global_id(0);
  if (i >= s.outer * leaf_count * strips) return;
  const int column = i % strips * CK_COLUMNS, leaf = i / strips % leaf_count;
  const int first = leaf * LEAF_ROWS, last = min(first + LEAF_ROWS, s.reduced);
  const int rest = s.inner - column;
  x += x_start + (ulong)(i / strips / leaf_count) * s.reduced * s.inner + column;
  strip value = unit_of(s.op);
  switch (s.op) {
    case CK_MAX:
      DOWN_ROWS(value >= next ? value : (next > value ? next : strip_plus(value, next)))
    case CK_MIN:
      DOWN_ROWS(value <= next ? value : (next < value ? next : strip_plus(value, next)))
    case CK_SUM_OF_SQUARES:
      DOWN_ROWS(strip_square_plus(next, value))
    default:
      DOWN_ROWS(strip_plus(value, next))
  }
  if (leaf_count == 1 && s.op == CK_MEAN)
    value = s.reduced == 0 ? (strip)undefined : value / (strip)(element)s.reduced;
  strip_keep(value, y + y_start + (ulong)(i / strips) * s.inner + column, rest);
}

// The tree over the leaves, in their place; `sharing` items an output, 1 or CK_GROUP.
CK_KERNEL void reduce_tree(const ck_reduce_shape s, const int leaf_count, const int sharing,
                           __global element *leaf, const ulong leaf_start,
                           __global element *restrict y, const ulong y_start) {
  const int output = get_global_id(0) / sharing, member = get_global_id(0) % sharing;
  const int exists = output < s.outer * s.inner;
  leaf += leaf_start + (ulong)(output / s.inner) * leaf_count * s.inner + output % s.inner;
  for (int span = 1; span < leaf_count; span *= 2) {
    for (int i = 2 * span * member; exists && i + span < leaf_count; i += 2 * span * sharing)
      leaf[(ulong)i * s.inner] =
          combined(s.op, leaf[(ulong)i * s.inner], leaf[(ulong)(i + span) * s.inner]);
    barrier(CLK_GLOBAL_MEM_FENCE);
  }
  if (exists && member == 0) y[y_start + output] = finished(&s, leaf[0]);
}

// --- positions of extremes ---

// Whether v at position i goes before w at j (negative: nothing yet): a NaN, then the larger or
// smaller, then the first.
CK_INLINE int goes_before(ck_reduce_op op, element v, int i, element w, int j) {
  if (i < 0 || j < 0) return j < 0;
  const int v_nan = is_nan(v), w_nan = is_nan(w);
  if (v_nan || w_nan) return v_nan && (!w_nan || i < j);
  if (v == w) return i < j;
  return op == CK_ARGMAX ? v > w : v < w;
}

// LANES items an output.
CK_KERNEL void reduce_positions(const ck_reduce_shape s, __global const element *restrict x,
                                const ulong x_start, __global int *restrict y,
                                const ulong y_start) {
  __local element values[CK_GROUP];
  __local int positions[CK_GROUP];
  const int output = row_of_lanes(), item = get_local_id(0);
  const int exists = output < s.outer * s.inner;
  element value = 0;
  int position = -1;
  if (exists) {
    x += x_start + (ulong)(output / s.inner) * s.reduced * s.inner + output % s.inner;
    for (int i = lane(); i < s.reduced; i += LANES) {
      const element v = x[(ulong)i * s.inner];
      if (goes_before(s.op, v, i, value, position)) value = v, position = i;
    }
  }
  for (int half_of_lanes = LANES / 2; half_of_lanes > 0; half_of_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    values[item] = value;
    positions[item] = position;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane() < half_of_lanes) {
      const element v = values[item + half_of_lanes];
      const int i = positions[item + half_of_lanes];
      if (goes_before(s.op, v, i, value, position)) value = v, position = i;
    }
  }
  if (exists && lane() == 0) y[y_start + output] = max(position, 0);
}
