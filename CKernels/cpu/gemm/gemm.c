// Matrix products on the tiles of an instruction set.
#include "gemm/product.h"
#include "variants/kernels.h"

typedef struct gemm_call {
  const ck_gemm_shape *shape;
  const float *a, *b, *bias;
  float *c;
} gemm_call;

static void describe(const void *context, int index, ck_product *product) {
  const gemm_call *call = context;
  const ck_gemm_shape *s = call->shape;
  *product = (ck_product){
      .m = s->m,
      .n = s->n,
      .k = s->k,
      .precision = s->precision,
      .a = {.kind = CK_MATRIX,
            .x = call->a + (ptrdiff_t)index * s->batch_stride_a,
            .row_step = s->transpose_a ? 1 : s->lda,
            .column_step = s->transpose_a ? s->lda : 1},
      .b = {.kind = CK_MATRIX,
            .x = call->b + (ptrdiff_t)index * s->batch_stride_b,
            .row_step = s->transpose_b ? 1 : s->ldb,
            .column_step = s->transpose_b ? s->ldb : 1},
      .c = {.x = call->c + (ptrdiff_t)index * s->batch_stride_c,
            .rows_h = 1,
            .rows_w = s->m,
            .step_w = s->ldc},
      .accumulate = s->accumulate,
      .bias = call->bias,
      .activation = s->activation,
      .slope = s->slope,
  };
}

// Whether the batch is one tall matrix times one b.
static bool is_tall(const ck_gemm_shape *s) {
  return s->batch_stride_b == 0 && !s->transpose_a && s->batch_stride_a == (int64_t)s->m * s->lda &&
         s->batch_stride_c == (int64_t)s->m * s->ldc;
}

// The call as products: the shape is changed where the batch is one tall matrix.
static gemm_call call_of(const ck_gemm_shape *s, ck_gemm_shape *shape) {
  *shape = *s;
  if (s->batch > 1 && is_tall(s)) shape->m *= shape->batch, shape->batch = 1;
  return (gemm_call){.shape = shape};
}

// A product that is one block of operands that lie well where they are: to plan its parts would
// take longer than to multiply.
#define SMALL_ROWS 64
#define SMALL_DEPTH 512
#define NEAR_STEP 1024  // a page

static bool is_small(const ck_tiles *tiles, const ck_gemm_shape *s) {
  return s->batch == 1 && s->precision == CK_FLOAT32 && s->m > 0 && s->m <= SMALL_ROWS &&
         s->n > 0 && s->n <= 2 * tiles->columns && s->k <= SMALL_DEPTH &&
         (s->transpose_b || s->ldb < NEAR_STEP);
}

// The bits are those of ck_run_products: every output is one chain however it is come by.
static void multiply_small(const ck_tiles *tiles, const gemm_call *call, ck_pool *pool) {
  ck_product p;
  describe(call, 0, &p);
  float *rows[SMALL_ROWS];
  for (int row = 0; row < p.m; row++) rows[row] = p.c.x + row * p.c.step_w;
  ck_block block = {.rows = p.m,
                    .columns = p.n,
                    .depth = p.k,
                    .a = p.a.x,
                    .a_row = p.a.row_step,
                    .a_column = p.a.column_step,
                    .b = p.b.x,
                    .b_row = p.b.row_step,
                    .b_panel = tiles->columns,
                    .c = rows,
                    .accumulate = p.accumulate,
                    .bias = p.bias,
                    .activation = p.activation,
                    .slope = p.slope};
  if (p.b.column_step != 1) {
    float *packed = ck_pool_shared_scratch(pool);
    ck_pack_b(tiles, &p.b, 0, p.k, 0, p.n, packed);
    block.b = packed, block.b_row = tiles->columns, block.b_panel = (ptrdiff_t)p.k * tiles->columns;
  }
  tiles->block(&block);
}

size_t ck_gemm_keeps_on_tiles(const ck_tiles *tiles, const ck_gemm_shape *s) {
  ck_gemm_shape shape;
  const gemm_call call = call_of(s, &shape);
  if (is_small(tiles, &shape)) return 0;
  return ck_product_keeps(
      tiles, &(ck_batch){.count = shape.batch, .describe = describe, .context = &call});
}

void ck_gemm_on_tiles(const ck_tiles *tiles, const ck_gemm_shape *s, const float *a, const float *b,
                      const float *bias, float *c, ck_kept *kept, ck_pool *pool) {
  ck_gemm_shape shape;
  gemm_call call = call_of(s, &shape);
  call.a = a, call.b = b, call.bias = bias, call.c = c;
  if (is_small(tiles, &shape)) {
    multiply_small(tiles, &call, pool);
    return;
  }
  ck_run_products(
      tiles,
      &(ck_batch){.count = shape.batch, .describe = describe, .context = &call, .kept = kept},
      pool);
}

#define DEFINE_GEMM(isa)                                                                         \
  void ck_gemm_f32_##isa(const ck_gemm_shape *s, const void *a, const void *b, const void *bias, \
                         void *c, ck_kept *kept, ck_pool *pool) {                                \
    ck_gemm_on_tiles(&ck_tiles_##isa, s, a, b, bias, c, kept, pool);                             \
  }                                                                                              \
  size_t ck_gemm_keeps_f32_##isa(const ck_gemm_shape *s) {                                       \
    return ck_gemm_keeps_on_tiles(&ck_tiles_##isa, s);                                           \
  }

#if defined(__x86_64__)
DEFINE_GEMM(avx2)
DEFINE_GEMM(avx512)
DEFINE_GEMM(amx)
DEFINE_GEMM(amx_on_avx2)
DEFINE_GEMM(amx_on_avx512)
#endif
