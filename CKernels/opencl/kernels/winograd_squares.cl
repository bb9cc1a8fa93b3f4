// L x L' of a square: TRANSFORM(line, in, out) makes square[out][out] from square[in][in].
#define TRANSFORM(line, in, out)                             \
  {                                                          \
    vector half_done[out][in], from[in], to[out];            \
    CK_UNROLL for (int j = 0; j < in; ++j) {                 \
      for (int i = 0; i < in; ++i) from[i] = square[i][j];   \
      line(from, to);                                        \
      for (int i = 0; i < out; ++i) half_done[i][j] = to[i]; \
    }                                                        \
    CK_UNROLL for (int i = 0; i < out; ++i) {                \
      line(half_done[i], to);                                \
      for (int j = 0; j < out; ++j) square[i][j] = to[j];    \
    }                                                        \
  }

typedef struct tile {
  int n, i, j;  // picture, and first output
} tile;

CK_INLINE tile tile_at(const winograd_call *w, int index) {
  const int across = (w->columns + OUTPUTS - 1) / OUTPUTS, down = (w->rows + OUTPUTS - 1) / OUTPUTS;
  const tile t = {index / across / down, index / across % down * OUTPUTS, index % across * OUTPUTS};
  return t;
}

CK_INLINE int depth_of(const winograd_call *w) { return w->step * w->step * w->channels; }

// Items that take the channels of one square.
CK_INLINE int strips_of(int channels) { return (channels + CK_COLUMNS - 1) / CK_COLUMNS; }

// Where the taps of a phase begin, of one channel and output.
CK_INLINE int taps_at(const winograd_call *w, int phase, int channel, int output) {
  return w->filter + phase / w->step * w->phase_h + phase % w->step * w->phase_w +
         channel * w->channel + output * w->output;
}

// points [POINTS^2, tiles, depth] of pictures x.
CK_KERNEL void points_of_inputs(const winograd_call w, __global const float *restrict x,
                                const ulong x_start, __global float *restrict points,
                                const ulong points_start) {
  const int strips = strips_of(w.channels), phases = w.step * w.step;
  const int i = get_global_id(0), index = i / strips / phases;
  if (index >= w.tiles) return;
  const int phase = i / strips % phases, channel = i % strips * CK_COLUMNS;
  const int rest = w.channels - channel;
  const tile t = tile_at(&w, w.first + index);
  const int top = t.i * w.step + phase / w.step + w.origin_h;
  const int left = t.j * w.step + phase % w.step + w.origin_w;
  x += x_start + (ulong)t.n * w.h * w.w * w.channels + channel;
  vector square[POINTS][POINTS];
  CK_UNROLL for (int r = 0; r < POINTS; ++r) {
    CK_UNROLL for (int c = 0; c < POINTS; ++c) {
      const int row = top + r * w.step, column = left + c * w.step;
      const int inside = row >= 0 && row < w.h && column >= 0 && column < w.w;
      square[r][c] = 0.0f;
      if (inside) square[r][c] = vector_some(x + (row * w.w + column) * w.channels, rest);
    }
  }
  TRANSFORM(LINES(of_inputs_), POINTS, POINTS)
  const int depth = depth_of(&w);
  points += points_start + (ulong)index * depth + phase * w.channels + channel;
  CK_UNROLL for (int k = 0; k < POINTS * POINTS; ++k)
      vector_keep(square[k / POINTS][k % POINTS], points + (ulong)k * w.tiles * depth, rest);
}

// points [POINTS^2, outputs, depth] of a filter whose channels follow one another, else [POINTS^2,
// depth, outputs].
CK_KERNEL void points_of_filters(const winograd_call w, __global const float *restrict filter,
                                 const ulong filter_start, __global float *restrict points,
                                 const ulong points_start) {
  const int along_channels = w.channel == 1, phases = w.step * w.step, depth = depth_of(&w);
  const int along = along_channels ? w.channels : w.outputs;
  const int strips = strips_of(along), i = get_global_id(0), line = i / strips;
  if (line >= (along_channels ? w.outputs * phases : depth)) return;
  const int first = i % strips * CK_COLUMNS, rest = along - first;
  const int phase = along_channels ? line % phases : line / w.channels;
  const int channel = along_channels ? first : line % w.channels;
  const int output = along_channels ? line / phases : first;
  filter += filter_start + taps_at(&w, phase, channel, output);
  vector square[POINTS][POINTS];
  CK_UNROLL for (int r = 0; r < TAPS; ++r) CK_UNROLL for (int c = 0; c < TAPS; ++c) square[r][c] =
      vector_some(filter + r * w.tap_h + c * w.tap_w, rest);
  TRANSFORM(LINES(of_filters_), TAPS, POINTS)
  points += points_start + (along_channels ? output * depth + phase * w.channels + first
                                           : line * w.outputs + first);
  CK_UNROLL for (int k = 0; k < POINTS * POINTS; ++k)
      vector_keep(square[k / POINTS][k % POINTS], points + (ulong)k * depth * w.outputs, rest);
}

// Results y of points [POINTS^2, tiles, outputs].
CK_KERNEL void outputs_of_points(const winograd_call w, __global const float *restrict points,
                                 const ulong points_start, __global const float *restrict bias,
                                 const ulong bias_start, __global float *restrict y,
                                 const ulong y_start) {
  const int strips = strips_of(w.outputs), i = get_global_id(0), index = i / strips;
  if (index >= w.tiles) return;
  const int output = i % strips * CK_COLUMNS, rest = w.outputs - output;
  points += points_start + (ulong)index * w.outputs + output;
  vector square[POINTS][POINTS];
  CK_UNROLL for (int k = 0; k < POINTS * POINTS; ++k) square[k / POINTS][k % POINTS] =
      vector_some(points + (ulong)k * w.tiles * w.outputs, rest);
  TRANSFORM(LINES(to_outputs_), POINTS, OUTPUTS)
  const tile t = tile_at(&w, w.first + index);
  y += y_start + w.out + (ulong)t.n * w.out_n + t.i * w.out_h + t.j * w.out_w + output;
  vector offset = 0.0f;
  if (bias) offset = vector_some(bias + bias_start + output, rest);
  for (int r = 0; r < min(OUTPUTS, w.rows - t.i); ++r) {
    for (int c = 0; c < min(OUTPUTS, w.columns - t.j); ++c) {
      vector value = square[r][c];
      if (bias) value += offset;
      if (w.activation != CK_NO_ACTIVATION) {
        float lanes[CK_COLUMNS];
        STORE(CK_COLUMNS, value, lanes);
        for (int e = 0; e < CK_COLUMNS; ++e)
          lanes[e] = ck_activated(w.activation, w.slope, lanes[e]);
        value = LOAD(CK_COLUMNS, lanes);
      }
      vector_keep(value, y + r * w.out_h + c * w.out_w, rest);
    }
  }
}

// points [POINTS^2, tiles, outputs] of gradients dy.
CK_KERNEL void points_of_gradients(const winograd_call w, __global const float *restrict dy,
                                   const ulong dy_start, __global float *restrict points,
                                   const ulong points_start) {
  const int strips = strips_of(w.outputs), i = get_global_id(0), index = i / strips;
  if (index >= w.tiles) return;
  const int output = i % strips * CK_COLUMNS, rest = w.outputs - output;
  const tile t = tile_at(&w, w.first + index);
  dy += dy_start + w.out + (ulong)t.n * w.out_n + t.i * w.out_h + t.j * w.out_w + output;
  vector square[POINTS][POINTS];
  CK_UNROLL for (int r = 0; r < OUTPUTS; ++r) {
    CK_UNROLL for (int c = 0; c < OUTPUTS; ++c) {
      square[r][c] = 0.0f;
      if (t.i + r < w.rows && t.j + c < w.columns)
        square[r][c] = vector_some(dy + r * w.out_h + c * w.out_w, rest);
    }
  }
  TRANSFORM(LINES(of_gradients_), OUTPUTS, POINTS)
  points += points_start + (ulong)index * w.outputs + output;
  CK_UNROLL for (int k = 0; k < POINTS * POINTS; ++k)
      vector_keep(square[k / POINTS][k % POINTS], points + (ulong)k * w.tiles * w.outputs, rest);
}

// The filter gradient of points [POINTS^2, parts, outputs, depth], added to what earlier parts gave
// unless these are the first.
CK_KERNEL void filters_of_points(const winograd_call w, const int parts, const int are_first,
                                 __global const float *restrict points, const ulong points_start,
                                 __global float *restrict filter, const ulong filter_start) {
  const int phases = w.step * w.step, depth = depth_of(&w), strips = strips_of(w.channels);
  const int i = get_global_id(0), phase = i / strips % phases, output = i / strips / phases;
  if (output >= w.outputs) return;
  const int channel = i % strips * CK_COLUMNS, rest = w.channels - channel;
  filter += filter_start + taps_at(&w, phase, channel, output);
  points += points_start + output * depth + phase * w.channels + channel;
  for (int part = 0; part < parts; ++part) {
    vector square[POINTS][POINTS];
    CK_UNROLL for (int k = 0; k < POINTS * POINTS; ++k) square[k / POINTS][k % POINTS] =
        vector_some(points + ((ulong)k * parts + part) * w.outputs * depth, rest);
    TRANSFORM(LINES(to_filters_), POINTS, TAPS)
    for (int r = 0; r < TAPS; ++r) {
      for (int c = 0; c < TAPS; ++c) {
        __global float *to = filter + r * w.tap_h + c * w.tap_w;
        vector sum = square[r][c];
        if (part > 0 || !are_first) sum = vector_some(to, rest) + sum;
        vector_keep(sum, to, rest);
      }
    }
  }
}
