// Unary, binary and selecting operations on float32 or int32, and fill: an item takes CK_WIDTH
// elements that follow one another.

typedef VECTOR(CK_ELEMENT, CK_WIDTH) elements;
SOME_OF(elements, CK_ELEMENT, CK_WIDTH)

#ifdef CK_INTEGER
#define negated(x) minus(0, x)
#define magnitude(x) ((element)abs(x))
#else
#define negated(x) (-(x))  // also of zeros
#define magnitude(x) fabs(x)
#endif

// A case of an operation: `value` of every lane e. The operation is chosen outside the loop, so
// that a processor has vectors of each.
#define LANES(value)                                        \
  {                                                         \
    for (int e = 0; e < CK_WIDTH; ++e) result[e] = (value); \
    break;                                                  \
  }

#ifndef CK_INTEGER
#define CK_ACTIVATION_CASE(OP, function, arguments) \
  case CK_##OP:                                     \
    for (int e = 0; e < CK_WIDTH; ++e) {            \
      const element x = values[e];                  \
      result[e] = ck_##function arguments;          \
    }                                               \
    break;

CK_INLINE void real_unary(ck_unary_op op, const element *values, element alpha, element *result) {
  switch (op) {
    case CK_SQRT:
      LANES(sqrt(values[e]))
    case CK_RSQRT:
      LANES(1.0f / sqrt(values[e]))
    case CK_RECIPROCAL:
      LANES(1.0f / values[e])
    case CK_EXP:
      LANES(ck_exp(values[e]))
    case CK_LOG:
      LANES(ck_log(values[e]))
    case CK_LOG1P:
      LANES(ck_log1p(values[e]))
    case CK_EXPM1:
      LANES(ck_expm1(values[e]))
    case CK_ERF:
      LANES(ck_erf(values[e]))
    case CK_FLOOR:
      LANES(floor(values[e]))
      CK_ACTIVATIONS(CK_ACTIVATION_CASE)
    default:
      LANES(values[e])
  }
}

#define CK_SLOPE_CASE(OP, function, arguments)            \
  case CK_##OP##_BACKWARD:                                \
    for (int e = 0; e < CK_WIDTH; ++e) {                  \
      const element x = a[e];                             \
      result[e] = b[e] * ck_##function##_slope arguments; \
    }                                                     \
    break;

#define CK_SLOPE_BY_OUTPUT_CASE(OP, function, arguments)            \
  case CK_##OP##_BACKWARD_BY_OUTPUT:                                \
    for (int e = 0; e < CK_WIDTH; ++e) {                            \
      const element y = a[e];                                       \
      result[e] = b[e] * ck_##function##_slope_by_output arguments; \
    }                                                               \
    break;

CK_INLINE void real_binary(ck_binary_op op, const element *a, const element *b, float alpha,
                           element *result) {
  switch (op) {
    case CK_DIVIDE:
      LANES(a[e] / b[e])
    case CK_POWER:
      LANES(ck_pow(a[e], b[e]))
      CK_ACTIVATIONS(CK_SLOPE_CASE)
      CK_ACTIVATIONS_BY_OUTPUT(CK_SLOPE_BY_OUTPUT_CASE)
    default:
      LANES(a[e])
  }
}
#else
CK_INLINE void real_unary(ck_unary_op op, const element *values, element alpha, element *result) {}
CK_INLINE void real_binary(ck_binary_op op, const element *a, const element *b, float alpha,
                           element *result) {}
#endif

CK_KERNEL void unary(const ck_unary_shape s, __global const element *x, const ulong x_start,
                     __global element *y, const ulong y_start) {
  const int first = first_element(), rest = s.count - first;
  if (rest <= 0) return;
  const element alpha = parameter(s.alpha), beta = parameter(s.beta);
  element values[CK_WIDTH], result[CK_WIDTH];
  STORE(CK_WIDTH, elements_some(x + x_start + first, rest), values);
  switch (s.op) {
    case CK_NEGATE:
      LANES(negated(values[e]))
    case CK_ABS:
      LANES(magnitude(values[e]))
    case CK_SIGN:
      LANES(values[e] > 0 ? 1 : (values[e] < 0 ? -1 : (is_nan(values[e]) ? values[e] : 0)))
    case CK_SQUARE:
      LANES(times(values[e], values[e]))
    case CK_SCALE_SHIFT:
      LANES(multiply_add(alpha, values[e], beta))
    case CK_CLAMP:
      for (int e = 0; e < CK_WIDTH; ++e) {
        const element raised = values[e] < alpha ? alpha : values[e];
        result[e] = raised > beta ? beta : raised;
      }
      break;
    default:
      real_unary(s.op, values, alpha, result);
  }
  elements_keep(LOAD(CK_WIDTH, result), y + y_start + first, rest);
}

// --- broadcasting ---

// Where element i of a shape lies in an operand with these strides.
CK_INLINE int strided(int i, int rank, const int *size, const int *stride) {
  int at = 0;
  for (int d = rank - 1; d > 0; --d) {
    at += i % size[d] * stride[d];
    i /= size[d];
  }
  return at + i * stride[0];
}

// CK_WIDTH elements of an operand from element `first` of the shape on, of which `rest` exist.
// Those of one row are found at once, and lie side by side or are the same.
CK_INLINE elements strided_elements(__global const element *p, int first, int rest, int rank,
                                    const int *size, const int *stride) {
  const int along = rank == 0 ? 0 : stride[rank - 1];
  if ((rank <= 1 || size[rank - 1] % CK_WIDTH == 0) && (along == 1 || along == 0)) {
    p += strided(first, rank, size, stride);
    return along == 1 ? elements_some(p, rest) : (elements)*p;
  }
  element some[CK_WIDTH];
  for (int e = 0; e < CK_WIDTH; ++e)
    some[e] = e < rest ? p[strided(first + e, rank, size, stride)] : 0;
  return LOAD(CK_WIDTH, some);
}

CK_KERNEL void binary(const ck_binary_shape s, __global const element *a, const ulong a_start,
                      __global const element *b, const ulong b_start, __global element *y,
                      const ulong y_start, const int count) {
  const int first = first_element(), rest = count - first;
  if (rest <= 0) return;
  element u[CK_WIDTH], v[CK_WIDTH], result[CK_WIDTH];
  STORE(CK_WIDTH, strided_elements(a + a_start, first, rest, s.rank, s.size, s.stride_a), u);
  STORE(CK_WIDTH, strided_elements(b + b_start, first, rest, s.rank, s.size, s.stride_b), v);
  switch (s.op) {
    case CK_ADD:
      LANES(plus(u[e], v[e]))
    case CK_SUBTRACT:
      LANES(minus(u[e], v[e]))
    case CK_MULTIPLY:
      LANES(times(u[e], v[e]))
    case CK_MAXIMUM:
      LANES(is_nan(u[e]) || u[e] >= v[e] ? u[e] : v[e])
    case CK_MINIMUM:
      LANES(is_nan(u[e]) || u[e] <= v[e] ? u[e] : v[e])
    case CK_EQUAL:
      LANES(u[e] == v[e])
    case CK_NOT_EQUAL:
      LANES(u[e] != v[e])
    case CK_LESS:
      LANES(u[e] < v[e])
    case CK_LESS_OR_EQUAL:
      LANES(u[e] <= v[e])
    case CK_GREATER:
      LANES(u[e] > v[e])
    case CK_GREATER_OR_EQUAL:
      LANES(u[e] >= v[e])
    default:
      real_binary(s.op, u, v, s.alpha, result);
  }
  elements_keep(LOAD(CK_WIDTH, result), y + y_start + first, rest);
}

CK_KERNEL void select_where(const ck_where_shape s, __global const element *condition,
                            const ulong condition_start, __global const element *a,
                            const ulong a_start, __global const element *b, const ulong b_start,
                            __global element *y, const ulong y_start, const int count) {
  const int first = first_element(), rest = count - first;
  if (rest <= 0) return;
  element c[CK_WIDTH], u[CK_WIDTH], v[CK_WIDTH];
  STORE(CK_WIDTH,
        strided_elements(condition + condition_start, first, rest, s.rank, s.size,
                         s.stride_condition),
        c);
  STORE(CK_WIDTH, strided_elements(a + a_start, first, rest, s.rank, s.size, s.stride_a), u);
  STORE(CK_WIDTH, strided_elements(b + b_start, first, rest, s.rank, s.size, s.stride_b), v);
  for (int e = 0; e < CK_WIDTH; ++e) u[e] = c[e] != 0 ? u[e] : v[e];
  elements_keep(LOAD(CK_WIDTH, u), y + y_start + first, rest);
}

CK_KERNEL void fill(const ck_fill_shape s, __global element *y, const ulong y_start) {
  const int first = first_element(), rest = s.count - first;
  if (rest > 0) elements_keep((elements)parameter(s.value), y + y_start + first, rest);
}
