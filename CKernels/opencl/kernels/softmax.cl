// Softmax and log-softmax of the rows of [rows, columns].

CK_KERNEL void softmax(const ck_softmax_shape s, __global const float *restrict x,
                       const ulong x_start, __global float *restrict y, const ulong y_start) {
  __local float shared[CK_GROUP];
  const int row = row_of_lanes(), exists = row < s.rows, columns = exists ? s.columns : 0;
  x += x_start + (ulong)row * s.columns;
  y += y_start + (ulong)row * s.columns;
  float largest = -INFINITY;
  for (int i = lane(); i < columns; i += LANES)
    if (!isnan(largest) && !(x[i] <= largest)) largest = x[i];
  largest = largest_of_lanes(shared, largest);
  SUM_ROW(sum, LEAF, s.columns, exists, part + ck_exp(x[i] - largest));
  const float scale = 1.0f / sum, shift = ck_log(sum);
  for (int i = lane(); i < columns; i += LANES) {
    const float below = x[i] - largest;
    y[i] = s.logarithm ? below - shift : ck_exp(below) * scale;
  }
}

CK_KERNEL void softmax_backward(const ck_softmax_shape s, __global const float *restrict y,
                                const ulong y_start, __global const float *restrict dy,
                                const ulong dy_start, __global float *restrict dx,
                                const ulong dx_start) {
  __local float shared[CK_GROUP];
  const int row = row_of_lanes(), exists = row < s.rows, columns = exists ? s.columns : 0;
  y += y_start + (ulong)row * s.columns;
  dy += dy_start + (ulong)row * s.columns;
  dx += dx_start + (ulong)row * s.columns;
  SUM_ROW(sum, LEAF, s.columns, exists, s.logarithm ? part + dy[i] : part + dy[i] * y[i]);
  for (int i = lane(); i < columns; i += LANES)
    dx[i] = s.logarithm ? fma(-ck_exp(y[i]), sum, dy[i]) : y[i] * (dy[i] - sum);
}
