// Matrix products for the table of kernels: the contract is ck_kernels.h's `gemm`.
#pragma once
#include "CKernels.h"

#define CK_DECLARE_GEMM(suffix)                                                                 \
  void ck_gemm_##suffix(const ck_gemm_shape *s, const void *a, const void *b, const void *bias, \
                        void *c, ck_pool *pool)

CK_DECLARE_GEMM(f32_reference);
CK_DECLARE_GEMM(f64_reference);
#if defined(__x86_64__)
CK_DECLARE_GEMM(f32_avx2);
CK_DECLARE_GEMM(f32_avx512);
#endif
