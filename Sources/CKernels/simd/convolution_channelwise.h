// Depthwise convolution: output channel c sees input channel c only, so vectors run over the channels.

// to[i] += a[i] * b[i]
INLINE void add_multiplied(float *to, const float *a, const float *b, long count) {
    long i = 0;
    for (; i + VECTOR_LENGTH <= count; i += VECTOR_LENGTH)
        store(to + i, multiply_add(load(a + i), load(b + i), load(to + i)));
    if (i < count)
        store_first(
            to + i,
            multiply_add(load_first(a + i, count - i), load_first(b + i, count - i), load_first(to + i, count - i)),
            count - i);
}

// Where output index `output` reads through kernel index `tap` on one axis, or -1 if outside of the image.
INLINE long input_index(long output, long tap, long stride, long dilation, long pad, long extent) {
    const long index = output * stride + tap * dilation - pad;
    return index < extent ? nnx_maximum(index, -1) : -1;
}

// Which output index reads input index `input` through kernel index `tap` on one axis, or -1 if none does.
INLINE long output_index(long input, long tap, long stride, long dilation, long pad, long extent) {
    const long scaled = input + pad - tap * dilation;
    return scaled >= 0 && scaled % stride == 0 && scaled / stride < extent ? scaled / stride : -1;
}

// One output row of the forward pass.
static void channelwise_row(
    const nnx_convolution *plan, long row, const float *x, const float *w, float *y, const float *bias) {
    const nnx_convolution_problem *p = &plan->problem;
    const long channels = p->groups, oy = row % plan->output_height, floats = plan->output_width * channels;
    const float *image = x + row / plan->output_height * p->input_height * p->input_width * channels;
    float *to = y + row * floats;
    if (p->has_bias)
        for (long i = 0; i < floats; i += channels) memcpy(to + i, bias, (size_t)channels * sizeof *to);
    else memset(to, 0, (size_t)floats * sizeof *to);
    for (long r = 0; r < p->kernel_height; r++) {
        const long iy = input_index(oy, r, p->stride_height, p->dilation_height, p->pad_top, p->input_height);
        for (long ox = 0; iy >= 0 && ox < plan->output_width; ox++)
            for (long s = 0; s < p->kernel_width; s++) {
                const long ix = input_index(ox, s, p->stride_width, p->dilation_width, p->pad_left, p->input_width);
                if (ix < 0) continue;
                add_multiplied(
                    to + ox * channels, image + (iy * p->input_width + ix) * channels,
                    w + (r * p->kernel_width + s) * channels, channels);
            }
    }
    for (long i = 0; p->activation == nnx_activation_relu && i < floats; i++) to[i] = to[i] < 0 ? 0 : to[i];
}

// One input row of the input gradient.
static void channelwise_row_backwards(
    const nnx_convolution *plan, long row, const float *dy, const float *w, float *dx) {
    const nnx_convolution_problem *p = &plan->problem;
    const long channels = p->groups, iy = row % p->input_height, floats = p->input_width * channels;
    const float *image = dy + row / p->input_height * plan->output_height * plan->output_width * channels;
    float *to = dx + row * floats;
    memset(to, 0, (size_t)floats * sizeof *to);
    for (long r = 0; r < p->kernel_height; r++) {
        const long oy = output_index(iy, r, p->stride_height, p->dilation_height, p->pad_top, plan->output_height);
        for (long ix = 0; oy >= 0 && ix < p->input_width; ix++)
            for (long s = 0; s < p->kernel_width; s++) {
                const long ox = output_index(ix, s, p->stride_width, p->dilation_width, p->pad_left, plan->output_width);
                if (ox < 0) continue;
                add_multiplied(
                    to + ix * channels, image + (oy * plan->output_width + ox) * channels,
                    w + (r * p->kernel_width + s) * channels, channels);
            }
    }
}

// Adds one output row's products to a partial weight gradient.
static void channelwise_row_weights(
    const nnx_convolution *plan, long row, const float *x, const float *dy, float *partial) {
    const nnx_convolution_problem *p = &plan->problem;
    const long channels = p->groups, oy = row % plan->output_height;
    const float *image = x + row / plan->output_height * p->input_height * p->input_width * channels;
    for (long r = 0; r < p->kernel_height; r++) {
        const long iy = input_index(oy, r, p->stride_height, p->dilation_height, p->pad_top, p->input_height);
        for (long ox = 0; iy >= 0 && ox < plan->output_width; ox++)
            for (long s = 0; s < p->kernel_width; s++) {
                const long ix = input_index(ox, s, p->stride_width, p->dilation_width, p->pad_left, p->input_width);
                if (ix < 0) continue;
                add_multiplied(
                    partial + (r * p->kernel_width + s) * channels, image + (iy * p->input_width + ix) * channels,
                    dy + (row * plan->output_width + ox) * channels, channels);
            }
    }
}

static void convolve_channelwise(
    const nnx_convolution *plan, int phase, long chunk, const float *first, const float *second, float *result,
    const float *bias, float *partials) {
    const nnx_convolution_problem *p = &plan->problem;
    const long weights = p->kernel_height * p->kernel_width * p->groups;
    const long part = nnx_scratch_bytes(weights + NNX_TILE_PADDING) / (long)sizeof(float);
    const bool is_input = plan->pass == nnx_convolution_pass_input_gradient;
    const long rows = p->batch * (is_input ? p->input_height : plan->output_height);
    const long start = chunk * plan->lines_per_block, end = nnx_minimum(rows, start + plan->lines_per_block);
    switch (plan->pass) {
    case nnx_convolution_pass_forward:
        for (long row = start; row < end; row++) channelwise_row(plan, row, first, second, result, bias);
        return;
    case nnx_convolution_pass_input_gradient:
        for (long row = start; row < end; row++) channelwise_row_backwards(plan, row, first, second, result);
        return;
    case nnx_convolution_pass_weight_gradient:
        if (phase == 0) {
            float *partial = partials + chunk * part;
            memset(partial, 0, (size_t)part * sizeof *partial);
            for (long row = start; row < end; row++) channelwise_row_weights(plan, row, first, second, partial);
            return;
        }
        for (long i = 0; i < weights; i += VECTOR_LENGTH) {
            const vector sum = sum_in_order(partials + i, plan->split_count, part);
            if (i + VECTOR_LENGTH <= weights) store(result + i, sum);
            else store_first(result + i, sum, weights - i);
        }
    }
}
