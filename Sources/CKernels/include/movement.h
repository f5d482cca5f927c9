// Kernels that move elements without arithmetic. Elements are 4 or 8 bytes wide.
#pragma once
#include "elementwise.h"
#include "isa.h"
#include "work.h"

struct nnx_copy_problem {
    int32_t element_bytes;                    // 4 or 8
    int32_t rank;                             // 0 ... NNX_RANK_MAX
    long shape[NNX_RANK_MAX];
    long source_strides[NNX_RANK_MAX];        // in elements; 0 broadcasts, negative flips
    long destination_strides[NNX_RANK_MAX];   // in elements, no two elements in the same place
};
typedef struct nnx_copy_problem nnx_copy_problem;

// Strided copy: permutation, transposition, slice, padding's interior, broadcast, concatenation's parts.
struct nnx_copy {
    nnx_work work;
    nnx_copy_problem problem;    // axes of extent 1 dropped, mergeable axes merged, ordered by destination stride
    nnx_isa isa;
    bool transposes;             // the last two axes are a transposition, done in blocks
    long rows_per_chunk;
};
typedef struct nnx_copy nnx_copy;

nnx_copy nnx_copy_plan(nnx_isa isa, nnx_copy_problem problem);
void nnx_copy_run(const nnx_copy *plan, long chunk, const void *source, void *destination);

// The functions below work on a range that the caller chose; any cut gives the same bits.
void nnx_fill_float(float *destination, long count, float value);
void nnx_fill_double(double *destination, long count, double value);
void nnx_cast_float_to_double(const float *source, double *destination, long count);
void nnx_cast_double_to_float(const double *source, float *destination, long count);

// destination[i, :] = table[indices[i], :]. An index that is no integer in 0 ..< rows makes its row NaN.
void nnx_gather_rows_float(
    const float *table, long rows, long columns, const float *indices, long count, float *destination);
void nnx_gather_rows_double(
    const double *table, long rows, long columns, const double *indices, long count, double *destination);

// table[indices[i], first ..< last] += source[i, first ..< last], in the order of i; the gradient of a gather.
// Cut by columns only. An index out of range is skipped.
void nnx_scatter_add_rows_float(
    float *table, long rows, long columns, const float *indices, long count, const float *source, long first,
    long last);
void nnx_scatter_add_rows_double(
    double *table, long rows, long columns, const double *indices, long count, const double *source, long first,
    long last);

// destination[i, j] = 1 if j is labels[i], else 0. A label that is no integer in 0 ..< classes makes its row NaN.
void nnx_one_hot_float(const float *labels, long count, long classes, float *destination);
void nnx_one_hot_double(const double *labels, long count, long classes, double *destination);
