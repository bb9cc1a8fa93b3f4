// float32 without an instruction set: the specification, and the only variant on processors without
// twins of their own.
#include "variants/template.h"
#pragma STDC FP_CONTRACT OFF

#define REAL float
#define REAL_IS_F32 1
#define REAL_IS_F64 0
#define REAL_IS_I32 0
#define CK_TWIN 0
#define NAME(op) CK_JOIN(op, f32_reference)
#include "variants/templates.inc"
