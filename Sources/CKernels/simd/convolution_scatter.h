// Input gradient of few input channels: products of each output pixel with all taps, then added to the pixels they reach.

// One panel of the weights as [outputs, taps * inputs]: w [taps * inputs, outputs] transposed.
static void pack_scatter_weights(const nnx_convolution *plan, long chunk, const float *w, float *panels) {
    const nnx_convolution_problem *p = &plan->problem;
    const long columns = p->kernel_height * p->kernel_width * p->input_channels, column = chunk * TILE_COLUMNS;
    pack_b_panel(
        panels + column * p->output_channels, w + column * p->output_channels, 1, p->output_channels,
        p->output_channels, nnx_minimum(TILE_COLUMNS, columns - column));
}

// Adds one output pixel's products to the pixels that its taps reach: tap after tap of `channels` products to places
// `tap_step` floats apart, kernel rows `line_step`. What lies behind the channels of either is added too and never read.
INLINE void add_taps(
    const long floats, float *to, const float *from, long rows, long taps, long line_step, long tap_step,
    long channels) {
    for (long r = 0; r < rows; r++, to += line_step)
        for (long s = 0; s < taps; s++, from += channels)
            for (long i = 0; i < floats; i += NNX_SCATTER_LANES) {
                float *place = to + s * tap_step + i;
                *(unaligned_eight *)place = *(const unaligned_eight *)place + *(const unaligned_eight *)(from + i);
            }
}

// Copies pixels without what lies behind their channels. A copy spills into the pixels that follow, while they do.
INLINE void copy_pixels(float *to, const float *from, long floats, long pixels, long channels) {
    for (; pixels * channels >= floats; pixels--, to += channels, from += floats)
        for (long i = 0; i < floats; i += NNX_SCATTER_LANES)
            *(unaligned_eight *)(to + i) = *(const unaligned_eight *)(from + i);
    for (; pixels > 0; pixels--, to += channels, from += floats) memcpy(to, from, (size_t)channels * sizeof *to);
}

static void scatter_images(
    const nnx_convolution *plan, long chunk, const float *dy, float *dx, const float *panels, float *scratch) {
    const nnx_convolution_problem *p = &plan->problem;
    const long columns = p->kernel_height * p->kernel_width * p->input_channels;
    const long padded = nnx_round_up(columns, TILE_COLUMNS), floats = nnx_scatter_floats(p);
    const long line = plan->copied_columns * floats;
    const long pixels = plan->output_height * plan->output_width, image_floats = plan->copied_lines * line;
    const long first = chunk * plan->images_per_chunk, last = nnx_minimum(p->batch, first + plan->images_per_chunk);
    float *image = scratch, *products = scratch + nnx_scratch_bytes(image_floats) / (long)sizeof(float);
    float *a_buffer =
        products + nnx_scratch_bytes(NNX_SCATTER_PIXELS * padded + NNX_TILE_PADDING) / (long)sizeof(float);
    for (long n = first; n < last; n++) {
        memset(image, 0, (size_t)image_floats * sizeof *image);
        for (long start = 0, oy = 0, ox = 0; start < pixels; start += NNX_SCATTER_PIXELS) {
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
                float *to = image + oy * p->stride_height * line + ox * p->stride_width * floats;
                const float *from = products + i * padded;
                const long rows = p->kernel_height, taps = p->kernel_width, channels = p->input_channels;
                const long line_step = p->dilation_height * line, tap_step = p->dilation_width * floats;
                if (floats == NNX_SCATTER_LANES)
                    add_taps(NNX_SCATTER_LANES, to, from, rows, taps, line_step, tap_step, channels);
                else add_taps(floats, to, from, rows, taps, line_step, tap_step, channels);
                if (++ox == plan->output_width) ox = 0, oy++;
            }
        }
        const float *inside = image + p->pad_top * line + p->pad_left * floats;
        const long row = p->input_width * p->input_channels;
        for (long iy = 0; iy < p->input_height; iy++)
            copy_pixels(
                dx + (n * p->input_height + iy) * row, inside + iy * line, floats, p->input_width, p->input_channels);
    }
}
