// Winograd's algorithm on the tiles of an instruction set.
#pragma once
#include "convolution/winograd.h"
#include "gemm/product.h"

// The next odd number of cache lines, in floats: rows or planes so far apart spread over all sets
// of a cache.
static inline ptrdiff_t ck_spread(ptrdiff_t floats) { return (floats + 15) / 16 * 16 | 16; }

// y = activation(the correlation of x with the filter + bias [outputs])
// kept: the transformed filters, or NULL.
void ck_run_winograd(const ck_tiles *tiles, const ck_winograd *w, const float *x,
                     const float *filter, const float *bias, ck_activation activation, float slope,
                     float *y, ck_kept *kept, ck_pool *pool);

// Bytes of its transformed filters, a multiple of 64.
size_t ck_winograd_keeps(const ck_tiles *tiles, const ck_winograd *w);

// dfilter = the gradient of the filter of a correlation.
void ck_run_winograd_filter_gradient(const ck_tiles *tiles, const ck_winograd *w, const float *x,
                                     const float *dy, float *dfilter, ck_pool *pool);
