#include "multiply.h"

extern const Multiplier plainMultiplier;
#ifdef __x86_64__
extern const Multiplier avx512Multiplier, avx2Multiplier;
#endif

const Multiplier *multiplierHere(void) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return &avx512Multiplier;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2Multiplier;
#endif
  return &plainMultiplier;
}
