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
  SUM_ROW(sum, s.columns, exists, part + ck_exp(x[i] - largest));
  const float log_sum = ck_log(sum);
  for (int i = lane(); i < columns; i += LANES) {
    const float shifted = x[i] - largest;
    y[i] = s.logarithm ? shifted - log_sum : ck_exp(shifted) / sum;
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
  SUM_ROW(sum, s.columns, exists, s.logarithm ? part + dy[i] : fma(dy[i], y[i], part));
  for (int i = lane(); i < columns; i += LANES)
    dx[i] = s.logarithm ? dy[i] - ck_exp(y[i]) * sum : y[i] * (dy[i] - sum);
}
