// How one kernel text becomes a variant per element type and instruction set.
//
// A template (*.inc) is plain, branch-free C. A variant is one translation unit of this folder: it
// defines the macros below, switches the instruction set on round the includes (never by a compiler
// flag, so one build serves every processor) and includes every template through templates.inc. The
// reference is the same text without an instruction set.
//
//   REAL         element type
//   NAME(op)     ck_<op>_<dtype>_<isa>
//   CK_INDEPENDENT   before a loop: no iteration needs an earlier one's result (in place: y[i] from
//   x[i] alone). The compiler warns
//                where it cannot vectorise such a loop; empty in variants that call the C library
//   REAL_IS_F32, REAL_IS_F64, REAL_IS_I32   exactly one is 1
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "include/ck_kernels.h"
#include "elementwise/activate.h"

#define CK_JOIN_(op, variant) ck_##op##_##variant
#define CK_JOIN(op, variant) CK_JOIN_(op, variant)

// The libm functions that are single instructions where the processor has them; correctly rounded
// everywhere.
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_SQRT(x) __builtin_elementwise_sqrt(x)
#define CK_FLOOR(x) __builtin_elementwise_floor(x)

static inline uint32_t ck_bits_of_float(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}
static inline float ck_float_of_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}
#define CK_AS_UINT(x) ck_bits_of_float(x)
#define CK_AS_FLOAT(u) ck_float_of_bits(u)
#define CK_INLINE static inline
#define CK_MATH(name) NAME(name)
