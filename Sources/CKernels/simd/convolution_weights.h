// Weight gradient of a convolution: ranges of output pixels are summed apart, then added in order.

// The weight gradient's source for one block of output rows.
struct summed_block {
    const float *x;        // the block's first input pixel, padding included
    long x_line;           // floats between two image rows
    const float *dy;       // [group][panel][pixel][TILE_COLUMNS], or the tensor itself
    long dy_stride;        // floats between two pixels of a panel
    long lines, pixels;
    bool accumulate;
};

// Gathers one tile's inputs of all pixels: [pixel][TILE_ROWS].
static void pack_inputs(
    float *to, const float *x, long x_line, long x_pixel, const struct summed_block *block, long rows) {
    for (long line = 0; line < block->lines; line++)
        for (long pixel = 0; pixel < block->pixels; pixel++, to += TILE_ROWS) {
            const float *from = x + line * x_line + pixel * x_pixel;
            for (long i = 0; i < rows; i++) to[i] = from[i];
        }
}

// Adds one block's products to the pieces first ..< last of a partial weight gradient; each run has some pieces.
static void sum_block(
    const nnx_convolution *plan, const struct summed_block *block, long first, long last, float *partial,
    struct segment_list list, float *input_buffer) {
    const nnx_convolution_problem *p = &plan->problem;
    const struct nnx_runs runs = nnx_weight_runs(p);
    const long outputs = p->output_channels / p->groups, padded = nnx_round_up(outputs, TILE_COLUMNS);
    const long x_line = p->stride_height * block->x_line, x_pixel = p->stride_width * p->input_channels;
    const bool packs = padded >= 3 * TILE_COLUMNS;
    const struct segment packed_segment = {0, 0, block->lines * block->pixels};
    for (long line = 0; line < block->lines; line++)
        list.segments[line] =
            (struct segment){line * x_line, line * block->pixels * block->dy_stride, block->pixels};
    struct tile tile = {
        .segment_count = packs ? 1 : block->lines,
        .segments = packs ? &packed_segment : list.segments,
        .a_stride = packs ? TILE_ROWS : x_pixel,
        .b_stride = block->dy_stride,
        .c_stride = padded,
        .accumulate = block->accumulate,
    };
    const long taps = p->kernel_height * p->kernel_width;
    for (long piece = first; piece < last; piece++) {
        const long run = piece / plan->pieces_per_run, part = piece % plan->pieces_per_run;
        const long first_row = runs.length * part / plan->pieces_per_run;
        const long last_row = runs.length * (part + 1) / plan->pieces_per_run;
        const struct rows_cut cut = cut_rows(last_row - first_row, TILE_ROWS);
        const long group = runs.are_kernel_rows ? 0 : run / taps, tap = run % taps;
        const long r = runs.are_kernel_rows ? run : tap / p->kernel_width;
        const long s = runs.are_kernel_rows ? 0 : tap % p->kernel_width;
        const float *x = block->x + r * p->dilation_height * block->x_line + s * p->dilation_width * p->input_channels
            + group * runs.length;
        const float *dy = block->dy + group * padded * block->lines * block->pixels;
        for (long t = 0, row = first_row; t < cut.count; t++, row += tile.rows) {
            tile.rows = (int)(cut.height + (t < cut.taller));
            tile.a = packs ? input_buffer : x + row;
            if (packs) pack_inputs(input_buffer, x + row, x_line, x_pixel, block, tile.rows);
            for (long column = 0; column < padded; column += TILE_COLUMNS) {
                // A panel that is half empty is summed by the narrow tile; the rest of its row is never read.
                tile.columns = (int)(outputs - column > VECTOR_LENGTH ? TILE_COLUMNS : VECTOR_LENGTH);
                tile.b = dy + column * block->lines * block->pixels;
                tile.c = partial + (run * runs.length + row) * padded + column;
                tile_from_columns(&tile);
            }
        }
    }
}

static void sum_split(
    const nnx_convolution *plan, long chunk, const float *x, const float *dy, float *partials, struct segment_list list,
    float *scratch) {
    const nnx_convolution_problem *p = &plan->problem;
    const struct nnx_runs runs = nnx_weight_runs(p);
    const long outputs = p->output_channels / p->groups, padded = nnx_round_up(outputs, TILE_COLUMNS);
    const long part = chunk % plan->row_parts, split = chunk / plan->row_parts;
    const long pieces = runs.count * plan->pieces_per_run;
    const long first_piece = pieces * part / plan->row_parts, last_piece = pieces * (part + 1) / plan->row_parts;
    const long blocks_per_image = nnx_divide_up(plan->output_height, plan->lines_per_block);
    const long first = split * plan->blocks_per_split;
    const long last = nnx_minimum(first + plan->blocks_per_split, p->batch * blocks_per_image);
    const long pixels_max = plan->lines_per_block * plan->output_width;
    float *dy_buffer = scratch;
    float *input_buffer = dy_buffer + nnx_scratch_bytes(pixels_max * p->groups * padded) / (long)sizeof(float);
    float *copy = input_buffer + nnx_scratch_bytes(pixels_max * TILE_ROWS) / (long)sizeof(float);
    for (long index = first; index < last; index++) {
        const long image = index / blocks_per_image, line = index % blocks_per_image * plan->lines_per_block;
        const struct nnx_origin origin = nnx_source_origin(plan, line);
        const float *x_image = x + image * p->input_height * p->input_width * p->input_channels;
        const float *dy_block =
            dy + (image * plan->output_height + line) * plan->output_width * p->output_channels;
        const long lines = nnx_minimum(plan->lines_per_block, plan->output_height - line);
        // dy is read in place where a pixel's channels are just what a tile reads, or fewer than the narrow one does:
        // of what lies behind them, where something does, it makes sums that are never read.
        const long lines_behind = (p->batch - image) * plan->output_height - line - lines;
        const bool is_read_behind =
            outputs < VECTOR_LENGTH && lines_behind * plan->output_width * outputs >= VECTOR_LENGTH - outputs;
        const bool packs_dy =
            p->groups > 1 || (outputs != TILE_COLUMNS && outputs != VECTOR_LENGTH && !is_read_behind);
        struct summed_block block = {
            .x = x_image + origin.line * p->input_width * p->input_channels,
            .x_line = p->input_width * p->input_channels,
            .dy = packs_dy ? dy_buffer : dy_block,
            .dy_stride = packs_dy ? TILE_COLUMNS : outputs,
            .lines = lines,
            .pixels = plan->output_width,
            .accumulate = index > first,
        };
        const long pixels = block.lines * block.pixels;
        if (plan->copied_columns) {
            copy_padded(
                copy, x_image, p->input_height, p->input_width, p->input_channels, origin,
                nnx_copied_lines(plan, block.lines), plan->copied_columns);
            block.x = copy;
            block.x_line = plan->copied_columns * p->input_channels;
        }
        for (long group = 0; packs_dy && group < p->groups; group++)
            pack_b(
                dy_buffer + group * padded * pixels, pixels * TILE_COLUMNS, dy_block + group * outputs,
                p->output_channels, 1, pixels, outputs);
        sum_block(
            plan, &block, first_piece, last_piece, partials + split * runs.count * runs.length * padded, list,
            input_buffer);
    }
}

// Rows of the weight gradient are ordered (group, tap, input) in the partial sums and (tap, input) in the result.
static void reduce_weight_gradient(const nnx_convolution *plan, long chunk, float *dw, const float *partials) {
    const nnx_convolution_problem *p = &plan->problem;
    const long inputs = p->input_channels / p->groups, outputs = p->output_channels / p->groups;
    const long padded = nnx_round_up(outputs, TILE_COLUMNS), per_group = p->kernel_height * p->kernel_width * inputs;
    const long rows = p->groups * per_group, per_chunk = nnx_divide_up(rows, plan->work.chunk_count[1]);
    for (long row = chunk * per_chunk; row < nnx_minimum(rows, (chunk + 1) * per_chunk); row++)
        for (long j = 0; j < outputs; j += VECTOR_LENGTH) {
            float *to = dw + row % per_group * p->output_channels + row / per_group * outputs + j;
            const vector sum = sum_in_order(partials + row * padded + j, plan->split_count, rows * padded);
            if (outputs - j >= VECTOR_LENGTH) store(to, sum);
            else store_first(to, sum, outputs - j);
        }
}
