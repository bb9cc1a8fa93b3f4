// Plain matrices for product.cl: C[z] = activation(op(A[z]) op(B[z]) (+ C[z]) + bias). The macros
// TRANSPOSE_A and TRANSPOSE_B are those of the shape.

typedef struct product_call {
  ck_gemm_shape s;
  product_parts parts;
} product_call;

typedef struct product_view {
  const product_call *call;
  int z;
} product_view;

#define A_ALONG_K !TRANSPOSE_A
#define B_ALONG_K TRANSPOSE_B
#define A_FRAMED 0
#define B_FRAMED 0
#define PRODUCT_ACCUMULATE(call) (call).s.accumulate
#define PRODUCT_ACTIVATION(call) (call).s.activation
#define PRODUCT_SLOPE(call) (call).s.slope

CK_INLINE product_extent largest_extent(const product_call *p) {
  const product_extent e = {p->s.m, p->s.n, p->s.k};
  return e;
}

CK_INLINE product_view view_of(const product_call *p, int z) {
  const product_view v = {p, z};
  return v;
}

CK_INLINE product_extent extent(const product_view *v) { return largest_extent(v->call); }

CK_INLINE place a_row(const product_view *v, int m) {
  const ck_gemm_shape *s = &v->call->s;
  return at(v->z * s->batch_stride_a + (TRANSPOSE_A ? m : m * s->lda), 0, 0);
}

CK_INLINE place a_step(const product_view *v, int k) {
  return at(TRANSPOSE_A ? k * v->call->s.lda : k, 0, 0);
}

CK_INLINE place b_step(const product_view *v, int k) {
  return at(TRANSPOSE_B ? k : k * v->call->s.ldb, 0, 0);
}

CK_INLINE place b_column(const product_view *v, int n) {
  const ck_gemm_shape *s = &v->call->s;
  return at(v->z * s->batch_stride_b + (TRANSPOSE_B ? n * s->ldb : n), 0, 0);
}

CK_INLINE int2 a_frame(const product_view *v) { return (int2)(1, 1); }
CK_INLINE int2 b_frame(const product_view *v) { return (int2)(1, 1); }

CK_INLINE int c_row(const product_view *v, int m) {
  return v->z * v->call->s.batch_stride_c + m * v->call->s.ldc;
}

CK_INLINE int bias_start(const product_view *v) { return 0; }
