// The table of compiled kernels of one instruction set. Internal: plans are made and run through the public headers.
#pragma once
#include "CKernels.h"

enum { NNX_ALIGNMENT = 64 };    // of scratch, in bytes

struct nnx_kernels {
    long vector_length;                // floats
    long tile_rows, tile_columns;      // the register tile of matrix products
    double products_per_nanosecond;    // multiply-adds of a matrix product on one core, roughly
    void (*gemm_run)(
        const nnx_gemm *, int phase, long chunk, const float *a, const float *b, float *c, const float *bias,
        void *shared, void *worker);
    void (*convolution_run)(
        const nnx_convolution *, int phase, long chunk, const float *first, const float *second, float *result,
        const float *bias, void *shared, void *worker);
    void (*pooling_run)(const nnx_pooling *, long chunk, const float *x, float *y);
    void (*pooling_gradient_run)(
        const nnx_pooling *, long chunk, const float *x, const float *y, const float *dy, float *dx);
    void (*softmax_run)(const nnx_softmax *, long chunk, const float *x, float *y);
    void (*softmax_gradient_run)(const nnx_softmax *, long chunk, const float *y, const float *dy, float *dx);
    void (*cross_entropy_run)(
        const nnx_softmax *, long chunk, const float *logits, const float *labels, float *losses, float *gradient,
        float scale);
    void (*elementwise_run)(
        const nnx_elementwise *, long chunk, const float *const *inputs, float *const *outputs, void *worker);
    void (*reduction_run)(const nnx_reduction *, int phase, long chunk, const float *x, float *y, void *shared);
    void (*program_sum_run)(
        const nnx_program_sum *, int phase, long chunk, const float *const *inputs, float *const *outputs,
        void *shared, void *worker);
    long (*peak_run)(long count, float *result);
};
typedef struct nnx_kernels nnx_kernels;

// The table of `isa`, or of the baseline if this build does not have it.
const nnx_kernels *nnx_kernels_for(nnx_isa isa);

enum {
    NNX_TILE_PADDING = 16,           // floats between two tiles of an elementwise program
    NNX_REDUCTION_COLUMNS = 256,     // results of one reduction chunk along the inner axis, at most
    NNX_ADDED_SUMS = 512,            // results of one chunk of the phase that adds the ranges of a program's sums
};

static inline long nnx_minimum(long a, long b) { return a < b ? a : b; }
static inline long nnx_maximum(long a, long b) { return a > b ? a : b; }
static inline long nnx_divide_up(long a, long b) { return (a + b - 1) / b; }
static inline long nnx_round_up(long a, long multiple) { return nnx_divide_up(a, multiple) * multiple; }

// Bytes of `count` floats, rounded so that what follows is aligned.
static inline long nnx_scratch_bytes(long count) { return nnx_round_up(count * (long)sizeof(float), NNX_ALIGNMENT); }

// Doubles from one output's sums to the next one's, with room for a vector behind the last.
static inline long nnx_sum_stride(long inner) { return nnx_round_up(inner, NNX_ALIGNMENT / (long)sizeof(float)); }
