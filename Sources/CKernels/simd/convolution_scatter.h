// Input gradient of few input channels: products of each output pixel with all taps, then added to the pixels they reach.

// One panel of the weights as [outputs, taps * inputs]: w [taps * inputs, outputs] transposed.
static void pack_scatter_weights(const nnx_convolution *plan, long chunk, const float *w, float *panels) {
    const nnx_convolution_problem *p = &plan->problem;
    const long columns = p->kernel_height * p->kernel_width * p->input_channels, column = chunk * TILE_COLUMNS;
    pack_b_panel(
        panels + column * p->output_channels, w + column * p->output_channels, 1, p->output_channels,
        p->output_channels, nnx_minimum(TILE_COLUMNS, columns - column));
}

// to[i] += from[i]
INLINE void add_run(float *to, const float *from, long count) {
    long i = 0;
    for (; i + VECTOR_LENGTH <= count; i += VECTOR_LENGTH) store(to + i, load(to + i) + load(from + i));
    for (; i + 4 <= count; i += 4)
        *(unaligned_four *)(to + i) = *(const unaligned_four *)(to + i) + *(const unaligned_four *)(from + i);
    for (; i < count; i++) to[i] += from[i];
}

static void scatter_images(
    const nnx_convolution *plan, long chunk, const float *dy, float *dx, const float *panels, float *scratch) {
    const nnx_convolution_problem *p = &plan->problem;
    const long run = p->kernel_width * p->input_channels, columns = p->kernel_height * run;
    const long padded = nnx_round_up(columns, TILE_COLUMNS), line = plan->copied_columns * p->input_channels;
    const long pixels = plan->output_height * plan->output_width, image_floats = plan->copied_lines * line;
    const long first = chunk * plan->images_per_chunk, last = nnx_minimum(p->batch, first + plan->images_per_chunk);
    float *image = scratch, *products = scratch + nnx_scratch_bytes(image_floats) / (long)sizeof(float);
    float *a_buffer = products + nnx_scratch_bytes(NNX_SCATTER_PIXELS * padded) / (long)sizeof(float);
    for (long n = first; n < last; n++) {
        memset(image, 0, (size_t)image_floats * sizeof *image);
        for (long start = 0; start < pixels; start += NNX_SCATTER_PIXELS) {
            const long count = nnx_minimum(NNX_SCATTER_PIXELS, pixels - start);
            const nnx_gemm_problem product = {
                .rows = count, .columns = padded, .depth = p->output_channels,
                .a_row_stride = p->output_channels, .a_column_stride = 1, .c_row_stride = padded,
            };
            const struct block block = {
                .rows = count, .columns = padded, .length = p->output_channels,
                .panels = panels, .panel_stride = p->output_channels * TILE_COLUMNS,
                .a_buffer = a_buffer,
            };
            multiply_block(&product, &block, dy + (n * pixels + start) * p->output_channels, products, NULL);
            for (long i = 0; i < count; i++) {
                const long oy = (start + i) / plan->output_width, ox = (start + i) % plan->output_width;
                float *to = image + oy * p->stride_height * line + ox * p->stride_width * p->input_channels;
                for (long r = 0; r < p->kernel_height; r++)
                    add_run(to + r * p->dilation_height * line, products + i * padded + r * run, run);
            }
        }
        const float *inside = image + p->pad_top * line + p->pad_left * p->input_channels;
        const long row = p->input_width * p->input_channels;
        for (long iy = 0; iy < p->input_height; iy++)
            memcpy(dx + (n * p->input_height + iy) * row, inside + iy * line, (size_t)row * sizeof *dx);
    }
}
