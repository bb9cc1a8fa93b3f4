// The reference in double precision, with the C library's functions: for checking rules and models.
#include "variants/template.h"
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpass-failed"  // calls of the C library stay scalar

#define REAL double
#define REAL_IS_F32 0
#define REAL_IS_F64 1
#define REAL_IS_I32 0
#define CK_TWIN 0
#define NAME(op) CK_JOIN(op, f64_reference)
#include "variants/templates.inc"
