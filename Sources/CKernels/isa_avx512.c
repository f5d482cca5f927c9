// Every family for AVX-512 F, VL, DQ and BW.
#if defined(__x86_64__)
#include "kernels.h"
#include "simd/prelude.h"
#pragma clang attribute push(                                                                                    \
    __attribute__((target("avx2,fma,avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)
#define VECTOR_LENGTH 16
#define TILE_ROWS 14
#define HAS_FMA 1
#define HAS_MASKS 1
#define PRODUCTS_PER_NANOSECOND 40
#define KERNELS nnx_kernels_avx512
#include "simd/families.h"
#pragma clang attribute pop
#endif
