// Arithmetic on sizes, for cutting work into blocks and parts.
#pragma once
#include <stdint.h>

static inline int smaller(int a, int b) { return a < b ? a : b; }
static inline int larger(int a, int b) { return a > b ? a : b; }
static inline int quotient_up(int a, int b) { return (a + b - 1) / b; }
static inline int multiple_up(int a, int b) { return quotient_up(a, b) * b; }

// Where part `index` of `parts` of `size` begins.
static inline int part_start(int size, int parts, int index) {
  return (int)((int64_t)size * index / parts);
}
