// Every family for what the compiler's target has without asking: SSE2 on x86-64.
#include "kernels.h"
#include "simd/prelude.h"
#define VECTOR_LENGTH 4
#define TILE_ROWS 6
#if defined(__FMA__) || defined(__aarch64__)
#define HAS_FMA 1
#endif
#define PRODUCTS_PER_NANOSECOND 8
#define KERNELS nnx_kernels_baseline
#include "simd/families.h"
