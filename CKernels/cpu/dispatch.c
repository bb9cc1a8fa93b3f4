// The tables of kernels, one per element type and instruction set.
#include "ck_amx.h"
#include "variants/kernels.h"

#define ENTRY(op, variant) .op = ck_##op##_##variant,

static const ck_kernels i32_reference = {CK_ARITHMETIC(ENTRY, i32_reference)
                                             CK_MOVEMENT(ENTRY, i32_reference)};

static const ck_kernels f64_reference = {CK_ARITHMETIC(ENTRY, f64_reference) CK_MOVEMENT(
    ENTRY, f64_reference) CK_FLOATING(ENTRY, f64_reference) CK_PRODUCTS(ENTRY, f64_reference)};

static const ck_kernels f32_reference = {CK_ARITHMETIC(ENTRY, f32_reference) CK_MOVEMENT(
    ENTRY, f32_reference) CK_FLOATING(ENTRY, f32_reference) CK_PRODUCTS(ENTRY, f32_reference)};

#if defined(__x86_64__)
static const ck_kernels f32_avx2 = {CK_ARITHMETIC(ENTRY, f32_avx2) CK_MOVEMENT(ENTRY, f32_reference)
                                        CK_FLOATING(ENTRY, f32_avx2) CK_PRODUCTS(ENTRY, f32_avx2)};

static const ck_kernels f32_avx512 = {CK_ARITHMETIC(ENTRY, f32_avx512) CK_MOVEMENT(
    ENTRY, f32_reference) CK_FLOATING(ENTRY, f32_avx512) CK_PRODUCTS(ENTRY, f32_avx512)};

static const ck_kernels f32_amx = {CK_ARITHMETIC(ENTRY, f32_avx512) CK_MOVEMENT(
    ENTRY, f32_reference) CK_FLOATING(ENTRY, f32_avx512) CK_PRODUCTS(ENTRY, f32_amx)};

static const ck_kernels f32_amx_on_avx2 = {CK_ARITHMETIC(ENTRY, f32_avx2) CK_MOVEMENT(
    ENTRY, f32_reference) CK_FLOATING(ENTRY, f32_avx2) CK_PRODUCTS(ENTRY, f32_amx_on_avx2)};

static const ck_kernels f32_amx_on_avx512 = {CK_ARITHMETIC(ENTRY, f32_avx512) CK_MOVEMENT(
    ENTRY, f32_reference) CK_FLOATING(ENTRY, f32_avx512) CK_PRODUCTS(ENTRY, f32_amx_on_avx512)};
#endif

const ck_kernels *ck_kernels_emulating_amx(ck_isa isa) {
#if defined(__x86_64__)
  if (isa == CK_AVX2 && ck_processor_isa(CK_AVX2) == CK_AVX2) return &f32_amx_on_avx2;
  if (isa == CK_AVX512 && ck_processor_has_bfloat16()) return &f32_amx_on_avx512;
#endif
  (void)isa;
  return NULL;
}

const ck_kernels *ck_kernels_for(ck_dtype dtype, ck_isa isa) {
  if (dtype == CK_F64) return &f64_reference;
  if (dtype == CK_I32) return &i32_reference;
#if defined(__x86_64__)
  if (isa == CK_AMX) return &f32_amx;
  if (isa == CK_AVX512) return &f32_avx512;
  if (isa == CK_AVX2) return &f32_avx2;
#endif
  return &f32_reference;
}
