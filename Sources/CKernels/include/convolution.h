// Two-dimensional convolution (cross-correlation) and its two gradients, channels-last, float32.
//
// x is [batch, input_height, input_width, input_channels],
// w is [kernel_height, kernel_width, input_channels / groups, output_channels],
// y is [batch, output_height, output_width, output_channels].
#pragma once
#include "gemm.h"
#include "isa.h"
#include "work.h"

struct nnx_convolution_problem {
    long batch, input_height, input_width, input_channels, output_channels;
    long groups;                           // divides both channel counts
    long kernel_height, kernel_width;
    long stride_height, stride_width;      // at least 1
    long dilation_height, dilation_width;  // at least 1
    long pad_top, pad_left, pad_bottom, pad_right;
    bool has_bias;                         // forward only: add bias[channel]
    nnx_activation activation;             // forward only
};
typedef struct nnx_convolution_problem nnx_convolution_problem;

// floor((input + pads - dilation * (kernel - 1) - 1) / stride) + 1, at least 0.
long nnx_convolution_output_height(const nnx_convolution_problem *problem);
long nnx_convolution_output_width(const nnx_convolution_problem *problem);

enum __attribute__((enum_extensibility(closed))) nnx_convolution_pass : int32_t {
    nnx_convolution_pass_forward,            // operands (x, w), result y
    nnx_convolution_pass_input_gradient,     // operands (dy, w), result dx
    nnx_convolution_pass_weight_gradient,    // operands (x, dy), result dw
};
typedef enum nnx_convolution_pass nnx_convolution_pass;

enum __attribute__((enum_extensibility(closed))) nnx_convolution_algorithm : int32_t {
    nnx_convolution_algorithm_empty,          // nothing to sum: the result is zero, or has no elements
    nnx_convolution_algorithm_matrix,         // 1x1, stride 1, no padding: the images are a matrix already
    nnx_convolution_algorithm_scatter,        // input gradient of few channels: all taps' products, then added up
    nnx_convolution_algorithm_channelwise,    // each channel by itself (depthwise): vectors run over the channels
    nnx_convolution_algorithm_direct,         // register tiles read the image, or a padded copy of a few rows, in place
    nnx_convolution_algorithm_winograd_2,     // 3x3, stride 1: F(2x2, 3x3), for images of few pixels
    nnx_convolution_algorithm_winograd_4,     // 3x3, stride 1: F(4x4, 3x3)
    nnx_convolution_algorithm_winograd_4_5,   // 5x5, stride 1: F(4x4, 5x5)
};
typedef enum nnx_convolution_algorithm nnx_convolution_algorithm;
const char *nnx_convolution_algorithm_name(nnx_convolution_algorithm algorithm);    // null behind the last one
int nnx_convolution_algorithm_count(void);

// Winograd's minimal filtering: the result is cut into tiles of extent x extent pixels, each computed from
// (extent + taps - 1)^2 transformed pixels. "Source" is what is convolved: x, for the input gradient dy.
struct nnx_winograd {
    long extent, taps;                              // F(extent x extent, taps x taps)
    long products_per_sum;                          // added up by themselves, to keep the error small
    long lines, columns, count;                     // tiles down and across one image, tiles of all images
    long tiles_per_block;                           // transformed and multiplied at a time
    long panels_per_block;                          // panels of result channels multiplied at a time
    bool tiles_first;                               // few tiles: all are transformed before, kernels where they are used
    long source_row, source_plane;                  // floats between two tiles and two frequencies of the transformed source
    long factor_plane, factor_panel;                // the same between two frequencies and two panels of what it is multiplied by
    long product_row, product_plane;                // floats between two tiles and two frequencies of the products
    long split_count, tiles_per_split, part_count;  // weight gradient: ranges of the sum over tiles, of result channels
    long blank_floats, gathered_floats, product_floats, source_floats, factor_floats;    // of a worker's scratch
};
typedef struct nnx_winograd nnx_winograd;

struct nnx_convolution {
    nnx_work work;
    nnx_convolution_problem problem;
    nnx_isa isa;
    nnx_convolution_pass pass;
    nnx_convolution_algorithm algorithm;
    long output_height, output_width;
    nnx_gemm matrix;                              // algorithm_matrix
    nnx_winograd winograd;                        // algorithm_winograd_2 and the following
    long lines_per_block, images_per_chunk;       // image rows computed (or summed over) at a time; images if all rows are
    long copied_lines, copied_columns;            // of the padded copy of one image's block; 0: read in place
    long split_count, blocks_per_split;           // weight gradient: ranges of the sum over blocks
    long pieces_per_run, row_parts;               // weight gradient: the kernel's rows are cut in pieces, these in parts
};
typedef struct nnx_convolution nnx_convolution;

// The algorithm that is expected to be the fastest.
nnx_convolution nnx_convolution_plan(nnx_isa isa, nnx_convolution_pass pass, nnx_convolution_problem problem);

// The same for an algorithm of the caller's choice; the expected one where that cannot serve the problem.
nnx_convolution nnx_convolution_plan_by(
    nnx_convolution_algorithm algorithm, nnx_isa isa, nnx_convolution_pass pass, nnx_convolution_problem problem);

// One chunk of one phase. `bias` may be null when the problem has none.
void nnx_convolution_run(
    const nnx_convolution *plan, int phase, long chunk, const float *first, const float *second, float *result,
    const float *bias, void *shared, void *worker);
