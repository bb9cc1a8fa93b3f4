// float16 and bfloat16 by integer arithmetic.
#pragma once
#include <stdint.h>
#include "bits.h"

static inline uint16_t ck_bfloat_of_float(float x) {
  const uint32_t u = ck_bits_of_float(x);
  const uint32_t rounded = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;
  return (uint16_t)((u & 0x7fffffffu) > 0x7f800000u ? u >> 16 | 0x40u : rounded);
}

static inline float ck_float_of_bfloat(uint16_t h) {
  const uint32_t u = (uint32_t)h << 16;
  return ck_float_of_bits((u & 0x7fffffffu) > 0x7f800000u ? u | 0x400000u : u);
}

static inline uint16_t ck_half_of_float(float x) {
  const uint32_t u = ck_bits_of_float(x), magnitude = u & 0x7fffffffu;
  // Normal results: move the exponent's bias from 127 to 15 and round 13 bits away.
  const uint32_t normal = (magnitude + 0xfffu + (magnitude >> 13 & 1u) - (112u << 23)) >> 13;
  // Denormal results: 0.5 has units of 2^-24 in its last place, so adding it rounds to them.
  const uint32_t denormal = ck_bits_of_float(ck_float_of_bits(magnitude) + 0.5f) - 0x3f000000u;
  uint32_t h = magnitude < 0x38800000u ? denormal : normal;
  h = magnitude >= 0x477ff000u ? 0x7c00u : h;  // from 65520 on: infinity
  h = magnitude > 0x7f800000u ? 0x7e00u | (magnitude >> 13 & 0x3ffu) : h;
  return (uint16_t)((u >> 16 & 0x8000u) | h);
}

static inline float ck_float_of_half(uint16_t h) {
  const uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
  const uint32_t normal = magnitude + (112u << 23);
  const uint32_t special = (magnitude | 0x7f800000u) | (magnitude > 0x0f800000u ? 0x400000u : 0u);
  const float denormal = ck_float_of_bits(magnitude + (113u << 23)) - 0x1p-14f;
  uint32_t u = magnitude < 0x00800000u ? ck_bits_of_float(denormal) : normal;
  u = magnitude >= 0x0f800000u ? special : u;
  return ck_float_of_bits(u | (uint32_t)(h & 0x8000) << 16);
}

// Rounded to odd, so that rounding the result once more, to a type at least two bits narrower,
// rounds x as if at once (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums",
// IEEE Trans. Computers 57, 2008).
static inline float ck_float_to_odd(double x) {
  const float nearest = (float)x;
  if ((double)nearest == x || x != x) return nearest;
  uint32_t u = ck_bits_of_float(nearest);
  const double magnitude = x < 0 ? -x : x;
  const double found = nearest < 0 ? -(double)nearest : (double)nearest;
  if (found > magnitude) u--;
  return ck_float_of_bits(u | 1u);
}
