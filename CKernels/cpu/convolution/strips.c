#include "convolution/strips.h"

#include <string.h>

#include "sizes.h"

// The pixels of a strip: rows and columns from (top, left) of the picture on.
typedef struct window {
  int top, left, height, width;
} window;

static int reach(int taps, int step) { return (taps - 1) * step; }

static window window_of(const ck_patches *s, int first, int rows) {
  const int reach_h = reach(s->taps_h, s->tap_h), reach_w = reach(s->taps_w, s->tap_w);
  return (window){.top = first * s->step_h + s->origin_h + smaller(reach_h, 0),
                  .left = s->origin_w + smaller(reach_w, 0),
                  .height = (rows - 1) * s->step_h + larger(reach_h, -reach_h) + 1,
                  .width = (s->rows_w - 1) * s->step_w + larger(reach_w, -reach_w) + 1};
}

bool ck_has_strips(const ck_patches *s) {
  return s->channels == s->pixel && s->channels > 0 && s->channels <= CK_FEW_CHANNELS &&
         s->taps_h > 0 && (s->taps_w == 1 || s->tap_w == 1 || s->tap_w == -1);
}

int64_t ck_strip_floats(const ck_patches *s, int rows) {
  const window window = window_of(s, 0, rows);
  return (int64_t)window.height * window.width * s->channels;
}

// Copies pixels in falling order.
static void copy_mirrored(const float *x, int pixels, int channels, float *out) {
  for (x += (ptrdiff_t)(pixels - 1) * channels; pixels-- > 0; x -= channels)
    for (int c = 0; c < channels; c++) *out++ = x[c];
}

// Taps that run from right to left turn the strip's rows round.
ck_strip ck_make_strip(const ck_tiles *tiles, const ck_patches *s, int picture, int first, int rows,
                       float *room) {
  const window window = window_of(s, first, rows);
  const bool mirrored = s->taps_w > 1 && s->tap_w < 0;
  const ptrdiff_t channels = s->channels, pitch = window.width * channels;
  memset(room, 0, sizeof(float) * window.height * pitch);

  const int top = larger(window.top, 0), bottom = smaller(window.top + window.height, s->h);
  const int left = larger(window.left, 0), right = smaller(window.left + window.width, s->w);
  if (top < bottom && left < right) {
    const float *x = s->x + (((ptrdiff_t)picture * s->h + top) * s->w + left) * channels;
    const int border = mirrored ? window.left + window.width - right : left - window.left;
    float *out = room + (top - window.top) * pitch + border * channels;
    if (mirrored)
      for (int y = top; y < bottom; y++, x += s->w * channels, out += pitch)
        copy_mirrored(x, right - left, s->channels, out);
    else
      tiles->copy(x, s->w * channels, bottom - top, (right - left) * s->channels, out, pitch);
  }

  const ptrdiff_t column = s->step_w * channels;
  return (ck_strip){.start = room + (s->tap_h < 0 ? -reach(s->taps_h, s->tap_h) * pitch : 0) +
                             (mirrored ? (s->rows_w - 1) * column : 0),
                    .row = s->step_h * pitch,
                    .column = mirrored ? -column : column,
                    .tap_row = s->tap_h * pitch};
}
