#include <math.h>

#include "elementwise/activate.h"
#include "gemm/gemm.h"

#define real float
#define real_fma fmaf
#define NAME(x) x##_f32_reference
#include "gemm/reference.inc"
#undef real
#undef real_fma
#undef NAME

#define real double
#define real_fma fma
#define NAME(x) x##_f64_reference
#include "gemm/reference.inc"
