// Cores that threads are bound to, by Linux's calls.
#define _GNU_SOURCE
#include "ck_cores.h"

#include <errno.h>

#if defined(__linux__)
#include <sched.h>

int ck_cores_available(int *cores, int capacity) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 0;
  int found = 0;
  for (int core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, &set)) continue;
    if (found < capacity) cores[found] = core;
    found++;
  }
  return found;
}

int ck_cores_bind(int thread, const int *cores, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++) {
    if (cores[i] < 0 || cores[i] >= CPU_SETSIZE) return EINVAL;
    CPU_SET(cores[i], &set);
  }
  return sched_setaffinity(thread, sizeof(set), &set) == 0 ? 0 : errno;
}
#else
int ck_cores_available(int *cores, int capacity) {
  (void)cores, (void)capacity;
  return 0;
}

int ck_cores_bind(int thread, const int *cores, int count) {
  (void)thread, (void)cores, (void)count;
  return ENOSYS;
}
#endif
