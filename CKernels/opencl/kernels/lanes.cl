// Sums and maxima along the rows of [rows, columns], in the order of the C kernels: a leaf of LEAF
// values is summed by LANES items, lane l taking values l, l + LANES, ...; the lanes fold in
// halves; leaves pair up, neighbours with neighbours, level by level. A work-group holds
// ROWS_PER_GROUP rows, LANES items each, so nothing depends on the size of the group.
#define LANES 16
#define LEAF 1024
#define ROWS_PER_GROUP (CK_GROUP / LANES)

CK_INLINE int lane(void) { return get_local_id(0) % LANES; }
CK_INLINE int row_of_lanes(void) { return get_global_id(0) / LANES; }

// The sum over the lanes of each row, known to its lane 0. `shared` has room for CK_GROUP; every
// item of the group calls.
static float folded(__local float *shared, float value) {
  const int item = get_local_id(0);
  for (int half_of_lanes = LANES / 2; half_of_lanes > 0; half_of_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    shared[item] = value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane() < half_of_lanes) value += shared[item + half_of_lanes];
  }
  return value;
}

// What lane 0 of each row knows, told to the others.
static float shared_with_row(__local float *shared, float value) {
  const int item = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  shared[item] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  return shared[item - lane()];
}

// The largest over the lanes of each row, known to all of them; a NaN wins.
static float largest_of_lanes(__local float *shared, float value) {
  const int item = get_local_id(0);
  barrier(CLK_LOCAL_MEM_FENCE);
  shared[item] = value;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int l = 0; l < LANES; ++l) {
    const float other = shared[item - lane() + l];
    if (!isnan(value) && !(other <= value)) value = other;
  }
  return value;
}

// Leaves so far: bit b of `count` says that level[b] holds the sum of 2^b of them.
typedef struct leaves {
  float level[22];
  uint count;
} leaves;

CK_INLINE void add_leaf(leaves *t, float sum) {
  int b = 0;
  for (; t->count >> b & 1; ++b) sum = t->level[b] + sum;
  t->level[b] = sum;
  ++t->count;
}

CK_INLINE float sum_of_leaves(const leaves *t) {
  int b = 0;
  if (t->count == 0) return 0.0f;
  while (!(t->count >> b & 1)) ++b;
  float sum = t->level[b];
  while (t->count >> ++b)
    if (t->count >> b & 1) sum = t->level[b] + sum;
  return sum;
}

// total = the sum over i in 0 ..< columns in leaves of leaf_length, known to all lanes of a row.
// `update` is the lane's next sum, an expression of `part`, its sum so far, and i. `exists` is 0 in
// the items of a group's rows beyond the last.
#define SUM_ROW(total, leaf_length, columns, exists, update)                   \
  leaves total##_leaves = {.count = 0};                                        \
  for (int first = 0; first < (columns); first += (leaf_length)) {             \
    const int last = (exists) ? min(first + (leaf_length), (columns)) : first; \
    float part = 0.0f;                                                         \
    for (int i = first + lane(); i < last; i += LANES) part = (update);        \
    add_leaf(&total##_leaves, folded(shared, part));                           \
  }                                                                            \
  const float total = shared_with_row(shared, sum_of_leaves(&total##_leaves))
