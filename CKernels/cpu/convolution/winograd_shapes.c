// Which convolutions are done by Winograd's algorithm, and what one looks like.
#include "convolution/winograd.h"
#include "sizes.h"

static int clamped(int x, int low, int high) { return larger(low, smaller(x, high)); }

// Fewer channels on either side leave too little to multiply between the transforms.
#define FEWEST_CHANNELS 8
// But with a stride of 2 so few, whose phases are transformed together, and no more than these.
#define FEWEST_JOINED_CHANNELS 3

// The batch that is reckoned with. Never the call's own: a picture's result must not depend on the
// pictures beside it.
#define USUAL_BATCH 16

// Whether tiles take so many fewer multiplications than 16 r^2 per 16 outputs that the transforms
// are paid for. Those of the filter, made anew in every call, cost about as much as 8 tiles; those
// of the tiles about two fifths of their products. Against the direct kernels, with AVX-512, 64 to
// 256 channels gain wherever this holds.
static bool pays(const ck_conv2d_shape *s) {
  const int taps = s->kh / s->stride_h, points = CK_WINOGRAD_OUTPUTS + taps - 1;
  const int64_t outputs = (int64_t)USUAL_BATCH * s->oh * s->ow;
  const int64_t tiles = (int64_t)USUAL_BATCH * ck_winograd_tiles(s->oh) * ck_winograd_tiles(s->ow);
  return 5 * outputs * taps * taps >= 7 * (tiles + 8) * points * points;
}

// With few channels the transforms weigh as much as their products: about 12 multiplications per
// point and output. Transforms of filters do not count.
static bool pays_with_few_channels(const ck_conv2d_shape *s) {
  const int taps = s->kh / s->stride_h, points = CK_WINOGRAD_OUTPUTS + taps - 1;
  const int64_t depth = (int64_t)s->c * s->stride_h * s->stride_w;
  const int64_t tiles = (int64_t)ck_winograd_tiles(s->oh) * ck_winograd_tiles(s->ow);
  return 10 * depth * s->oh * s->ow * taps * taps >= 11 * (depth + 12) * tiles * points * points;
}

static bool is_square(const ck_conv2d_shape *s) {
  const int stride = s->stride_h;
  return s->groups == 1 && s->dilation_h == 1 && s->dilation_w == 1 && stride <= 2 &&
         s->stride_w == stride && s->kh == s->kw && (s->kh == 2 * stride || s->kh == 3 * stride);
}

static bool is_suited(const ck_conv2d_shape *s) {
  return is_square(s) && smaller(s->c, s->oc) >= FEWEST_CHANNELS &&
         larger(s->c * s->stride_h * s->stride_w, s->oc) <= CK_WINOGRAD_MOST_DEPTH && pays(s);
}

// For those passes that read pictures of few channels.
static bool is_suited_to_few(const ck_conv2d_shape *s) {
  return is_square(s) && s->stride_h == 2 && s->c >= FEWEST_JOINED_CHANNELS &&
         s->c * s->stride_h * s->stride_w <= CK_JOINED_PHASES && s->oc >= FEWEST_CHANNELS &&
         s->oc <= CK_WINOGRAD_MOST_DEPTH && pays(s) && pays_with_few_channels(s);
}

bool ck_winograd_conv2d(const ck_conv2d_shape *s, ck_winograd *w) {
  if (!is_suited(s) && !is_suited_to_few(s)) return false;
  const ptrdiff_t c = s->c, stride = s->stride_h;
  *w = (ck_winograd){.taps = s->kh / s->stride_h,
                     .n = s->n,
                     .h = s->h,
                     .w = s->w,
                     .channels = s->c,
                     .step = s->stride_h,
                     .origin_h = -s->pad_top,
                     .origin_w = -s->pad_left,
                     .rows = s->oh,
                     .columns = s->ow,
                     .outputs = s->oc,
                     .out_n = (ptrdiff_t)s->oh * s->ow * s->oc,
                     .out_h = (ptrdiff_t)s->ow * s->oc,
                     .out_w = s->oc,
                     .tap_h = stride * s->kw * c,
                     .tap_w = stride * c,
                     .phase_h = s->kw * c,
                     .phase_w = c,
                     .channel = 1,
                     .output = s->kh * s->kw * c};
  return true;
}

bool ck_winograd_filter_gradient(const ck_conv2d_shape *s, ck_winograd *w) {
  return ck_winograd_conv2d(s, w);
}

// Along one axis, the inputs phase, phase + stride, ... get the taps first + stride * t, t <
// `taps`, each from output origin + i - t: a correlation with the taps in falling order.
static void follow_phase(int phase, int stride, int taps, int pad, int *first, int *origin) {
  *first = (phase + pad) % stride;
  *origin = (phase + pad - *first) / stride - (taps - 1);
}

bool ck_winograd_input_gradient(const ck_conv2d_shape *s, int phase, ck_winograd *w) {
  if (!is_suited(s)) return false;
  const int stride = s->stride_h, taps = s->kh / stride;
  const int y = phase / stride, x = phase % stride;
  const ptrdiff_t c = s->c;
  int first_h, first_w, origin_h, origin_w;
  follow_phase(y, stride, taps, s->pad_top, &first_h, &origin_h);
  follow_phase(x, stride, taps, s->pad_left, &first_w, &origin_w);
  const int last_h = first_h + stride * (taps - 1), last_w = first_w + stride * (taps - 1);
  *w = (ck_winograd){.taps = taps,
                     .n = s->n,
                     .h = s->oh,
                     .w = s->ow,
                     .channels = s->oc,
                     .step = 1,
                     .origin_h = origin_h,
                     .origin_w = origin_w,
                     .rows = y < s->h ? (s->h - y + stride - 1) / stride : 0,
                     .columns = x < s->w ? (s->w - x + stride - 1) / stride : 0,
                     .outputs = s->c,
                     .out = ((ptrdiff_t)y * s->w + x) * c,
                     .out_n = (ptrdiff_t)s->h * s->w * c,
                     .out_h = (ptrdiff_t)stride * s->w * c,
                     .out_w = stride * c,
                     .filter = ((ptrdiff_t)last_h * s->kw + last_w) * c,
                     .tap_h = -(ptrdiff_t)stride * s->kw * c,
                     .tap_w = -stride * c,
                     .channel = s->kh * s->kw * c,
                     .output = 1};
  return true;
}

// Parts give threads something to share out; each costs a transform of the whole filter.
#define TILES_PER_PART 128
#define MOST_PARTS 64

ck_winograd_parts ck_parts_of_winograd(const ck_winograd *w) {
  const int tiles = ck_winograd_all_tiles(w);
  const int filter = w->taps * w->taps * ck_winograd_depth(w) * w->outputs;
  // The gradients of all parts are kept side by side in the shared scratch memory.
  const int room = (int)(CK_SCRATCH_BYTES / sizeof(float)) / filter;
  const int count =
      clamped((tiles + TILES_PER_PART - 1) / TILES_PER_PART, 1, clamped(room, 1, MOST_PARTS));
  const int length = larger((tiles + count - 1) / count, 1);
  return (ck_winograd_parts){.count = larger((tiles + length - 1) / length, 1), .length = length};
}

ck_winograd_tile ck_winograd_tile_at(const ck_winograd *w, int index) {
  const int tiles_w = ck_winograd_tiles(w->columns), tiles_h = ck_winograd_tiles(w->rows);
  return (ck_winograd_tile){.n = index / tiles_w / tiles_h,
                            .i = index / tiles_w % tiles_h * CK_WINOGRAD_OUTPUTS,
                            .j = index % tiles_w * CK_WINOGRAD_OUTPUTS};
}

// Elements of a tile along one axis, at first + i * step, that are inside 0..<size.
static void find_inside(int first, int step, int size, int points, int *start, int *end) {
  *start = first < 0 ? smaller((-first + step - 1) / step, points) : 0;
  *end = first < size ? smaller((size - first + step - 1) / step, points) : 0;
}

void ck_winograd_read_inputs(const ck_winograd *w, ck_winograd_tile tile, int phase, int channel,
                             const float *x, ck_transform *t) {
  const int points = ck_winograd_points(w);
  const int top = tile.i * w->step + phase / w->step + w->origin_h;
  const int left = tile.j * w->step + phase % w->step + w->origin_w;
  find_inside(top, w->step, w->h, points, &t->top, &t->bottom);
  find_inside(left, w->step, w->w, points, &t->left, &t->right);
  t->x = x;
  t->first = (((ptrdiff_t)tile.n * w->h + top) * w->w + left) * w->channels + channel;
  t->x_h = (ptrdiff_t)w->step * w->w * w->channels;
  t->x_w = (ptrdiff_t)w->step * w->channels;
}

static ptrdiff_t first_output(const ck_winograd *w, ck_winograd_tile tile, int output) {
  return w->out + tile.n * w->out_n + tile.i * w->out_h + tile.j * w->out_w + output;
}

void ck_winograd_read_outputs(const ck_winograd *w, ck_winograd_tile tile, int output,
                              const float *dy, ck_transform *t) {
  t->top = t->left = 0;
  t->bottom = smaller(w->rows - tile.i, CK_WINOGRAD_OUTPUTS);
  t->right = smaller(w->columns - tile.j, CK_WINOGRAD_OUTPUTS);
  t->x = dy;
  t->first = first_output(w, tile, output);
  t->x_h = w->out_h, t->x_w = w->out_w;
}

void ck_winograd_write_outputs(const ck_winograd *w, ck_winograd_tile tile, int output, float *y,
                               ck_transform *t) {
  t->rows = smaller(w->rows - tile.i, CK_WINOGRAD_OUTPUTS);
  t->columns = smaller(w->columns - tile.j, CK_WINOGRAD_OUTPUTS);
  t->out = y + first_output(w, tile, output);
  t->out_h = w->out_h, t->out_w = w->out_w;
}

ptrdiff_t ck_winograd_filter_at(const ck_winograd *w, int phase, int channel, int output) {
  return w->filter + phase / w->step * w->phase_h + phase % w->step * w->phase_w +
         channel * w->channel + output * w->output;
}
