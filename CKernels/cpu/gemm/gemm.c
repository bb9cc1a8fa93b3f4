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

void ck_gemm_on_tiles(const ck_tiles *tiles, const ck_gemm_shape *s, const float *a, const float *b,
                      const float *bias, float *c, ck_pool *pool) {
  ck_gemm_shape shape = *s;
  if (s->batch > 1 && is_tall(s)) shape.m *= shape.batch, shape.batch = 1;
  const gemm_call call = {.shape = &shape, .a = a, .b = b, .bias = bias, .c = c};
  ck_run_products(tiles, &(ck_batch){.count = shape.batch, .describe = describe, .context = &call},
                  pool);
}

#define DEFINE_GEMM(isa)                                                                         \
  void ck_gemm_f32_##isa(const ck_gemm_shape *s, const void *a, const void *b, const void *bias, \
                         void *c, ck_pool *pool) {                                               \
    ck_gemm_on_tiles(&ck_tiles_##isa, s, a, b, bias, c, pool);                                   \
  }

#if defined(__x86_64__)
DEFINE_GEMM(avx2)
DEFINE_GEMM(avx512)
DEFINE_GEMM(amx)
DEFINE_GEMM(amx_on_avx2)
DEFINE_GEMM(amx_on_avx512)
#endif
