// The instruction sets that every kernel family is compiled for.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum __attribute__((enum_extensibility(closed))) nnx_isa : int32_t {
    nnx_isa_baseline, // whatever the compiler's target has: SSE2 on x86-64, plain vectors elsewhere
    nnx_isa_avx2,     // AVX2 and FMA
    nnx_isa_avx512,   // AVX-512 F, VL, DQ, BW
    nnx_isa_neon,     // AArch64 Advanced SIMD
};
typedef enum nnx_isa nnx_isa;

// Whether this processor (and this build) can run the kernels of `isa`.
bool nnx_isa_is_available(nnx_isa isa);

// The instruction set to plan for: the widest available, or what the environment variable
// NNX_ISA (baseline, avx2, avx512, neon) names, if that is available. Looked up at each call: keep it.
nnx_isa nnx_isa_default(void);

const char *nnx_isa_name(nnx_isa isa);
