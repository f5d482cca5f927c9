// Plain loops for every family, single-threaded, in float and double. The double functions are what float64 tensors
// run on; the float functions are the reference that the fast kernels are compared with.
// Problems and meanings are those of the fast kernels' headers.
#pragma once
#include "convolution.h"
#include "elementwise.h"
#include "gemm.h"
#include "pooling.h"
#include "reduction.h"
#include "softmax.h"

void nnx_plain_gemm_float(const nnx_gemm_problem *problem, const float *a, const float *b, float *c, const float *bias);

void nnx_plain_convolution_float(
    const nnx_convolution_problem *problem, const float *x, const float *w, float *y, const float *bias);
void nnx_plain_convolution_input_gradient_float(
    const nnx_convolution_problem *problem, const float *dy, const float *w, float *dx);
void nnx_plain_convolution_weight_gradient_float(
    const nnx_convolution_problem *problem, const float *x, const float *dy, float *dw);

void nnx_plain_pooling_float(const nnx_pooling_problem *problem, const float *x, float *y);
void nnx_plain_pooling_gradient_float(
    const nnx_pooling_problem *problem, const float *x, const float *dy, float *dx);

void nnx_plain_softmax_float(nnx_softmax_kind kind, long rows, long columns, const float *x, float *y);
void nnx_plain_softmax_gradient_float(
    nnx_softmax_kind kind, long rows, long columns, const float *y, const float *dy, float *dx);
void nnx_plain_cross_entropy_float(
    long rows, long columns, const float *logits, const float *labels, float *losses, float *gradient, float scale);

void nnx_plain_elementwise_float(const nnx_program *program, const float *const *inputs, float *const *outputs);

void nnx_plain_reduction_float(const nnx_reduction_problem *problem, const float *x, float *y);

void nnx_plain_gemm_double(const nnx_gemm_problem *problem, const double *a, const double *b, double *c, const double *bias);

void nnx_plain_convolution_double(
    const nnx_convolution_problem *problem, const double *x, const double *w, double *y, const double *bias);
void nnx_plain_convolution_input_gradient_double(
    const nnx_convolution_problem *problem, const double *dy, const double *w, double *dx);
void nnx_plain_convolution_weight_gradient_double(
    const nnx_convolution_problem *problem, const double *x, const double *dy, double *dw);

void nnx_plain_pooling_double(const nnx_pooling_problem *problem, const double *x, double *y);
void nnx_plain_pooling_gradient_double(
    const nnx_pooling_problem *problem, const double *x, const double *dy, double *dx);

void nnx_plain_softmax_double(nnx_softmax_kind kind, long rows, long columns, const double *x, double *y);
void nnx_plain_softmax_gradient_double(
    nnx_softmax_kind kind, long rows, long columns, const double *y, const double *dy, double *dx);
void nnx_plain_cross_entropy_double(
    long rows, long columns, const double *logits, const double *labels, double *losses, double *gradient, double scale);

void nnx_plain_elementwise_double(const nnx_program *program, const double *const *inputs, double *const *outputs);

void nnx_plain_reduction_double(const nnx_reduction_problem *problem, const double *x, double *y);
