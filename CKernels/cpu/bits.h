// The bits of a float32 and back; and the one conversion of the language that needs care.
#pragma once
#include <stdint.h>
#include <string.h>

static inline uint32_t ck_bits_of_float(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static inline float ck_float_of_bits(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

// Toward zero; held to the range of int32; NaN gives 0.
static inline int32_t ck_int_of_double(double x) {
  return x != x ? 0 : x <= INT32_MIN ? INT32_MIN : x >= INT32_MAX ? INT32_MAX : (int32_t)x;
}
