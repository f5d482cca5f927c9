// Which algorithm serves which sizes, and how its work is cut. Sizes and the instruction set decide, nothing else.
#include "kernels.h"

enum {
    SMALL_VOLUME = 300000,      // multiply-adds below which one chunk is best
    SMALL_DEPTH = 512,
    SKINNY_ROWS = 192,
    DEPTH_BLOCK = 256,          // of a panel: stays in the first-level cache
    ROW_BLOCK = 72,             // of A: stays in the second-level cache
    COLUMN_BLOCK = 512,
    WANTED_CHUNKS = 16,
    STREAMED_ROWS = 32,         // beyond, a packed B is used often enough
    STREAMED_COLUMNS = 512,     // fewer make a long sum of a small C, which is split
    STREAMED_ELEMENTS = 1 << 20,    // of a B that no cache near a core holds
    STREAMED_STEP = 128,        // products added to a tile at a time
    STREAMED_DEPTH = 2048,      // of one range
    DOTTED_DEPTH = 512,
    BYPASSED_ELEMENTS = 1 << 24,    // of a C that no cache holds until it is read
    SPLIT_DEPTH = 1024,         // shortest sum that is split, and the least length of a part
    SPLIT_PARTS_MAX = 16,
    SPLIT_ELEMENTS_MAX = 1 << 18,
};

// Blocks of nearly equal size, at most `block`, multiples of `multiple`.
static long even_block(long total, long block, long multiple) {
    long count = nnx_divide_up(total, block);
    return nnx_round_up(nnx_divide_up(total, count), multiple);
}

static void plan_split(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    const long padded_columns = nnx_round_up(p.columns, kernels->tile_columns);
    plan->split_count = nnx_minimum(SPLIT_PARTS_MAX, p.depth / (SPLIT_DEPTH / 4));
    plan->split_depth = nnx_divide_up(p.depth, plan->split_count);
    plan->split_count = nnx_divide_up(p.depth, plan->split_depth);
    plan->depth_block = even_block(plan->split_depth, DEPTH_BLOCK, 4);
    plan->row_block = even_block(p.rows, nnx_divide_up(p.rows, 8), 1);
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = plan->split_count;
    plan->work.chunk_count[1] = nnx_divide_up(p.rows, plan->row_block);
    plan->work.nanoseconds[0] = nanoseconds;
    plan->work.nanoseconds[1] = (double)plan->split_count * p.rows * padded_columns * 0.1;
    plan->work.shared_bytes = nnx_scratch_bytes(plan->split_count * p.rows * padded_columns);
    plan->work.worker_bytes = nnx_scratch_bytes(plan->depth_block * (padded_columns + kernels->tile_rows));
}

static void plan_blocked(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    const long panels = nnx_divide_up(p.columns, kernels->tile_columns);
    plan->depth_block = even_block(p.depth, DEPTH_BLOCK, 4);
    plan->column_block = even_block(p.columns, COLUMN_BLOCK, kernels->tile_columns);
    const long column_blocks = nnx_divide_up(p.columns, plan->column_block);
    const long wanted_row_blocks = nnx_divide_up(WANTED_CHUNKS, column_blocks);
    plan->row_block = nnx_minimum(ROW_BLOCK, nnx_divide_up(p.rows, wanted_row_blocks));
    plan->row_block = even_block(p.rows, nnx_round_up(plan->row_block, kernels->tile_rows), kernels->tile_rows);
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = nnx_divide_up(p.columns, plan->column_block) * nnx_divide_up(p.depth, plan->depth_block);
    plan->work.chunk_count[1] = column_blocks * nnx_divide_up(p.rows, plan->row_block);
    plan->work.nanoseconds[0] = (double)p.depth * p.columns * 0.3;
    plan->work.nanoseconds[1] = nanoseconds;
    plan->bypasses = (double)p.rows * p.columns >= BYPASSED_ELEMENTS && !p.accumulate && plan->depth_block >= p.depth
        && p.c_row_stride % (NNX_ALIGNMENT / (long)sizeof(float)) == 0;
    plan->work.shared_bytes = nnx_scratch_bytes(panels * kernels->tile_columns * p.depth);
    plan->work.worker_bytes = nnx_scratch_bytes(plan->row_block * plan->depth_block);
}

static void plan_skinny(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    const long panels = nnx_divide_up(p.columns, kernels->tile_columns);
    plan->depth_block = even_block(p.depth, DEPTH_BLOCK, 4);
    plan->column_block = nnx_maximum(1, nnx_minimum(8, panels / WANTED_CHUNKS)) * kernels->tile_columns;
    plan->work.phase_count = 1;
    plan->work.chunk_count[0] = nnx_divide_up(p.columns, plan->column_block);
    plan->work.nanoseconds[0] = nanoseconds;
    plan->work.worker_bytes = nnx_scratch_bytes(plan->depth_block * (plan->column_block + kernels->tile_rows));
}

static void plan_small(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    plan->depth_block = nnx_maximum(p.depth, 1);
    plan->column_block = kernels->tile_columns;
    plan->work.phase_count = 1;
    plan->work.chunk_count[0] = 1;
    plan->work.nanoseconds[0] = nanoseconds + (double)p.rows * p.columns * 0.1;
    plan->work.worker_bytes = nnx_scratch_bytes(plan->depth_block * (kernels->tile_columns + kernels->tile_rows));
}

// Ranges of the sum times blocks of columns; phase 1 adds the ranges.
static void plan_streamed(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    const long padded_columns = nnx_round_up(p.columns, kernels->tile_columns);
    plan->split_count = nnx_maximum(1, nnx_minimum(SPLIT_PARTS_MAX, p.depth / STREAMED_DEPTH));
    plan->split_depth = nnx_round_up(nnx_divide_up(p.depth, plan->split_count), STREAMED_STEP);
    plan->split_count = nnx_divide_up(p.depth, plan->split_depth);
    plan->depth_block = STREAMED_STEP;
    const long wanted_blocks = nnx_divide_up(WANTED_CHUNKS, plan->split_count);
    plan->column_block =
        nnx_round_up(nnx_minimum(COLUMN_BLOCK, nnx_divide_up(p.columns, wanted_blocks)), kernels->tile_columns);
    plan->row_block = nnx_divide_up(p.rows, 8);
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = plan->split_count * nnx_divide_up(p.columns, plan->column_block);
    plan->work.chunk_count[1] = nnx_divide_up(p.rows, plan->row_block);
    plan->work.nanoseconds[0] = nanoseconds;
    plan->work.nanoseconds[1] = (double)plan->split_count * p.rows * padded_columns * 0.1;
    plan->work.shared_bytes = nnx_scratch_bytes(plan->split_count * p.rows * padded_columns);
    plan->work.worker_bytes = nnx_scratch_bytes(
        STREAMED_STEP * (nnx_round_up(p.rows, kernels->tile_rows) + kernels->tile_columns));
}

static void plan_dotted(nnx_gemm *plan, const nnx_kernels *kernels, double nanoseconds) {
    const nnx_gemm_problem p = plan->problem;
    plan->depth_block = even_block(p.depth, DOTTED_DEPTH, kernels->vector_length);
    plan->column_block = nnx_divide_up(p.columns, nnx_maximum(WANTED_CHUNKS, nnx_minimum(64, p.columns / 48)));
    plan->work.phase_count = 1;
    plan->work.chunk_count[0] = nnx_divide_up(p.columns, plan->column_block);
    plan->work.nanoseconds[0] = nanoseconds;
    plan->work.worker_bytes =
        nnx_scratch_bytes(p.rows * (nnx_round_up(plan->depth_block, kernels->vector_length) + NNX_TILE_PADDING));
}

static bool serves(nnx_gemm_algorithm algorithm, const nnx_gemm_problem *p) {
    switch (algorithm) {
    case nnx_gemm_algorithm_empty: return false;
    case nnx_gemm_algorithm_small: return true;
    case nnx_gemm_algorithm_skinny:
    case nnx_gemm_algorithm_blocked: return p->depth > 0;
    case nnx_gemm_algorithm_streamed: return p->depth > 0 && p->b_column_stride == 1;
    case nnx_gemm_algorithm_dotted: return p->depth > 0 && p->b_row_stride == 1;
    case nnx_gemm_algorithm_split: return p->depth >= SPLIT_DEPTH / 4;
    }
}

static nnx_gemm_algorithm expected_fastest(const nnx_gemm_problem *p, const nnx_kernels *kernels, double volume) {
    if (p->depth <= SMALL_DEPTH && volume <= SMALL_VOLUME) return nnx_gemm_algorithm_small;
    if (p->rows <= STREAMED_ROWS && p->columns >= STREAMED_COLUMNS
        && (double)p->columns * p->depth >= STREAMED_ELEMENTS) {
        if (serves(nnx_gemm_algorithm_streamed, p)) return nnx_gemm_algorithm_streamed;
        if (serves(nnx_gemm_algorithm_dotted, p)) return nnx_gemm_algorithm_dotted;
    }
    if (p->depth >= SPLIT_DEPTH && p->depth >= 4 * p->rows && p->depth >= 4 * p->columns
        && p->rows * p->columns <= SPLIT_ELEMENTS_MAX)
        return nnx_gemm_algorithm_split;
    if (p->rows <= SKINNY_ROWS && p->columns >= 4 * kernels->tile_columns) return nnx_gemm_algorithm_skinny;
    return nnx_gemm_algorithm_blocked;
}

nnx_gemm nnx_gemm_plan_by(nnx_gemm_algorithm algorithm, nnx_isa isa, nnx_gemm_problem p) {
    const nnx_kernels *kernels = nnx_kernels_for(isa);
    nnx_gemm plan = {.problem = p, .isa = isa, .algorithm = nnx_gemm_algorithm_empty};
    if (p.rows <= 0 || p.columns <= 0) return plan;
    const double volume = (double)p.rows * p.columns * p.depth, nanoseconds = volume / kernels->products_per_nanosecond;
    plan.algorithm = serves(algorithm, &p) ? algorithm : expected_fastest(&p, kernels, volume);
    switch (plan.algorithm) {
    case nnx_gemm_algorithm_empty: break;
    case nnx_gemm_algorithm_small: plan_small(&plan, kernels, nanoseconds); break;
    case nnx_gemm_algorithm_skinny: plan_skinny(&plan, kernels, nanoseconds); break;
    case nnx_gemm_algorithm_blocked: plan_blocked(&plan, kernels, nanoseconds); break;
    case nnx_gemm_algorithm_streamed: plan_streamed(&plan, kernels, nanoseconds); break;
    case nnx_gemm_algorithm_dotted: plan_dotted(&plan, kernels, nanoseconds); break;
    case nnx_gemm_algorithm_split: plan_split(&plan, kernels, nanoseconds); break;
    }
    return plan;
}

nnx_gemm nnx_gemm_plan(nnx_isa isa, nnx_gemm_problem problem) {
    return nnx_gemm_plan_by(nnx_gemm_algorithm_empty, isa, problem);
}
