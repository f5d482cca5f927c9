// Every plain family, for the ELEMENT type and the names PLAIN(family) that the including file defines.
#include "plain.h"
#include <math.h>
#include <stddef.h>
#include <string.h>
#include <tgmath.h>

#include "plain_gemm.h"
#include "plain_convolution.h"
#include "plain_pooling.h"
#include "plain_softmax.h"
#include "plain_elementwise.h"
#include "plain_reduction.h"
