// The register tile on AVX-512: 14 rows by two vectors takes 28 of the 32 registers, leaves two for
// b and one for a.
#if defined(__x86_64__)
#include "elementwise/activate.h"
#include "gemm/bfloat16.h"
#include "gemm/product.h"
#include "sizes.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma"))), \
                             apply_to = function)
#include "gemm/vectors_avx512.h"

#define NAME(x) x##_avx512
#define TILE_STEP fuse
#define TILE_ROWS 14
#define CORRELATION_SUMS 24
#define BFLOAT16 &ck_bfloat16_avx512
#define FOR_EACH_ROW_COUNT(F) \
  F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)

#include "gemm/tiles.inc"

const ck_tiles ck_tiles_amx = TILES(&ck_bfloat16_amx, true);
const ck_tiles ck_tiles_amx_on_avx512 = TILES(&ck_bfloat16_amx_emulated, true);
#pragma clang attribute pop
#endif
