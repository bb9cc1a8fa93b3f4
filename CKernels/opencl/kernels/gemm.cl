// Plain matrices for product.cl: C[z] = activation(op(A[z]) op(B[z]) (+ C[z]) + bias).

typedef ck_gemm_shape product_call;

#define PRODUCT_ACCUMULATE(s) (s).accumulate
#define PRODUCT_ACTIVATION(s) (s).activation
#define PRODUCT_SLOPE(s) (s).slope

CK_INLINE product_extent largest_extent(const product_call *s) {
  const product_extent e = {s->m, s->n, s->k};
  return e;
}

CK_INLINE product_extent extent(const product_call *s, int z) { return largest_extent(s); }

CK_INLINE place a_row(const product_call *s, int z, int m) {
  return at(z * s->batch_stride_a + (s->transpose_a ? m : m * s->lda), 0, 0);
}

CK_INLINE place a_step(const product_call *s, int z, int k) {
  return at(s->transpose_a ? k * s->lda : k, 0, 0);
}

CK_INLINE place b_step(const product_call *s, int z, int k) {
  return at(s->transpose_b ? k : k * s->ldb, 0, 0);
}

CK_INLINE place b_column(const product_call *s, int z, int n) {
  return at(z * s->batch_stride_b + (s->transpose_b ? n * s->ldb : n), 0, 0);
}

CK_INLINE int2 a_frame(const product_call *s) { return (int2)(1, 1); }
CK_INLINE int2 b_frame(const product_call *s) { return (int2)(1, 1); }
CK_INLINE int a_along_k(const product_call *s) { return !s->transpose_a; }
CK_INLINE int b_along_k(const product_call *s) { return s->transpose_b; }

CK_INLINE int c_row(const product_call *s, int z, int m) {
  return z * s->batch_stride_c + m * s->ldc;
}

CK_INLINE int bias_start(const product_call *s, int z) { return 0; }
