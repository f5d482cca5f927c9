// Forward convolution and input gradient from register tiles that read the image, or a padded copy of it, in place.
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
    const struct rows_cut cut = cut_rows(grid->pixels, grid->columns > VECTOR_LENGTH ? TILE_ROWS : NARROW_TILE_ROWS);
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
