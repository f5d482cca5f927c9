// Fills, casts, gathers. Memory-bound, so one build serves all instruction sets.
#include "movement.h"
#include <math.h>
#include <string.h>

void nnx_cast_float_to_double(const float *source, double *destination, long count) {
    for (long i = 0; i < count; i++) destination[i] = source[i];
}

void nnx_cast_double_to_float(const double *source, float *destination, long count) {
    for (long i = 0; i < count; i++) destination[i] = (float)source[i];
}

#define ELEMENT float
#define MOVE(function) function##_float
#include "movement_element.h"
#undef ELEMENT
#undef MOVE
#define ELEMENT double
#define MOVE(function) function##_double
#include "movement_element.h"
