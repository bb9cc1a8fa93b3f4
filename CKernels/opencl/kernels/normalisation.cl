// Normalisation of x [n, s, g, c], in the order of the C kernels. Down the columns (there are g *
// c) leaves of LEAF_ROWS rows are made and paired up, then a group's c columns are folded by LANES
// items, STRIP of them at a time.
#define LEAF_ROWS 64
#define STRIP 512

CK_INLINE int columns_of(const ck_normalize_shape *s) { return s->g * s->c; }

CK_INLINE int strips_of(const ck_normalize_shape *s) {
  return (columns_of(s) + CK_COLUMNS - 1) / CK_COLUMNS;
}

CK_INLINE float not_negative(float x) { return x < 0.0f ? 0.0f : x; }

// --- mean and variance ---

// x: mean, y: spread, the sum of squared distances from it.
typedef float2 moment;

// Chan, Golub and LeVeque, "Algorithms for computing the sample variance", Am. Stat. 37 (1983).
CK_INLINE moment merged(moment a, moment b, float count_a, float count_b) {
  const float delta = b.x - a.x, share = count_b / (count_a + count_b);
  return (moment)(fma(delta, share, a.x), fma(delta * delta, count_a * share, a.y + b.y));
}

typedef VECTOR(float, CK_COLUMNS) strip;
SOME_OF(strip, float, CK_COLUMNS)

// An item takes CK_COLUMNS columns of a leaf. mean and spread are [n, leaf_count, columns].
CK_KERNEL void moments_leaves(const ck_normalize_shape s, const int leaf_count,
                              __global const float *restrict x, const ulong x_start,
                              __global float *restrict mean, const ulong mean_start,
                              __global float *restrict spread, const ulong spread_start) {
  const int columns = columns_of(&s), strips = strips_of(&s), i = get_global_id(0);
  if (i >= s.n * leaf_count * strips) return;
  const int column = i % strips * CK_COLUMNS, width = columns - column, leaf = i / strips;
  const int first = leaf % leaf_count * LEAF_ROWS, last = min(first + LEAF_ROWS, s.s);
  x += x_start + (ulong)(leaf / leaf_count) * s.s * columns + column;
  const float count = (float)(last - first);
  strip centre = 0.0f, distance = 0.0f, squares = 0.0f;
  for (int row = first; row < last; ++row) centre += strip_some(x + (ulong)row * columns, width);
  centre /= count;
  for (int row = first; row < last; ++row) {
    const strip d = strip_some(x + (ulong)row * columns, width) - centre;
    distance += d;
    squares = fma(d, d, squares);
  }
  const strip correction = distance / count;
  squares = fma(-distance, correction, squares);
  const ulong to = (ulong)leaf * columns + column;
  strip_keep(centre + correction, mean + mean_start + to, width);
  strip_keep(squares < 0.0f ? 0.0f : squares, spread + spread_start + to, width);
}

// The tree over the leaves, in their place; `sharing` items a column, 1 or CK_GROUP.
CK_KERNEL void moments_tree(const ck_normalize_shape s, const int leaf_count, const int sharing,
                            __global float *mean, const ulong mean_start, __global float *spread,
                            const ulong spread_start) {
  const int columns = columns_of(&s);
  const int output = get_global_id(0) / sharing, member = get_global_id(0) % sharing;
  const int exists = output < s.n * columns;
  const ulong start = (ulong)(output / columns) * leaf_count * columns + output % columns;
  mean += mean_start + start;
  spread += spread_start + start;
  for (int span = 1; span < leaf_count; span *= 2) {
    for (int i = 2 * span * member; exists && i + span < leaf_count; i += 2 * span * sharing) {
      const ulong earlier = (ulong)i * columns, later = (ulong)(i + span) * columns;
      const int rows_later = min(span * LEAF_ROWS, s.s - (i + span) * LEAF_ROWS);
      const moment both =
          merged((moment)(mean[earlier], spread[earlier]), (moment)(mean[later], spread[later]),
                 (float)(span * LEAF_ROWS), (float)rows_later);
      mean[earlier] = both.x;
      spread[earlier] = both.y;
    }
    barrier(CLK_GLOBAL_MEM_FENCE);
  }
}

// Of at most STRIP columns of `rows` rows each; known to lane 0. A null spread is 0. Every item of
// the group calls.
static moment folded_strip(__local float *shared, __global const float *mean,
                           __global const float *spread, int width, int exists, int rows) {
  const int end = exists ? width : 0;
  float part = 0.0f;
  for (int k = lane(); k < end; k += LANES) part += mean[k];
  const float centre = shared_with_row(shared, folded(shared, part)) / (float)width;
  float rest = 0.0f, squares = 0.0f, spreads = 0.0f;
  for (int k = lane(); k < end; k += LANES) {
    const float distance = mean[k] - centre;
    rest += distance;
    squares = fma(distance, distance, squares);
    if (spread) spreads += spread[k];
  }
  rest = folded(shared, rest);
  squares = folded(shared, squares);
  spreads = folded(shared, spreads);
  const float correction = rest / (float)width;
  const float between = not_negative(fma(-rest, correction, squares));
  return (moment)(centre + correction, fma((float)rows, between, spreads));
}

// LANES items a group. mean and spread of the columns are those of the first leaf of each example;
// of columns of one row, which are their own means, the spread is null.
CK_KERNEL void moments_fold(const ck_normalize_shape s, const int leaf_count,
                            __global const float *restrict column_mean, const ulong mean_at,
                            __global const float *restrict column_spread, const ulong spread_at,
                            __global float *restrict mean, const ulong mean_start,
                            __global float *restrict variance, const ulong variance_start) {
  __local float shared[CK_GROUP];
  const int group = row_of_lanes(), exists = group < s.n * s.g;
  const ulong start = ((ulong)(group / s.g) * leaf_count * s.g + group % s.g) * s.c;
  column_mean += mean_at + start;
  if (column_spread) column_spread += spread_at + start;
  // Strips so far: bit b of `strips` says that level[b] holds 2^b of them, of count[b] elements.
  moment level[22];
  int count[22];
  uint strips = 0;
  moment whole = 0.0f;
  if (s.c == 1 && exists) whole = (moment)(column_mean[0], column_spread ? column_spread[0] : 0.0f);
  for (int k = 0; s.c > 1 && k < s.c; k += STRIP, ++strips) {
    const int width = min(STRIP, s.c - k);
    moment m = folded_strip(shared, column_mean + k, column_spread ? column_spread + k : 0, width,
                            exists, s.s);
    int b = 0, elements = width * s.s;
    for (; strips >> b & 1; ++b) {
      m = merged(level[b], m, (float)count[b], (float)elements);
      elements += count[b];
    }
    level[b] = m;
    count[b] = elements;
  }
  int elements = 0;
  for (int b = 0; strips >> b; ++b) {
    if (!(strips >> b & 1)) continue;
    whole = elements ? merged(level[b], whole, (float)count[b], (float)elements) : level[b];
    elements += count[b];
  }
  if (!exists || lane() != 0) return;
  mean[mean_start + group] = s.s * s.c == 0 ? NAN : whole.x;
  variance[variance_start + group] = s.s * s.c == 0 ? NAN : whole.y / (float)(s.s * s.c);
}

// --- the map and its gradient ---

typedef VECTOR(float, CK_WIDTH) reals;
SOME_OF(reals, float, CK_WIDTH)

// What each of CK_WIDTH elements of x from `first` on, of which `rest` exist, takes of its group:
// the same for all of one group, else neighbours, or each its own.
CK_INLINE reals of_groups(__global const float *p, int first, int rest,
                          const ck_normalize_shape *s) {
  const int columns = columns_of(s), column = first % columns;
  const int row_start = first / columns / s->s * s->g;
  if (s->c == 1 && columns % CK_WIDTH == 0) return reals_some(p + row_start + column, rest);
  if (s->c % CK_WIDTH == 0) return (reals)p[row_start + column / s->c];
  float some[CK_WIDTH];
  for (int e = 0; e < CK_WIDTH; ++e) {
    const int i = first + min(e, rest - 1);
    some[e] = p[i / columns / s->s * s->g + i % columns / s->c];
  }
  return LOAD(CK_WIDTH, some);
}

// What each of them takes of its column.
CK_INLINE reals of_columns(__global const float *p, int first, int rest,
                           const ck_normalize_shape *s) {
  const int columns = columns_of(s);
  if (columns % CK_WIDTH == 0) return reals_some(p + first % columns, rest);
  float some[CK_WIDTH];
  for (int e = 0; e < CK_WIDTH; ++e) some[e] = p[(first + min(e, rest - 1)) % columns];
  return LOAD(CK_WIDTH, some);
}

// An item takes CK_WIDTH elements. Null scale and shift are 1 and 0.
CK_KERNEL void normalize_map(const ck_normalize_shape s, __global const float *x,
                             const ulong x_start, __global const float *mean,
                             const ulong mean_start, __global const float *variance,
                             const ulong variance_start, __global const float *scale,
                             const ulong scale_start, __global const float *shift,
                             const ulong shift_start, __global float *y, const ulong y_start) {
  const int first = first_element(), rest = s.n * s.s * columns_of(&s) - first;
  if (rest <= 0) return;
  reals factor = 1.0f / sqrt(of_groups(variance + variance_start, first, rest, &s) + s.epsilon);
  if (scale) factor *= of_columns(scale + scale_start, first, rest, &s);
  reals offset = 0.0f;
  if (shift) offset = of_columns(shift + shift_start, first, rest, &s);
  const reals centred =
      reals_some(x + x_start + first, rest) - of_groups(mean + mean_start, first, rest, &s);
  reals_keep(fma(centred, factor, offset), y + y_start + first, rest);
}

// Of CK_COLUMNS columns from `column` on in a row of x, what their groups have.
CK_INLINE strip of_strip(__global const float *p, int row, int column, int width,
                         const ck_normalize_shape *s) {
  p += row / s->s * s->g;
  if (s->c == 1) return strip_some(p + column, width);
  float some[CK_COLUMNS];
  for (int e = 0; e < CK_COLUMNS; ++e) some[e] = p[(column + min(e, width - 1)) / s->c];
  return LOAD(CK_COLUMNS, some);
}

// The sums of dy, and of dy times the normalised x, down `rows` rows each: an item takes CK_COLUMNS
// columns of a leaf. sum and product are [rows of x / rows, leaf_count, columns].
CK_KERNEL void backward_leaves(const ck_normalize_shape s, const int rows, const int leaf_count,
                               __global const float *restrict x, const ulong x_start,
                               __global const float *restrict mean, const ulong mean_start,
                               __global const float *restrict variance, const ulong variance_start,
                               __global const float *restrict dy, const ulong dy_start,
                               __global float *restrict sum, const ulong sum_start,
                               __global float *restrict product, const ulong product_start,
                               const int count) {
  const int columns = columns_of(&s), strips = strips_of(&s), i = get_global_id(0);
  if (i >= count) return;
  const int column = i % strips * CK_COLUMNS, width = columns - column, leaf = i / strips;
  const int begin = leaf / leaf_count * rows;
  const int first = leaf % leaf_count * LEAF_ROWS, last = min(first + LEAF_ROWS, rows);
  strip plain = 0.0f, with_z = 0.0f, centre = 0.0f, inverse = 0.0f;
  int example = -1;
  for (int row = begin + first; row < begin + last; ++row) {
    if (row / s.s != example) {
      example = row / s.s;
      centre = of_strip(mean + mean_start, row, column, width, &s);
      inverse =
          1.0f / sqrt(of_strip(variance + variance_start, row, column, width, &s) + s.epsilon);
    }
    const ulong at = (ulong)row * columns + column;
    const strip z = (strip_some(x + x_start + at, width) - centre) * inverse;
    const strip d = strip_some(dy + dy_start + at, width);
    plain += d;
    with_z = fma(d, z, with_z);
  }
  const ulong to = (ulong)leaf * columns + column;
  strip_keep(plain, sum + sum_start + to, width);
  strip_keep(with_z, product + product_start + to, width);
}

// What backward_map takes from a group: sums of scale * sum and scale * product over its columns,
// by its elements. LANES items a group; sum and product are [n, columns], a and b [n, g].
CK_KERNEL void backward_fold(const ck_normalize_shape s, __global const float *restrict sum,
                             const ulong sum_start, __global const float *restrict product,
                             const ulong product_start, __global const float *restrict scale,
                             const ulong scale_start, __global float *restrict a,
                             const ulong a_start, __global float *restrict b, const ulong b_start) {
  __local float shared[CK_GROUP];
  const int group = row_of_lanes(), exists = group < s.n * s.g;
  sum += sum_start + (ulong)group * s.c;
  product += product_start + (ulong)group * s.c;
  scale = scale ? scale + scale_start + group % s.g * s.c : scale;
  SUM_ROW(plain, STRIP, s.c, exists, part + (scale ? scale[i] * sum[i] : sum[i]));
  SUM_ROW(with_z, STRIP, s.c, exists, part + (scale ? scale[i] * product[i] : product[i]));
  if (!exists || lane() != 0) return;
  a[a_start + group] = plain / (float)(s.s * s.c);
  b[b_start + group] = with_z / (float)(s.s * s.c);
}

// dx: an item takes CK_WIDTH elements. a and b are null where the statistics are fixed.
CK_KERNEL void backward_map(const ck_normalize_shape s, __global const float *restrict x,
                            const ulong x_start, __global const float *restrict mean,
                            const ulong mean_start, __global const float *restrict variance,
                            const ulong variance_start, __global const float *restrict scale,
                            const ulong scale_start, __global const float *restrict dy,
                            const ulong dy_start, __global const float *restrict a,
                            const ulong a_start, __global const float *restrict b,
                            const ulong b_start, __global float *restrict dx,
                            const ulong dx_start) {
  const int first = first_element(), rest = s.n * s.s * columns_of(&s) - first;
  if (rest <= 0) return;
  const reals inverse =
      1.0f / sqrt(of_groups(variance + variance_start, first, rest, &s) + s.epsilon);
  const reals z =
      (reals_some(x + x_start + first, rest) - of_groups(mean + mean_start, first, rest, &s)) *
      inverse;
  reals factor = 1.0f, plain = 0.0f, with_z = 0.0f;
  if (scale) factor = of_columns(scale + scale_start, first, rest, &s);
  if (a) plain = of_groups(a + a_start, first, rest, &s);
  if (b) with_z = of_groups(b + b_start, first, rest, &s);
  const reals d = reals_some(dy + dy_start + first, rest);
  reals_keep(inverse * fma(-z, with_z, d * factor - plain), dx + dx_start + first, rest);
}
