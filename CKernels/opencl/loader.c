// Finds the system's OpenCL library at run time, so that one binary runs with and without it.
#include <dlfcn.h>
#include <stddef.h>

#include "COpenCLKernels.h"

ck_opencl_status ck_opencl_load(ck_opencl *functions, const char **missing) {
  *missing = NULL;
  void *library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libOpenCL.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) return CK_OPENCL_NO_LIBRARY;
#define CK_OPENCL_FIND(name)                               \
  functions->name = (typeof(name) *)dlsym(library, #name); \
  if (!functions->name && !*missing) *missing = #name;
  CK_OPENCL_FUNCTIONS(CK_OPENCL_FIND)
#undef CK_OPENCL_FIND
  return *missing ? CK_OPENCL_MISSING_SYMBOL : CK_OPENCL_LOADED;
}
