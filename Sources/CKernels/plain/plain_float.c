// The plain kernels for float.
#define ELEMENT float
#define PLAIN(family) nnx_plain_##family##_float
#include "plain_families.h"
