// Winograd's minimal filtering (Lavin and Gray 2016, arXiv:1509.09308): a correlation of r x r taps
// done tile by tile, where a tile of 4 x 4 outputs takes (r + 3)^2 multiplications per pair of
// channels instead of 16 r^2.
//
//   y = A' [(G g G') o (B' d B)] A     for every tile, o summed over channels
//   dg = G' [sum over tiles of (B' d B) o (A dy A')] G
//
// A, B and G belong to polynomials at the points 0, +-5/8, +-3/2 and infinity for 3 taps, without
// -3/2 for 2 taps. The usual points 0, +-1, +-2 would double the error: transforms.inc has figures.
//
// A filter of stride * r taps at a stride is `stride`^2 filters of r taps at stride 1, each on
// every stride-th pixel (Huang et al. 2020, "Decomposable Winograd", arXiv:2002.00552). Such phases
// of the input are so many more channels; the phases of an input gradient are apart from each
// other.
//
// What the reference and its twins agree on is here: which shapes are done so, and the order of
// every sum. Transforms are fixed sequences of operations (transforms.inc); a product is one fma
// chain in rising (phase, channel); the filter gradient's chains run over the tiles in rising
// order, cut into ck_winograd_parts that are transformed back and then added in rising order. An
// infinity or NaN reaches all outputs of the tiles that read it.
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "ck_kernels.h"
#include "ck_winograd.h"

#define CK_WINOGRAD_MOST_POINTS 6  // along each axis
// Of channels, those of all phases together: the scratch memory has to hold what is made of them.
#define CK_WINOGRAD_MOST_DEPTH 1024

static inline int ck_winograd_points(const ck_winograd *w) {
  return CK_WINOGRAD_OUTPUTS + w->taps - 1;
}
static inline int ck_winograd_depth(const ck_winograd *w) {
  return w->step * w->step * w->channels;
}
// Whether channels are so few that all phases are transformed together, side by side.
#define CK_JOINED_PHASES 16
static inline bool ck_winograd_joins_phases(const ck_winograd *w) {
  return w->step == 2 && ck_winograd_depth(w) <= CK_JOINED_PHASES;
}
// Tiles along an axis of so many outputs.
static inline int ck_winograd_tiles(int size) {
  return (size + CK_WINOGRAD_OUTPUTS - 1) / CK_WINOGRAD_OUTPUTS;
}
static inline int ck_winograd_all_tiles(const ck_winograd *w) {
  return w->n * ck_winograd_tiles(w->rows) * ck_winograd_tiles(w->columns);
}

// L x L' for one of the matrices and a small square x, on `count` channels side by side.
typedef struct ck_transform {
  // Element (i, j) of x is x[first + i * x_h + j * x_w] where top <= i < bottom and left <= j <
  // right, else 0.
  const float *x;
  ptrdiff_t first, x_h, x_w;
  int top, bottom, left, right;
  // Element (i, j) of the result, i < rows and j < columns, goes to out[i * out_h + j * out_w].
  float *out;
  ptrdiff_t out_h, out_w;
  int rows, columns;
  int count;
  // Of CK_TO_OUTPUTS: added, or NULL; and relu, leaky relu or none.
  const float *bias;
  ck_activation activation;
  float slope;
} ck_transform;

typedef enum ck_transform_kind {
  CK_OF_INPUTS = 0,  // B' d B
  CK_OF_FILTERS,     // G g G'
  CK_TO_OUTPUTS,     // A' m A
  CK_OF_GRADIENTS,   // A dy A'
  CK_TO_FILTERS,     // G' m G
  CK_TRANSFORM_KINDS
} ck_transform_kind;

// By taps - 2 and kind.
typedef void (*ck_transforms[2][CK_TRANSFORM_KINDS])(const ck_transform *t);

// Where a tile is: picture, and its first output.
typedef struct ck_winograd_tile {
  int n, i, j;
} ck_winograd_tile;
ck_winograd_tile ck_winograd_tile_at(const ck_winograd *w, int index);

// Makes t read the pixels of a tile, of one phase (p * step + q) from a channel on.
void ck_winograd_read_inputs(const ck_winograd *w, ck_winograd_tile tile, int phase, int channel,
                             const float *x, ck_transform *t);
// Makes t read the outputs of a tile, the rest of it as zeros.
void ck_winograd_read_outputs(const ck_winograd *w, ck_winograd_tile tile, int output,
                              const float *dy, ck_transform *t);
// Makes t write the outputs of a tile.
void ck_winograd_write_outputs(const ck_winograd *w, ck_winograd_tile tile, int output, float *y,
                               ck_transform *t);
// Where the taps of one phase begin.
ptrdiff_t ck_winograd_filter_at(const ck_winograd *w, int phase, int channel, int output);
