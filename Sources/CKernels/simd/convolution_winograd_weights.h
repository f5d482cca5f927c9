// Weight gradient of a 3x3 or 5x5 convolution by Winograd's minimal filtering: the sum over tiles of the products of the
// transformed inputs and the transformed gradients is transformed to the taps once.
//
// Layouts: transformed gradient [panel][frequency][tile][TILE_COLUMNS], sums [frequency][input channel][columns].

// Transforms the gradient of tiles first ..< first + count, channels column ..< column + columns.
INLINE void transform_gradient_tiles_of(
    const int extent, const int taps, const nnx_convolution *plan, const float *dy, long first, long count, long column,
    long columns, float *to, const float *blank) {
    const nnx_winograd *w = &plan->winograd;
    const struct nnx_images size = nnx_winograd_images(plan).result;
    const int side = extent + taps - 1;
    const float *pixels[WINOGRAD_FREQUENCIES];
    struct tile_place place = place_of_tile(w, first);
    for (long t = 0; t < count; t++, advance_to_next_tile(w, &place)) {
        find_pixels(extent, pixels, dy, &size, place, blank);
        for (long c = 0; c < columns; c += VECTOR_LENGTH) {
            const long lanes = nnx_minimum(VECTOR_LENGTH, columns - c);
            UNROLL for (int i = 0; i < extent * extent; i++)
                __builtin_prefetch(pixels[i] + extent * size.channels + column + c);
            float *row = to + c / TILE_COLUMNS * w->factor_panel + t * TILE_COLUMNS + c % TILE_COLUMNS;
#define TRANSFORM(in, out) transform_gradient(side, extent, in, out)
#define FROM(i, j) load_lanes(pixels[(i) * extent + (j)] + column + c, lanes)
#define TO(i, j, v) store(row + ((i) * side + (j)) * w->factor_plane, v)
            TRANSFORM_TWICE(TRANSFORM, extent, side, FROM, TO);
#undef TRANSFORM
#undef FROM
#undef TO
        }
    }
}
static void transform_gradient_tiles(
    const nnx_convolution *plan, const float *dy, long first, long count, long column, long columns, float *to,
    const float *blank) {
    WITH_WINOGRAD_SIZES(transform_gradient_tiles_of, plan, dy, first, count, column, columns, to, blank);
}

// sums[f][channel][column] += sum over tiles of source[f][tile][channel] * gradient[f][tile][column].
static void sum_tiles(
    const nnx_convolution *plan, const float *source, const float *gradient, long count, long columns, float *sums,
    bool accumulates) {
    const nnx_winograd *w = &plan->winograd;
    const struct rows_cut cut = cut_rows(plan->problem.input_channels, TILE_ROWS);
    struct segment segment = {0, 0, 0};
    struct tile tile = {
        .segment_count = 1, .segments = &segment, .a_stride = w->source_row, .b_stride = TILE_COLUMNS,
        .c_stride = w->product_row,
    };
    for (long f = 0; f < nnx_winograd_frequencies(w); f++)
        for (long column = 0; column < columns; column += TILE_COLUMNS) {
            tile.columns = (int)(columns - column > VECTOR_LENGTH ? TILE_COLUMNS : VECTOR_LENGTH);
            for (long first = 0; first < count; first += segment.length) {
                segment.length = nnx_minimum(w->products_per_sum, count - first);
                tile.accumulate = accumulates || first > 0;
                tile.a = source + f * w->source_plane + first * w->source_row;
                tile.b = gradient + column / TILE_COLUMNS * w->factor_panel + f * w->factor_plane
                    + first * TILE_COLUMNS;
                tile.c = sums + f * w->product_plane + column;
                for (long t = 0; t < cut.count; t++) {
                    tile.rows = (int)(cut.height + (t < cut.taller));
                    tile_from_columns(&tile);
                    tile.a += tile.rows;
                    tile.c += tile.rows * w->product_row;
                }
            }
        }
}

// Adds the ranges' sums of the input channels first ..< last in order and transforms them to the taps' gradients of
// the filters column ..< column + columns, which are the sums' first.
INLINE void finish_kernel_gradient_of(
    const int extent, const int taps, const nnx_convolution *plan, const float *sums, long first, long last,
    long column, long columns, float *dw) {
    const nnx_winograd *w = &plan->winograd;
    const nnx_convolution_problem *p = &plan->problem;
    const int side = extent + taps - 1;
    const long split = nnx_winograd_frequencies(w) * w->product_plane;
    for (long row = first; row < last; row++)
        for (long c = 0; c < columns; c += VECTOR_LENGTH) {
            const long lanes = nnx_minimum(VECTOR_LENGTH, columns - c);
            const float *from = sums + row * w->product_row + c;
            float *to = dw + row * p->output_channels + column + c;
#define TRANSFORM(in, out) transform_kernel_gradient(side, taps, in, out)
#define FROM(i, j) sum_in_order(from + ((i) * side + (j)) * w->product_plane, w->split_count, split)
#define TO(i, j, v) store_lanes(to + ((i) * taps + (j)) * p->input_channels * p->output_channels, v, lanes)
            TRANSFORM_TWICE(TRANSFORM, side, taps, FROM, TO);
#undef TRANSFORM
#undef FROM
#undef TO
        }
}
static void finish_kernel_gradient(
    const nnx_convolution *plan, const float *sums, long first, long last, long column, long columns, float *dw) {
    WITH_WINOGRAD_SIZES(finish_kernel_gradient_of, plan, sums, first, last, column, columns, dw);
}

static void sum_winograd_weights(
    const nnx_convolution *plan, int phase, long chunk, const float *x, const float *dy, float *dw, float *shared,
    void *worker) {
    const nnx_winograd *w = &plan->winograd;
    const nnx_convolution_problem *p = &plan->problem;
    if (phase == 0 && w->tiles_first) {
        transform_shared_tiles(plan, chunk, x, shared, worker);
        return;
    }
    if (phase == 1 && !w->tiles_first) {
        const long rows = nnx_divide_up(p->input_channels, plan->work.chunk_count[1]);
        const long first = chunk * rows, last = nnx_minimum(p->input_channels, first + rows);
        finish_kernel_gradient(plan, shared, first, last, 0, p->output_channels, dw);
        return;
    }
    const struct winograd_scratch scratch = winograd_scratch(plan, worker);
    const long part = chunk % w->part_count, split = chunk / w->part_count, frequencies = nnx_winograd_frequencies(w);
    const long column = part * w->panels_per_block * TILE_COLUMNS;
    const long columns = nnx_minimum(w->panels_per_block * TILE_COLUMNS, p->output_channels - column);
    if (w->tiles_first) {
        float *gradient = scratch.factor;
        transform_gradient_tiles(plan, dy, 0, w->count, column, columns, gradient, scratch.blank);
        sum_tiles(plan, shared, gradient, w->count, columns, scratch.products, false);
        finish_kernel_gradient(plan, scratch.products, 0, p->input_channels, column, columns, dw);
        return;
    }
    float *gradient = scratch.factor;
    float *sums = shared + split * frequencies * w->product_plane + column;
    const long begin = split * w->tiles_per_split, end = nnx_minimum(w->count, begin + w->tiles_per_split);
    for (long first = begin; first < end; first += w->tiles_per_block) {
        const long count = nnx_minimum(w->tiles_per_block, end - first);
        transform_source_tiles(plan, x, first, count, scratch.source, scratch.blank);
        transform_gradient_tiles(plan, dy, first, count, column, columns, gradient, scratch.blank);
        sum_tiles(plan, scratch.source, gradient, count, columns, sums, first > begin);
    }
}
