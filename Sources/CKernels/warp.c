// Affine warps. One build serves all instruction sets: the pixels lie anywhere, so little of it vectorises.
#include "warp.h"
#include <math.h>
#include <string.h>

// The pixel of an axis of n pixels that stands at place i, or -1 for the constant.
static long inside(long i, long n, nnx_warp_fill fill) {
    if (i >= 0 && i < n) return i;
    switch (fill) {
    case nnx_warp_fill_constant: return -1;
    case nnx_warp_fill_edge: return i < 0 ? 0 : n - 1;
    case nnx_warp_fill_reflect: {
        const long period = 2 * n, place = ((i % period) + period) % period;
        return place < n ? place : period - 1 - place;
    }
    case nnx_warp_fill_wrap: return ((i % n) + n) % n;
    }
}

#define ELEMENT float
#define WARP(function) function##_float
#define FLOOR floorf
#include "warp_element.h"
#undef ELEMENT
#undef WARP
#undef FLOOR
#define ELEMENT double
#define WARP(function) function##_double
#define FLOOR floor
#include "warp_element.h"
