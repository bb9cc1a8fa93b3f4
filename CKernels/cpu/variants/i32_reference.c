// int32, for indices and counts: arithmetic wraps.
#include "variants/template.h"

#define REAL int32_t
#define REAL_IS_F32 0
#define REAL_IS_F64 0
#define REAL_IS_I32 1
#define CK_TWIN 0
#define NAME(op) CK_JOIN(op, i32_reference)
#include "variants/templates.inc"
