// General matrix product C = activation(A·B (+ C) + bias), float32.
#pragma once
#include "isa.h"
#include "work.h"

struct nnx_gemm_problem {
    long rows, columns, depth;             // C is [rows, columns]; each element is a sum of `depth` products
    long a_row_stride, a_column_stride;    // A(i, k) = a[i * a_row_stride + k * a_column_stride]
    long b_row_stride, b_column_stride;    // B(k, j) = b[k * b_row_stride + j * b_column_stride]
    long c_row_stride;                     // C(i, j) = c[i * c_row_stride + j]
    bool accumulate;                       // add to what C holds
    bool has_bias;                         // add bias[j] to column j
    nnx_activation activation;             // applied last
};
typedef struct nnx_gemm_problem nnx_gemm_problem;

enum __attribute__((enum_extensibility(closed))) nnx_gemm_algorithm : int32_t {
    nnx_gemm_algorithm_empty,      // no element, or no product
    nnx_gemm_algorithm_small,      // one chunk
    nnx_gemm_algorithm_skinny,     // few rows: chunks are strips of columns, each packs its own part of B
    nnx_gemm_algorithm_blocked,    // pack B, then blocks of C
    nnx_gemm_algorithm_streamed,   // few rows, large B of contiguous rows: B is read once, in place
    nnx_gemm_algorithm_dotted,     // few rows, large B of contiguous columns: the same by dot products
    nnx_gemm_algorithm_split,      // long sums, small C: partial sums over fixed ranges, then an ordered reduction
};
typedef enum nnx_gemm_algorithm nnx_gemm_algorithm;
const char *nnx_gemm_algorithm_name(nnx_gemm_algorithm algorithm);    // null behind the last one
int nnx_gemm_algorithm_count(void);

struct nnx_gemm {
    nnx_work work;
    nnx_gemm_problem problem;
    nnx_isa isa;
    nnx_gemm_algorithm algorithm;
    long depth_block, row_block, column_block;    // C is computed in row_block x column_block x depth_block steps
    long split_count, split_depth;                // algorithm_split, algorithm_streamed: ranges of the sum
    bool bypasses;                                // algorithm_blocked: a large C is written past the caches
};
typedef struct nnx_gemm nnx_gemm;

// Strides are in elements and may be any (all four transpositions are one call), but C's rows must not overlap.
nnx_gemm nnx_gemm_plan(nnx_isa isa, nnx_gemm_problem problem);

// The same by an algorithm of the caller's choice; the expected one where that cannot serve the problem.
nnx_gemm nnx_gemm_plan_by(nnx_gemm_algorithm algorithm, nnx_isa isa, nnx_gemm_problem problem);

// One chunk of one phase. `bias` may be null when the problem has none.
void nnx_gemm_run(
    const nnx_gemm *plan, int phase, long chunk, const float *a, const float *b, float *c, const float *bias,
    void *shared, void *worker);
