// The three passes of two-dimensional convolution as sums of products for product.cl, without an
// im2col buffer: CK_PASS says which one. Places carry the pixel that a tap reads, so what lies
// outside the picture is zero there.

#define FORWARD 0
#define INPUT_GRADIENT 1
#define FILTER_GRADIENT 2

// part_length: positions (n, oh, ow) in one part of the filter gradient's sum.
typedef struct product_call {
  ck_conv2d_shape s;
  int part_length;
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

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const product_extent e = {s->n * s->oh * s->ow, out_group(s), s->kh * s->kw * in_group(s)};
  return e;
}

CK_INLINE product_extent extent(const product_call *p, int z) { return largest_extent(p); }

CK_INLINE place a_row(const product_call *p, int z, int m) {
  const place start = window(&p->s, m);
  return start + at(z * in_group(&p->s), 0, 0);
}

CK_INLINE place a_step(const product_call *p, int z, int k) { return reach(&p->s, k); }
CK_INLINE place b_step(const product_call *p, int z, int k) { return at(k, 0, 0); }

CK_INLINE place b_column(const product_call *p, int z, int n) {
  const ck_conv2d_shape *s = &p->s;
  return at((z * out_group(s) + n) * s->kh * s->kw * in_group(s), 0, 0);
}

CK_INLINE int2 a_frame(const product_call *p) { return (int2)(p->s.h, p->s.w); }
CK_INLINE int2 b_frame(const product_call *p) { return (int2)(1, 1); }
CK_INLINE int a_along_k(const product_call *p) { return 1; }
CK_INLINE int b_along_k(const product_call *p) { return 1; }
CK_INLINE int bias_start(const product_call *p, int z) { return z * out_group(&p->s); }
CK_INLINE int c_row(const product_call *p, int z, int m) { return m * p->s.oc + bias_start(p, z); }
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

CK_INLINE int group_of(const product_call *p, int z) { return z / (p->s.stride_h * p->s.stride_w); }

CK_INLINE phase_axis rows_of(const product_call *p, int z) {
  const ck_conv2d_shape *s = &p->s;
  const int phase = z / s->stride_w % s->stride_h;
  return axis_of(phase, s->stride_h, s->dilation_h, s->pad_top, s->h, s->kh);
}

CK_INLINE phase_axis columns_of(const product_call *p, int z) {
  const ck_conv2d_shape *s = &p->s;
  return axis_of(z % s->stride_w, s->stride_w, s->dilation_w, s->pad_left, s->w, s->kw);
}

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const int h = (s->h + s->stride_h - 1) / s->stride_h, w = (s->w + s->stride_w - 1) / s->stride_w;
  const product_extent e = {s->n * h * w, in_group(s), s->kh * s->kw * out_group(s)};
  return e;
}

CK_INLINE product_extent extent(const product_call *p, int z) {
  const phase_axis v = rows_of(p, z), u = columns_of(p, z);
  const product_extent e = {p->s.n * v.pixels * u.pixels, in_group(&p->s),
                            v.taps * u.taps * out_group(&p->s)};
  return e;
}

CK_INLINE place a_row(const product_call *p, int z, int m) {
  const ck_conv2d_shape *s = &p->s;
  const phase_axis v = rows_of(p, z), u = columns_of(p, z);
  const int3 i = position_at(m, v.pixels, u.pixels);
  const int y = v.first_output + i.y, x = u.first_output + i.x;
  return at(((i.z * s->oh + y) * s->ow + x) * s->oc + group_of(p, z) * out_group(s), y, x);
}

CK_INLINE place a_step(const product_call *p, int z, int k) {
  const ck_conv2d_shape *s = &p->s;
  const phase_axis v = rows_of(p, z), u = columns_of(p, z);
  const int3 t = tap_at(k, u.taps, out_group(s));
  const int y = -(v.distance + t.y * v.distance_step), x = -(u.distance + t.x * u.distance_step);
  return at((y * s->ow + x) * s->oc + t.z, y, x);
}

CK_INLINE place b_step(const product_call *p, int z, int k) {
  const ck_conv2d_shape *s = &p->s;
  const phase_axis v = rows_of(p, z), u = columns_of(p, z);
  const int3 t = tap_at(k, u.taps, out_group(s));
  const int y = v.first_tap + t.y * v.tap_step, x = u.first_tap + t.x * u.tap_step;
  const int output = group_of(p, z) * out_group(s) + t.z;
  return at(((output * s->kh + y) * s->kw + x) * in_group(s), 0, 0);
}

CK_INLINE place b_column(const product_call *p, int z, int n) { return at(n, 0, 0); }
CK_INLINE int2 a_frame(const product_call *p) { return (int2)(p->s.oh, p->s.ow); }
CK_INLINE int2 b_frame(const product_call *p) { return (int2)(1, 1); }
CK_INLINE int a_along_k(const product_call *p) { return 1; }
CK_INLINE int b_along_k(const product_call *p) { return 0; }

CK_INLINE int bias_start(const product_call *p, int z) { return group_of(p, z) * in_group(&p->s); }

CK_INLINE int c_row(const product_call *p, int z, int m) {
  const ck_conv2d_shape *s = &p->s;
  const phase_axis v = rows_of(p, z), u = columns_of(p, z);
  const int3 i = position_at(m, v.pixels, u.pixels);
  const int y = v.first_pixel + i.y * s->stride_h, x = u.first_pixel + i.x * s->stride_w;
  return ((i.z * s->h + y) * s->w + x) * s->c + bias_start(p, z);
}
#endif

#if CK_PASS == FILTER_GRADIENT
// dfilter [oc, kh kw c] = dy [positions, oc], transposed, x windows [positions, kh kw c]. Each part
// of the positions makes a filter gradient of its own, one after another in C; z = part * groups +
// group.

CK_INLINE product_extent largest_extent(const product_call *p) {
  const ck_conv2d_shape *s = &p->s;
  const product_extent e = {out_group(s), s->kh * s->kw * in_group(s), p->part_length};
  return e;
}

CK_INLINE int group_of(const product_call *p, int z) { return z % p->s.groups; }
CK_INLINE int first_position(const product_call *p, int z) {
  return z / p->s.groups * p->part_length;
}

CK_INLINE product_extent extent(const product_call *p, int z) {
  const ck_conv2d_shape *s = &p->s;
  const int rest = s->n * s->oh * s->ow - first_position(p, z);
  const product_extent e = {out_group(s), s->kh * s->kw * in_group(s), min(p->part_length, rest)};
  return e;
}

CK_INLINE place a_row(const product_call *p, int z, int m) {
  return at(group_of(p, z) * out_group(&p->s) + m, 0, 0);
}

CK_INLINE place a_step(const product_call *p, int z, int k) {
  return at((first_position(p, z) + k) * p->s.oc, 0, 0);
}

CK_INLINE place b_step(const product_call *p, int z, int k) {
  return window(&p->s, first_position(p, z) + k);
}

CK_INLINE place b_column(const product_call *p, int z, int n) {
  const place t = reach(&p->s, n);
  return t + at(group_of(p, z) * in_group(&p->s), 0, 0);
}

CK_INLINE int2 a_frame(const product_call *p) { return (int2)(1, 1); }
CK_INLINE int2 b_frame(const product_call *p) { return (int2)(p->s.h, p->s.w); }
CK_INLINE int a_along_k(const product_call *p) { return 0; }
CK_INLINE int b_along_k(const product_call *p) { return 0; }
CK_INLINE int bias_start(const product_call *p, int z) { return 0; }

CK_INLINE int c_row(const product_call *p, int z, int m) {
  const ck_conv2d_shape *s = &p->s;
  const int filter = s->kh * s->kw * in_group(s);
  return (z / s->groups * s->oc + group_of(p, z) * out_group(s) + m) * filter;
}

// y [count] = the sum of parts [parts, count], in rising order.
CK_KERNEL void sum_parts(const int count, const int parts, __global const float *restrict x,
                         const ulong x_start, __global float *restrict y, const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= count) return;
  float sum = x[x_start + i];
  for (int part = 1; part < parts; ++part) sum += x[x_start + (ulong)part * count + i];
  y[y_start + i] = sum;
}
#endif
