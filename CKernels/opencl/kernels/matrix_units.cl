// How product.cl multiplies on the matrix units of NVIDIA's GPUs (compute capability 8.0 on), which
// OpenCL C reaches through the instructions of PTX: mma.sync.aligned.m16n8k8 on tf32 and m16n8k16
// on bfloat16, both with float32 sums ("Parallel Thread Execution ISA", 9.7.14). A host that has
// not seen them give right results does not use them.
//
// MATRIX_UNITS is TF32 or BFLOAT16: what factors are rounded to while they are staged, to nearest,
// ties of tf32 away from zero and of bfloat16 to even. A tile of local memory is lines of words of
// 32 bits along k, of one tf32 or two bfloat16. An instruction takes 8 words of 16 rows and 8
// columns; 32 items (a warp) share its operands and results. With g = lane / 4 and t = lane % 4,
// an item has
//   A   words t and t + 4 of rows g and g + 8: a0 (g, t), a1 (g + 8, t), a2 (g, t + 4), a3
//   B   words t and t + 4 of column g: b0, b1
//   C   columns 2 t and 2 t + 1 of rows g and g + 8,
// which makes C a register tile of two rows eight apart and one vector of two columns. So
//   ITEMS_M, ITEMS_N   8 and 4 times the warps down and across
//   TILES_M, TILES_N   instructions of a warp down and across; ROWS 2, VECTORS 1, WIDTH 2
//   PAD_A, PAD_B       4 words, so that the 32 words that a warp reads lie in 32 banks
// EMULATED 1 does the same in plain C, to check all this on any device.

#define TF32 1
#define BFLOAT16 2

#if MATRIX_UNITS
#if MATRIX_UNITS == TF32
#define TILE_ELEMENT float
#define WORDS DEPTH
#define MATRIX_INSTRUCTION "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32"
#else
#define TILE_ELEMENT ushort
#define WORDS (DEPTH / 2)
#define MATRIX_INSTRUCTION "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"
#endif

// A float32 as it is staged; a NaN stays one by the bits that the instruction reads.
#if MATRIX_UNITS == TF32
CK_INLINE float staged_float(float x) {
  return as_float((isnan(x) ? as_uint(x) | 0x400000u : as_uint(x) + 0x1000u) & ~0x1fffu);
}
#else
CK_INLINE ushort staged_float(float x) {
  const uint bits = as_uint(x);
  if (isnan(x)) return (ushort)((bits >> 16) | 0x40u);
  return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}
#endif
#define STAGED_VECTOR(load)                                                            \
  CK_INLINE VECTOR(TILE_ELEMENT, load) CK_JOIN(staged_, load)(VECTOR(float, load) x) { \
    float from[load];                                                                  \
    TILE_ELEMENT to[load];                                                             \
    STORE(load, x, from);                                                              \
    for (int e = 0; e < load; ++e) to[e] = staged_float(from[e]);                      \
    return LOAD(load, to);                                                             \
  }
STAGED_VECTOR(1)
STAGED_VECTOR(4)
STAGED_VECTOR(16)
#define AS_STAGED(load, x) CK_JOIN(staged_, load)(x)

#define WARP (item / 32)
#define WARP_ROW (WARP / (ITEMS_N / 4) * TILES_M * 16)
#define WARP_COLUMN (WARP % (ITEMS_N / 4) * TILES_N * 8)
#define ROW_OF(t, i) (WARP_ROW + (t) % TILES_M * 16 + item % 32 / 4 + (i) * 8)
#define COLUMN_OF(t, j) (WARP_COLUMN + (t) / TILES_M * 8 + item % 4 * 2)

#if EMULATED
#define UNROLL_UNITS _Pragma("nounroll")
// Each item's operands of one instruction, told to the warp.
#define EXCHANGE __local uint exchange[ITEMS * 6];
#define MULTIPLY_WORDS(sum, a, b) emulated_words(sum, a, b, exchange, item)

#if MATRIX_UNITS == TF32
// The instruction reads 19 bits.
CK_INLINE float add_words(uint a, uint b, float sum) {
  return fma(as_float(a & ~0x1fffu), as_float(b & ~0x1fffu), sum);
}
#else
CK_INLINE float add_words(uint a, uint b, float sum) {
  sum = fma(as_float(a << 16), as_float(b << 16), sum);
  return fma(as_float(a & 0xffff0000u), as_float(b & 0xffff0000u), sum);
}
#endif

CK_INLINE void emulated_words(float2 sum[2][1], const uint a[4], const uint b[2],
                              __local uint *exchange, int item) {
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int i = 0; i < 4; ++i) exchange[item * 6 + i] = a[i];
  for (int i = 0; i < 2; ++i) exchange[item * 6 + 4 + i] = b[i];
  barrier(CLK_LOCAL_MEM_FENCE);
  const int first = item / 32 * 32, row = item % 32 / 4, column = item % 4 * 2;
  for (int half_of_rows = 0; half_of_rows < 2; ++half_of_rows) {
    float both[2] = {sum[half_of_rows][0].x, sum[half_of_rows][0].y};
    for (int c = 0; c < 2; ++c)
      for (int word = 0; word < 8; ++word)
        both[c] =
            add_words(exchange[(first + row * 4 + word % 4) * 6 + half_of_rows + word / 4 * 2],
                      exchange[(first + (column + c) * 4 + word % 4) * 6 + 4 + word / 4], both[c]);
    sum[half_of_rows][0] = (float2)(both[0], both[1]);
  }
}
#else
#define UNROLL_UNITS CK_UNROLL
#define EXCHANGE
#define MULTIPLY_WORDS(sum, a, b) multiply_words(sum, a, b)

// The instruction's operands are scalars: an element of a vector is none.
CK_INLINE void multiply_words(float2 sum[2][1], const uint a[4], const uint b[2]) {
  float c0 = sum[0][0].x, c1 = sum[0][0].y, c2 = sum[1][0].x, c3 = sum[1][0].y;
  __asm__ volatile(MATRIX_INSTRUCTION
                   " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                   : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3)
                   : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  sum[0][0] = (float2)(c0, c1);
  sum[1][0] = (float2)(c2, c3);
}
#endif

// The warp's register tiles from what is staged; steps beyond the last are zeros.
#define A_WORD(row, word) (((__local const uint *)a_words)[((row) * A_LINE) / PER_WORD + (word)])
#define B_WORD(column, word) \
  (((__local const uint *)b_words)[((column) * B_LINE) / PER_WORD + (word)])
#define PER_WORD (DEPTH / WORDS)
#define MULTIPLY(a_tile, b_tile, steps)                                              \
  {                                                                                  \
    __local const staged *a_words = a_tile, *b_words = b_tile;                       \
    const int g = item % 32 / 4, own = item % 4;                                     \
    UNROLL_UNITS for (int word = 0; word < WORDS; word += 8) {                       \
      uint a_held[TILES_M][4], b_held[TILES_N][2];                                   \
      UNROLL_UNITS for (int i = 0; i < TILES_M * 4; ++i) a_held[i / 4][i % 4] =      \
          A_WORD(WARP_ROW + i / 4 * 16 + g + i % 2 * 8, word + own + i % 4 / 2 * 4); \
      UNROLL_UNITS for (int j = 0; j < TILES_N * 2; ++j) b_held[j / 2][j % 2] =      \
          B_WORD(WARP_COLUMN + j / 2 * 8 + g, word + own + j % 2 * 4);               \
      UNROLL_UNITS for (int t = 0; t < TILES; ++t)                                   \
          MULTIPLY_WORDS(sum[t], a_held[t % TILES_M], b_held[t / TILES_M]);          \
    }                                                                                \
  }
#endif
