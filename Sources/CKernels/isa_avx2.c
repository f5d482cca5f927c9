// Every family for AVX2 and FMA.
#if defined(__x86_64__)
#include "kernels.h"
#include "simd/prelude.h"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_LENGTH 8
#define TILE_ROWS 6
#define HAS_FMA 1
#define PRODUCTS_PER_NANOSECOND 35
#define KERNELS nnx_kernels_avx2
#include "simd/families.h"
#pragma clang attribute pop
#endif
