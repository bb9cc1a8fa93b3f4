// AMX: the step of its tiles in plain C, and what a processor's own tiles are checked against
// before anything is multiplied on them. Kernels use it by themselves; the tests see the same.
#pragma once
#include "ck_kernels.h"

#pragma clang assume_nonnull begin

// Rows of 64 bytes: float32, or pairs of bfloat16 with the first in the lower half.
#define CK_AMX_SIDE 16
typedef struct ck_amx_tile {
  uint32_t rows[CK_AMX_SIDE][CK_AMX_SIDE];
} ck_amx_tile;

// sum += a b, as TDPBF16PS does it. a: a row of the matrix has 16 pairs of its depth; b: row i has,
// of every column, pair i of the depth. With the first of every pair, and apart from them with the
// second, a chain of fma goes from 0 through the 16 in rising order; the two chains are added, and
// that to the sum. All of it rounds to nearest even, and takes denormals, before and after every
// step, as zeros of their sign. (Intel 64 and IA-32 Architectures Software Developer's Manual,
// volume 2, "TDPBF16PS", Operation.)
void ck_amx_dot(ck_amx_tile *sum, const ck_amx_tile *a, const ck_amx_tile *b);

// c [32, 32] += a [32, 48 pairs] b [48 pairs, 32]: all eight tiles, three steps of depth.
#define CK_AMX_CHECK_SIDE 32
#define CK_AMX_CHECK_PAIRS 48
typedef void (*ck_amx_product)(const uint32_t *a, const uint32_t *b, float *c);

// By the steps above, in the loops that the processor's tiles are driven by.
void ck_amx_product_emulated(const uint32_t *a, const uint32_t *b, float *c);

// Whether a product gets small whole numbers right, which no order of sums can change.
bool ck_amx_product_is_right(ck_amx_product product);

// The table of float32 whose bfloat16 products and convolutions are CK_AMX's, on emulated tiles,
// and all else an instruction set's: CK_AVX2, with operands packed in plain C, or CK_AVX512, with
// operands packed as for CK_AMX itself. NULL where that cannot be had. For tests: it is slow.
const ck_kernels *_Nullable ck_kernels_emulating_amx(ck_isa isa);

#pragma clang assume_nonnull end
