// Sums of what an elementwise program computes, which is never stored: each output of the program, seen as
// [outer, length, inner], is summed to [outer, inner]. All outputs are summed in one pass over the inputs.
#pragma once
#include "elementwise.h"

enum { NNX_PROGRAM_SUMS_MAX = 16 };    // outputs

struct nnx_program_sum_problem {
    nnx_program program;           // at most NNX_PROGRAM_SUMS_MAX outputs
    long outer, length, inner;     // their product is the number of elements of the program's shape
    const double *scales;          // a factor for each output's sums; the caller's, must outlive the plan
};
typedef struct nnx_program_sum_problem nnx_program_sum_problem;

struct nnx_program_sum {
    nnx_work work;
    nnx_program_sum_problem problem;
    nnx_elementwise elementwise;                   // how a tile of the program is run
    long outer_per_chunk;
    long outer_per_tile, rows_per_tile;            // what one tile holds: whole results, or rows of one
    long split_count, split_length;                // ranges of the sum, added in order
};
typedef struct nnx_program_sum nnx_program_sum;

nnx_program_sum nnx_program_sum_plan(nnx_isa isa, nnx_program_sum_problem problem);

// One chunk of one phase. `outputs` have outer * inner elements each and overlap nothing.
void nnx_program_sum_run(
    const nnx_program_sum *plan, int phase, long chunk, const float *const *inputs, float *const *outputs,
    void *shared, void *worker);
