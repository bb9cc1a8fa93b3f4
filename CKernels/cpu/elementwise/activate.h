// Activations for the epilogues of other kernels: in place on `count` contiguous elements (float or
// double as the name says), the same function as the unary operation of the same name; slope as in
// ck_shapes.h.
#pragma once
#include "ck_shapes.h"

void ck_activate_f32_reference(ck_activation activation, float slope, void *values, int count);
void ck_activate_f64_reference(ck_activation activation, float slope, void *values, int count);
#if defined(__x86_64__)
void ck_activate_f32_avx2(ck_activation activation, float slope, void *values, int count);
void ck_activate_f32_avx512(ck_activation activation, float slope, void *values, int count);
#endif
