// Arithmetic on plain pointers. ck_shapes.h: the scalars of every call; ck_kernels.h: the kernels;
// ck_call.h: calls of them as data; ck_runtime.h: processor and threads; ck_cores.h, ck_roofs.h:
// for benchmarks; ck_winograd.h: which convolutions are done by Winograd's algorithm.
#pragma once
#include "ck_shapes.h"
#include "ck_runtime.h"
#include "ck_kernels.h"
#include "ck_call.h"
#include "ck_cores.h"
#include "ck_roofs.h"
#include "ck_amx.h"
#include "ck_winograd.h"
