// The plain kernels for double.
#define ELEMENT double
#define PLAIN(family) nnx_plain_##family##_double
#include "plain_families.h"
