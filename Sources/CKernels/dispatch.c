// From the public functions to the table of the plan's instruction set.
#include "kernels.h"

extern const nnx_kernels nnx_kernels_baseline;
#if defined(__x86_64__)
extern const nnx_kernels nnx_kernels_avx2, nnx_kernels_avx512;
#elif defined(__aarch64__)
extern const nnx_kernels nnx_kernels_neon;
#endif

const nnx_kernels *nnx_kernels_for(nnx_isa isa) {
    switch (isa) {
#if defined(__x86_64__)
    case nnx_isa_avx2: return &nnx_kernels_avx2;
    case nnx_isa_avx512: return &nnx_kernels_avx512;
#elif defined(__aarch64__)
    case nnx_isa_neon: return &nnx_kernels_neon;
#endif
    default: return &nnx_kernels_baseline;
    }
}

void nnx_gemm_run(
    const nnx_gemm *plan, int phase, long chunk, const float *a, const float *b, float *c, const float *bias,
    void *shared, void *worker) {
    nnx_kernels_for(plan->isa)->gemm_run(plan, phase, chunk, a, b, c, bias, shared, worker);
}

void nnx_convolution_run(
    const nnx_convolution *plan, int phase, long chunk, const float *first, const float *second, float *result,
    const float *bias, void *shared, void *worker) {
    nnx_kernels_for(plan->isa)->convolution_run(plan, phase, chunk, first, second, result, bias, shared, worker);
}

void nnx_pooling_run(const nnx_pooling *plan, long chunk, const float *x, float *y) {
    nnx_kernels_for(plan->isa)->pooling_run(plan, chunk, x, y);
}

void nnx_pooling_gradient_run(
    const nnx_pooling *plan, long chunk, const float *x, const float *y, const float *dy, float *dx) {
    nnx_kernels_for(plan->isa)->pooling_gradient_run(plan, chunk, x, y, dy, dx);
}

void nnx_softmax_run(const nnx_softmax *plan, long chunk, const float *x, float *y) {
    nnx_kernels_for(plan->isa)->softmax_run(plan, chunk, x, y);
}

void nnx_softmax_gradient_run(const nnx_softmax *plan, long chunk, const float *y, const float *dy, float *dx) {
    nnx_kernels_for(plan->isa)->softmax_gradient_run(plan, chunk, y, dy, dx);
}

void nnx_cross_entropy_run(
    const nnx_softmax *plan, long chunk, const float *logits, const float *labels, float *losses, float *gradient,
    float scale) {
    nnx_kernels_for(plan->isa)->cross_entropy_run(plan, chunk, logits, labels, losses, gradient, scale);
}

void nnx_elementwise_run(
    const nnx_elementwise *plan, long chunk, const float *const *inputs, float *const *outputs, void *worker) {
    nnx_kernels_for(plan->isa)->elementwise_run(plan, chunk, inputs, outputs, worker);
}

void nnx_reduction_run(const nnx_reduction *plan, int phase, long chunk, const float *x, float *y, void *shared) {
    nnx_kernels_for(plan->isa)->reduction_run(plan, phase, chunk, x, y, shared);
}

void nnx_program_sum_run(
    const nnx_program_sum *plan, int phase, long chunk, const float *const *inputs, float *const *outputs,
    void *shared, void *worker) {
    nnx_kernels_for(plan->elementwise.isa)->program_sum_run(plan, phase, chunk, inputs, outputs, shared, worker);
}

long nnx_peak_run(nnx_isa isa, long count, float *result) {
    return nnx_kernels_for(isa)->peak_run(count, result);
}
