// The matrix product of bfloat16 factors, one chain per output.
#include "elementwise/activate.h"
#include "gemm/bfloat16.h"

typedef struct gemm_call {
  const ck_gemm_shape *shape;
  const float *a, *b, *bias;
  float *c;
} gemm_call;

// One row of one member of the batch.
static void gemm_row(void *context, int chunk, void *scratch) {
  (void)scratch;
  const gemm_call *call = context;
  const ck_gemm_shape *s = call->shape;
  const ptrdiff_t member = chunk / s->m, row = chunk % s->m;
  const ptrdiff_t a_row = s->transpose_a ? 1 : s->lda, a_column = s->transpose_a ? s->lda : 1;
  const ptrdiff_t b_row = s->transpose_b ? 1 : s->ldb, b_column = s->transpose_b ? s->ldb : 1;
  const float *a = call->a + member * s->batch_stride_a + row * a_row;
  const float *b = call->b + member * s->batch_stride_b;
  float *c = call->c + member * s->batch_stride_c + row * s->ldc;

  for (int j = 0; j < s->n; j++) {
    ck_bfloat16_sum sum = {.sum = s->accumulate ? c[j] : 0};
    for (int p = 0; p < s->k; p++)
      ck_bfloat16_add(&sum, a[p * a_column], b[p * b_row + j * b_column]);
    c[j] = ck_bfloat16_total(&sum);
    if (call->bias) c[j] += call->bias[j];
  }
  if (s->activation != CK_NO_ACTIVATION)
    ck_activate_f32_reference(s->activation, s->slope, c, s->n);
}

bool ck_gemm_bfloat16_reference(const ck_gemm_shape *s, const float *a, const float *b,
                                const float *bias, float *c, ck_pool *pool) {
  if (s->precision != CK_BFLOAT16) return false;
  gemm_call call = {.shape = s, .a = a, .b = b, .bias = bias, .c = c};
  if (s->n > 0 && s->m > 0) ck_pool_run(pool, s->batch * s->m, gemm_row, &call);
  return true;
}
