// Every family for the instruction set that the including file describes: VECTOR_LENGTH in floats, TILE_ROWS of the
// register tile, HAS_FMA, HAS_MASKS, and KERNELS, the name of the table.
#include "vector.h"
#include "tile.h"
#include "pack.h"
#include "gemm_kernel.h"
#include "convolution_rows.h"
#include "convolution_scatter.h"
#include "convolution_weights.h"
#include "convolution_channelwise.h"
#include "winograd_transforms.h"
#include "convolution_winograd.h"
#include "convolution_winograd_weights.h"
#include "convolution_kernel.h"
#include "pooling_kernel.h"
#include "vector_math.h"
#include "softmax_kernel.h"
#include "elementwise_kernel.h"
#include "reduction_kernel.h"
#include "program_sum_kernel.h"
#include "peak_kernel.h"

extern const nnx_kernels KERNELS;
const nnx_kernels KERNELS = {
    .vector_length = VECTOR_LENGTH,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .products_per_nanosecond = PRODUCTS_PER_NANOSECOND,
    .gemm_run = gemm_run,
    .convolution_run = convolution_run,
    .pooling_run = pooling_run,
    .pooling_gradient_run = pooling_gradient_run,
    .softmax_run = softmax_run,
    .softmax_gradient_run = softmax_gradient_run,
    .cross_entropy_run = cross_entropy_run,
    .elementwise_run = elementwise_run,
    .reduction_run = reduction_run,
    .program_sum_run = program_sum_run,
    .peak_run = peak_run,
};
