#pragma once
#include "convolution/winograd.h"
#include "gemm/product.h"

// Transforms the pixels of a tile, all phases and channels: point (i, j) begins at
// out + i * out_h + j * out_w, and may take CK_JOINED_PHASES elements even if the depth is less.
void ck_transform_pixels(const ck_tiles *tiles, const ck_winograd *w, ck_winograd_tile tile,
                         const float *x, float *out, ptrdiff_t out_h, ptrdiff_t out_w);
