// C[m, n] = activation(sum over k of A[m, k] B[k, n] + bias[n]), by tiles in local memory: the one
// loop under matrix products and all three passes of convolution. A chain of fma in rising k is
// what an output is, so the bits are those of the C kernels; where a sum is cut into parts, the
// parts are such chains, and sum_of_parts adds them in rising order.
//
// The text before this one says what A, B and C are (`view`). An element of A is found through its
// row and its step k, one of B through its step and its column: each has a place, see place.cl, and
// an element whose position falls outside the frame is zero. Plain matrices have no frame.
//   typedef ... product_call;                        the scalars; .parts.count, .parts.length
//   typedef ... product_view;                        what the places of one product depend on
//   product_extent  largest_extent(call);            of all products of a call
//   product_view    view_of(call, z);
//   product_extent  extent(view);
//   place           a_row(view, m), a_step(view, k), b_step(view, k), b_column(view, n);
//   int2            a_frame(view), b_frame(view);    height and width
//   int             c_row(view, m), bias_start(view);
//   A_ALONG_K, B_ALONG_K                             whether neighbours in memory differ in k
//   A_FRAMED, B_FRAMED                               whether there is a frame
//   PRODUCT_ACCUMULATE(call), PRODUCT_ACTIVATION(call), PRODUCT_SLOPE(call)
//
// Sizes are macros, chosen by the host, which checks that they go together; see ProductTile.swift:
//   ITEMS_M x ITEMS_N         items of a work-group
//   TILES_M x TILES_N         register tiles that an item owns. One on a GPU, whose items keep it
//                             in registers throughout; many where an item is a thread of a
//                             processor, which takes them in turn and needs no barriers
//   ROWS x (VECTORS x WIDTH)  outputs of a register tile, in vectors along n
//   DEPTH                     steps of the sum that are staged at once
//   A_LOAD, B_LOAD            elements of a load along memory
//   ALIGNED                   whether all places and counts are multiples of loads and of WIDTH
//   A_BY_STEP                 1: A lies in local memory by steps, the rows of a step side by side;
//                             0: by rows
//   B_BY_STEP                 1: B lies by steps, as vectors of columns need it; 0: by columns
//   PAD_A, PAD_B              elements between the lines of local memory, against bank conflicts
//   BUFFERS                   2: the next tile is fetched into registers while one is computed; 1
//                             where that would be no help or too many registers
//   MATRIX_UNITS              0, or what matrix_units.cl multiplies in

#if TILES_M * TILES_N == 1 || (MATRIX_UNITS && !EMULATED)
#define CK_UNROLL_ONE_TILE CK_UNROLL
#else
#define CK_UNROLL_ONE_TILE _Pragma("nounroll")
#endif

typedef VECTOR(float, WIDTH) columns;

#define TILES (TILES_M * TILES_N)
// Row i of register tile t of the item, and the first column of its vector j, from the group's
// first.
#if !MATRIX_UNITS
#define ROW_OF(t, i) (item / ITEMS_N * TILES_M * ROWS + (t) % TILES_M * ROWS + (i))
#define COLUMN_OF(t, j) (item % ITEMS_N * WIDTH + ((t) / TILES_M * VECTORS + (j)) * ITEMS_N * WIDTH)
#endif
// Where tiles are taken in turn, those of the next group and those without outputs are left out.
#define IS_BEYOND(t)             \
  (TILES > 1 && !MATRIX_UNITS && \
   (first_row + ROW_OF(t, 0) >= last_row || first_column + COLUMN_OF(t, 0) >= last_column))

// Where group g of so many begins, to which `size` rows or columns fall in whole units, as evenly
// as may be: the tiles at a product's end would else be work for one thread.
#define BEGINNING(g, groups, size, unit) (share(g, groups, ((size) + (unit) - 1) / (unit)) * (unit))
CK_INLINE int share(int g, int groups, int units) {
  return g * (units / groups) + min(g, units % groups);
}
#if TILES > 1 && ITEMS == 1
#define UNIT_M (ITEMS_M * ROWS)
#define UNIT_N (ITEMS_N * COLUMNS)
#else
#define UNIT_M TILE_M
#define UNIT_N TILE_N
#endif

SOME_OF(columns, float, WIDTH)

// The first `count` of a vector, zero beyond, and back; whole ones at once where they are aligned.
CK_INLINE columns read_columns(__global const float *p, int count) {
  return ALIGNED && count >= WIDTH ? *(__global const columns *)p : columns_some(p, count);
}
CK_INLINE void write_columns(columns y, __global float *p, int count) {
  if (ALIGNED && count >= WIDTH)
    *(__global columns *)p = y;
  else
    columns_keep(y, p, count);
}

CK_INLINE columns activated(const product_call *call, columns y) {
  if (PRODUCT_ACTIVATION(*call) == CK_NO_ACTIVATION) return y;
  float some[WIDTH];
  STORE(WIDTH, y, some);
  for (int e = 0; e < WIDTH; ++e)
    some[e] = ck_activated(PRODUCT_ACTIVATION(*call), PRODUCT_SLOPE(*call), some[e]);
  return LOAD(WIDTH, some);
}

#if !MATRIX_UNITS
CK_INLINE void multiply_step(__local const float *a_tile, __local const float *b_tile, int step,
                             columns sum[ROWS][VECTORS]) {
  columns b[VECTORS];
  CK_UNROLL for (int j = 0; j < VECTORS; ++j) b[j] =
      *(__local const columns *)(b_tile + B_AT(j * ITEMS_N * WIDTH, step));
  CK_UNROLL for (int i = 0; i < ROWS; ++i) {
    const columns a = a_tile[A_AT(i, step)];
    CK_UNROLL for (int j = 0; j < VECTORS; ++j) sum[i][j] = fma(a, b[j], sum[i][j]);
  }
}

CK_INLINE void multiply_tile(__local const float *a_tile, __local const float *b_tile, int steps,
                             columns sum[ROWS][VECTORS]) {
#if TILES == 1
  if (steps == DEPTH) {
    CK_UNROLL for (int step = 0; step < DEPTH; ++step) multiply_step(a_tile, b_tile, step, sum);
    return;
  }
#endif
  for (int step = 0; step < steps; ++step) multiply_step(a_tile, b_tile, step, sum);
}

// The item's register tiles from what is staged.
#define MULTIPLY(a_tile, b_tile, steps)                                                           \
  for (int t = 0; t < TILES; ++t)                                                                 \
    if (!IS_BEYOND(t))                                                                            \
      multiply_tile((a_tile) + A_AT(ROW_OF(t, 0), 0), (b_tile) + B_AT(COLUMN_OF(t, 0), 0), steps, \
                    sum[t]);
#endif

__kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1))) void product(
    const product_call call, __global const float *restrict a, const ulong a_start,
    __global const float *restrict b, const ulong b_start, __global const float *restrict bias,
    const ulong bias_at, __global float *restrict c, const ulong c_start) {
  // In the largest vectors that are stored or read, so that they are aligned as such.
  __local float16 a_tiles[BUFFERS * A_LINES * A_LINE / STAGED_IN_LARGEST + 1];
  __local float16 b_tiles[BUFFERS * B_LINES * B_LINE / STAGED_IN_LARGEST + 1];
  __local staged *a_tile = (__local staged *)a_tiles, *b_tile = (__local staged *)b_tiles;
  __local place a_outer[A_OUTER], b_outer[B_OUTER];
  __local place a_steps[BUFFERS * A_STEPS], b_steps[BUFFERS * B_STEPS];
  const int item = get_local_id(0);
  // Groups of one part of one product lie side by side, its column tiles innermost.
  const product_extent most = largest_extent(&call);
  const int across = (most.n + TILE_N - 1) / TILE_N, down = (most.m + TILE_M - 1) / TILE_M;
  const int group = get_group_id(0), parts = call.parts.count;
  const int part = group / across / down % parts, z = group / across / down / parts;
  const int first_row = BEGINNING(group / across % down, down, most.m, UNIT_M);
  const int first_column = BEGINNING(group % across, across, most.n, UNIT_N);
  const product_view view = view_of(&call, z);
  product_extent size = extent(&view);
  // A group beyond a product smaller than the largest has no outputs and no steps.
  if (first_row >= size.m || first_column >= size.n) size = (product_extent){0, 0, 0};
  const int last_row = min(size.m, BEGINNING(group / across % down + 1, down, most.m, UNIT_M));
  const int last_column = min(size.n, BEGINNING(group % across + 1, across, most.n, UNIT_N));
  const int begin = part * call.parts.length, end = min(begin + call.parts.length, size.k);
  const int2 frame_a = a_frame(&view), frame_b = b_frame(&view);
  a += a_start;
  b += b_start;
  c += c_start;
  if (bias) bias += bias_at + bias_start(&view);

  for (int i = item; i < A_OUTER; i += ITEMS) {
    const int m = first_row + i * (A_ALONG_K ? 1 : A_LOAD);
    a_outer[i] = m < size.m ? counted(a_row(&view, m), A_ALONG_K ? 0 : size.m - m) : nowhere();
  }
  for (int i = item; i < B_OUTER; i += ITEMS) {
    const int n = first_column + i * (B_ALONG_K ? 1 : B_LOAD);
    b_outer[i] = n < size.n ? counted(b_column(&view, n), B_ALONG_K ? 0 : size.n - n) : nowhere();
  }
  find_steps(&view, item, begin, end, a_steps, b_steps);

  EXCHANGE
  columns sum[TILES][ROWS][VECTORS];
  CK_UNROLL_ONE_TILE for (int t = 0; t < TILES; ++t) {
    if (IS_BEYOND(t)) continue;
    CK_UNROLL_ONE_TILE for (int i = 0; i < ROWS; ++i) {
      const int row = first_row + ROW_OF(t, i);
      CK_UNROLL_ONE_TILE for (int j = 0; j < VECTORS; ++j) {
        const int column = first_column + COLUMN_OF(t, j);
        sum[t][i][j] = 0.0f;
        if (PRODUCT_ACCUMULATE(call) && parts == 1 && row < size.m && column < size.n)
          sum[t][i][j] = read_columns(c + c_row(&view, row) + column, size.n - column);
      }
    }
  }

#if BUFFERS == 1
  for (int k = begin; k < end; k += DEPTH) {
    barrier(CLK_LOCAL_MEM_FENCE);
    A_EACH a_stage(a_tile, o, s, a_fetch(a, a_outer[o], a_steps[s], frame_a));
    B_EACH b_stage(b_tile, o, s, b_fetch(b, b_outer[o], b_steps[s], frame_b));
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY(a_tile, b_tile, min(DEPTH, end - k))
    find_steps(&view, item, k + DEPTH, end, a_steps, b_steps);
  }
#else
  // A tile and the places of its steps lie in the half of their buffers that its number's parity
  // says. While one tile is multiplied, the next is on its way to registers.
  VECTOR(float, A_LOAD) coming_a[EACH(A_FETCHES)];
  VECTOR(float, B_LOAD) coming_b[EACH(B_FETCHES)];
  find_steps(&view, item, begin + DEPTH, end, a_steps + A_STEPS, b_steps + B_STEPS);
  barrier(CLK_LOCAL_MEM_FENCE);
  FETCH_TILE(0)
  STAGE_TILE(0)
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int k = begin, now = 0; k < end; k += DEPTH, now ^= 1) {
    FETCH_TILE(now ^ 1)
    MULTIPLY(a_tile + now * A_LINES * A_LINE, b_tile + now * B_LINES * B_LINE, min(DEPTH, end - k))
    find_steps(&view, item, k + 2 * DEPTH, end, a_steps + now * A_STEPS, b_steps + now * B_STEPS);
    STAGE_TILE(now ^ 1)
    barrier(CLK_LOCAL_MEM_FENCE);
  }
#endif

  CK_UNROLL_ONE_TILE for (int t = 0; t < TILES; ++t) {
    if (IS_BEYOND(t)) continue;
    CK_UNROLL_ONE_TILE for (int i = 0; i < ROWS; ++i) {
      const int row = first_row + ROW_OF(t, i);
      if (row >= size.m) continue;
      __global float *line =
          c + (parts == 1 ? c_row(&view, row) : ((z * parts + part) * most.m + row) * most.n);
      CK_UNROLL_ONE_TILE for (int j = 0; j < VECTORS; ++j) {
        const int column = first_column + COLUMN_OF(t, j), rest = size.n - column;
        if (rest <= 0) continue;
        columns y = sum[t][i][j];
        if (bias) y += read_columns(bias + column, rest);
        write_columns(parts == 1 ? activated(&call, y) : y, line + column, rest);
      }
    }
  }
}

// C from the parts of its sum, [products, parts, m, n]: one item an output.
CK_KERNEL void sum_of_parts(const product_call call, const int count,
                            __global const float *restrict sums, const ulong sums_start,
                            __global const float *restrict bias, const ulong bias_at,
                            __global float *restrict c, const ulong c_start) {
  const int i = get_global_id(0);
  if (i >= count) return;
  const product_extent most = largest_extent(&call);
  const int column = i % most.n, row = i / most.n % most.m, z = i / most.n / most.m;
  const product_view view = view_of(&call, z);
  const product_extent size = extent(&view);
  if (row >= size.m || column >= size.n) return;
  sums += sums_start + ((ulong)z * call.parts.count * most.m + row) * most.n + column;
  c += c_start + c_row(&view, row) + column;
  float y = sums[0];
  for (int part = 1; part < call.parts.count; ++part) y += sums[(ulong)part * most.m * most.n];
  if (PRODUCT_ACCUMULATE(call)) y = *c + y;
  if (bias) y += bias[bias_at + bias_start(&view) + column];
  *c = ck_activated(PRODUCT_ACTIVATION(call), PRODUCT_SLOPE(call), y);
}
