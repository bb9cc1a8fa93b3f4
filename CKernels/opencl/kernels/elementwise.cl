// Unary, binary and selecting operations on float32 or int32, and fill: one item an element.

#ifdef CK_INTEGER
#define negated(x) minus(0, x)
#define magnitude(x) ((element)abs(x))
#else
#define negated(x) (-(x))  // also of zeros
#define magnitude(x) fabs(x)
#endif

#ifndef CK_INTEGER
#define CK_ACTIVATION_CASE(OP, function, arguments) \
  case CK_##OP:                                     \
    return ck_##function arguments;

static element real_unary(ck_unary_op op, element x, element alpha) {
  switch (op) {
    case CK_SQRT:
      return sqrt(x);
    case CK_RSQRT:
      return 1.0f / sqrt(x);
    case CK_RECIPROCAL:
      return 1.0f / x;
    case CK_EXP:
      return ck_exp(x);
    case CK_LOG:
      return ck_log(x);
    case CK_LOG1P:
      return ck_log1p(x);
    case CK_EXPM1:
      return ck_expm1(x);
    case CK_ERF:
      return ck_erf(x);
    case CK_FLOOR:
      return floor(x);
      CK_ACTIVATIONS(CK_ACTIVATION_CASE)
    default:
      return x;
  }
}

#define CK_SLOPE_CASE(OP, function, arguments) \
  case CK_##OP##_BACKWARD:                     \
    return b * ck_##function##_slope arguments;

#define CK_SLOPE_BY_OUTPUT_CASE(OP, function, arguments) \
  case CK_##OP##_BACKWARD_BY_OUTPUT:                     \
    return b * ck_##function##_slope_by_output arguments;

static element real_binary(ck_binary_op op, element a, element b, float alpha) {
  const element x = a, y = a;
  switch (op) {
    case CK_DIVIDE:
      return a / b;
    case CK_POWER:
      return ck_pow(a, b);
      CK_ACTIVATIONS(CK_SLOPE_CASE)
      CK_ACTIVATIONS_BY_OUTPUT(CK_SLOPE_BY_OUTPUT_CASE)
    default:
      return a;
  }
}
#else
#define real_unary(op, x, alpha) (x)
#define real_binary(op, a, b, alpha) (a)
#endif

CK_KERNEL void unary(const ck_unary_shape s, __global const element *x, const ulong x_start,
                     __global element *y, const ulong y_start) {
  const int i = get_global_id(0);
  if (i >= s.count) return;
  const element v = x[x_start + i], alpha = parameter(s.alpha), beta = parameter(s.beta);
  element result;
  switch (s.op) {
    case CK_NEGATE:
      result = negated(v);
      break;
    case CK_ABS:
      result = magnitude(v);
      break;
    case CK_SIGN:
      result = v > 0 ? 1 : (v < 0 ? -1 : (is_nan(v) ? v : 0));
      break;
    case CK_SQUARE:
      result = times(v, v);
      break;
    case CK_SCALE_SHIFT:
      result = multiply_add(alpha, v, beta);
      break;
    case CK_CLAMP: {
      const element raised = v < alpha ? alpha : v;
      result = raised > beta ? beta : raised;
      break;
    }
    default:
      result = real_unary(s.op, v, alpha);
  }
  y[y_start + i] = result;
}

CK_KERNEL void binary(const ck_binary_shape s, __global const element *a, const ulong a_start,
                      __global const element *b, const ulong b_start, __global element *y,
                      const ulong y_start, const int count) {
  const int i = get_global_id(0);
  if (i >= count) return;
  int rest = i, at_a = 0, at_b = 0;
  for (int d = s.rank - 1; d >= 0; --d) {
    const int position = d == 0 ? rest : rest % s.size[d];
    rest = d == 0 ? 0 : rest / s.size[d];
    at_a += position * s.stride_a[d];
    at_b += position * s.stride_b[d];
  }
  const element u = a[a_start + at_a], v = b[b_start + at_b];
  element result;
  switch (s.op) {
    case CK_ADD:
      result = plus(u, v);
      break;
    case CK_SUBTRACT:
      result = minus(u, v);
      break;
    case CK_MULTIPLY:
      result = times(u, v);
      break;
    case CK_MAXIMUM:
      result = is_nan(u) || u >= v ? u : v;
      break;
    case CK_MINIMUM:
      result = is_nan(u) || u <= v ? u : v;
      break;
    case CK_EQUAL:
      result = u == v;
      break;
    case CK_NOT_EQUAL:
      result = u != v;
      break;
    case CK_LESS:
      result = u < v;
      break;
    case CK_LESS_OR_EQUAL:
      result = u <= v;
      break;
    case CK_GREATER:
      result = u > v;
      break;
    case CK_GREATER_OR_EQUAL:
      result = u >= v;
      break;
    default:
      result = real_binary(s.op, u, v, s.alpha);
  }
  y[y_start + i] = result;
}

CK_KERNEL void select_where(const ck_where_shape s, __global const element *condition,
                            const ulong condition_start, __global const element *a,
                            const ulong a_start, __global const element *b, const ulong b_start,
                            __global element *y, const ulong y_start, const int count) {
  const int i = get_global_id(0);
  if (i >= count) return;
  int rest = i, at_condition = 0, at_a = 0, at_b = 0;
  for (int d = s.rank - 1; d >= 0; --d) {
    const int position = d == 0 ? rest : rest % s.size[d];
    rest = d == 0 ? 0 : rest / s.size[d];
    at_condition += position * s.stride_condition[d];
    at_a += position * s.stride_a[d];
    at_b += position * s.stride_b[d];
  }
  y[y_start + i] =
      condition[condition_start + at_condition] != 0 ? a[a_start + at_a] : b[b_start + at_b];
}

CK_KERNEL void fill(const ck_fill_shape s, __global element *y, const ulong y_start) {
  const int i = get_global_id(0);
  if (i < s.count) y[y_start + i] = parameter(s.value);
}
