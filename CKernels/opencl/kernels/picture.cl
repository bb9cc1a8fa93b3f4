// Pooling and resizing of pictures [n, h, w, c]: one item an element of the result, also in the backward kernels, which collect
// what the windows over a pixel send it instead of scattering.

// First and last + 1 of the windows (of `taps` pixels, every `stride`, the first `pad` before the edge) over pixel i.
CK_INLINE int first_window(int i, int taps, int stride, int pad) {
  const int past = i + pad - taps + 1;
  return past > 0 ? (past + stride - 1) / stride : 0;
}
CK_INLINE int end_window(int i, int stride, int pad, int windows) {
  return min((i + pad) / stride + 1, windows);
}

// What an average over the window at (y, x) divides by.
CK_INLINE float divisor_of(const ck_pool2d_shape *s, int y, int x) {
  if (s->count_padding) return (float)(s->kh * s->kw);
  const int rows = min(y + s->kh, s->h) - max(y, 0), columns = min(x + s->kw, s->w) - max(x, 0);
  return (float)(rows > 0 && columns > 0 ? rows * columns : 1);
}

CK_KERNEL void average_pool2d(const ck_pool2d_shape s, __global const float *restrict x,
                              const ulong x_start, __global float *restrict y,
                              const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.oh * s.ow * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const int left = position % s.ow * s.stride_w - s.pad_left;
  const int top = position / s.ow % s.oh * s.stride_h - s.pad_top;
  const int picture = position / s.ow / s.oh * s.h;
  float sum = 0.0f;
  for (int iy = max(top, 0); iy < min(top + s.kh, s.h); ++iy)
    for (int ix = max(left, 0); ix < min(left + s.kw, s.w); ++ix)
      sum += x[x_start + ((ulong)(picture + iy) * s.w + ix) * s.c + channel];
  y[y_start + i] = sum / divisor_of(&s, top, left);
}

CK_KERNEL void average_pool2d_backward(const ck_pool2d_shape s, __global const float *restrict dy,
                                       const ulong dy_start, __global float *restrict dx,
                                       const ulong dx_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.h * s.w * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const int ix = position % s.w, iy = position / s.w % s.h, picture = position / s.w / s.h * s.oh;
  float sum = 0.0f;
  for (int oy = first_window(iy, s.kh, s.stride_h, s.pad_top);
       oy < end_window(iy, s.stride_h, s.pad_top, s.oh); ++oy)
    for (int ox = first_window(ix, s.kw, s.stride_w, s.pad_left);
         ox < end_window(ix, s.stride_w, s.pad_left, s.ow); ++ox)
      sum += dy[dy_start + ((ulong)(picture + oy) * s.ow + ox) * s.c + channel] /
             divisor_of(&s, oy * s.stride_h - s.pad_top, ox * s.stride_w - s.pad_left);
  dx[dx_start + i] = sum;
}

CK_KERNEL void max_pool2d(const ck_pool2d_shape s, __global const float *restrict x,
                          const ulong x_start, __global float *restrict y, const ulong y_start,
                          __global int *restrict index, const ulong index_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.oh * s.ow * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const int left = position % s.ow * s.stride_w - s.pad_left;
  const int top = position / s.ow % s.oh * s.stride_h - s.pad_top;
  const int picture = position / s.ow / s.oh * s.h;
  float largest = -INFINITY;
  int where = -1;
  for (int iy = max(top, 0); iy < min(top + s.kh, s.h); ++iy)
    for (int ix = max(left, 0); ix < min(left + s.kw, s.w); ++ix) {
      const int at = ((picture + iy) * s.w + ix) * s.c + channel;
      const float v = x[x_start + at];
      if (where < 0 || (!isnan(largest) && !(v <= largest))) {
        largest = v;
        where = at;
      }
    }
  y[y_start + i] = largest;
  index[index_start + i] = where;
}

// Where a target pixel reads along one axis: source pixels low and high, and how much of high.
typedef struct blend {
  int low, high;
  float share;
} blend;

CK_INLINE blend blend_at(ck_resize_mode mode, int target, int size, int target_size) {
  blend b;
  if (mode == CK_NEAREST) {
    b.low = b.high = (int)(((2 * (long)target + 1) * size) / (2 * (long)target_size));
    b.share = 0.0f;
    return b;
  }
  const float source = ((float)target + 0.5f) * ((float)size / (float)target_size) - 0.5f;
  const float held = source > 0.0f ? source : 0.0f;
  b.low = min((int)held, size - 1);
  b.high = min(b.low + 1, size - 1);
  b.share = held - (float)b.low;
  return b;
}

// Target pixels that may read source pixel i: from this one ...
CK_INLINE int first_target(int i, int size, int target_size) {
  const long t = (2 * (long)i - 1) * target_size / (2 * size) - 2;
  return (int)max(t, 0L);
}
// ... to before this one.
CK_INLINE int end_target(int i, int size, int target_size) {
  const long t = (2 * (long)i + 3) * target_size / (2 * size) + 2;
  return (int)min(t, (long)target_size);
}

// How much of source pixel i is in the blend.
CK_INLINE float share_of(blend b, int i) {
  return (b.low == i ? 1.0f - b.share : 0.0f) + (b.high == i ? b.share : 0.0f);
}

CK_KERNEL void resize2d(const ck_resize2d_shape s, __global const float *restrict x,
                        const ulong x_start, __global float *restrict y, const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.oh * s.ow * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const blend u = blend_at(s.mode, position % s.ow, s.w, s.ow);
  const blend v = blend_at(s.mode, position / s.ow % s.oh, s.h, s.oh);
  x += x_start + (ulong)(position / s.ow / s.oh) * s.h * s.w * s.c + channel;
  if (s.mode == CK_NEAREST) {
    y[y_start + i] = x[(v.low * s.w + u.low) * s.c];
    return;
  }
  const float a = x[(v.low * s.w + u.low) * s.c], b = x[(v.low * s.w + u.high) * s.c];
  const float c = x[(v.high * s.w + u.low) * s.c], d = x[(v.high * s.w + u.high) * s.c];
  const float above = fma(u.share, b - a, a), below = fma(u.share, d - c, c);
  y[y_start + i] = fma(v.share, below - above, above);
}

CK_KERNEL void resize2d_backward(const ck_resize2d_shape s, __global const float *restrict dy,
                                 const ulong dy_start, __global float *restrict dx,
                                 const ulong dx_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.h * s.w * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const int ix = position % s.w, iy = position / s.w % s.h;
  dy += dy_start + (ulong)(position / s.w / s.h) * s.oh * s.ow * s.c + channel;
  float sum = 0.0f;
  for (int oy = first_target(iy, s.h, s.oh); oy < end_target(iy, s.h, s.oh); ++oy) {
    const float v = share_of(blend_at(s.mode, oy, s.h, s.oh), iy);
    if (v == 0.0f) continue;
    for (int ox = first_target(ix, s.w, s.ow); ox < end_target(ix, s.w, s.ow); ++ox) {
      const float u = share_of(blend_at(s.mode, ox, s.w, s.ow), ix);
      if (u != 0.0f) sum = fma(v * u, dy[(oy * s.ow + ox) * s.c], sum);
    }
  }
  dx[dx_start + i] = sum;
}
