// Losses summed along rows, and their gradients.

CK_INLINE float loss_of(ck_loss loss, float p, float t) {
  if (loss == CK_SQUARED_ERROR) return (p - t) * (p - t);
  return fma(-p, t, p > 0.0f ? p : 0.0f) + ck_softplus_rest(p);
}

CK_KERNEL void row_loss(const ck_loss_shape s, __global const float *restrict prediction,
                        const ulong prediction_start, __global const float *restrict target,
                        const ulong target_start, __global float *restrict y, const ulong y_start) {
  __local float shared[CK_GROUP];
  const int row = row_of_lanes(), exists = row < s.rows;
  prediction += prediction_start + (ulong)row * s.columns;
  target += target_start + (ulong)row * s.columns;
  SUM_ROW(sum, LEAF, s.columns, exists, part + loss_of(s.loss, prediction[i], target[i]));
  if (exists && lane() == 0) y[y_start + row] = sum;
}

CK_KERNEL void row_loss_backward(const ck_loss_shape s, __global const float *restrict prediction,
                                 const ulong prediction_start,
                                 __global const float *restrict target, const ulong target_start,
                                 __global const float *restrict dy, const ulong dy_start,
                                 __global float *restrict dp, const ulong dp_start) {
  const int i = get_global_id(0);
  if (i >= s.rows * s.columns) return;
  const float p = prediction[prediction_start + i], t = target[target_start + i];
  const float slope = s.loss == CK_SQUARED_ERROR ? 2.0f * (p - t) : ck_sigmoid(p) - t;
  dp[dp_start + i] = dy[dy_start + i / s.columns] * slope;
}
