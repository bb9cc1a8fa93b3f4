#include "convolution/winograd_pixels.h"

#include <string.h>

#include "sizes.h"

// Of the phases that are transformed together, those of one row take half the room.
#define RUN (CK_JOINED_PHASES / 2)

// The pixels of row y under a tile, the border as zeros.
static void read_row(const ck_winograd *w, ck_winograd_tile tile, int y, int pixels, const float *x,
                     float *row) {
  const int first = tile.j * w->step + w->origin_w;
  const int left = larger(first, 0), right = smaller(first + pixels, w->w);
  memset(row, 0, sizeof(float) * CK_WINOGRAD_MOST_POINTS * RUN);
  if (y < 0 || y >= w->h || left >= right) return;
  memcpy(row + (ptrdiff_t)(left - first) * w->channels,
         x + (((ptrdiff_t)tile.n * w->h + y) * w->w + left) * w->channels,
         sizeof(float) * (right - left) * w->channels);
}

// square [points, points, CK_JOINED_PHASES] = the phases of a tile side by side. A row of phases is
// contiguous in the picture; RUN floats are copied whatever its length, and the next row of phases
// or nobody overwrites the rest.
static void read_phases(const ck_winograd *w, ck_winograd_tile tile, const float *x,
                        float *square) {
  const int points = ck_winograd_points(w), run = w->step * w->channels;
  for (int i = 0; i < points; i++)
    for (int p = 0; p < w->step; p++) {
      float row[CK_WINOGRAD_MOST_POINTS * RUN];
      read_row(w, tile, (tile.i + i) * w->step + p + w->origin_h, points * w->step, x, row);
      for (int j = 0; j < points; j++)
        memcpy(square + (i * points + j) * CK_JOINED_PHASES + p * run, row + j * run,
               sizeof(float) * RUN);
    }
}

void ck_transform_pixels(const ck_tiles *tiles, const ck_winograd *w, ck_winograd_tile tile,
                         const float *x, float *out, ptrdiff_t out_h, ptrdiff_t out_w) {
  void (*const of_inputs)(const ck_transform *) = (*tiles->transforms)[w->taps - 2][CK_OF_INPUTS];
  const int points = ck_winograd_points(w);
  ck_transform t = {
      .out_h = out_h, .out_w = out_w, .rows = points, .columns = points, .count = w->channels};
  if (ck_winograd_joins_phases(w)) {
    float square[CK_WINOGRAD_MOST_POINTS * CK_WINOGRAD_MOST_POINTS * CK_JOINED_PHASES] = {0};
    read_phases(w, tile, x, square);
    t.x = square, t.x_h = points * CK_JOINED_PHASES, t.x_w = CK_JOINED_PHASES;
    t.bottom = t.right = points;
    t.count = CK_JOINED_PHASES;
    t.out = out;
    of_inputs(&t);
    return;
  }
  for (int phase = 0; phase < w->step * w->step; phase++) {
    ck_winograd_read_inputs(w, tile, phase, 0, x, &t);
    t.out = out + phase * w->channels;
    of_inputs(&t);
  }
}
