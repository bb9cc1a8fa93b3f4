// What every program begins with: floating-point rules, names for the transcendental functions, and
// the work-group.
//
// Every kernel but product.cl's runs in work-groups of CK_GROUP items in one dimension (64, or 16
// on small devices) and takes its scalars by value; a tensor arrives as a buffer and the position
// of its first element. Where an item takes several elements that follow one another in memory,
// they are CK_WIDTH, or CK_COLUMNS in kernels that walk down columns, where a GPU needs every item
// that it can get: a processor's vector, 4 and 1 on a GPU. Results depend on shapes alone, on none
// of these.
#pragma OPENCL FP_CONTRACT OFF

#define CK_MATH(name) ck_##name
// Always: PoCL 3.1 passes vectors wrongly to a function that it leaves a call.
#define CK_INLINE static inline __attribute__((always_inline))
#define CK_FMA(a, b, c) fma(a, b, c)
#define CK_AS_UINT(x) as_uint(x)
#define CK_AS_FLOAT(u) as_float(u)
#define CK_MULTIPLY_HIGH(a, b) mul_hi(a, b)
#define CK_LEADING_ZEROS(u) clz(u)
#define CK_NORMAL_TABLE ck_normal_table
#define REAL float
#define NAME(op) ck_##op

#define CK_JOIN_(a, b) a##b
#define CK_JOIN(a, b) CK_JOIN_(a, b)

// Vectors of 1, 2, 4, 8 or 16: VECTOR(float, 4), LOAD(4, p), STORE(4, x, p).
#define VECTOR_1(type) type
#define VECTOR_2(type) type##2
#define VECTOR_4(type) type##4
#define VECTOR_8(type) type##8
#define VECTOR_16(type) type##16
#define VECTOR(type, width) CK_JOIN(VECTOR_, width)(type)
#define LOAD_1(p) (*(p))
#define LOAD_2(p) vload2(0, p)
#define LOAD_4(p) vload4(0, p)
#define LOAD_8(p) vload8(0, p)
#define LOAD_16(p) vload16(0, p)
#define LOAD(width, p) CK_JOIN(LOAD_, width)(p)
#define STORE_1(x, p) (*(p) = (x))
#define STORE_2(x, p) vstore2(x, 0, p)
#define STORE_4(x, p) vstore4(x, 0, p)
#define STORE_8(x, p) vstore8(x, 0, p)
#define STORE_16(x, p) vstore16(x, 0, p)
#define STORE(width, x, p) CK_JOIN(STORE_, width)(x, p)

// NAME##_some: the first `count` of `width` elements, zero beyond; NAME##_keep stores as many.
#define SOME_OF(NAME, type, width)                                                 \
  CK_INLINE VECTOR(type, width) NAME##_some(__global const type *p, int count) {   \
    if (width == 1 || count >= width) return LOAD(width, p);                       \
    type some[width];                                                              \
    for (int e = 0; e < width; ++e) some[e] = e < count ? p[e] : 0;                \
    return LOAD(width, some);                                                      \
  }                                                                                \
  CK_INLINE void NAME##_keep(VECTOR(type, width) x, __global type *p, int count) { \
    if (width == 1 || count >= width) {                                            \
      STORE(width, x, p);                                                          \
      return;                                                                      \
    }                                                                              \
    type some[width];                                                              \
    STORE(width, x, some);                                                         \
    for (int e = 0; e < count; ++e) p[e] = some[e];                                \
  }

#define CK_UNROLL _Pragma("unroll")
#define CK_KERNEL __kernel __attribute__((reqd_work_group_size(CK_GROUP, 1, 1)))

// Where CK_WIDTH elements of the item begin: beyond all tensors in items without any.
CK_INLINE int first_element(void) { return min(get_global_id(0) * CK_WIDTH, (size_t)INT_MAX); }

// Toward zero, held to the range of int32; NaN gives 0.
CK_INLINE int truncated(float x) { return isnan(x) ? 0 : convert_int_sat(x); }

// Programs that exist for int32 too are built a second time with CK_INTEGER.
#ifdef CK_INTEGER
#define CK_ELEMENT int
typedef CK_ELEMENT element;
CK_INLINE int is_nan(element x) { return 0; }
#define plus(a, b) ((element)((uint)(a) + (uint)(b)))  // wraps
#define minus(a, b) ((element)((uint)(a) - (uint)(b)))
#define times(a, b) ((element)((uint)(a) * (uint)(b)))
#define multiply_add(a, b, c) plus(times(a, b), c)
#define parameter(x) truncated(x)
#else
#define CK_ELEMENT float
typedef CK_ELEMENT element;
CK_INLINE int is_nan(element x) { return isnan(x); }
#define plus(a, b) ((a) + (b))
#define minus(a, b) ((a) - (b))
#define times(a, b) ((a) * (b))
#define multiply_add(a, b, c) fma(a, b, c)
#define parameter(x) (x)
#endif
