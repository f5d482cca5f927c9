// 3x3 and 5x5 convolution and its input gradient by Winograd's minimal filtering.
//
// Layouts: transformed source [frequency][tile][channel], transformed kernel [panel][frequency][channel][TILE_COLUMNS],
// products [frequency][tile][channel of a block of panels]. Each frequency is a matrix product of its own.

// The first result pixel of a tile.
struct tile_place {
    long image, line, column;
};
INLINE struct tile_place place_of_tile(const nnx_winograd *w, long tile) {
    const long in_image = tile % (w->lines * w->columns);
    return (struct tile_place){
        tile / (w->lines * w->columns), in_image / w->columns * w->extent, in_image % w->columns * w->extent,
    };
}
INLINE void advance_to_next_tile(const nnx_winograd *w, struct tile_place *place) {
    place->column += w->extent;
    if (place->column < w->columns * w->extent) return;
    place->column = 0;
    place->line += w->extent;
    if (place->line < w->lines * w->extent) return;
    place->line = 0;
    place->image++;
}

// The side x side pixels from `place` on; those outside of the image point to `blank`, a pixel of zeros.
INLINE void find_pixels(
    const int side, const float **pixels, const float *images, const struct nnx_images *size, struct tile_place place,
    const float *blank) {
    const unsigned long height = (unsigned long)size->height, width = (unsigned long)size->width;
    UNROLL for (int i = 0; i < side; i++) {
        const unsigned long line = (unsigned long)(place.line + i);
        const float *first =
            images + ((place.image * size->height + place.line + i) * size->width + place.column) * size->channels;
        UNROLL for (int j = 0; j < side; j++) {
            const bool is_inside = (line < height) & ((unsigned long)(place.column + j) < width);
            pixels[i * side + j] = is_inside ? first + j * size->channels : blank;
        }
    }
}

// Transforms the source of tiles first ..< first + count.
INLINE void transform_source_tiles_of(
    const int extent, const int taps, const nnx_convolution *plan, const float *source, long first, long count,
    float *to, const float *blank) {
    const nnx_winograd *w = &plan->winograd;
    const struct nnx_winograd_images images = nnx_winograd_images(plan);
    const int side = extent + taps - 1;
    const float *pixels[WINOGRAD_FREQUENCIES];
    struct tile_place place = place_of_tile(w, first);
    for (long t = 0; t < count; t++, to += w->source_row, advance_to_next_tile(w, &place)) {
        const struct tile_place begin = {place.image, place.line - images.pad_top, place.column - images.pad_left};
        find_pixels(side, pixels, source, &images.source, begin, blank);
#define TRANSFORM(in, out) transform_source(side, in, out)
#define FROM(i, j) load_lanes(pixels[(i) * side + (j)] + c, lanes)
#define TO(i, j, v) store(to + ((i) * side + (j)) * w->source_plane + c, v)
        long c = 0;
        for (const long lanes = VECTOR_LENGTH; c + lanes <= images.source.channels; c += lanes)
            TRANSFORM_TWICE(TRANSFORM, side, side, FROM, TO);
        const long lanes = images.source.channels - c;
        if (lanes) TRANSFORM_TWICE(TRANSFORM, side, side, FROM, TO);
#undef TRANSFORM
#undef FROM
#undef TO
    }
}
static void transform_source_tiles(
    const nnx_convolution *plan, const float *source, long first, long count, float *to, const float *blank) {
    WITH_WINOGRAD_SIZES(transform_source_tiles_of, plan, source, first, count, to, blank);
}

// Transforms one panel of the kernel, for the input gradient with its taps reversed and channels exchanged.
// `gathered` has room for taps^2 * NNX_WINOGRAD_KERNEL_ROWS rows of a panel.
INLINE void transform_kernel_panel_of(
    const int extent, const int taps, const nnx_convolution *plan, const float *kernel, long panel, float *to,
    float *gathered) {
    const nnx_winograd *w = &plan->winograd;
    const struct nnx_winograd_images images = nnx_winograd_images(plan);
    const bool is_forward = plan->pass == nnx_convolution_pass_forward;
    const long filters = plan->problem.output_channels, tap_floats = images.source.channels * images.result.channels;
    const long row_stride = is_forward ? filters : 1, column_stride = is_forward ? 1 : filters;
    const long column = panel * TILE_COLUMNS, columns = nnx_minimum(TILE_COLUMNS, images.result.channels - column);
    const int side = extent + taps - 1;
    for (long row = 0; row < images.source.channels; row += NNX_WINOGRAD_KERNEL_ROWS) {
        const long rows = nnx_minimum(NNX_WINOGRAD_KERNEL_ROWS, images.source.channels - row);
        for (long tap = 0; tap < taps * taps; tap++)
            pack_b_panel(
                gathered + tap * NNX_WINOGRAD_KERNEL_ROWS * TILE_COLUMNS,
                kernel + (is_forward ? tap : taps * taps - 1 - tap) * tap_floats + row * row_stride + column * column_stride,
                row_stride, column_stride, rows, columns);
        for (long at = 0; at < rows * TILE_COLUMNS; at += VECTOR_LENGTH) {
#define TRANSFORM(in, out) transform_kernel(side, taps, in, out)
#define FROM(i, j) load(gathered + ((i) * taps + (j)) * NNX_WINOGRAD_KERNEL_ROWS * TILE_COLUMNS + at)
#define TO(i, j, v) store(to + ((i) * side + (j)) * w->factor_plane + row * TILE_COLUMNS + at, v)
            TRANSFORM_TWICE(TRANSFORM, taps, side, FROM, TO);
#undef TRANSFORM
#undef FROM
#undef TO
        }
    }
}
static void transform_kernel_panel(
    const nnx_convolution *plan, const float *kernel, long panel, float *to, float *gathered) {
    WITH_WINOGRAD_SIZES(transform_kernel_panel_of, plan, kernel, panel, to, gathered);
}

// Transforms the products of some tiles back and stores their result pixels, channels column ..< column + columns.
INLINE void finish_tiles_of(
    const int extent, const int taps, const nnx_convolution *plan, const float *products, long first, long count,
    long column, long columns, float *result, const float *bias) {
    const nnx_winograd *w = &plan->winograd;
    const struct nnx_images size = nnx_winograd_images(plan).result;
    const bool has_bias = plan->pass == nnx_convolution_pass_forward && plan->problem.has_bias;
    const bool is_rectified =
        plan->pass == nnx_convolution_pass_forward && plan->problem.activation == nnx_activation_relu;
    const int side = extent + taps - 1;
    struct tile_place place = place_of_tile(w, first);
    for (long t = 0; t < count; t++, products += w->product_row, advance_to_next_tile(w, &place)) {
        const long lines = size.height - place.line, pixels = size.width - place.column;
        float *to = result
            + ((place.image * size.height + place.line) * size.width + place.column) * size.channels + column;
        for (long c = 0; c < columns; c += VECTOR_LENGTH) {
            const long lanes = nnx_minimum(VECTOR_LENGTH, columns - c);
            const vector shift = has_bias ? load_lanes(bias + column + c, lanes) : splat(0);
#define TRANSFORM(in, out) transform_products(side, extent, in, out)
#define FROM(i, j) load(products + ((i) * side + (j)) * w->product_plane + c)
#define TO(i, j, v)                                                                   \
    if (i < lines && j < pixels) {                                                    \
        float *pixel = to + ((i) * size.width + (j)) * size.channels + c;             \
        store_lanes(pixel, is_rectified ? rectify(v + shift) : v + shift, lanes);     \
    }
            TRANSFORM_TWICE(TRANSFORM, side, extent, FROM, TO);
#undef TRANSFORM
#undef FROM
#undef TO
        }
    }
}
static void finish_tiles(
    const nnx_convolution *plan, const float *products, long first, long count, long column, long columns,
    float *result, const float *bias) {
    WITH_WINOGRAD_SIZES(finish_tiles_of, plan, products, first, count, column, columns, result, bias);
}

// products[f][tile][column] = sum over channels of source[f][tile][channel] * kernel[f][channel][column].
static void multiply_tiles(
    const nnx_convolution *plan, const float *source, long count, const float *panels, long columns, float *products) {
    const nnx_winograd *w = &plan->winograd;
    const long depth = nnx_winograd_images(plan).source.channels;
    const struct rows_cut wide = cut_rows(count, TILE_ROWS), narrow = cut_rows(count, NARROW_TILE_ROWS);
    struct segment segment = {0, 0, 0};
    struct tile tile = {
        .segment_count = 1, .segments = &segment, .a_stride = w->source_row, .c_stride = w->product_row,
    };
    for (long f = 0; f < nnx_winograd_frequencies(w); f++)
        for (long column = 0; column < columns; column += TILE_COLUMNS) {
            // A panel that is half empty is multiplied by the narrow tile; the rest of its row is never read.
            tile.columns = (int)(columns - column > VECTOR_LENGTH ? TILE_COLUMNS : VECTOR_LENGTH);
            const struct rows_cut cut = tile.columns == TILE_COLUMNS ? wide : narrow;
            for (long first = 0; first < depth; first += segment.length) {
                segment.length = nnx_minimum(w->products_per_sum, depth - first);
                tile.accumulate = first > 0;
                tile.a = source + f * w->source_plane + first;
                tile.b = panels + column / TILE_COLUMNS * w->factor_panel + f * w->factor_plane + first * TILE_COLUMNS;
                tile.c = products + f * w->product_plane + column;
                for (long t = 0; t < cut.count; t++) {
                    tile.rows = (int)(cut.height + (t < cut.taller));
                    tile_from_rows(&tile);
                    tile.a += tile.rows * w->source_row;
                    tile.c += tile.rows * w->product_row;
                }
            }
        }
}

// Where a worker keeps what it needs for one chunk.
struct winograd_scratch {
    float *blank, *gathered, *products, *source, *factor;    // factor: transformed kernel or gradient
};
static struct winograd_scratch winograd_scratch(const nnx_convolution *plan, void *worker) {
    const nnx_winograd *w = &plan->winograd;
    struct winograd_scratch scratch = {.blank = worker};
    memset(scratch.blank, 0, (size_t)w->blank_floats * sizeof(float));
    scratch.gathered = scratch.blank + w->blank_floats;
    scratch.products = scratch.gathered + w->gathered_floats;
    scratch.source = scratch.products + w->product_floats;
    scratch.factor = scratch.source + w->source_floats;
    return scratch;
}

// Phase 0 of a plan with few tiles, of all passes: transforms a block of tiles to shared memory.
static void transform_shared_tiles(
    const nnx_convolution *plan, long chunk, const float *source, float *shared, void *worker) {
    const nnx_winograd *w = &plan->winograd;
    const struct winograd_scratch scratch = winograd_scratch(plan, worker);
    const long per_chunk = nnx_divide_up(w->count, plan->work.chunk_count[0]), first = chunk * per_chunk;
    const long count = nnx_minimum(per_chunk, w->count - first);
    if (count > 0)
        transform_source_tiles(plan, source, first, count, shared + first * w->source_row, scratch.blank);
}

static void convolve_winograd(
    const nnx_convolution *plan, int phase, long chunk, const float *source, const float *kernel, float *result,
    const float *bias, float *shared, void *worker) {
    const nnx_winograd *w = &plan->winograd;
    const struct winograd_scratch scratch = winograd_scratch(plan, worker);
    const long channels = nnx_winograd_images(plan).result.channels;
    const long block_columns = w->panels_per_block * TILE_COLUMNS;
    if (phase == 0) {
        if (w->tiles_first) transform_shared_tiles(plan, chunk, source, shared, worker);
        else transform_kernel_panel(plan, kernel, chunk, shared + chunk * w->factor_panel, scratch.gathered);
    } else if (w->tiles_first) {
        const long column = chunk * block_columns, columns = nnx_minimum(block_columns, channels - column);
        for (long panel = 0; panel * TILE_COLUMNS < columns; panel++)
            transform_kernel_panel(
                plan, kernel, column / TILE_COLUMNS + panel, scratch.factor + panel * w->factor_panel, scratch.gathered);
        for (long first = 0; first < w->count; first += w->tiles_per_block) {
            const long count = nnx_minimum(w->tiles_per_block, w->count - first);
            multiply_tiles(plan, shared + first * w->source_row, count, scratch.factor, columns, scratch.products);
            finish_tiles(plan, scratch.products, first, count, column, columns, result, bias);
        }
    } else {
        const long first = chunk * w->tiles_per_block, count = nnx_minimum(w->tiles_per_block, w->count - first);
        transform_source_tiles(plan, source, first, count, scratch.source, scratch.blank);
        for (long column = 0; column < channels; column += block_columns) {
            const long columns = nnx_minimum(block_columns, channels - column);
            multiply_tiles(
                plan, scratch.source, count, shared + column / TILE_COLUMNS * w->factor_panel, columns,
                scratch.products);
            finish_tiles(plan, scratch.products, first, count, column, columns, result, bias);
        }
    }
}
