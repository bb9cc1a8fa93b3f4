// What the processor can do.
#include "ck_runtime.h"

// AMX would be asked for here too: its tiles also need a permission of the operating system, by
// arch_prctl.
int ck_processor_has_bfloat16(void) {
#if defined(__x86_64__)
  return ck_processor_isa() >= CK_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

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
