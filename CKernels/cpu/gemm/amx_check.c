// What tiles have to get right before they are used: small whole numbers, which are exact in
// bfloat16, and so are all their sums in float32, whatever their order.
#include <string.h>

#include "gemm/amx.h"

#define SIDE CK_AMX_CHECK_SIDE
#define PAIRS CK_AMX_CHECK_PAIRS

// -8 ... 8, of no period that is one of the tiles'.
static int number(int index) { return (int)((uint32_t)index * 2654435761u >> 16) % 17 - 8; }
static int factor_a(int row, int p) { return number(2 * PAIRS * row + p); }
static int factor_b(int p, int column) { return number(7919 + SIDE * p + column); }
static int sum_before(int row, int column) { return number(104729 + SIDE * row + column); }

static uint32_t pair_of(int first, int second) {
  return ck_bits_of_float((float)first) >> 16 | ck_bits_of_float((float)second);
}

bool ck_amx_product_is_right(ck_amx_product product) {
  alignas(64) uint32_t a[SIDE * PAIRS], b[PAIRS * SIDE];
  alignas(64) float c[SIDE * SIDE];
  for (int row = 0; row < SIDE; row++)
    for (int p = 0; p < PAIRS; p++)
      a[row * PAIRS + p] = pair_of(factor_a(row, 2 * p), factor_a(row, 2 * p + 1));
  for (int p = 0; p < PAIRS; p++)
    for (int j = 0; j < SIDE; j++)
      b[p * SIDE + j] = pair_of(factor_b(2 * p, j), factor_b(2 * p + 1, j));
  for (int i = 0; i < SIDE * SIDE; i++) c[i] = (float)sum_before(i / SIDE, i % SIDE);
  product(a, b, c);
  for (int row = 0; row < SIDE; row++)
    for (int j = 0; j < SIDE; j++) {
      int sum = sum_before(row, j);
      for (int p = 0; p < 2 * PAIRS; p++) sum += factor_a(row, p) * factor_b(p, j);
      if (ck_bits_of_float(c[row * SIDE + j]) != ck_bits_of_float((float)sum)) return false;
    }
  return true;
}
