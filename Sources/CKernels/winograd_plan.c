// How a Winograd convolution is cut, and what it is expected to cost.
#include "kernels.h"
#include "convolution_layout.h"

enum {
    BLOCK_TILES = 56,               // tiles transformed and multiplied at a time: what a block of products can reuse
    BLOCK_COLUMNS = 64,             // result channels of one block of products, to stay in the second-level cache
    SUMMED_TILES = 144,             // the same of a weight gradient: each block reads and writes all its sums
    SUMMED_COLUMNS = 128,
    SPLIT_TILES = 32,               // of a range of a sum, where that leaves SPLITS_FEW of them: adding ranges costs
    SPLITS_FEW = 4,
    WANTED_CHUNKS = 16,
    LEAST_TILES = 8,                // of a block: fewer read the kernel too often
    SHARED_TILES = 8,               // tiles of one chunk of the phase that transforms them
    TILES_FIRST_MAX = 512,          // tiles that may be held at once
    SPLIT_FLOATS_MAX = 8 << 20,     // of all partial sums of a weight gradient
    REDUCED_ROWS = 8,
};
// Nanoseconds for one vector of channels of one tile, or of weights, to be transformed one way by F(4x4, 3x3), for each
// of its floats, in the time in which products_per_nanosecond is measured; and products that a sum costs more.
static const double TRANSFORM_NANOSECONDS = 5.5, SUM_PRODUCTS = 2;

static const long line_floats = NNX_ALIGNMENT / sizeof(float);

// Rows and planes an odd number of cache lines apart do not share cache sets.
static long spread(long floats) {
    const long lines = nnx_divide_up(floats, line_floats);
    return (lines | 1) * line_floats;
}

static long even_block(long total, long wanted) { return nnx_divide_up(total, nnx_divide_up(total, wanted)); }

bool nnx_winograd_serves(const nnx_convolution_problem *p, long taps) {
    return p->groups == 1 && p->kernel_height == taps && p->kernel_width == taps && p->stride_height == 1
        && p->stride_width == 1 && p->dilation_height == 1 && p->dilation_width == 1;
}

// Tiles that are multiplied at a time, a multiple of the register tile's rows where there are many.
static long choose_tiles(long count, long most, long tile_rows) {
    const long wanted = nnx_maximum(LEAST_TILES, nnx_minimum(most, nnx_divide_up(count, WANTED_CHUNKS)));
    const long whole = wanted > tile_rows ? wanted / tile_rows * tile_rows : wanted;
    return nnx_minimum(count, whole);
}

// Forward and input gradient. Phase 0 transforms the kernel or, where they are fewer, the tiles; phase 1 multiplies
// blocks of the others and finishes them.
static void plan_result(nnx_convolution *plan, const nnx_kernels *kernels) {
    nnx_winograd *w = &plan->winograd;
    const struct nnx_winograd_images images = nnx_winograd_images(plan);
    const long frequencies = nnx_winograd_frequencies(w), columns = kernels->tile_columns;
    const long panels = nnx_divide_up(images.result.channels, columns);
    w->tiles_first = w->count < images.result.channels && w->count <= TILES_FIRST_MAX && panels > 1;
    w->tiles_per_block = choose_tiles(w->count, BLOCK_TILES, kernels->tile_rows);
    w->panels_per_block = w->tiles_first ? 1 : nnx_minimum(panels, nnx_maximum(1, BLOCK_COLUMNS / columns));
    const long held = w->tiles_first ? w->count : w->tiles_per_block;
    w->source_plane = spread(held * w->source_row);
    w->factor_plane = spread(images.source.channels * columns);
    w->factor_panel = frequencies * w->factor_plane;
    w->product_row = spread(w->panels_per_block * columns);
    w->product_plane = spread(w->tiles_per_block * w->product_row);
    w->gathered_floats = w->taps * w->taps * NNX_WINOGRAD_KERNEL_ROWS * columns;
    w->product_floats = frequencies * w->product_plane;
    const long source_floats = frequencies * w->source_plane;
    w->source_floats = w->tiles_first ? 0 : source_floats;
    w->factor_floats = w->tiles_first ? w->panels_per_block * w->factor_panel : 0;
    plan->work.chunk_count[0] = w->tiles_first ? nnx_divide_up(w->count, SHARED_TILES) : panels;
    plan->work.chunk_count[1] = w->tiles_first ? nnx_divide_up(panels, w->panels_per_block)
                                               : nnx_divide_up(w->count, w->tiles_per_block);
    plan->work.shared_bytes = nnx_scratch_bytes(w->tiles_first ? source_floats : panels * w->factor_panel);
}

// Weight gradient. With few tiles phase 0 transforms the inputs and phase 1 computes blocks of filters; with many
// phase 0 sums over ranges of them, phase 1 adds the ranges.
static void plan_weights(nnx_convolution *plan, const nnx_kernels *kernels) {
    nnx_winograd *w = &plan->winograd;
    const nnx_convolution_problem *p = &plan->problem;
    const long frequencies = nnx_winograd_frequencies(w), columns = kernels->tile_columns;
    const long panels = nnx_divide_up(p->output_channels, columns);
    w->tiles_first = w->count <= TILES_FIRST_MAX && panels >= 4;
    w->panels_per_block = w->tiles_first ? 1 : nnx_minimum(panels, nnx_maximum(1, SUMMED_COLUMNS / columns));
    w->part_count = nnx_divide_up(panels, w->panels_per_block);
    w->product_row = spread((w->tiles_first ? 1 : panels) * columns);
    w->product_plane = spread(p->input_channels * w->product_row);
    const long sums = frequencies * w->product_plane;
    w->split_count = 1;
    w->tiles_per_split = w->tiles_per_block = w->count;
    if (!w->tiles_first) {
        const long most = nnx_maximum(1, SPLIT_FLOATS_MAX / sums);
        const long sensible = nnx_maximum(nnx_minimum(SPLITS_FEW, w->count / LEAST_TILES), w->count / SPLIT_TILES);
        const long wanted = nnx_minimum(nnx_divide_up(WANTED_CHUNKS, w->part_count), sensible);
        w->split_count = nnx_maximum(1, nnx_minimum(most, wanted));
        w->tiles_per_split = nnx_divide_up(w->count, w->split_count);
        w->split_count = nnx_divide_up(w->count, w->tiles_per_split);
        w->tiles_per_block = even_block(w->tiles_per_split, SUMMED_TILES);
        w->product_floats = 0;
    } else w->product_floats = sums;
    w->source_plane = spread(w->tiles_per_block * w->source_row);
    w->factor_plane = spread(w->tiles_per_block * columns);
    w->factor_panel = frequencies * w->factor_plane;
    const long source_floats = frequencies * w->source_plane;
    w->source_floats = w->tiles_first ? 0 : source_floats;
    w->factor_floats = w->panels_per_block * w->factor_panel;
    plan->work.chunk_count[0] =
        w->tiles_first ? nnx_divide_up(w->count, SHARED_TILES) : w->split_count * w->part_count;
    plan->work.chunk_count[1] = w->tiles_first ? w->part_count : nnx_divide_up(p->input_channels, REDUCED_ROWS);
    plan->work.shared_bytes = nnx_scratch_bytes(w->tiles_first ? source_floats : w->split_count * sums);
}

static void estimate(nnx_convolution *plan, const nnx_kernels *kernels) {
    const nnx_winograd *w = &plan->winograd;
    const struct nnx_winograd_images images = nnx_winograd_images(plan);
    const double frequencies = nnx_winograd_frequencies(w);
    // Eight points take twice the arithmetic for each number that six take, and more registers than there are.
    const double transform = TRANSFORM_NANOSECONDS * frequencies / 36 * (frequencies > 36 ? 2 : 1);
    const double inputs = nnx_round_up(images.source.channels, kernels->vector_length);
    const double outputs = nnx_round_up(images.result.channels, kernels->vector_length);
    const double products = frequencies * w->count * (images.source.channels + SUM_PRODUCTS) * outputs
        / kernels->products_per_nanosecond;
    const double source = w->count * inputs * transform, result = w->count * outputs * transform;
    const double weights = images.source.channels * outputs * transform;
    double *nanoseconds = plan->work.nanoseconds;
    if (plan->pass == nnx_convolution_pass_weight_gradient) {
        nanoseconds[0] = w->tiles_first ? source : w->part_count * source + result + products;
        nanoseconds[1] = (w->tiles_first ? products + result : 0) + w->split_count * weights;
    } else {
        nanoseconds[0] = w->tiles_first ? source : weights;
        nanoseconds[1] = products + result + (w->tiles_first ? weights : source);
    }
}

void nnx_winograd_plan(nnx_convolution *plan, long extent) {
    const nnx_kernels *kernels = nnx_kernels_for(plan->isa);
    const struct nnx_winograd_images images = nnx_winograd_images(plan);
    nnx_winograd *w = &plan->winograd;
    w->extent = extent;
    w->taps = plan->problem.kernel_height;
    w->products_per_sum = nnx_winograd_side(w) == 8 ? NNX_SEGMENT_PRODUCTS / 4 : NNX_SEGMENT_PRODUCTS;
    w->lines = nnx_divide_up(images.result.height, extent);
    w->columns = nnx_divide_up(images.result.width, extent);
    w->count = plan->problem.batch * w->lines * w->columns;
    w->source_row = spread(images.source.channels);
    w->blank_floats = nnx_round_up(nnx_maximum(images.source.channels, images.result.channels), line_floats);
    if (plan->pass == nnx_convolution_pass_weight_gradient) plan_weights(plan, kernels);
    else plan_result(plan, kernels);
    plan->work.phase_count = 2;
    plan->work.worker_bytes = nnx_scratch_bytes(
        w->blank_floats + w->gathered_floats + w->product_floats + w->source_floats + w->factor_floats);
    estimate(plan, kernels);
}
