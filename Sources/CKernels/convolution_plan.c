// Which algorithm serves which convolution, and how its work is cut.
#include "kernels.h"
#include "convolution_layout.h"

enum {
    WANTED_VOLUME = 1000000,           // multiply-adds of one chunk
    CHANNELWISE_VOLUME = 100000,       // the same where every product is a load
    WANTED_CHUNKS = 16,
    COPY_FLOATS = 64 * 1024,           // of a padded copy, to stay in the second-level cache
    SUMMED_PIXELS = 512,               // of one block of a weight gradient
    SPLIT_PARTS_MAX = 16,
    SPLIT_FLOATS_MAX = 4 << 20,        // of all partial weight gradients
    REDUCED_ROWS = 16,
};
static const double ADDING_NANOSECONDS = 0.3;    // for eight floats of one scattered tap

static bool is_matrix(const nnx_convolution_problem *p) {
    return p->kernel_height == 1 && p->kernel_width == 1 && p->stride_height == 1 && p->stride_width == 1
        && p->groups == 1 && !p->pad_top && !p->pad_left && !p->pad_bottom && !p->pad_right;
}

static nnx_gemm_problem matrix_problem(nnx_convolution_pass pass, const nnx_convolution_problem *p) {
    const long pixels = p->batch * p->input_height * p->input_width;
    const long inputs = p->input_channels, outputs = p->output_channels;
    switch (pass) {
    case nnx_convolution_pass_forward:
        return (nnx_gemm_problem){
            .rows = pixels, .columns = outputs, .depth = inputs,
            .a_row_stride = inputs, .a_column_stride = 1, .b_row_stride = outputs, .b_column_stride = 1,
            .c_row_stride = outputs, .has_bias = p->has_bias, .activation = p->activation,
        };
    case nnx_convolution_pass_input_gradient:
        return (nnx_gemm_problem){
            .rows = pixels, .columns = inputs, .depth = outputs,
            .a_row_stride = outputs, .a_column_stride = 1, .b_row_stride = 1, .b_column_stride = outputs,
            .c_row_stride = inputs,
        };
    case nnx_convolution_pass_weight_gradient:
        return (nnx_gemm_problem){
            .rows = inputs, .columns = outputs, .depth = pixels,
            .a_row_stride = 1, .a_column_stride = inputs, .b_row_stride = outputs, .b_column_stride = 1,
            .c_row_stride = outputs,
        };
    }
}

// Lines of one block: about the wanted volume, a copy that fits the cache, of nearly equal size.
static long choose_lines(long lines, double volume_per_line, long copied_floats_per_line) {
    long wanted = (long)(WANTED_VOLUME / nnx_maximum(1, (long)volume_per_line)) + 1;
    wanted = nnx_minimum(wanted, nnx_maximum(1, COPY_FLOATS / nnx_maximum(1, copied_floats_per_line)));
    wanted = nnx_maximum(1, nnx_minimum(wanted, lines));
    return nnx_divide_up(lines, nnx_divide_up(lines, wanted));
}

static double maximum(double a, double b) { return a > b ? a : b; }

// How many lanes are computed for each that is wanted.
static double lanes_per_column(long columns, const nnx_kernels *kernels) {
    return (double)nnx_round_up(columns, kernels->vector_length) / columns;
}

// Forward and input gradient: phase 0 packs the weights, phase 1 computes blocks of result rows.
static void plan_rows(nnx_convolution *plan, const nnx_kernels *kernels, double volume) {
    const nnx_convolution_problem p = plan->problem;
    const bool is_forward = plan->pass == nnx_convolution_pass_forward;
    const long lines = is_forward ? plan->output_height : p.input_height;
    const long columns = (is_forward ? p.output_channels : p.input_channels) / p.groups;
    const long depth = p.kernel_height * p.kernel_width * (is_forward ? p.input_channels : p.output_channels) / p.groups;
    const long channels = is_forward ? p.input_channels : p.output_channels;
    const long stride = is_forward ? p.stride_height : 1;
    const double volume_per_line = volume / ((double)p.batch * lines);
    const long copied_columns = nnx_copied_columns(plan);
    plan->lines_per_block = choose_lines(lines, volume_per_line, stride * copied_columns * channels);
    plan->images_per_chunk = 1;
    if (plan->lines_per_block == lines) {
        const long wanted = (long)(WANTED_VOLUME / (volume_per_line * lines + 1)) + 1;
        plan->images_per_chunk = nnx_maximum(1, nnx_minimum(wanted, p.batch / WANTED_CHUNKS));
    }
    const bool copies = !is_forward || p.pad_top || p.pad_left || p.pad_bottom || p.pad_right;
    plan->copied_columns = copies ? copied_columns : 0;
    plan->copied_lines = copies ? nnx_copied_lines(plan, plan->lines_per_block) : 0;
    const long panels = p.groups * nnx_divide_up(columns, kernels->tile_columns);
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = panels;
    plan->work.chunk_count[1] =
        nnx_divide_up(lines, plan->lines_per_block) * nnx_divide_up(p.batch, plan->images_per_chunk);
    plan->work.nanoseconds[0] = (double)panels * depth * kernels->tile_columns * 0.3;
    // The input gradient computes border pixels with all taps, also with those that reach no output.
    const double pixels = (double)p.input_height * p.input_width / (p.stride_height * p.stride_width);
    const double computed = is_forward ? 1 : maximum(1, pixels / ((double)plan->output_height * plan->output_width));
    plan->work.nanoseconds[1] =
        volume * computed * lanes_per_column(columns, kernels) / kernels->products_per_nanosecond;
    plan->work.shared_bytes = nnx_scratch_bytes(panels * kernels->tile_columns * depth);
    plan->work.worker_bytes = nnx_segment_bytes(plan)
        + nnx_scratch_bytes(plan->images_per_chunk * plan->copied_lines * plan->copied_columns * channels);
}

// Input gradient of few channels: where one register tile would be mostly empty the taps become columns as well. Phase 0
// packs the weights as [outputs, taps * inputs], phase 1 computes whole images.
static bool scatters(const nnx_convolution *plan, const nnx_kernels *kernels) {
    const nnx_convolution_problem *p = &plan->problem;
    return plan->pass == nnx_convolution_pass_input_gradient && p->groups == 1
        && p->input_channels <= kernels->vector_length && p->kernel_height * p->kernel_width > 1;
}

static void plan_scatter(nnx_convolution *plan, const nnx_kernels *kernels, double volume) {
    const nnx_convolution_problem p = plan->problem;
    const long columns = p.kernel_height * p.kernel_width * p.input_channels;
    const long padded = nnx_round_up(columns, kernels->tile_columns);
    const long wanted = (long)(WANTED_VOLUME / (volume / p.batch + 1)) + 1;
    plan->images_per_chunk = nnx_maximum(1, nnx_minimum(wanted, p.batch / WANTED_CHUNKS));
    plan->copied_lines = nnx_maximum(p.input_height + p.pad_top, nnx_scatter_lines(plan));
    plan->copied_columns = nnx_maximum(p.input_width + p.pad_left, nnx_scatter_columns(plan));
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = padded / kernels->tile_columns;
    plan->work.chunk_count[1] = nnx_divide_up(p.batch, plan->images_per_chunk);
    plan->work.nanoseconds[0] = (double)padded * p.output_channels * 0.5;
    const double added = volume / p.output_channels / p.input_channels * nnx_scatter_floats(&p) / NNX_SCATTER_LANES;
    plan->work.nanoseconds[1] =
        volume * padded / columns / kernels->products_per_nanosecond + added * ADDING_NANOSECONDS;
    plan->work.shared_bytes = nnx_scratch_bytes(padded * p.output_channels);
    plan->work.worker_bytes = nnx_scratch_bytes(plan->copied_lines * plan->copied_columns * nnx_scatter_floats(&p))
        + nnx_scratch_bytes(NNX_SCATTER_PIXELS * padded + NNX_TILE_PADDING)
        + nnx_scratch_bytes(kernels->tile_rows * p.output_channels);
}

// Weight gradient: phase 0 sums over ranges of blocks, phase 1 adds the ranges in order.
static void plan_weight_gradient(nnx_convolution *plan, const nnx_kernels *kernels, double volume) {
    const nnx_convolution_problem p = plan->problem;
    const long inputs = p.input_channels / p.groups, outputs = p.output_channels / p.groups;
    const long padded = nnx_round_up(outputs, kernels->tile_columns);
    const long rows = p.groups * p.kernel_height * p.kernel_width * inputs;
    const bool copies = p.pad_top || p.pad_left || p.pad_bottom || p.pad_right;
    const long copied_columns = nnx_copied_columns(plan);
    const long copied_line = copies ? p.stride_height * copied_columns * p.input_channels : 1;
    long wanted = nnx_minimum(SUMMED_PIXELS / plan->output_width, COPY_FLOATS / nnx_maximum(1, copied_line));
    wanted = nnx_maximum(1, nnx_minimum(wanted, plan->output_height));
    plan->lines_per_block = nnx_divide_up(plan->output_height, nnx_divide_up(plan->output_height, wanted));
    plan->copied_columns = copies ? copied_columns : 0;
    plan->copied_lines = copies ? nnx_copied_lines(plan, plan->lines_per_block) : 0;
    const long blocks = p.batch * nnx_divide_up(plan->output_height, plan->lines_per_block);
    const long wanted_splits = nnx_minimum(SPLIT_PARTS_MAX, nnx_maximum(1, SPLIT_FLOATS_MAX / (rows * padded)));
    plan->blocks_per_split = nnx_divide_up(blocks, nnx_minimum(blocks, wanted_splits));
    plan->split_count = nnx_divide_up(blocks, plan->blocks_per_split);
    // Where the ranges are few, chunks divide the kernel's rows as well, but no piece is less than two tiles high.
    const struct nnx_runs runs = nnx_weight_runs(&p);
    const long wanted_parts = nnx_divide_up(WANTED_CHUNKS, plan->split_count);
    plan->pieces_per_run = nnx_maximum(
        1, nnx_minimum(nnx_divide_up(wanted_parts, runs.count), runs.length / (2 * kernels->tile_rows)));
    plan->row_parts = nnx_minimum(runs.count * plan->pieces_per_run, wanted_parts);
    const long pixels = plan->lines_per_block * plan->output_width;
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = plan->split_count * plan->row_parts;
    plan->work.chunk_count[1] = nnx_divide_up(rows, REDUCED_ROWS);
    plan->work.nanoseconds[0] = volume * lanes_per_column(outputs, kernels) / kernels->products_per_nanosecond;
    plan->work.nanoseconds[1] = (double)plan->split_count * rows * padded * 0.1;
    plan->work.shared_bytes = nnx_scratch_bytes(plan->split_count * rows * padded);
    plan->work.worker_bytes = nnx_segment_bytes(plan) + nnx_scratch_bytes(pixels * p.groups * padded)
        + nnx_scratch_bytes(pixels * kernels->tile_rows)
        + nnx_scratch_bytes(plan->copied_lines * plan->copied_columns * p.input_channels);
}

// Depthwise: chunks of result rows; for the weight gradient, ranges of output rows that are added in order afterwards.
static void plan_channelwise(nnx_convolution *plan, double volume) {
    const nnx_convolution_problem p = plan->problem;
    const bool is_input = plan->pass == nnx_convolution_pass_input_gradient;
    const long rows = p.batch * (is_input ? p.input_height : plan->output_height);
    const double nanoseconds = volume * 0.2;
    plan->work.nanoseconds[0] = nanoseconds;
    if (plan->pass != nnx_convolution_pass_weight_gradient) {
        plan->lines_per_block = nnx_maximum(1, (long)(CHANNELWISE_VOLUME / (volume / (double)rows + 1)));
        plan->work.phase_count = 1;
        plan->work.chunk_count[0] = nnx_divide_up(rows, plan->lines_per_block);
        return;
    }
    plan->lines_per_block = nnx_divide_up(rows, SPLIT_PARTS_MAX);
    plan->split_count = nnx_divide_up(rows, plan->lines_per_block);
    const long weights = p.kernel_height * p.kernel_width * p.output_channels;
    plan->work.phase_count = 2;
    plan->work.chunk_count[0] = plan->split_count;
    plan->work.chunk_count[1] = 1;
    plan->work.nanoseconds[1] = (double)plan->split_count * weights * 0.1;
    plan->work.shared_bytes = plan->split_count * nnx_scratch_bytes(weights + NNX_TILE_PADDING);
}

static bool is_channelwise(const nnx_convolution_problem *p) {
    return p->groups > 1 && p->groups == p->input_channels && p->groups == p->output_channels;
}

// Whether an algorithm can do what the plan is for.
static bool serves(nnx_convolution_algorithm algorithm, const nnx_convolution *plan, const nnx_kernels *kernels) {
    switch (algorithm) {
    case nnx_convolution_algorithm_empty: return false;
    case nnx_convolution_algorithm_matrix: return is_matrix(&plan->problem);
    case nnx_convolution_algorithm_scatter: return scatters(plan, kernels);
    case nnx_convolution_algorithm_channelwise: return is_channelwise(&plan->problem);
    case nnx_convolution_algorithm_direct: return true;
    case nnx_convolution_algorithm_winograd_2:
    case nnx_convolution_algorithm_winograd_4: return nnx_winograd_serves(&plan->problem, 3);
    case nnx_convolution_algorithm_winograd_4_5: return nnx_winograd_serves(&plan->problem, 5);
    }
}

static nnx_convolution planned(
    nnx_convolution plan, nnx_convolution_algorithm algorithm, const nnx_kernels *kernels, double volume) {
    plan.algorithm = algorithm;
    switch (algorithm) {
    case nnx_convolution_algorithm_empty: break;
    case nnx_convolution_algorithm_matrix:
        plan.matrix = nnx_gemm_plan(plan.isa, matrix_problem(plan.pass, &plan.problem));
        plan.work = plan.matrix.work;
        break;
    case nnx_convolution_algorithm_channelwise: plan_channelwise(&plan, volume > 0 ? volume : 1); break;
    case nnx_convolution_algorithm_scatter: plan_scatter(&plan, kernels, volume); break;
    case nnx_convolution_algorithm_direct:
        if (plan.pass == nnx_convolution_pass_weight_gradient) plan_weight_gradient(&plan, kernels, volume);
        else plan_rows(&plan, kernels, volume);
        break;
    case nnx_convolution_algorithm_winograd_2: nnx_winograd_plan(&plan, 2); break;
    case nnx_convolution_algorithm_winograd_4:
    case nnx_convolution_algorithm_winograd_4_5: nnx_winograd_plan(&plan, 4); break;
    }
    return plan;
}

static double total_nanoseconds(const nnx_convolution *plan) {
    double total = 0;
    for (int phase = 0; phase < plan->work.phase_count; phase++) total += plan->work.nanoseconds[phase];
    return total;
}

static nnx_convolution plan_for(
    nnx_convolution_algorithm algorithm, nnx_isa isa, nnx_convolution_pass pass, nnx_convolution_problem p) {
    const nnx_kernels *kernels = nnx_kernels_for(isa);
    nnx_convolution plan = {
        .problem = p,
        .isa = isa,
        .pass = pass,
        .algorithm = nnx_convolution_algorithm_empty,
        .output_height = nnx_convolution_output_height(&p),
        .output_width = nnx_convolution_output_width(&p),
    };
    const double output_pixels = (double)p.batch * plan.output_height * plan.output_width;
    const long taps = p.kernel_height * p.kernel_width, inputs = p.groups ? p.input_channels / p.groups : 0;
    const double volume = output_pixels * taps * inputs * p.output_channels;
    const long results = nnx_convolution_result_count(&plan);
    if (results == 0) return plan;
    if (volume == 0 && pass != nnx_convolution_pass_forward) {
        plan.work.phase_count = 1;
        plan.work.chunk_count[0] = 1;
        plan.work.nanoseconds[0] = (double)results * 0.1;
        return plan;
    }
    if (serves(algorithm, &plan, kernels)) return planned(plan, algorithm, kernels, volume);
    if (is_matrix(&p)) return planned(plan, nnx_convolution_algorithm_matrix, kernels, volume);
    if (is_channelwise(&p)) return planned(plan, nnx_convolution_algorithm_channelwise, kernels, volume);
    nnx_convolution best = planned(plan, nnx_convolution_algorithm_direct, kernels, volume);
    if (volume == 0) return best;
    const nnx_convolution_algorithm others[] = {
        nnx_convolution_algorithm_scatter, nnx_convolution_algorithm_winograd_2, nnx_convolution_algorithm_winograd_4,
        nnx_convolution_algorithm_winograd_4_5,
    };
    for (int i = 0; i < (int)(sizeof others / sizeof *others); i++) {
        const nnx_convolution_algorithm other = others[i];
        if (!serves(other, &plan, kernels)) continue;
        const nnx_convolution candidate = planned(plan, other, kernels, volume);
        if (total_nanoseconds(&candidate) < total_nanoseconds(&best)) best = candidate;
    }
    return best;
}

// AVX-512's vectors are twice as long, not twice as quick: where few result channels leave them mostly empty, AVX2's
// kernels do more.
nnx_convolution nnx_convolution_plan_by(
    nnx_convolution_algorithm algorithm, nnx_isa isa, nnx_convolution_pass pass, nnx_convolution_problem p) {
    const nnx_convolution best = plan_for(algorithm, isa, pass, p);
    if (isa != nnx_isa_avx512) return best;
    const nnx_convolution narrow = plan_for(algorithm, nnx_isa_avx2, pass, p);
    const bool is_wanted = algorithm == nnx_convolution_algorithm_empty || narrow.algorithm == best.algorithm;
    return is_wanted && total_nanoseconds(&narrow) < total_nanoseconds(&best) ? narrow : best;
}

nnx_convolution nnx_convolution_plan(nnx_isa isa, nnx_convolution_pass pass, nnx_convolution_problem problem) {
    return nnx_convolution_plan_by(nnx_convolution_algorithm_empty, isa, pass, problem);
}
