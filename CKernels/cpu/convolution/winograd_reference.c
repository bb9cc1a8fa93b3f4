#include "convolution/winograd_reference.h"

#include "convolution/winograd.h"
#include "elementwise/activate.h"

#pragma STDC FP_CONTRACT OFF

// Vectors of one.
#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define WIDTH 1
typedef float vector;
typedef bool vector_mask;
static inline vector zero(void) { return 0; }
static inline vector load(const float *x) { return *x; }
static inline void store(float *x, vector v) { *x = v; }
static inline vector broadcast(const float *x) { return *x; }
static inline vector constant(float x) { return x; }
static inline vector fuse(vector a, vector b, vector c) {
  return __builtin_elementwise_fma(a, b, c);
}
static inline vector add(vector a, vector b) { return a + b; }
static inline vector subtract(vector a, vector b) { return a - b; }
static inline vector multiply(vector a, vector b) { return a * b; }
static inline vector relu(vector x) { return x <= 0 ? 0 : x; }
static inline vector leaky_relu(vector x, vector slope) { return x > 0 ? x : slope * x; }
static inline vector_mask first(int count) { return count > 0; }
static inline vector load_some(const float *x, vector_mask m) { return m ? *x : 0; }
static inline void store_some(float *x, vector_mask m, vector v) {
  if (m) *x = v;
}
#include "convolution/transforms.inc"

#define MOST_SQUARES (CK_WINOGRAD_MOST_POINTS * CK_WINOGRAD_MOST_POINTS)

typedef struct call {
  ck_winograd winograd;
  const float *x, *filter, *bias, *dy;
  float *y, *dfilter;
  ck_activation activation;
  float slope;
} call;

// A transform of one channel, from or to points in a row.
static ck_transform of_points(const ck_winograd *w) {
  const int points = ck_winograd_points(w);
  return (ck_transform){.x_h = points,
                        .x_w = 1,
                        .bottom = points,
                        .right = points,
                        .out_h = points,
                        .out_w = 1,
                        .rows = points,
                        .columns = points,
                        .count = 1};
}

static void read_filter(const call *call, int output, int d, float *points) {
  const ck_winograd *w = &call->winograd;
  ck_transform t = of_points(w);
  t.x = call->filter;
  t.first = ck_winograd_filter_at(w, d / w->channels, d % w->channels, output);
  t.x_h = w->tap_h, t.x_w = w->tap_w;
  t.bottom = t.right = w->taps;
  t.out = points;
  transforms[w->taps - 2][CK_OF_FILTERS](&t);
}

static void read_inputs(const call *call, ck_winograd_tile tile, int d, float *points) {
  const ck_winograd *w = &call->winograd;
  ck_transform t = of_points(w);
  ck_winograd_read_inputs(w, tile, d / w->channels, d % w->channels, call->x, &t);
  t.out = points;
  transforms[w->taps - 2][CK_OF_INPUTS](&t);
}

// All results of one output channel.
static void correlate(void *context, int output, void *scratch) {
  const call *call = context;
  const ck_winograd *w = &call->winograd;
  const int depth = ck_winograd_depth(w), squares = ck_winograd_points(w) * ck_winograd_points(w);
  float *filters = scratch;  // [depth, squares]
  for (int d = 0; d < depth; d++) read_filter(call, output, d, filters + d * squares);

  for (int i = 0; i < ck_winograd_all_tiles(w); i++) {
    const ck_winograd_tile tile = ck_winograd_tile_at(w, i);
    float sums[MOST_SQUARES] = {0}, inputs[MOST_SQUARES];
    for (int d = 0; d < depth; d++) {
      read_inputs(call, tile, d, inputs);
      for (int k = 0; k < squares; k++)
        sums[k] = fuse(inputs[k], filters[d * squares + k], sums[k]);
    }
    ck_transform t = of_points(w);
    t.x = sums;
    t.bias = call->bias ? call->bias + output : NULL;
    ck_winograd_write_outputs(w, tile, output, call->y, &t);
    transforms[w->taps - 2][CK_TO_OUTPUTS](&t);
    for (int r = 0; r < t.rows; r++)
      for (int c = 0; c < t.columns; c++)
        if (call->activation != CK_NO_ACTIVATION)
          ck_activate_f32_reference(call->activation, call->slope,
                                    t.out + r * t.out_h + c * t.out_w, 1);
  }
}

// The filter gradient's sums over one part's tiles, for one output channel: sums [depth, squares].
static void sum_part(const call *call, int output, int first, int last, float *sums) {
  const ck_winograd *w = &call->winograd;
  const int depth = ck_winograd_depth(w), squares = ck_winograd_points(w) * ck_winograd_points(w);
  for (int i = 0; i < depth * squares; i++) sums[i] = 0;
  for (int i = first; i < last; i++) {
    const ck_winograd_tile tile = ck_winograd_tile_at(w, i);
    float gradients[MOST_SQUARES], inputs[MOST_SQUARES];
    ck_transform t = of_points(w);
    ck_winograd_read_outputs(w, tile, output, call->dy, &t);
    t.out = gradients;
    transforms[w->taps - 2][CK_OF_GRADIENTS](&t);
    for (int d = 0; d < depth; d++) {
      read_inputs(call, tile, d, inputs);
      for (int k = 0; k < squares; k++)
        sums[d * squares + k] = fuse(gradients[k], inputs[k], sums[d * squares + k]);
    }
  }
}

// The gradient of one output's filter.
static void differentiate(void *context, int output, void *scratch) {
  const call *call = context;
  const ck_winograd *w = &call->winograd;
  const int depth = ck_winograd_depth(w), squares = ck_winograd_points(w) * ck_winograd_points(w);
  const int tiles = ck_winograd_all_tiles(w), taps = w->taps;
  const ck_winograd_parts parts = ck_parts_of_winograd(w);
  float *sums = scratch;
  for (int part = 0; part < parts.count; part++) {
    const int start = part * parts.length;
    sum_part(call, output, start, part + 1 < parts.count ? start + parts.length : tiles, sums);
    for (int d = 0; d < depth; d++) {
      float filter[9];
      ck_transform t = of_points(w);
      t.x = sums + d * squares;
      t.out = filter, t.out_h = taps;
      t.rows = t.columns = taps;
      transforms[taps - 2][CK_TO_FILTERS](&t);
      float *out =
          call->dfilter + ck_winograd_filter_at(w, d / w->channels, d % w->channels, output);
      for (int s = 0; s < taps; s++)
        for (int u = 0; u < taps; u++) {
          float *to = out + s * w->tap_h + u * w->tap_w;
          *to = part ? *to + filter[s * taps + u] : filter[s * taps + u];
        }
    }
  }
}

bool ck_winograd_conv2d_reference(const ck_conv2d_shape *s, const float *x, const float *filter,
                                  const float *bias, float *y, ck_pool *pool) {
  call call = {.x = x,
               .filter = filter,
               .bias = bias,
               .y = y,
               .activation = s->activation,
               .slope = s->slope};
  if (!ck_winograd_conv2d(s, &call.winograd)) return false;
  ck_pool_run(pool, s->oc, correlate, &call);
  return true;
}

bool ck_winograd_input_gradient_reference(const ck_conv2d_shape *s, const float *dy,
                                          const float *filter, const float *bias, float *dx,
                                          ck_pool *pool) {
  call call = {.x = dy,
               .filter = filter,
               .bias = bias,
               .y = dx,
               .activation = s->activation,
               .slope = s->slope};
  for (int phase = 0; phase < s->stride_h * s->stride_w; phase++) {
    if (!ck_winograd_input_gradient(s, phase, &call.winograd)) return false;
    ck_pool_run(pool, s->c, correlate, &call);
  }
  return true;
}

bool ck_winograd_filter_gradient_reference(const ck_conv2d_shape *s, const float *x,
                                           const float *dy, float *dfilter, ck_pool *pool) {
  call call = {.x = x, .dy = dy, .dfilter = dfilter};
  if (!ck_winograd_filter_gradient(s, &call.winograd)) return false;
  ck_pool_run(pool, s->oc, differentiate, &call);
  return true;
}
