// Which instruction sets this processor has.
#include "isa.h"
#include <stdlib.h>
#include <string.h>

bool nnx_isa_is_available(nnx_isa isa) {
    switch (isa) {
    case nnx_isa_baseline: return true;
#if defined(__x86_64__)
    case nnx_isa_avx2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case nnx_isa_avx512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case nnx_isa_neon: return false;
#elif defined(__aarch64__)
    case nnx_isa_avx2:
    case nnx_isa_avx512: return false;
    case nnx_isa_neon: return true;
#else
    default: return false;
#endif
    }
}

const char *nnx_isa_name(nnx_isa isa) {
    switch (isa) {
    case nnx_isa_baseline: return "baseline";
    case nnx_isa_avx2: return "avx2";
    case nnx_isa_avx512: return "avx512";
    case nnx_isa_neon: return "neon";
    }
}

nnx_isa nnx_isa_default(void) {
    static const nnx_isa widest_first[] = {nnx_isa_avx512, nnx_isa_avx2, nnx_isa_neon, nnx_isa_baseline};
    const char *wanted = getenv("NNX_ISA");
    for (int i = 0; wanted && i < 4; i++)
        if (!strcmp(wanted, nnx_isa_name(widest_first[i])) && nnx_isa_is_available(widest_first[i]))
            return widest_first[i];
    for (int i = 0; i < 4; i++)
        if (nnx_isa_is_available(widest_first[i])) return widest_first[i];
    return nnx_isa_baseline;
}
