// What the processor can do, and the threads that kernels run on.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include "ck_shapes.h"

// Instruction sets with kernels of their own, in rising order. A processor that has one has those
// before it (of its family). CK_AMX is AVX-512 with AVX512_BF16 but for bfloat16 products and
// convolutions.
typedef enum ck_isa { CK_REFERENCE = 0, CK_AVX2, CK_AVX512, CK_AMX } ck_isa;

// The best instruction set of this processor and operating system up to `most`; reads no
// environment. CK_AMX only where the operating system, asked once, permits this process its tiles,
// and a product on them comes out right; else the next lower, and nothing is said. Below that
// nothing of AMX is asked or run.
ck_isa ck_processor_isa(ck_isa most);

// Whether an AVX-512 processor multiplies bfloat16 (AVX512_BF16). Decides speed, never bits.
int ck_processor_has_bfloat16(void);

// A group of threads that claim the chunks of one task at a time. The calling thread works too, so
// `threads` = 1 starts none. What a chunk is depends on the shape of the work alone, so results are
// the same at any number of threads.
typedef struct ck_pool ck_pool;

// Per-thread scratch memory that every kernel may count on, allocated (not touched) when the pool
// is made.
#define CK_SCRATCH_BYTES ((size_t)8 << 20)

// NULL when memory or threads cannot be had. threads is at least 1.
ck_pool *ck_pool_create(int threads);
void ck_pool_destroy(ck_pool *pool);
int ck_pool_threads(const ck_pool *pool);

// Runs task(context, chunk, scratch) for every chunk in 0..<chunks, in any order on any thread, and
// returns when all are done. scratch: CK_SCRATCH_BYTES, 64-byte aligned, the running thread's own;
// its contents do not outlive the chunk. One caller at a time per pool; not to be called from
// within a task.
typedef void (*ck_task)(void *context, int chunk, void *scratch);
void ck_pool_run(ck_pool *pool, int chunks, ck_task task, void *context);

// CK_SCRATCH_BYTES of the calling thread that no task gets, for partial results between two runs of
// one kernel.
void *ck_pool_shared_scratch(ck_pool *pool);

// Helpers of all pools that have nothing to do watch for work for a millisecond before they sleep;
// while anyone has asked for it, they sleep at once and leave the cores to another device's driver.
// Each `true` is taken back by one `false`.
void ck_pools_sleep_at_once(bool wanted);

// What a kernel makes of weights before it computes with them - panels of a factor, transformed
// filters - kept by who calls it, so that other calls with the same weights are spared the work.
// A kernel's `..._keeps` says how many bytes a shape takes; where that is 0, nothing is worth
// keeping. They are laid out for the kernel, its instruction set and the weights' part of the
// shape: rows of a, the number of pictures and their size may change from call to call, but not
// whether an axis of them is shorter than the stride, since what no pixel needs is not made.
typedef struct ck_kept {
  void *memory;    // 64-byte aligned
  bool is_filled;  // false: the call fills the memory, and says so here
} ck_kept;
