// Tiles of A and B in local memory, for the loop of product.cl, which says what the macros are.

#define ITEMS (ITEMS_M * ITEMS_N)
#define COLUMNS (VECTORS * WIDTH)
#define TILE_M (ITEMS_M * TILES_M * ROWS)
#define TILE_N (ITEMS_N * TILES_N * COLUMNS)

#if !MATRIX_UNITS
#define TILE_ELEMENT float
#define AS_STAGED(load, x) (x)
#define EXCHANGE
#endif
typedef TILE_ELEMENT staged;
#define STAGED_IN_LARGEST ((int)(sizeof(float16) / sizeof(staged)))

// Lines of local memory: steps, or rows and columns.
#if A_BY_STEP
#define A_LINE (TILE_M + PAD_A)
#define A_LINES DEPTH
#define A_AT(row, step) ((step) * A_LINE + (row))
#else
#define A_LINE (DEPTH + PAD_A)
#define A_LINES TILE_M
#define A_AT(row, step) ((row) * A_LINE + (step))
#endif
#if B_BY_STEP
#define B_LINE (TILE_N + PAD_B)
#define B_LINES DEPTH
#define B_AT(column, step) ((step) * B_LINE + (column))
#else
#define B_LINE (DEPTH + PAD_B)
#define B_LINES TILE_N
#define B_AT(column, step) ((column) * B_LINE + (step))
#endif

// What loads of an operand go through: places of its indices outside the sum, and of its steps.
#if A_ALONG_K
#define A_OUTER TILE_M
#define A_STEPS (DEPTH / A_LOAD)
#else
#define A_OUTER (TILE_M / A_LOAD)
#define A_STEPS DEPTH
#endif
#if B_ALONG_K
#define B_OUTER TILE_N
#define B_STEPS (DEPTH / B_LOAD)
#else
#define B_OUTER (TILE_N / B_LOAD)
#define B_STEPS DEPTH
#endif

CK_INLINE int is_inside(place e, int2 frame) {
  return e.y >= 0 && e.y < frame.x && e.x >= 0 && e.x < frame.y;
}

// NAME##_fetch: the elements at one load's place, zero where there are none.
#define OPERAND(NAME, WIDTH_OF_LOAD, FRAMED)                                          \
  SOME_OF(NAME##_run, float, WIDTH_OF_LOAD)                                           \
  CK_INLINE VECTOR(float, WIDTH_OF_LOAD)                                              \
      NAME##_fetch(__global const float *base, place outer, place step, int2 frame) { \
    const place e = outer + step;                                                     \
    if (e.w <= 0 || (FRAMED && !is_inside(e, frame))) return 0.0f;                    \
    base += e.z;                                                                      \
    return ALIGNED ? *(__global const VECTOR(float, WIDTH_OF_LOAD) *)base             \
                   : NAME##_run_some(base, e.w);                                      \
  }
OPERAND(a, A_LOAD, A_FRAMED)
OPERAND(b, B_LOAD, B_FRAMED)

// Stores a load's elements along a line of local memory, or one to a line. The host sees to it that
// the lines of a group of items begin at multiples of a load.
#if ITEMS > 1
#define STORE_ALONG(load, to, value) \
  (*(__local VECTOR(TILE_ELEMENT, load) *)(to) = AS_STAGED(load, value))
#else
#define STORE_ALONG(load, to, value) STORE(load, AS_STAGED(load, value), to)
#endif
#define STORE_ACROSS(load, to, line, value)                              \
  {                                                                      \
    staged lanes[load];                                                  \
    STORE(load, AS_STAGED(load, value), lanes);                          \
    CK_UNROLL for (int e = 0; e < load; ++e)(to)[e * (line)] = lanes[e]; \
  }

CK_INLINE void a_stage(__local staged *tile, int outer, int step, VECTOR(float, A_LOAD) value) {
#if A_ALONG_K
  tile += A_AT(outer, step * A_LOAD);
#else
  tile += A_AT(outer * A_LOAD, step);
#endif
#if A_ALONG_K == A_BY_STEP
  STORE_ACROSS(A_LOAD, tile, A_LINE, value)
#else
  STORE_ALONG(A_LOAD, tile, value);
#endif
}

CK_INLINE void b_stage(__local staged *tile, int outer, int step, VECTOR(float, B_LOAD) value) {
#if B_ALONG_K
  tile += B_AT(outer, step * B_LOAD);
#else
  tile += B_AT(outer * B_LOAD, step);
#endif
#if B_ALONG_K == B_BY_STEP
  STORE_ACROSS(B_LOAD, tile, B_LINE, value)
#else
  STORE_ALONG(B_LOAD, tile, value);
#endif
}

// Loads of a tile by all items and by each. Load i has an index among the places of outer indices
// and one among those of steps; loads of neighbouring items are neighbours in memory.
#define A_FETCHES (A_OUTER * A_STEPS)
#define B_FETCHES (B_OUTER * B_STEPS)
#if A_ALONG_K
#define A_OUTER_OF(i) ((i) / A_STEPS)
#define A_STEP_OF(i) ((i) % A_STEPS)
#else
#define A_OUTER_OF(i) ((i) % A_OUTER)
#define A_STEP_OF(i) ((i) / A_OUTER)
#endif
#if B_ALONG_K
#define B_OUTER_OF(i) ((i) / B_STEPS)
#define B_STEP_OF(i) ((i) % B_STEPS)
#else
#define B_OUTER_OF(i) ((i) % B_OUTER)
#define B_STEP_OF(i) ((i) / B_OUTER)
#endif
#define EACH(fetches) (((fetches) + ITEMS - 1) / ITEMS)

// One tile to registers, and from there to local memory.
#define EACH_FETCH(fetches)                    \
  CK_UNROLL for (int j = 0; j < EACH(fetches); \
                 ++j) if ((fetches) % ITEMS == 0 || item + j * ITEMS < (fetches))
#define FETCH_TILE(half)                                                                   \
  EACH_FETCH(A_FETCHES)                                                                    \
  coming_a[j] = a_fetch(a, a_outer[A_OUTER_OF(item + j * ITEMS)],                          \
                        a_steps[(half) * A_STEPS + A_STEP_OF(item + j * ITEMS)], frame_a); \
  EACH_FETCH(B_FETCHES)                                                                    \
  coming_b[j] = b_fetch(b, b_outer[B_OUTER_OF(item + j * ITEMS)],                          \
                        b_steps[(half) * B_STEPS + B_STEP_OF(item + j * ITEMS)], frame_b);
#define STAGE_TILE(half)                                                    \
  EACH_FETCH(A_FETCHES)                                                     \
  a_stage(a_tile + (half) * A_LINES * A_LINE, A_OUTER_OF(item + j * ITEMS), \
          A_STEP_OF(item + j * ITEMS), coming_a[j]);                        \
  EACH_FETCH(B_FETCHES)                                                     \
  b_stage(b_tile + (half) * B_LINES * B_LINE, B_OUTER_OF(item + j * ITEMS), \
          B_STEP_OF(item + j * ITEMS), coming_b[j]);

// One tile to local memory at once. An item alone leaves out what lies beyond the product.
#if ITEMS > 1
#define A_EACH \
  for (int i = item, o, s; o = A_OUTER_OF(i), s = A_STEP_OF(i), i < A_FETCHES; i += ITEMS)
#define B_EACH \
  for (int i = item, o, s; o = B_OUTER_OF(i), s = B_STEP_OF(i), i < B_FETCHES; i += ITEMS)
#else
#define LOADS_OF(count, load, most) min(((count) + (load) - 1) / (load), most)
#define A_OUTERS LOADS_OF(last_row - first_row, A_ALONG_K ? 1 : A_LOAD, A_OUTER)
#define B_OUTERS LOADS_OF(last_column - first_column, B_ALONG_K ? 1 : B_LOAD, B_OUTER)
#define A_COUNT LOADS_OF(end - k, A_ALONG_K ? A_LOAD : 1, A_STEPS)
#define B_COUNT LOADS_OF(end - k, B_ALONG_K ? B_LOAD : 1, B_STEPS)
#if A_ALONG_K
#define A_EACH                       \
  for (int o = 0; o < A_OUTERS; ++o) \
    for (int s = 0; s < A_COUNT; ++s)
#else
#define A_EACH                      \
  for (int s = 0; s < A_COUNT; ++s) \
    for (int o = 0; o < A_OUTERS; ++o)
#endif
#if B_ALONG_K
#define B_EACH                       \
  for (int o = 0; o < B_OUTERS; ++o) \
    for (int s = 0; s < B_COUNT; ++s)
#else
#define B_EACH                      \
  for (int s = 0; s < B_COUNT; ++s) \
    for (int o = 0; o < B_OUTERS; ++o)
#endif
#endif

// The places of one tile's steps, from `first` to before `end`.
CK_INLINE void find_steps(const product_view *v, int item, int first, int end,
                          __local place *a_steps, __local place *b_steps) {
  for (int i = item; i < A_STEPS; i += ITEMS) {
    const int k = first + i * (A_ALONG_K ? A_LOAD : 1);
    a_steps[i] = k < end ? counted(a_step(v, k), A_ALONG_K ? end - k : 0) : nowhere();
  }
  for (int i = item; i < B_STEPS; i += ITEMS) {
    const int k = first + i * (B_ALONG_K ? B_LOAD : 1);
    b_steps[i] = k < end ? counted(b_step(v, k), B_ALONG_K ? end - k : 0) : nowhere();
  }
}
