// Convolution and its gradients from register tiles that read the image in place.
#include "../convolution_layout.h"

struct segment_list {
    struct segment *segments;
    long count;
};

// Appends products k ..< k + length, whose inputs begin at offset a; joined with the last segment where both go on.
static void add_segment(struct segment_list *list, long a, long k, long length) {
    struct segment *last = list->segments + list->count - 1;
    if (list->count && last->a + last->length == a && last->b + last->length * TILE_COLUMNS == k * TILE_COLUMNS) {
        const long joined = nnx_minimum(length, NNX_SEGMENT_PRODUCTS - last->length);
        last->length += joined;
        a += joined, k += joined, length -= joined;
    }
    while (length > 0) {
        const long taken = nnx_minimum(length, NNX_SEGMENT_PRODUCTS);
        list->segments[list->count++] = (struct segment){a, k * TILE_COLUMNS, taken};
        a += taken, k += taken, length -= taken;
    }
}

// A padded copy of a part of an image [height, width, channels]: lines x columns pixels from `origin`, zero outside.
static void copy_padded(
    float *to, const float *image, long height, long width, long channels, struct nnx_origin origin, long lines,
    long columns) {
    const long first = nnx_minimum(columns, nnx_maximum(0, -origin.column));
    const long last = nnx_maximum(first, nnx_minimum(columns, width - origin.column));
    const size_t pixel = (size_t)channels * sizeof(float);
    for (long i = 0; i < lines; i++, to += columns * channels) {
        const long line = origin.line + i;
        if (line < 0 || line >= height || first == last) {
            memset(to, 0, (size_t)columns * pixel);
            continue;
        }
        memset(to, 0, (size_t)first * pixel);
        memcpy(
            to + first * channels, image + (line * width + origin.column + first) * channels,
            (size_t)(last - first) * pixel);
        memset(to + last * channels, 0, (size_t)(columns - last) * pixel);
    }
}

// The grid of result pixels that share one list of segments.
struct pixel_grid {
    long images, lines, pixels;
    const float *a;
    long a_image, a_line, a_pixel;    // strides of the source
    float *c;
    long c_image, c_line, c_pixel;    // strides of the result
    const float *panels;              // [panel][depth][TILE_COLUMNS]
    long depth, columns;
    const float *bias;                // null, or `columns` floats
    nnx_activation activation;
};

static void convolve_grid(const struct pixel_grid *grid, const struct segment_list *list) {
    float bias_buffer[TILE_COLUMNS] __attribute__((aligned(64)));
    const struct rows_cut cut = cut_rows(grid->pixels);
    struct tile tile = {
        .a_stride = grid->a_pixel,
        .c_stride = grid->c_pixel,
        .whole_rows = grid->columns == grid->c_pixel && grid->columns < TILE_COLUMNS,
    };
    long first = 0;
    do {
        // As many segments as fit the first-level cache together.
        long end = first, products = 0;
        while (end < list->count && (end == first || products + list->segments[end].length <= NNX_SEGMENT_PRODUCTS))
            products += list->segments[end++].length;
        const bool is_last = end == list->count;
        tile.segments = list->segments + first;
        tile.segment_count = end - first;
        tile.accumulate = first > 0;
        tile.activation = is_last ? grid->activation : nnx_activation_none;
        for (long column = 0; column < grid->columns; column += TILE_COLUMNS) {
            tile.columns = (int)nnx_minimum(TILE_COLUMNS, grid->columns - column);
            tile.b = grid->panels + column * grid->depth;
            tile.bias = is_last && grid->bias ? panel_bias(grid->bias, column, tile.columns, bias_buffer) : NULL;
            for (long image = 0; image < grid->images; image++)
                for (long line = 0; line < grid->lines; line++) {
                    const float *a = grid->a + image * grid->a_image + line * grid->a_line;
                    float *c = grid->c + image * grid->c_image + line * grid->c_line + column;
                    for (long t = 0, pixel = 0; t < cut.count; t++, pixel += tile.rows) {
                        tile.rows = (int)(cut.height + (t < cut.taller));
                        tile.a = a + pixel * grid->a_pixel;
                        tile.c = c + pixel * grid->c_pixel;
                        tile_from_rows(&tile);
                    }
                }
        }
        first = end;
    } while (first < list->count);
}

// Where a chunk of the forward pass or the input gradient works.
struct result_block {
    long image, images, line, lines;
};
static struct result_block result_block_of(const nnx_convolution *plan, long chunk, long lines) {
    const long blocks = nnx_divide_up(lines, plan->lines_per_block);
    const long image = chunk / blocks * plan->images_per_chunk, line = chunk % blocks * plan->lines_per_block;
    return (struct result_block){
        image, nnx_minimum(plan->images_per_chunk, plan->problem.batch - image), line,
        nnx_minimum(plan->lines_per_block, lines - line),
    };
}

static void pack_forward_weights(const nnx_convolution *plan, long chunk, const float *w, float *panels) {
    const nnx_convolution_problem *p = &plan->problem;
    const long inputs = p->input_channels / p->groups, outputs = p->output_channels / p->groups;
    const long depth = p->kernel_height * p->kernel_width * inputs, per_group = nnx_divide_up(outputs, TILE_COLUMNS);
    const long group = chunk / per_group, column = chunk % per_group * TILE_COLUMNS;
    pack_b_panel(
        panels + chunk * depth * TILE_COLUMNS, w + group * outputs + column, p->output_channels, 1, depth,
        nnx_minimum(TILE_COLUMNS, outputs - column));
}

static void convolve_block(
    const nnx_convolution *plan, long chunk, const float *x, float *y, const float *bias, const float *panels,
    struct segment_list list, float *copy) {
    const nnx_convolution_problem *p = &plan->problem;
    const long inputs = p->input_channels / p->groups, outputs = p->output_channels / p->groups;
    const long depth = p->kernel_height * p->kernel_width * inputs;
    const long image_floats = p->input_height * p->input_width * p->input_channels;
    const long result_line = plan->output_width * p->output_channels;
    const struct result_block block = result_block_of(plan, chunk, plan->output_height);
    const struct nnx_origin origin = nnx_source_origin(plan, block.line);
    struct pixel_grid grid = {
        .images = block.images,
        .lines = block.lines,
        .pixels = plan->output_width,
        .a = x + block.image * image_floats + origin.line * p->input_width * p->input_channels,
        .a_image = image_floats,
        .c_image = plan->output_height * result_line,
        .c_line = result_line,
        .c_pixel = p->output_channels,
        .a_pixel = p->stride_width * p->input_channels,
        .depth = depth,
        .columns = outputs,
        .activation = p->activation,
    };
    long line_floats = p->input_width * p->input_channels;
    if (plan->copied_columns) {
        const long lines = nnx_copied_lines(plan, block.lines);
        line_floats = plan->copied_columns * p->input_channels;
        grid.a = copy;
        grid.a_image = lines * line_floats;
        for (long i = 0; i < block.images; i++)
            copy_padded(
                copy + i * grid.a_image, x + (block.image + i) * image_floats, p->input_height, p->input_width,
                p->input_channels, origin, lines, plan->copied_columns);
    }
    grid.a_line = p->stride_height * line_floats;
    for (long r = 0; r < p->kernel_height; r++)
        for (long s = 0; s < p->kernel_width; s++)
            add_segment(
                &list, r * p->dilation_height * line_floats + s * p->dilation_width * p->input_channels,
                (r * p->kernel_width + s) * inputs, inputs);
    const float *source = grid.a;
    for (long group = 0; group < p->groups; group++) {
        grid.a = source + group * inputs;
        grid.c = y + block.image * grid.c_image + block.line * result_line + group * outputs;
        grid.panels = panels + group * nnx_round_up(outputs, TILE_COLUMNS) * depth;
        grid.bias = p->has_bias ? bias + group * outputs : NULL;
        convolve_grid(&grid, &list);
    }
}

// Taps in reverse order, so that the taps of a row are neighbours in dy as well.
static void pack_reversed_weights(const nnx_convolution *plan, long chunk, const float *w, float *panels) {
    const nnx_convolution_problem *p = &plan->problem;
    const long inputs = p->input_channels / p->groups, outputs = p->output_channels / p->groups;
    const long taps = p->kernel_height * p->kernel_width, per_group = nnx_divide_up(inputs, TILE_COLUMNS);
    const long group = chunk / per_group, column = chunk % per_group * TILE_COLUMNS;
    for (long tap = 0; tap < taps; tap++)
        pack_b_panel(
            panels + (chunk * taps + taps - 1 - tap) * outputs * TILE_COLUMNS,
            w + (tap * inputs + column) * p->output_channels + group * outputs, 1, p->output_channels, outputs,
            nnx_minimum(TILE_COLUMNS, inputs - column));
}

// dx(iy, ix) is the sum over the taps (r, s) for which oy = (iy + pad - r * dilation) / stride is whole, of dy(oy, ox)
// times the tap. Which taps those are depends on iy and ix modulo the strides only: each pair of remainders is a
// stride-1 convolution with some of the taps.
static void convolve_block_backwards(
    const nnx_convolution *plan, long chunk, const float *dy, float *dx, const float *panels, struct segment_list list,
    float *copy) {
    const nnx_convolution_problem *p = &plan->problem;
    const long inputs = p->input_channels / p->groups, outputs = p->output_channels / p->groups;
    const long taps = p->kernel_height * p->kernel_width, depth = taps * outputs;
    const long image_floats = plan->output_height * plan->output_width * p->output_channels;
    const long line_floats = plan->copied_columns * p->output_channels, result_line = p->input_width * p->input_channels;
    const struct result_block block = result_block_of(plan, chunk, p->input_height);
    const struct nnx_origin origin = nnx_source_origin(plan, block.line);
    for (long i = 0; i < block.images; i++)
        copy_padded(
            copy + i * plan->copied_lines * line_floats, dy + (block.image + i) * image_floats, plan->output_height,
            plan->output_width, p->output_channels, origin, plan->copied_lines, plan->copied_columns);
    struct pixel_grid grid = {
        .images = block.images,
        .a_image = plan->copied_lines * line_floats,
        .a_line = line_floats,
        .a_pixel = p->output_channels,
        .c_image = p->input_height * result_line,
        .c_line = p->stride_height * result_line,
        .c_pixel = p->stride_width * p->input_channels,
        .depth = depth,
        .columns = inputs,
    };
    for (long line = 0; line < nnx_minimum(p->stride_height, block.lines); line++)
        for (long column = 0; column < nnx_minimum(p->stride_width, p->input_width); column++) {
            list.count = 0;
            for (long r = p->kernel_height - 1; r >= 0; r--)
                for (long s = p->kernel_width - 1; s >= 0; s--) {
                    const long y = block.line + line + p->pad_top - r * p->dilation_height;
                    const long x = column + p->pad_left - s * p->dilation_width;
                    if (y % p->stride_height || x % p->stride_width) continue;
                    add_segment(
                        &list,
                        (y / p->stride_height - origin.line) * line_floats
                            + (x / p->stride_width - origin.column) * p->output_channels,
                        (taps - 1 - (r * p->kernel_width + s)) * outputs, outputs);
                }
            grid.lines = nnx_divide_up(block.lines - line, p->stride_height);
            grid.pixels = nnx_divide_up(p->input_width - column, p->stride_width);
            for (long group = 0; group < p->groups; group++) {
                grid.a = copy + group * outputs;
                grid.c = dx + block.image * grid.c_image + (block.line + line) * result_line
                    + column * p->input_channels + group * inputs;
                grid.panels = panels + group * nnx_round_up(inputs, TILE_COLUMNS) * depth;
                convolve_grid(&grid, &list);
            }
        }
}

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
static void pack_inputs(float *to, const float *x, long x_line, long x_pixel, const struct summed_block *block, long rows) {
    for (long line = 0; line < block->lines; line++)
        for (long pixel = 0; pixel < block->pixels; pixel++, to += TILE_ROWS) {
            const float *from = x + line * x_line + pixel * x_pixel;
            for (long i = 0; i < rows; i++) to[i] = from[i];
        }
}

// Adds one block's products to the runs first ..< last of a partial weight gradient.
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
    const struct rows_cut cut = cut_rows(runs.length);
    const long taps = p->kernel_height * p->kernel_width;
    for (long run = first; run < last; run++) {
        const long group = runs.are_kernel_rows ? 0 : run / taps, tap = run % taps;
        const long r = runs.are_kernel_rows ? run : tap / p->kernel_width;
        const long s = runs.are_kernel_rows ? 0 : tap % p->kernel_width;
        const float *x = block->x + r * p->dilation_height * block->x_line + s * p->dilation_width * p->input_channels
            + group * runs.length;
        const float *dy = block->dy + group * padded * block->lines * block->pixels;
        for (long t = 0, row = 0; t < cut.count; t++, row += tile.rows) {
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
    const long first_run = runs.count * part / plan->row_parts, last_run = runs.count * (part + 1) / plan->row_parts;
    const long blocks_per_image = nnx_divide_up(plan->output_height, plan->lines_per_block);
    const long first = split * plan->blocks_per_split;
    const long last = nnx_minimum(first + plan->blocks_per_split, p->batch * blocks_per_image);
    const long pixels_max = plan->lines_per_block * plan->output_width;
    // dy is read in place where a pixel's channels are just what a tile reads.
    const bool packs_dy = p->groups > 1 || (outputs != TILE_COLUMNS && outputs != VECTOR_LENGTH);
    float *dy_buffer = scratch;
    float *input_buffer = dy_buffer + nnx_scratch_bytes(pixels_max * p->groups * padded) / (long)sizeof(float);
    float *copy = input_buffer + nnx_scratch_bytes(pixels_max * TILE_ROWS) / (long)sizeof(float);
    for (long index = first; index < last; index++) {
        const long image = index / blocks_per_image, line = index % blocks_per_image * plan->lines_per_block;
        const struct nnx_origin origin = nnx_source_origin(plan, line);
        const float *x_image = x + image * p->input_height * p->input_width * p->input_channels;
        const float *dy_block =
            dy + (image * plan->output_height + line) * plan->output_width * p->output_channels;
        struct summed_block block = {
            .x = x_image + origin.line * p->input_width * p->input_channels,
            .x_line = p->input_width * p->input_channels,
            .dy = packs_dy ? dy_buffer : dy_block,
            .dy_stride = packs_dy ? TILE_COLUMNS : outputs,
            .lines = nnx_minimum(plan->lines_per_block, plan->output_height - line),
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
            plan, &block, first_run, last_run, partials + split * runs.count * runs.length * padded, list,
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
        if (phase == 0) pack_reversed_weights(plan, chunk, second, shared);
        else convolve_block_backwards(plan, chunk, first, result, shared, list, scratch);
        return;
    case nnx_convolution_pass_weight_gradient:
        if (phase == 0) sum_split(plan, chunk, first, second, shared, list, scratch);
        else reduce_weight_gradient(plan, chunk, result, shared);
        return;
    }
}
