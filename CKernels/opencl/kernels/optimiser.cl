// Update rules: one pass over the parameters, in place. A null gradient_scale is 1, a null average
// is not kept.

typedef VECTOR(float, CK_WIDTH) reals;
SOME_OF(reals, float, CK_WIDTH)

// An exponential moving average follows `updated`.
CK_INLINE void follow(__global float *average, reals updated, float decay, int rest) {
  reals_keep(fma((reals)decay, reals_some(average, rest), (1.0f - decay) * updated), average, rest);
}

CK_KERNEL void sgd(const ck_sgd_shape s, __global const float *gradient, const ulong gradient_start,
                   __global const float *gradient_scale, const ulong scale_start,
                   __global float *parameter, const ulong parameter_start, __global float *momentum,
                   const ulong momentum_start, __global float *average, const ulong average_start) {
  const int first = first_element(), rest = s.count - first;
  if (rest <= 0) return;
  gradient += gradient_start + first;
  parameter += parameter_start + first;
  momentum += momentum_start + first;
  const float scale = gradient_scale ? gradient_scale[scale_start] : 1.0f;
  const reals p = reals_some(parameter, rest);
  const reals g = fma((reals)s.weight_decay, p, reals_some(gradient, rest) * scale);
  const reals u = fma((reals)s.momentum, reals_some(momentum, rest), g);
  const reals step = s.nesterov ? fma((reals)s.momentum, u, g) : u;
  const reals updated = fma((reals)-s.rate, step, p);
  reals_keep(u, momentum, rest);
  reals_keep(updated, parameter, rest);
  if (average) follow(average + average_start + first, updated, s.ema_decay, rest);
}

CK_KERNEL void adam(const ck_adam_shape s, __global const float *gradient,
                    const ulong gradient_start, __global const float *gradient_scale,
                    const ulong scale_start, __global float *parameter, const ulong parameter_start,
                    __global float *moment1, const ulong start1, __global float *moment2,
                    const ulong start2, __global float *average, const ulong average_start) {
  const int first = first_element(), rest = s.count - first;
  if (rest <= 0) return;
  gradient += gradient_start + first;
  parameter += parameter_start + first;
  moment1 += start1 + first;
  moment2 += start2 + first;
  const float scale = gradient_scale ? gradient_scale[scale_start] : 1.0f;
  const reals old = reals_some(parameter, rest);
  const float decay = s.decoupled ? 0.0f : s.weight_decay;
  const float shrink = s.decoupled ? s.rate * s.weight_decay : 0.0f;
  const reals g = fma((reals)decay, old, reals_some(gradient, rest) * scale);
  const reals m = fma((reals)s.beta1, reals_some(moment1, rest), (1.0f - s.beta1) * g);
  const reals v = fma((reals)s.beta2, reals_some(moment2, rest), (1.0f - s.beta2) * g * g);
  const float step = s.rate / s.correction1, whole = 1.0f / s.correction2;
  const reals p = fma((reals)-shrink, old, old) - step * m / (sqrt(whole * v) + s.epsilon);
  reals_keep(m, moment1, rest);
  reals_keep(v, moment2, rest);
  reals_keep(p, parameter, rest);
  if (average) follow(average + average_start + first, p, s.ema_decay, rest);
}
