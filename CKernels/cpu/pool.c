// The threads that kernels run on.
//
// Each thread has a share of a task's chunks, neighbours that lie where its share of the last task
// of that shape lay, so that it finds them in its own cache; when it has done them it takes what
// others have not come to. One atomic word a thread says what is left of its share: the task's
// number and how many chunks nobody has claimed. Taking one off that word is claiming a chunk, and
// it can only succeed while that task is running, so a helper that comes late, with the fields of
// an older task in hand, claims nothing.
// Who has nothing to do watches its word for a moment and then sleeps: a sleeping thread answers
// after 0.05 to 5 ms, one that watches after 0.3 us, and kernels of a training follow each other
// faster than that. Who waits for another device sleeps at once. A task of few chunks is shared by
// the first few threads: they stay awake and the others asleep.
#define _GNU_SOURCE
#include "ck_runtime.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// How long a thread with nothing to do watches before it sleeps.
#define WATCH_NANOSECONDS 1000000
// From then on it lets others on its core go first: the thread it waits for may be among them.
#define YIELD_NANOSECONDS 20000
// Looks at the word between two looks at the clock.
#define LOOKS_PER_CLOCK 32
// Large pages, where the system gives them, spare packed operands most of their address
// translation.
#define SCRATCH_ALIGNMENT ((size_t)2 << 20)

typedef struct worker {
  // Number of the task << 32 | chunks of this thread's share that nobody has claimed.
  _Alignas(64) _Atomic(uint64_t) unclaimed;
  atomic_bool asleep;  // or about to be, so that others have to wake it
  _Alignas(64) ck_pool *pool;
  pthread_t thread;
  void *scratch;
  pthread_mutex_t mutex;  // of the condition; guards no data
  pthread_cond_t woken;
} worker;

struct ck_pool {
  int threads;
  void *shared_scratch;
  worker *workers;  // [0] is the caller and has no thread
  uint32_t number;  // of the task; the caller's

  _Alignas(64) atomic_int unfinished;  // chunks not yet done

  // The running task: written while no chunk is unclaimed or unfinished.
  _Alignas(64) _Atomic(ck_task) task;
  _Atomic(void *) context;
  atomic_int chunks;

  atomic_bool stopping;
};

static atomic_int sleepers;  // who asked that helpers sleep at once

void ck_pools_sleep_at_once(bool wanted) { atomic_fetch_add(&sleepers, wanted ? 1 : -1); }

static uint32_t chunks_left(uint64_t unclaimed) { return (uint32_t)unclaimed; }

// Threads that have a share.
static int sharers(const ck_pool *pool, int chunks) {
  return chunks < pool->threads ? chunks : pool->threads;
}

// Chunks of the threads before that one; the caller's share is never the smaller.
static int share_begin(const ck_pool *pool, int thread, int chunks) {
  const int shares = sharers(pool, chunks);
  return (int)(((int64_t)chunks * thread + shares - 1) / shares);
}

static void breathe(void) {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// Watches until `ready` or the time is up; says which.
static bool watch(bool (*ready)(const worker *), const worker *self) {
  const int64_t begin = nanoseconds();
  const int64_t patience = atomic_load(&sleepers) > 0 ? 0 : WATCH_NANOSECONDS;
  int64_t waited;
  do {
    for (int i = 0; i < LOOKS_PER_CLOCK; i++) {
      if (ready(self)) return true;
      breathe();
    }
    waited = nanoseconds() - begin;
    if (waited > YIELD_NANOSECONDS) sched_yield();
  } while (waited < patience);
  return false;
}

static bool has_share(const worker *self) {
  return chunks_left(atomic_load(&self->unclaimed)) > 0 || atomic_load(&self->pool->stopping);
}

static bool is_done(const worker *self) { return atomic_load(&self->pool->unfinished) == 0; }

static void sleep_until(bool (*ready)(const worker *), worker *self) {
  pthread_mutex_lock(&self->mutex);
  atomic_store(&self->asleep, true);
  while (!ready(self)) pthread_cond_wait(&self->woken, &self->mutex);
  atomic_store(&self->asleep, false);
  pthread_mutex_unlock(&self->mutex);
}

// To be called when what it sleeps for has come.
static void wake(worker *sleeper) {
  if (!atomic_load(&sleeper->asleep)) return;
  pthread_mutex_lock(&sleeper->mutex);
  pthread_cond_signal(&sleeper->woken);
  pthread_mutex_unlock(&sleeper->mutex);
}

// Claims and runs chunks of the share of `owner` until none is left.
static void work_through(worker *owner, void *scratch) {
  ck_pool *pool = owner->pool;
  uint64_t unclaimed = atomic_load(&owner->unclaimed);
  while (chunks_left(unclaimed) > 0) {
    const ck_task task = atomic_load_explicit(&pool->task, memory_order_relaxed);
    void *context = atomic_load_explicit(&pool->context, memory_order_relaxed);
    const int chunks = atomic_load_explicit(&pool->chunks, memory_order_relaxed);
    if (!atomic_compare_exchange_weak(&owner->unclaimed, &unclaimed, unclaimed - 1)) continue;
    const int end = share_begin(pool, (int)(owner - pool->workers) + 1, chunks);
    task(context, end - (int)chunks_left(unclaimed), scratch);
    if (atomic_fetch_sub(&pool->unfinished, 1) == 1) wake(&pool->workers[0]);
    unclaimed = atomic_load(&owner->unclaimed);
  }
}

// Its own share, then what is left of the others'.
static void work(worker *self) {
  ck_pool *pool = self->pool;
  const int own = (int)(self - pool->workers);
  work_through(self, self->scratch);
  const int shares = sharers(pool, atomic_load_explicit(&pool->chunks, memory_order_relaxed));
  for (int i = 1; i < shares; i++) work_through(&pool->workers[(own + i) % shares], self->scratch);
}

static void *help(void *argument) {
  worker *self = argument;
  while (!atomic_load(&self->pool->stopping)) {
    work(self);
    if (!watch(has_share, self)) sleep_until(has_share, self);
  }
  return NULL;
}

void ck_pool_run(ck_pool *pool, int chunks, ck_task task, void *context) {
  if (chunks <= 0) return;
  worker *workers = pool->workers;
  if (chunks == 1 || pool->threads == 1) {
    for (int i = 0; i < chunks; i++) task(context, i, workers[0].scratch);
    return;
  }
  atomic_store_explicit(&pool->task, task, memory_order_relaxed);
  atomic_store_explicit(&pool->context, context, memory_order_relaxed);
  atomic_store_explicit(&pool->chunks, chunks, memory_order_relaxed);
  atomic_store_explicit(&pool->unfinished, chunks, memory_order_relaxed);
  const uint64_t number = ++pool->number;
  const int shares = sharers(pool, chunks);
  for (int i = 0; i < shares; i++) {
    const int share = share_begin(pool, i + 1, chunks) - share_begin(pool, i, chunks);
    atomic_store(&workers[i].unclaimed, number << 32 | (uint32_t)share);
  }
  for (int i = 1; i < shares; i++) wake(&workers[i]);
  work(&workers[0]);
  if (!watch(is_done, &workers[0])) sleep_until(is_done, &workers[0]);
}

void *ck_pool_shared_scratch(ck_pool *pool) { return pool->shared_scratch; }

int ck_pool_threads(const ck_pool *pool) { return pool->threads; }

static void *new_scratch(void) {
  void *scratch = aligned_alloc(SCRATCH_ALIGNMENT, CK_SCRATCH_BYTES);
#if defined(__linux__)
  if (scratch) madvise(scratch, CK_SCRATCH_BYTES, MADV_HUGEPAGE);
#endif
  return scratch;
}

// Helpers leave signals to the threads that the program made.
static bool start_helper(worker *helper) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int status = pthread_create(&helper->thread, NULL, help, helper);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return status == 0;
}

// Ends the helpers 1..<started and frees everything.
static void close_pool(ck_pool *pool, int started) {
  atomic_store(&pool->stopping, true);
  for (int i = 1; i < started; i++) wake(&pool->workers[i]);
  for (int i = 1; i < started; i++) pthread_join(pool->workers[i].thread, NULL);
  for (int i = 0; i < pool->threads; i++) {
    worker *worker = &pool->workers[i];
    pthread_cond_destroy(&worker->woken);
    pthread_mutex_destroy(&worker->mutex);
    free(worker->scratch);
  }
  free(pool->workers);
  free(pool->shared_scratch);
  free(pool);
}

ck_pool *ck_pool_create(int threads) {
  if (threads < 1) return NULL;
  ck_pool *pool = aligned_alloc(_Alignof(ck_pool), sizeof(ck_pool));
  worker *workers = aligned_alloc(_Alignof(worker), (size_t)threads * sizeof(worker));
  if (!pool || !workers) {
    free(pool);
    free(workers);
    return NULL;
  }
  *pool = (ck_pool){.threads = threads, .workers = workers, .shared_scratch = new_scratch()};
  bool complete = pool->shared_scratch != NULL;
  for (int i = 0; i < threads; i++) {
    workers[i] = (worker){.pool = pool, .scratch = new_scratch()};
    pthread_mutex_init(&workers[i].mutex, NULL);
    pthread_cond_init(&workers[i].woken, NULL);
    complete = complete && workers[i].scratch;
  }
  int started = 1;
  while (complete && started < threads && start_helper(&workers[started])) started++;
  if (!complete || started < threads) {
    close_pool(pool, started);
    return NULL;
  }
  return pool;
}

void ck_pool_destroy(ck_pool *pool) {
  if (pool) close_pool(pool, pool->threads);
}
