// The last pass of a filter gradient whose sum over positions was cut into parts.
#pragma once
#include <stddef.h>

#include "ck_runtime.h"

// out[i] = sums[i] + sums[size + i] + ..., `parts` of them (1 or more), added in rising order.
void ck_add_parts(const float *sums, int parts, ptrdiff_t size, float *out, ck_pool *pool);
