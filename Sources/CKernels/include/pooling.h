// Two-dimensional pooling over channels-last images, float32.
#pragma once
#include "isa.h"
#include "work.h"

enum __attribute__((enum_extensibility(closed))) nnx_pooling_kind : int32_t {
    nnx_pooling_kind_maximum,            // padding never wins; a NaN in the window does
    nnx_pooling_kind_average_of_valid,   // divided by the number of elements inside the image
    nnx_pooling_kind_average_of_window,  // divided by window_height * window_width: padding counts as zeros
};
typedef enum nnx_pooling_kind nnx_pooling_kind;

struct nnx_pooling_problem {
    nnx_pooling_kind kind;
    long batch, input_height, input_width, channels;
    long window_height, window_width;
    long stride_height, stride_width;    // at least 1
    long pad_top, pad_left, pad_bottom, pad_right;    // less than the window
};
typedef struct nnx_pooling_problem nnx_pooling_problem;

// floor((input + pads - window) / stride) + 1, at least 0.
long nnx_pooling_output_height(const nnx_pooling_problem *problem);
long nnx_pooling_output_width(const nnx_pooling_problem *problem);

struct nnx_pooling {
    nnx_work work;
    nnx_pooling_problem problem;
    nnx_isa isa;
    long output_height, output_width;
    long rows_per_chunk;    // output rows; for a gradient, images
};
typedef struct nnx_pooling nnx_pooling;

nnx_pooling nnx_pooling_plan(nnx_isa isa, nnx_pooling_problem problem);
nnx_pooling nnx_pooling_gradient_plan(nnx_isa isa, nnx_pooling_problem problem);

// y from x.
void nnx_pooling_run(const nnx_pooling *plan, long chunk, const float *x, float *y);

// dx from dy. Maximum: the first maximum of a window in row-major order receives its gradient;
// x and y are those of the forward pass. Average: x and y may be null.
void nnx_pooling_gradient_run(
    const nnx_pooling *plan, long chunk, const float *x, const float *y, const float *dy, float *dx);
