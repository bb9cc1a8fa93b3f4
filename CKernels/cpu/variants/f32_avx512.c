#include "variants/template.h"
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF

#define REAL float
#define REAL_IS_F32 1
#define REAL_IS_F64 0
#define REAL_IS_I32 0
#define CK_TWIN 1
#define NAME(op) CK_JOIN(op, f32_avx512)
#pragma clang attribute push(                                                            \
    __attribute__((                                                                      \
        target("avx512f,avx512vl,avx512bw,avx512dq,avx512cd,avx2,fma,bmi,bmi2,lzcnt"))), \
    apply_to = function)
#include "variants/templates.inc"
#pragma clang attribute pop
#endif
