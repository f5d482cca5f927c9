// Affine warps of one channels-last image by bilinear interpolation.
#pragma once
#include <stdint.h>

// What lies outside of the image: a number, its edge, its mirror image (edge pixels twice), or the image again.
enum __attribute__((enum_extensibility(closed))) nnx_warp_fill : int32_t {
    nnx_warp_fill_constant,
    nnx_warp_fill_edge,
    nnx_warp_fill_reflect,
    nnx_warp_fill_wrap,
};
typedef enum nnx_warp_fill nnx_warp_fill;

struct nnx_warp_problem {
    long input_height, input_width, output_height, output_width, channels;
    nnx_warp_fill fill;
    double value;    // outside of the image where fill is constant
};
typedef struct nnx_warp_problem nnx_warp_problem;

// Rows first ..< last of y [output_height, output_width, channels] from x [input_height, input_width, channels]: the pixel
// at (u, v), right and down from the middle of y, is x at (m0 u + m1 v + m2, m3 u + m4 v + m5) from the middle of x, in
// pixels. A place that is no number gives NaN. Any cut into rows gives the same bits.
void nnx_warp_float(
    const nnx_warp_problem *problem, const float *x, const float *matrix, float *y, long first, long last);
void nnx_warp_double(
    const nnx_warp_problem *problem, const double *x, const double *matrix, double *y, long first, long last);

// The gradient with respect to x: each element of dy goes, weighted, to the pixels that it was made of, in order.
void nnx_warp_gradient_float(const nnx_warp_problem *problem, const float *dy, const float *matrix, float *dx);
void nnx_warp_gradient_double(const nnx_warp_problem *problem, const double *dy, const double *matrix, double *dx);
