// What this machine can do at most, so that a kernel's speed can be told as a share of it. No
// kernel uses these; benchmarks do.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "ck_runtime.h"

// Arithmetic in registers alone: as many independent chains of one instruction as hide its latency.
typedef enum ck_roof {
  CK_ROOF_AVX2_FMA = 0,     // vfmadd on 8 float32
  CK_ROOF_AVX512_FMA,       // vfmadd on 16 float32
  CK_ROOF_AVX512_BFLOAT16,  // vdpbf16ps: 32 bfloat16 products into 16 float32 sums
  CK_ROOF_AMX_BFLOAT16      // tdpbf16ps: 8192 bfloat16 products into 256 float32 sums
} ck_roof;

// Multiplications and additions of one round of the chains; 0 where this processor or its operating
// system has not the instruction.
int64_t ck_roof_flops_per_round(ck_roof roof);

// Runs `rounds` rounds in each of `chunks` chunks over the pool: chunks * rounds *
// ck_roof_flops_per_round(roof) flops, or nothing where that is 0. The first chunk leaves what its
// chains came to in `sums`: CK_ROOF_CHAINS vectors of float32, or of CK_ROOF_TILES tiles the first
// 16. Chain i begins at i; a round of vfmadd makes s / 2 + 1 of s, one of vdpbf16ps or tdpbf16ps
// s + 1 / 2.
#define CK_ROOF_CHAINS 12
#define CK_ROOF_TILES 6
void ck_roof_run(ck_pool *pool, ck_roof roof, int chunks, int64_t rounds, float *sums);

// Ways to copy, of which none is the fastest at every size.
typedef enum ck_roof_copying {
  CK_ROOF_MEMCPY = 0,  // the fastest while source and target fit the caches
  CK_ROOF_STREAMING    // writes past the caches, so that no line is read that is to be overwritten
} ck_roof_copying;

// target[0 ..< bytes] = source[0 ..< bytes], an equal share a thread. They do not overlap.
void ck_roof_copy(ck_pool *pool, ck_roof_copying how, void *target, const void *source,
                  size_t bytes);
