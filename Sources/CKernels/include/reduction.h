// Reductions of [outer, length, inner] to [outer, inner], float32.
// All elements: outer = inner = 1. The last axis: inner = 1. Leading axes (column sums): outer = 1.
#pragma once
#include "isa.h"
#include "work.h"

enum __attribute__((enum_extensibility(closed))) nnx_reduction_kind : int32_t {
    nnx_reduction_kind_sum,        // 0 if length is 0
    nnx_reduction_kind_product,    // 1 if length is 0
    nnx_reduction_kind_maximum,    // -infinity if length is 0; NaN if any element is
    nnx_reduction_kind_minimum,    // infinity if length is 0; NaN if any element is
    nnx_reduction_kind_argmax,     // index of the first maximum as a float, NaN counting as largest; 0 if length is 0
    nnx_reduction_kind_argmin,     // index of the first minimum as a float, NaN counting as smallest
};
typedef enum nnx_reduction_kind nnx_reduction_kind;

struct nnx_reduction_problem {
    nnx_reduction_kind kind;
    long outer, length, inner;
    double scale;       // multiplies a sum: 1 / length for a mean, else 1
    bool accumulate;    // kind_sum: add to what the result holds
};
typedef struct nnx_reduction_problem nnx_reduction_problem;

struct nnx_reduction {
    nnx_work work;
    nnx_reduction_problem problem;
    nnx_isa isa;
    long outer_per_chunk, inner_per_chunk;    // results of one chunk
    long split_count, split_length;           // ranges of the reduced axis, combined in order
};
typedef struct nnx_reduction nnx_reduction;

nnx_reduction nnx_reduction_plan(nnx_isa isa, nnx_reduction_problem problem);
void nnx_reduction_run(const nnx_reduction *plan, int phase, long chunk, const float *x, float *y, void *shared);
