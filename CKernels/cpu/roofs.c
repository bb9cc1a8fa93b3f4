// The most that the processor can do: arithmetic without memory, and memory without arithmetic.
#include "ck_roofs.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#include "gemm/amx.h"

// Two units of a latency of four or five cycles need ten chains; twelve and two factors fit AVX2's
// sixteen registers.
#define CHAINS CK_ROOF_CHAINS

// Chains of one instruction, each moved on once a round; what they come to is stored. The steps are
// assembler, so that none is merged, moved or left out.
#define CK_CHAINS(name, features, vector, set, instruction)                                 \
  __attribute__((target(features))) static void name(int64_t rounds, float *sums) {         \
    vector sum[CHAINS];                                                                     \
    const vector half = set(0.5f), one = set(1);                                            \
    for (int i = 0; i < CHAINS; i++) sum[i] = set((float)i);                                \
    for (int64_t round = 0; round < rounds; round++) {                                      \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) __asm__ volatile( \
          instruction " %2, %1, %0" : "+v"(sum[i]) : "v"(half), "v"(one));                  \
    }                                                                                       \
    memcpy(sums, sum, sizeof(sum));                                                         \
  }

// sum = half * sum + one, which comes to 2.
CK_CHAINS(avx2_fma, "avx2,fma", __m256, _mm256_set1_ps, "vfmadd213ps")
CK_CHAINS(avx512_fma, "avx512f", __m512, _mm512_set1_ps, "vfmadd213ps")
// sum += the products of two pairs of bfloat16, which are the factors' bits: (0, 1/2) and (0, 1).
CK_CHAINS(avx512_bfloat16, "avx512f,avx512bf16", __m512, _mm512_set1_ps, "vdpbf16ps")

// Six tiles of sums and two of factors are all there are. A step takes 16 cycles and its sums 52
// (Intel 64 and IA-32 Architectures Optimization Reference Manual, "Intel AMX"), so four chains
// would do.
__attribute__((target("amx-tile,amx-bf16"))) static void amx_bfloat16(int64_t rounds, float *sums) {
  alignas(64) uint32_t ones[16][16], parts[16][16];
  alignas(64) float tiles[CK_ROOF_TILES][16][16];
  for (int i = 0; i < 256; i++) {
    ones[i / 16][i % 16] = 0x3f803f80;   // 1, 1
    parts[i / 16][i % 16] = 0x3c803c80;  // 1/64, 1/64
    for (int tile = 0; tile < CK_ROOF_TILES; tile++) tiles[tile][i / 16][i % 16] = (float)tile;
  }
  _tile_loadconfig(&ck_amx_whole_tiles);
#define EACH_TILE(F) F(0) F(1) F(2) F(3) F(4) F(5)
#define LOAD(tile) _tile_loadd(tile, tiles[tile], 64);
#define STEP(tile) _tile_dpbf16ps(tile, 6, 7);
#define STORE(tile) _tile_stored(tile, tiles[tile], 64);
  EACH_TILE(LOAD)
  _tile_loadd(6, ones, 64);
  _tile_loadd(7, parts, 64);
  for (int64_t round = 0; round < rounds; round++) {
    EACH_TILE(STEP)
  }
  EACH_TILE(STORE)
  _tile_release();
  for (int tile = 0; tile < CK_ROOF_TILES; tile++)
    memcpy(sums + 16 * tile, tiles[tile][0], sizeof(tiles[tile][0]));
}

typedef struct roof_kind {
  void (*chains)(int64_t rounds, float *sums);
  int64_t flops;  // of one round
} roof_kind;

static const roof_kind kinds[] = {
    [CK_ROOF_AVX2_FMA] = {avx2_fma, CHAINS * 2 * 8},
    [CK_ROOF_AVX512_FMA] = {avx512_fma, CHAINS * 2 * 16},
    [CK_ROOF_AVX512_BFLOAT16] = {avx512_bfloat16, CHAINS * 2 * 32},
    [CK_ROOF_AMX_BFLOAT16] = {amx_bfloat16, CK_ROOF_TILES * 2 * 8192},
};

static int has(ck_roof roof) {
  switch (roof) {
    case CK_ROOF_AVX2_FMA:
      return ck_processor_isa(CK_AVX2) == CK_AVX2;
    case CK_ROOF_AVX512_FMA:
      return ck_processor_isa(CK_AVX512) == CK_AVX512;
    case CK_ROOF_AVX512_BFLOAT16:
      return ck_processor_has_bfloat16();
    case CK_ROOF_AMX_BFLOAT16:
      return ck_processor_isa(CK_AMX) == CK_AMX;
  }
  return 0;
}

int64_t ck_roof_flops_per_round(ck_roof roof) { return has(roof) ? kinds[roof].flops : 0; }

typedef struct roof_call {
  ck_roof roof;
  int64_t rounds;
  float *sums;
} roof_call;

static void roof_chunk(void *context, int chunk, void *scratch) {
  const roof_call *call = context;
  kinds[call->roof].chains(call->rounds, chunk == 0 ? call->sums : scratch);
}

void ck_roof_run(ck_pool *pool, ck_roof roof, int chunks, int64_t rounds, float *sums) {
  if (!has(roof)) return;
  roof_call call = {roof, rounds, sums};
  ck_pool_run(pool, chunks, roof_chunk, &call);
}
#else
int64_t ck_roof_flops_per_round(ck_roof roof) {
  (void)roof;
  return 0;
}

void ck_roof_run(ck_pool *pool, ck_roof roof, int chunks, int64_t rounds, float *sums) {
  (void)pool, (void)roof, (void)chunks, (void)rounds, (void)sums;
}
#endif

// Sixteen bytes, which every processor can write past its caches; the source may lie anywhere.
typedef char vector __attribute__((vector_size(16)));
typedef vector unaligned_vector __attribute__((aligned(1)));

// How far ahead the source is asked for: the fastest of 0 to 8 KiB at 512 MiB, where asking for
// nothing is a tenth slower.
#define AHEAD 4096

static void stream(char *target, const char *source, size_t bytes) {
  const size_t odd = -(uintptr_t)target % sizeof(vector);
  const size_t head = odd < bytes ? odd : bytes;
  memcpy(target, source, head);
  size_t i = head;
  for (; i + 64 <= bytes; i += 64) {
    __builtin_prefetch((const void *)((uintptr_t)source + i + AHEAD));
    for (size_t j = i; j < i + 64; j += sizeof(vector))
      __builtin_nontemporal_store(*(const unaligned_vector *)(source + j), (vector *)(target + j));
  }
  memcpy(target + i, source + i, bytes - i);
  // Such writes are not ordered with others, of which the pool's "done" is one.
  atomic_thread_fence(memory_order_seq_cst);
}

typedef struct copy_call {
  ck_roof_copying how;
  char *target;
  const char *source;
  size_t bytes, share;
} copy_call;

static void copy_chunk(void *context, int chunk, void *scratch) {
  (void)scratch;
  const copy_call *call = context;
  const size_t begin = (size_t)chunk * call->share;
  if (begin >= call->bytes) return;
  const size_t left = call->bytes - begin;
  const size_t bytes = left < call->share ? left : call->share;
  if (call->how == CK_ROOF_STREAMING)
    stream(call->target + begin, call->source + begin, bytes);
  else
    memcpy(call->target + begin, call->source + begin, bytes);
}

void ck_roof_copy(ck_pool *pool, ck_roof_copying how, void *target, const void *source,
                  size_t bytes) {
  const size_t threads = (size_t)ck_pool_threads(pool);
  copy_call call = {how, target, source, bytes, ((bytes + threads - 1) / threads + 63) / 64 * 64};
  ck_pool_run(pool, (int)threads, copy_chunk, &call);
}
