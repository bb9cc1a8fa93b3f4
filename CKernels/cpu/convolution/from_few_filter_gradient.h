#pragma once
#include "gemm/product.h"

// sums [parts, oc, kh, kw, c] = the filter gradient of each part of the positions. False, and
// nothing is done, if the pictures have many channels.
bool ck_run_from_few_filter_gradient(const ck_tiles *tiles, const ck_conv2d_shape *s,
                                     const float *x, const float *dy, ck_position_parts parts,
                                     float *sums, ck_pool *pool);
