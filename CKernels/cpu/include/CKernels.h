// Arithmetic on plain pointers. ck_shapes.h: the scalars of every call; ck_kernels.h: the kernels;
// ck_runtime.h: processor and threads.
#pragma once
#include "ck_shapes.h"
#include "ck_runtime.h"
#include "ck_kernels.h"
