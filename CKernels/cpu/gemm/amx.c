// bfloat16 products on the tiles of the processor.
#if defined(__x86_64__)
#include "gemm/amx.h"

#include <immintrin.h>
#include <string.h>

#include "sizes.h"

#pragma clang attribute push(                                                                 \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), \
    apply_to = function)

const alignas(64) ck_amx_configuration ck_amx_whole_tiles = {
    .palette = 1,
    .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

// The tiles are registers.
typedef struct tile_file {
} tile_file;

#define START(file) _tile_loadconfig(&ck_amx_whole_tiles)
#define ZERO(file, tile) _tile_zero(tile)
#define LOAD(file, tile, from, step) _tile_loadd(tile, from, step)
#define DOT(file, sum, a, b) _tile_dpbf16ps(sum, a, b)
#define STORE(file, tile, to, step) _tile_stored(tile, to, step)
#define FINISH(file) _tile_release()

#define NAME(x) ck_amx_##x##_on_tiles
#include "gemm/amx.inc"

#pragma clang attribute pop
#endif
