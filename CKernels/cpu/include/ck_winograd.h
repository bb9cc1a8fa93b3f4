// What Winograd's algorithm does of a convolution, for devices that do it too: the CPU's own part
// is in convolution/winograd.h.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "ck_shapes.h"

#pragma clang assume_nonnull begin

#define CK_WINOGRAD_OUTPUTS 4  // of a tile, along each axis

// One correlation at stride 1 of taps x taps. Steps are in elements.
typedef struct ck_winograd {
  int taps;
  // What is read: pictures [n, h, w, channels]. Output (i, j) has tap (s, t) of phase (p, q) on
  // the pixel ((i + s) * step + p + origin_h, (j + t) * step + q + origin_w); zeros lie outside.
  int n, h, w, channels, step, origin_h, origin_w;
  // The results: output (n, i, j), `outputs` contiguous elements, begins at
  // out + n * out_n + i * out_h + j * out_w.
  int rows, columns, outputs;
  ptrdiff_t out, out_n, out_h, out_w;
  // Tap (s, t) of phase (p, q), of one channel and output, is the filter's element
  //   filter + s * tap_h + t * tap_w + p * phase_h + q * phase_w + c * channel + o * output;
  // channel or output is 1.
  ptrdiff_t filter, tap_h, tap_w, phase_h, phase_w, channel, output;
} ck_winograd;

// Describe the passes of a convolution. False if it is to be done directly.
bool ck_winograd_conv2d(const ck_conv2d_shape *s, ck_winograd *w);
// There are stride_h * stride_w phases, together every pixel of dx; some may be empty.
bool ck_winograd_input_gradient(const ck_conv2d_shape *s, int phase, ck_winograd *w);
// As conv2d, with dy in the place of the results.
bool ck_winograd_filter_gradient(const ck_conv2d_shape *s, ck_winograd *w);

// How the filter gradient's sum over tiles is cut: parts of `length` tiles, the last maybe shorter.
typedef struct ck_winograd_parts {
  int count, length;
} ck_winograd_parts;
ck_winograd_parts ck_parts_of_winograd(const ck_winograd *w);

#pragma clang assume_nonnull end
