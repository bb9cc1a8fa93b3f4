// What an OpenCL device needs from C: the loader, found at run time, and the texts of the kernels.
#pragma once
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "CKernels.h"

// Every function of OpenCL 1.2 that Atelier calls.
#define CK_OPENCL_FUNCTIONS(X)   \
  X(clGetPlatformIDs)            \
  X(clGetPlatformInfo)           \
  X(clGetDeviceIDs)              \
  X(clGetDeviceInfo)             \
  X(clCreateContext)             \
  X(clReleaseContext)            \
  X(clCreateCommandQueue)        \
  X(clReleaseCommandQueue)       \
  X(clCreateBuffer)              \
  X(clReleaseMemObject)          \
  X(clCreateProgramWithSource)   \
  X(clCreateProgramWithBinary)   \
  X(clBuildProgram)              \
  X(clGetProgramBuildInfo)       \
  X(clGetProgramInfo)            \
  X(clReleaseProgram)            \
  X(clCreateKernel)              \
  X(clReleaseKernel)             \
  X(clSetKernelArg)              \
  X(clEnqueueNDRangeKernel)      \
  X(clEnqueueReadBuffer)         \
  X(clEnqueueWriteBuffer)        \
  X(clEnqueueMapBuffer)          \
  X(clEnqueueUnmapMemObject)     \
  X(clEnqueueMarkerWithWaitList) \
  X(clFlush)                     \
  X(clFinish)                    \
  X(clWaitForEvents)             \
  X(clGetEventInfo)              \
  X(clGetEventProfilingInfo)     \
  X(clReleaseEvent)

// The functions of a loaded library, all of them present.
typedef struct ck_opencl {
#define CK_OPENCL_POINTER(name) typeof(name) *_Nonnull name;
  CK_OPENCL_FUNCTIONS(CK_OPENCL_POINTER)
#undef CK_OPENCL_POINTER
} ck_opencl;

typedef enum ck_opencl_status {
  CK_OPENCL_LOADED = 0,
  CK_OPENCL_NO_LIBRARY,      // neither libOpenCL.so.1 nor libOpenCL.so can be loaded
  CK_OPENCL_MISSING_SYMBOL,  // a library was found that lacks a function of OpenCL 1.2
} ck_opencl_status;

// Loads the system's OpenCL library, which then stays loaded, and fills `functions`. On
// CK_OPENCL_MISSING_SYMBOL `missing` names the function, otherwise it becomes NULL; it is a
// constant string.
ck_opencl_status ck_opencl_load(ck_opencl *_Nonnull functions,
                                const char *_Nullable *_Nonnull missing);

// What stands before every call of a watched library.
typedef struct ck_opencl_watcher {
  void *_Nullable context;
  // Is asked before a call: CL_SUCCESS makes it, any other code is returned in its place. Calls
  // that wait or release are made all the same.
  cl_int (*_Nonnull ask)(void *_Nullable context, const char *_Nonnull function);
  // Is told of a new object (1), or one that is released (-1): "context", "queue", "buffer",
  // "program", "kernel" or "event".
  void (*_Nonnull count)(void *_Nullable context, const char *_Nonnull kind, int change);
} ck_opencl_watcher;

// Puts a watcher before the functions of a loaded library. There is one watcher in a process: a
// second one takes the place of the first, whose library must not be in use any more.
void ck_opencl_watch(ck_opencl *_Nonnull functions, const ck_opencl_watcher *_Nonnull watcher);

// Names of the functions, in their order; NULL behind the last.
const char *_Nullable ck_opencl_function(size_t index);

// The texts that programs are put together from: what kernels share, then one text a family.
typedef enum ck_opencl_text {
  CK_TEXT_SHAPES = 0,  // ck_shapes.h of the C kernels: the scalars of every call
  CK_TEXT_COMMON,
  CK_TEXT_MATH,       // math.inc of the C kernels: transcendental functions
  CK_TEXT_PIECEWISE,  // activations.inc of the C kernels
  CK_TEXT_ACTIVATION,
  CK_TEXT_ELEMENTWISE,
  CK_TEXT_MOVEMENT,
  CK_TEXT_LANES,  // sums along rows
  CK_TEXT_REDUCTION,
  CK_TEXT_SOFTMAX,
  CK_TEXT_LOSS,
  CK_TEXT_PLACE,
  CK_TEXT_GEMM,
  CK_TEXT_CONVOLUTION,
  CK_TEXT_MATRIX_UNITS,
  CK_TEXT_STAGING,
  CK_TEXT_PRODUCT,  // the tiled sum of products under GEMM and convolution
  CK_TEXT_WINOGRAD,
  CK_TEXT_TRANSFORM_LINES,  // transform_lines.inc of the C kernels
  CK_TEXT_WINOGRAD_SQUARES,
  CK_TEXT_PICTURE,
  CK_TEXT_NORMALISATION,
  CK_TEXT_OPTIMISER,
  CK_TEXT_NORMAL_TABLE,  // ck_normal_table.h of the C kernels, as a constant array
  CK_TEXT_PHILOX,        // philox.inc of the C kernels
  CK_TEXT_RANDOM,
} ck_opencl_text;

// OpenCL C 1.2, NUL-terminated.
const char *_Nonnull ck_opencl_source(ck_opencl_text text);
