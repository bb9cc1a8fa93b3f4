// What the processor can do.
#define _GNU_SOURCE  // for syscall
#include "ck_runtime.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <pthread.h>
#include <stdint.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "gemm/amx.h"

// Intel's manual, volume 1, chapter 18 ("Programming with Intel AMX"): leaf 7 says that there are
// tiles and products of bfloat16, leaves 0x1d and 0x1e of which sizes.
static bool processor_has_tiles(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return false;
  // Palette 1: 8 tiles of 16 rows of 64 bytes.
  if (!__get_cpuid_count(0x1d, 1, &a, &b, &c, &d) || a >> 16 != 1024 || (b & 0xffff) != 64 ||
      b >> 16 < 8 || (c & 0xffff) < 16)
    return false;
  // A product goes through 16 rows and 64 bytes of them at once.
  return __get_cpuid_count(0x1e, 0, &a, &b, &c, &d) && (b & 0xff) >= 16 && (b >> 8 & 0xffff) >= 64;
}

// Whether the operating system keeps the tiles and their configuration (bits 18 and 17 of XCR0).
static bool system_keeps_tiles(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 27 & 1)) return false;  // OSXSAVE
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low >> 17 & 3) == 3;
}

// Linux lets a process use tiles only after it has asked (Documentation/arch/x86/xstate.rst); the
// answer holds for all its threads.
static bool system_permits_tiles(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
  enum { REQUEST_PERMISSION = 0x1023, TILES = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILES) == 0;
#else
  return false;
#endif
}

static bool has_amx;

static void find_amx(void) {
  has_amx = __builtin_cpu_supports("avx512bf16") && processor_has_tiles() && system_keeps_tiles() &&
            system_permits_tiles() && ck_amx_product_is_right(ck_amx_product_on_tiles);
}

// Every feature that a twin's target attribute names is asked for; the compiler's own test also
// asks whether the operating system keeps the wide registers.
ck_isa ck_processor_isa(ck_isa most) {
  __builtin_cpu_init();
  if (most == CK_REFERENCE || !__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return CK_REFERENCE;
  if (most == CK_AVX2 || !__builtin_cpu_supports("avx512f") ||
      !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq"))
    return CK_AVX2;
  if (most == CK_AVX512) return CK_AVX512;
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_amx);
  return has_amx ? CK_AMX : CK_AVX512;
}

int ck_processor_has_bfloat16(void) {
  return ck_processor_isa(CK_AVX512) == CK_AVX512 && __builtin_cpu_supports("avx512bf16");
}
#else
ck_isa ck_processor_isa(ck_isa most) {
  (void)most;
  return CK_REFERENCE;
}
int ck_processor_has_bfloat16(void) { return 0; }
#endif
