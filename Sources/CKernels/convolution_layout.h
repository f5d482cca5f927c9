// Sizes that a convolution's plan and its kernels must agree on.
#pragma once
#include "kernels.h"

enum {
    NNX_SEGMENT_PRODUCTS = 256,    // longest segment, so that a panel's part stays in the first-level cache
    NNX_SCATTER_LANES = 8,         // pixels of what it adds up are whole vectors of these
    NNX_SCATTER_PIXELS = 28,       // output pixels whose products are held at a time by algorithm_scatter
};

static inline long nnx_floor_divide(long a, long b) { return a / b - (a % b < 0); }

// The first row and column of the source that a block of result rows starting at `line` reads, in source coordinates.
struct nnx_origin {
    long line, column;
};
static inline struct nnx_origin nnx_source_origin(const nnx_convolution *plan, long line) {
    const nnx_convolution_problem *p = &plan->problem;
    if (plan->pass != nnx_convolution_pass_input_gradient)
        return (struct nnx_origin){line * p->stride_height - p->pad_top, -p->pad_left};
    return (struct nnx_origin){
        nnx_floor_divide(line + p->pad_top - p->dilation_height * (p->kernel_height - 1), p->stride_height),
        nnx_floor_divide(p->pad_left - p->dilation_width * (p->kernel_width - 1), p->stride_width),
    };
}

// The extent of a padded copy of the source: at most, for `lines` rows of the result, and exactly, for its width.
static inline long nnx_copied_lines(const nnx_convolution *plan, long lines) {
    const nnx_convolution_problem *p = &plan->problem;
    const long reach = p->dilation_height * (p->kernel_height - 1);
    if (plan->pass != nnx_convolution_pass_input_gradient) return (lines - 1) * p->stride_height + reach + 1;
    return (lines - 1 + reach) / p->stride_height + 2;
}
static inline long nnx_copied_columns(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    const long reach = p->dilation_width * (p->kernel_width - 1);
    if (plan->pass != nnx_convolution_pass_input_gradient)
        return (plan->output_width - 1) * p->stride_width + reach + 1;
    return nnx_floor_divide(p->input_width - 1 + p->pad_left, p->stride_width)
        - nnx_source_origin(plan, 0).column + 1;
}

// Floats of one pixel of the image to which algorithm_scatter adds.
static inline long nnx_scatter_floats(const nnx_convolution_problem *p) {
    return nnx_round_up(p->input_channels, NNX_SCATTER_LANES);
}
// The extent of the padded image that the taps of all output pixels reach.
static inline long nnx_scatter_lines(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    return (plan->output_height - 1) * p->stride_height + p->dilation_height * (p->kernel_height - 1) + 1;
}
static inline long nnx_scatter_columns(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    return (plan->output_width - 1) * p->stride_width + p->dilation_width * (p->kernel_width - 1) + 1;
}

// Rows of the weight gradient whose inputs are neighbours in memory: a kernel row, or a tap where taps are not.
struct nnx_runs {
    long count, length;
    bool are_kernel_rows;
};
static inline struct nnx_runs nnx_weight_runs(const nnx_convolution_problem *p) {
    const long inputs = p->input_channels / p->groups;
    if (p->groups == 1 && p->dilation_width == 1)
        return (struct nnx_runs){p->kernel_height, p->kernel_width * inputs, true};
    return (struct nnx_runs){p->groups * p->kernel_height * p->kernel_width, inputs, false};
}

// The images that a Winograd convolution reads and writes: for the input gradient dy and dx.
struct nnx_images {
    long height, width, channels;
};
struct nnx_winograd_images {
    struct nnx_images source, result;
    long pad_top, pad_left;    // of the source, may be negative
};
static inline struct nnx_winograd_images nnx_winograd_images(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    const struct nnx_images x = {p->input_height, p->input_width, p->input_channels};
    const struct nnx_images y = {plan->output_height, plan->output_width, p->output_channels};
    if (plan->pass != nnx_convolution_pass_input_gradient)
        return (struct nnx_winograd_images){x, y, p->pad_top, p->pad_left};
    return (struct nnx_winograd_images){
        y, x, p->kernel_height - 1 - p->pad_top, p->kernel_width - 1 - p->pad_left,
    };
}

enum { NNX_WINOGRAD_KERNEL_ROWS = 16 };    // of the kernel, gathered at a time before they are transformed

static inline long nnx_winograd_side(const nnx_winograd *w) { return w->extent + w->taps - 1; }
static inline long nnx_winograd_frequencies(const nnx_winograd *w) {
    return nnx_winograd_side(w) * nnx_winograd_side(w);
}

// Whether F(m x m, r x r) with these `taps` r computes the convolution.
bool nnx_winograd_serves(const nnx_convolution_problem *problem, long taps);
// Fills in the plan of a convolution that it serves: the work and how it is cut.
void nnx_winograd_plan(nnx_convolution *plan, long extent);

static inline long nnx_convolution_result_count(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    switch (plan->pass) {
    case nnx_convolution_pass_forward:
        return p->batch * plan->output_height * plan->output_width * p->output_channels;
    case nnx_convolution_pass_input_gradient:
        return p->batch * p->input_height * p->input_width * p->input_channels;
    case nnx_convolution_pass_weight_gradient:
        return p->groups ? p->kernel_height * p->kernel_width * (p->input_channels / p->groups) * p->output_channels : 0;
    }
}

// Room for the longest list of segments (three longs each).
static inline long nnx_segment_bytes(const nnx_convolution *plan) {
    const nnx_convolution_problem *p = &plan->problem;
    const long taps = p->kernel_height * p->kernel_width;
    const long channels = nnx_maximum(p->input_channels, p->output_channels) / p->groups;
    const long count = taps * (channels / NNX_SEGMENT_PRODUCTS + 2) + plan->lines_per_block + 1;
    return nnx_round_up(count * 3 * (long)sizeof(long), NNX_ALIGNMENT);
}
