// Which function serves which pass and phase of a convolution.

static void convolution_run(
    const nnx_convolution *plan, int phase, long chunk, const float *first, const float *second, float *result,
    const float *bias, void *shared, void *worker) {
    switch (plan->algorithm) {
    case nnx_convolution_algorithm_empty:
        memset(result, 0, (size_t)nnx_convolution_result_count(plan) * sizeof *result);
        return;
    case nnx_convolution_algorithm_matrix:
        gemm_run(&plan->matrix, phase, chunk, first, second, result, bias, shared, worker);
        return;
    case nnx_convolution_algorithm_channelwise:
        convolve_channelwise(plan, phase, chunk, first, second, result, bias, shared);
        return;
    case nnx_convolution_algorithm_winograd_2:
    case nnx_convolution_algorithm_winograd_4:
    case nnx_convolution_algorithm_winograd_4_5:
        if (plan->pass == nnx_convolution_pass_weight_gradient)
            sum_winograd_weights(plan, phase, chunk, first, second, result, shared, worker);
        else convolve_winograd(plan, phase, chunk, first, second, result, bias, shared, worker);
        return;
    case nnx_convolution_algorithm_scatter:
    case nnx_convolution_algorithm_direct: break;
    }
    const struct segment_list list = {worker, 0};
    float *scratch = (float *)((char *)worker + nnx_segment_bytes(plan));
    switch (plan->pass) {
    case nnx_convolution_pass_forward:
        if (phase == 0) pack_forward_weights(plan, chunk, second, shared);
        else convolve_block(plan, chunk, first, result, bias, shared, list, scratch);
        return;
    case nnx_convolution_pass_input_gradient:
        if (plan->algorithm == nnx_convolution_algorithm_scatter) {
            if (phase == 0) pack_scatter_weights(plan, chunk, second, shared);
            else scatter_images(plan, chunk, first, result, shared, worker);
        } else if (phase == 0) pack_reversed_weights(plan, chunk, second, shared);
        else convolve_block_backwards(plan, chunk, first, result, shared, list, scratch);
        return;
    case nnx_convolution_pass_weight_gradient:
        if (phase == 0) sum_split(plan, chunk, first, second, shared, list, scratch);
        else reduce_weight_gradient(plan, chunk, result, shared);
        return;
    }
}
