// Patches of pictures with few channels, read where they are.
//
// The rows of pixels that some rows of the grid of patches cover are copied into a strip with their
// border of zeros, a small part of the work where channels are few. In it a row of a patch's taps
// is contiguous, and neighbouring patches are equally far apart: products read the strip as a
// matrix.
#pragma once
#include "gemm/product.h"

// Channel c of tap (s, t) of the patch (i, j), counted from the strip's first row, is
//   start[i * row + j * column + s * tap_row + t * channels + c].
typedef struct ck_strip {
  const float *start;
  ptrdiff_t row, column, tap_row;
} ck_strip;

// Whether strips can be made: few channels, which are the whole pixel, and rows of taps without
// gaps.
bool ck_has_strips(const ck_patches *patches);

// Floats of room for a strip of so many rows of patches.
int64_t ck_strip_floats(const ck_patches *patches, int rows);

// Makes the strip of rows first..<first + rows of a picture's patches.
ck_strip ck_make_strip(const ck_tiles *tiles, const ck_patches *patches, int picture, int first,
                       int rows, float *room);
