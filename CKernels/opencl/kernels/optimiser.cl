// Update rules: one pass over the parameters, in place. A null gradient_scale is 1, a null average
// is not kept.

CK_KERNEL void sgd(const ck_sgd_shape s, __global const float *gradient, const ulong gradient_start,
                   __global const float *gradient_scale, const ulong scale_start,
                   __global float *parameter, const ulong parameter_start, __global float *momentum,
                   const ulong momentum_start, __global float *average, const ulong average_start) {
  const int i = get_global_id(0);
  if (i >= s.count) return;
  const float scale = gradient_scale ? gradient_scale[scale_start] : 1.0f;
  const float p = parameter[parameter_start + i];
  const float g = fma(s.weight_decay, p, gradient[gradient_start + i] * scale);
  const float u = fma(s.momentum, momentum[momentum_start + i], g);
  const float step = s.nesterov ? fma(s.momentum, u, g) : u;
  const float updated = fma(-s.rate, step, p);
  momentum[momentum_start + i] = u;
  parameter[parameter_start + i] = updated;
  if (average)
    average[average_start + i] =
        fma(s.ema_decay, average[average_start + i], (1.0f - s.ema_decay) * updated);
}

CK_KERNEL void adam(const ck_adam_shape s, __global const float *gradient,
                    const ulong gradient_start, __global const float *gradient_scale,
                    const ulong scale_start, __global float *parameter, const ulong parameter_start,
                    __global float *first, const ulong first_start, __global float *second,
                    const ulong second_start, __global float *average, const ulong average_start) {
  const int i = get_global_id(0);
  if (i >= s.count) return;
  const float scale = gradient_scale ? gradient_scale[scale_start] : 1.0f;
  const float old = parameter[parameter_start + i];
  const float decay = s.decoupled ? 0.0f : s.weight_decay;
  const float shrink = s.decoupled ? s.rate * s.weight_decay : 0.0f;
  const float g = fma(decay, old, gradient[gradient_start + i] * scale);
  const float m = fma(s.beta1, first[first_start + i], (1.0f - s.beta1) * g);
  const float v = fma(s.beta2, second[second_start + i], (1.0f - s.beta2) * g * g);
  const float step = s.rate / s.correction1, whole = 1.0f / s.correction2;
  const float p = fma(-shrink, old, old) - step * m / (sqrt(whole * v) + s.epsilon);
  first[first_start + i] = m;
  second[second_start + i] = v;
  parameter[parameter_start + i] = p;
  if (average)
    average[average_start + i] =
        fma(s.ema_decay, average[average_start + i], (1.0f - s.ema_decay) * p);
}
