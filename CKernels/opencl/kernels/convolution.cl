// The three passes of two-dimensional convolution as sums of products for product.cl, without an
// im2col buffer: CK_PASS says which one. Places carry the pixel that a tap reads, so what lies
// outside the picture is zero there.

#define FORWARD 0
#define INPUT_GRADIENT 1
#define FILTER_GRADIENT 2

typedef struct product_call {
  ck_conv2d_shape s;
  product_parts parts;
} product_call;

#define PRODUCT_ACCUMULATE(call) 0

#if CK_PASS == FILTER_GRADIENT
#define PRODUCT_ACTIVATION(call) CK_NO_ACTIVATION
#else
#define PRODUCT_ACTIVATION(call) (call).s.activation
#endif
#define PRODUCT_SLOPE(call) (call).s.slope

// Tap i of a filter `width` taps wide with `channels` channels: its column and row, and the channel
// it multiplies.
CK_INLINE int3 tap_at(int i, int width, int channels) {
  return (int3)(i / channels % width, i / channels / width, i % channels);
}

// Position i among pictures of h x w: its column and row, and its picture.
CK_INLINE int3 position_at(int i, int h, int w) { return (int3)(i % w, i / w % h, i / w / h); }

CK_INLINE int in_group(const ck_conv2d_shape *s) { return s->c / s->groups; }
CK_INLINE int out_group(const ck_conv2d_shape *s) { return s->oc / s->groups; }

// Where the window of output position i begins in x.
CK_INLINE place window(const ck_conv2d_shape *s, int i) {
  const int3 o = position_at(i, s->oh, s->ow);
  const int y = o.y * s->stride_h - s->pad_top, x = o.x * s->stride_w - s->pad_left;
  return at(((o.z * s->h + y) * s->w + x) * s->c, y, x);
}

// How far a tap is from the beginning of its window in x.
CK_INLINE place reach(const ck_conv2d_shape *s, int i) {
  const int3 t = tap_at(i, s->kw, in_group(s));
  const int y = t.y * s->dilation_h, x = t.x * s->dilation_w;
  return at((y * s->w + x) * s->c + t.z, y, x);
}

#if CK_PASS == FORWARD
// y [n oh ow, oc] = windows [n oh ow, kh kw c] x filter [oc, kh kw c], transposed; z = group.

typedef struct product_view {
  const product_call *call;
  const ck_conv2d_shape *s;
  int group;
} product_view;

#define A_ALONG_K 1
#define B_ALONG_K 1
#define A_FRAMED 1
#define B_FRAMED 0

CK_INLINE product_view view_of(const product_call *p, int z) {
  const product_view v = {p, &p->s, z};
  return v;
}

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const product_extent e = {s->n * s->oh * s->ow, out_group(s), s->kh * s->kw * in_group(s)};
  return e;
}

CK_INLINE product_extent extent(const product_view *v) { return largest_extent(v->call); }

CK_INLINE place a_row(const product_view *v, int m) {
  return window(v->s, m) + at(v->group * in_group(v->s), 0, 0);
}

CK_INLINE place a_step(const product_view *v, int k) { return reach(v->s, k); }
CK_INLINE place b_step(const product_view *v, int k) { return at(k, 0, 0); }

CK_INLINE place b_column(const product_view *v, int n) {
  const ck_conv2d_shape *s = v->s;
  return at((v->group * out_group(s) + n) * s->kh * s->kw * in_group(s), 0, 0);
}

CK_INLINE int2 a_frame(const product_view *v) { return (int2)(v->s->h, v->s->w); }
CK_INLINE int2 b_frame(const product_view *v) { return (int2)(1, 1); }
CK_INLINE int bias_start(const product_view *v) { return v->group * out_group(v->s); }
CK_INLINE int c_row(const product_view *v, int m) { return m * v->s->oc + bias_start(v); }
#endif

#if CK_PASS == INPUT_GRADIENT
// A pixel gets something only from the taps that agree with it modulo the stride, so pixels fall
// into stride_h x stride_w phases, each a dense product of its own: dx [pixels of the phase, c] =
// dy [.., taps of the phase x oc] x filter. z = group * phases + phase.

// One axis of a phase: its pixels are first_pixel + i * stride, its taps first_tap + j * tap_step,
// i < pixels, j < taps. Pixel i reads output first_output + i - (distance + j * distance_step).
typedef struct phase_axis {
  int first_pixel, pixels, first_output, first_tap, tap_step, taps, distance, distance_step;
} phase_axis;

CK_INLINE phase_axis axis_of(int phase, int stride, int dilation, int pad, int size, int taps) {
  phase_axis a;
  a.first_pixel = ((phase - pad) % stride + stride) % stride;
  a.pixels = a.first_pixel < size ? (size - 1 - a.first_pixel) / stride + 1 : 0;
  a.first_output = (a.first_pixel + pad) / stride;
  // Taps repeat their remainder after stride / gcd(stride, dilation) of them.
  a.tap_step = 1;
  while (a.tap_step * dilation % stride != 0) ++a.tap_step;
  a.first_tap = 0;
  while (a.first_tap < a.tap_step && a.first_tap * dilation % stride != phase) ++a.first_tap;
  const int reached = a.first_tap < a.tap_step && a.first_tap < taps;
  a.taps = reached ? (taps - 1 - a.first_tap) / a.tap_step + 1 : 0;
  a.distance = a.first_tap * dilation / stride;
  a.distance_step = a.tap_step * dilation / stride;
  return a;
}

typedef struct product_view {
  const ck_conv2d_shape *s;
  int group;
  phase_axis down, across;
} product_view;

#define A_ALONG_K 1
#define B_ALONG_K 0
#define A_FRAMED 1
#define B_FRAMED 0

CK_INLINE product_view view_of(const product_call *p, int z) {
  const ck_conv2d_shape *s = &p->s;
  product_view v;
  v.s = s;
  v.group = z / (s->stride_h * s->stride_w);
  v.down =
      axis_of(z / s->stride_w % s->stride_h, s->stride_h, s->dilation_h, s->pad_top, s->h, s->kh);
  v.across = axis_of(z % s->stride_w, s->stride_w, s->dilation_w, s->pad_left, s->w, s->kw);
  return v;
}

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const int h = (s->h + s->stride_h - 1) / s->stride_h, w = (s->w + s->stride_w - 1) / s->stride_w;
  const product_extent e = {s->n * h * w, in_group(s), s->kh * s->kw * out_group(s)};
  return e;
}

CK_INLINE product_extent extent(const product_view *v) {
  const product_extent e = {v->s->n * v->down.pixels * v->across.pixels, in_group(v->s),
                            v->down.taps * v->across.taps * out_group(v->s)};
  return e;
}

CK_INLINE place a_row(const product_view *v, int m) {
  const ck_conv2d_shape *s = v->s;
  const int3 i = position_at(m, v->down.pixels, v->across.pixels);
  const int y = v->down.first_output + i.y, x = v->across.first_output + i.x;
  return at(((i.z * s->oh + y) * s->ow + x) * s->oc + v->group * out_group(s), y, x);
}

CK_INLINE place a_step(const product_view *v, int k) {
  const ck_conv2d_shape *s = v->s;
  const int3 t = tap_at(k, v->across.taps, out_group(s));
  const int y = -(v->down.distance + t.y * v->down.distance_step);
  const int x = -(v->across.distance + t.x * v->across.distance_step);
  return at((y * s->ow + x) * s->oc + t.z, y, x);
}

CK_INLINE place b_step(const product_view *v, int k) {
  const ck_conv2d_shape *s = v->s;
  const int3 t = tap_at(k, v->across.taps, out_group(s));
  const int y = v->down.first_tap + t.y * v->down.tap_step;
  const int x = v->across.first_tap + t.x * v->across.tap_step;
  const int output = v->group * out_group(s) + t.z;
  return at(((output * s->kh + y) * s->kw + x) * in_group(s), 0, 0);
}

CK_INLINE place b_column(const product_view *v, int n) { return at(n, 0, 0); }
CK_INLINE int2 a_frame(const product_view *v) { return (int2)(v->s->oh, v->s->ow); }
CK_INLINE int2 b_frame(const product_view *v) { return (int2)(1, 1); }
CK_INLINE int bias_start(const product_view *v) { return v->group * in_group(v->s); }

CK_INLINE int c_row(const product_view *v, int m) {
  const ck_conv2d_shape *s = v->s;
  const int3 i = position_at(m, v->down.pixels, v->across.pixels);
  const int y = v->down.first_pixel + i.y * s->stride_h;
  const int x = v->across.first_pixel + i.x * s->stride_w;
  return ((i.z * s->h + y) * s->w + x) * s->c + bias_start(v);
}
#endif

#if CK_PASS == FILTER_GRADIENT
// dfilter [oc, kh kw c] = dy [positions, oc], transposed, x windows [positions, kh kw c]; z =
// group.

typedef struct product_view {
  const product_call *call;
  const ck_conv2d_shape *s;
  int group;
} product_view;

#define A_ALONG_K 0
#define B_ALONG_K 0
#define A_FRAMED 0
#define B_FRAMED 1

CK_INLINE product_view view_of(const product_call *p, int z) {
  const product_view v = {p, &p->s, z};
  return v;
}

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const product_extent e = {out_group(s), s->kh * s->kw * in_group(s), s->n * s->oh * s->ow};
  return e;
}

CK_INLINE product_extent extent(const product_view *v) { return largest_extent(v->call); }

CK_INLINE place a_row(const product_view *v, int m) {
  return at(v->group * out_group(v->s) + m, 0, 0);
}

CK_INLINE place a_step(const product_view *v, int k) { return at(k * v->s->oc, 0, 0); }
CK_INLINE place b_step(const product_view *v, int k) { return window(v->s, k); }

CK_INLINE place b_column(const product_view *v, int n) {
  return reach(v->s, n) + at(v->group * in_group(v->s), 0, 0);
}

CK_INLINE int2 a_frame(const product_view *v) { return (int2)(1, 1); }
CK_INLINE int2 b_frame(const product_view *v) { return (int2)(v->s->h, v->s->w); }
CK_INLINE int bias_start(const product_view *v) { return 0; }

CK_INLINE int c_row(const product_view *v, int m) {
  const ck_conv2d_shape *s = v->s;
  return (v->group * out_group(s) + m) * s->kh * s->kw * in_group(s);
}
#endif
