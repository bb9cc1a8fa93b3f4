// What the processor can do.
#include "ck_runtime.h"

// Every feature that a twin's target attribute names is asked for; the compiler's own test also
// asks whether the operating system keeps the wide registers.
ck_isa ck_processor_isa(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return CK_REFERENCE;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
      !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq"))
    return CK_AVX2;
  return CK_AVX512;
#else
  return CK_REFERENCE;
#endif
}
