// What every program begins with: floating-point rules, names for the transcendental functions, and
// the work-group.
//
// Every kernel runs in work-groups of CK_GROUP items in one dimension (64, or 16 on small devices)
// and takes its scalars by value; a tensor arrives as a buffer and the position of its first
// element. Results depend on shapes alone, never on CK_GROUP.
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

#define CK_KERNEL __kernel __attribute__((reqd_work_group_size(CK_GROUP, 1, 1)))

// Toward zero, held to the range of int32; NaN gives 0.
CK_INLINE int truncated(float x) { return isnan(x) ? 0 : convert_int_sat(x); }

// Programs that exist for int32 too are built a second time with CK_INTEGER.
#ifdef CK_INTEGER
typedef int element;
CK_INLINE int is_nan(element x) { return 0; }
#define plus(a, b) ((element)((uint)(a) + (uint)(b)))  // wraps
#define minus(a, b) ((element)((uint)(a) - (uint)(b)))
#define times(a, b) ((element)((uint)(a) * (uint)(b)))
#define multiply_add(a, b, c) plus(times(a, b), c)
#define parameter(x) truncated(x)
#else
typedef float element;
CK_INLINE int is_nan(element x) { return isnan(x); }
#define plus(a, b) ((a) + (b))
#define minus(a, b) ((a) - (b))
#define times(a, b) ((a) * (b))
#define multiply_add(a, b, c) fma(a, b, c)
#define parameter(x) (x)
#endif
