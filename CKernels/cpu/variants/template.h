// How one kernel text becomes a variant per element type and instruction set.
//
// A template (*.inc) is plain, branch-free C. A variant is one translation unit of this folder: it
// defines the macros below, switches the instruction set on round the includes (never by a compiler
// flag, so one build serves every processor) and includes every template through templates.inc. The
// reference is the same text without an instruction set.
//
//   REAL            element type
//   NAME(op)        ck_<op>_<dtype>_<isa>
//   REAL_IS_F32, REAL_IS_F64, REAL_IS_I32   exactly one is 1
//   CK_TWIN         1: has an instruction set, and leaves out what the reference does as fast
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "ck_kernels.h"
#include "bits.h"
#include "ranges.h"
#include "elementwise/activate.h"
#include "random/normal_table.h"
#include "variants/kernels.h"

// Instrumented loops stay scalar, and nobody needs to hear of it.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(undefined_behavior_sanitizer) || __has_feature(coverage_sanitizer)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif

#define CK_JOIN_(op, variant) ck_##op##_##variant
#define CK_JOIN(op, variant) CK_JOIN_(op, variant)

// The largest power of two below `leaves`, at least 2: how many of them the first half of a tree
// has. So a tree pairs neighbours, level by level, and carries an odd one up.
static inline int64_t ck_half_of_tree(int64_t leaves) {
  return (int64_t)1 << (63 - __builtin_clzll((uint64_t)leaves - 1));
}

// The libm functions that are single instructions where the processor has them; correctly rounded
// everywhere.
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_SQRT(x) __builtin_elementwise_sqrt(x)
#define CK_FLOOR(x) __builtin_elementwise_floor(x)

// Before a loop: no iteration needs an earlier one's result (in place: y[i] from x[i] alone). The
// compiler warns where it cannot vectorise such a loop.
#define CK_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

// Before a loop of a constant number of rounds over vectors that stay in registers.
#define CK_UNROLLED _Pragma("clang loop unroll(full)")

#define CK_AS_UINT(x) ck_bits_of_float(x)
#define CK_AS_FLOAT(u) ck_float_of_bits(u)
#define CK_INLINE static inline
#define CK_MATH(name) NAME(name)
