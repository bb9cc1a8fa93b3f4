// Pooling and resizing of pictures [n, h, w, c]: one item an element of the result, also in the
// backward kernels, which collect what the windows over a pixel send it instead of scattering.

// First and last + 1 of the windows (of `taps` pixels, every `stride`, the first `pad` before the
// edge) over pixel i.
CK_INLINE int first_window(int i, int taps, int stride, int pad) {
  const int past = i + pad - taps + 1;
  return past > 0 ? (past + stride - 1) / stride : 0;
}
CK_INLINE int end_window(int i, int stride, int pad, int windows) {
  return min((i + pad) / stride + 1, windows);
}

// 1 / what an average over the window at (y, x), which has a pixel inside, divides by.
CK_INLINE float weight_of_window(const ck_pool2d_shape *s, int y, int x) {
  if (s->count_padding) return 1.0f / (float)(s->kh * s->kw);
  const int rows = min(y + s->kh, s->h) - max(y, 0), columns = min(x + s->kw, s->w) - max(x, 0);
  return 1.0f / (float)(rows * columns);
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
  int inside = 0;
  for (int iy = max(top, 0); iy < min(top + s.kh, s.h); ++iy)
    for (int ix = max(left, 0); ix < min(left + s.kw, s.w); ++ix, ++inside)
      sum += x[x_start + ((ulong)(picture + iy) * s.w + ix) * s.c + channel];
  y[y_start + i] = inside ? sum * weight_of_window(&s, top, left) : 0.0f;
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
      sum = fma(weight_of_window(&s, oy * s.stride_h - s.pad_top, ox * s.stride_w - s.pad_left),
                dy[dy_start + ((ulong)(picture + oy) * s.ow + ox) * s.c + channel], sum);
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

// --- resizing, as in the C kernels: positions are exact integers ---

// An output reads source pixels low and high with weights 1 - weight and weight.
typedef struct sample {
  int low, high;
  float weight;
} sample;

CK_INLINE sample sample_at(ck_resize_mode mode, int output, int size, int outputs) {
  const long twice = 2L * outputs;
  if (mode == CK_NEAREST) {
    const int nearest = (int)((2L * output + 1) * size / twice);
    const sample s = {nearest, nearest, 0.0f};
    return s;
  }
  const long position = max(0L, (2L * output + 1) * size - outputs);
  const int low = (int)(position / twice);
  const sample s = {low, min(low + 1, size - 1), (float)(position % twice) / (float)twice};
  return s;
}

// The weight with which an output reads source pixel i.
CK_INLINE float weight_of(sample s, int i) {
  return (s.low == i ? 1.0f - s.weight : 0.0f) + (s.high == i ? s.weight : 0.0f);
}

// Outputs that may read source pixel i: first ...
CK_INLINE int first_reader(int i, int size, int outputs) {
  const long below = (2L * i - 1) * outputs - size;
  return i == 0 || below < 0 ? 0 : (int)(below / (2L * size));
}
// ... to before end.
CK_INLINE int end_reader(int i, int size, int outputs) {
  const long above = (2L * i + 3) * outputs - size;
  return i == size - 1 ? outputs
                       : (int)min((long)outputs, above < 0 ? 0L : above / (2L * size) + 1);
}

CK_KERNEL void resize2d(const ck_resize2d_shape s, __global const float *restrict x,
                        const ulong x_start, __global float *restrict y, const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.n * s.oh * s.ow * s.c) return;
  const int channel = i % s.c, position = i / s.c;
  const sample u = sample_at(s.mode, position % s.ow, s.w, s.ow);
  const sample v = sample_at(s.mode, position / s.ow % s.oh, s.h, s.oh);
  x += x_start + (ulong)(position / s.ow / s.oh) * s.h * s.w * s.c + channel;
  const float p00 = x[(v.low * s.w + u.low) * s.c];
  if (s.mode == CK_NEAREST) {
    y[y_start + i] = p00;
    return;
  }
  const float p01 = x[(v.low * s.w + u.high) * s.c];
  const float p10 = x[(v.high * s.w + u.low) * s.c], p11 = x[(v.high * s.w + u.high) * s.c];
  const float w00 = (1.0f - v.weight) * (1.0f - u.weight), w01 = (1.0f - v.weight) * u.weight;
  const float w10 = v.weight * (1.0f - u.weight), w11 = v.weight * u.weight;
  y[y_start + i] = fma(w11, p11, fma(w10, p10, fma(w01, p01, w00 * p00)));
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
  for (int oy = first_reader(iy, s.h, s.oh); oy < end_reader(iy, s.h, s.oh); ++oy) {
    const float down = weight_of(sample_at(s.mode, oy, s.h, s.oh), iy);
    if (down == 0.0f) continue;
    for (int ox = first_reader(ix, s.w, s.ow); ox < end_reader(ix, s.w, s.ow); ++ox) {
      const float weight = down * weight_of(sample_at(s.mode, ox, s.w, s.ow), ix);
      if (weight != 0.0f) sum = fma(weight, dy[(oy * s.ow + ox) * s.c], sum);
    }
  }
  dx[dx_start + i] = sum;
}
