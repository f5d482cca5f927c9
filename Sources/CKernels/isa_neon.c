// Every family for AArch64 Advanced SIMD.
#if defined(__aarch64__)
#include "kernels.h"
#include "simd/prelude.h"
#define VECTOR_LENGTH 4
#define TILE_ROWS 8
#define HAS_FMA 1
#define PRODUCTS_PER_NANOSECOND 15
#define KERNELS nnx_kernels_neon
#include "simd/families.h"
#endif
