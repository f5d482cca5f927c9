// Products of few rows with a B that is larger than the caches, as in the dense layers of VGG: what bounds them is
// reading B from memory, so it is read once, where it lies, and fetched ahead of use.

enum { TILES_AHEAD = 3 };

// B's rows are contiguous. The partial sum of one range of the depth and one block of columns, into the range's own
// [rows, padded columns]; within steps of depth_block products the tiles go along the columns.
static void multiply_streamed(
    const nnx_gemm *plan, long chunk, const float *a, const float *b, float *partials, float *scratch) {
    const nnx_gemm_problem *p = &plan->problem;
    const long padded = nnx_round_up(p->columns, TILE_COLUMNS);
    const long column_blocks = nnx_divide_up(p->columns, plan->column_block), split = chunk / column_blocks;
    const long first_column = chunk % column_blocks * plan->column_block;
    const long columns = nnx_minimum(plan->column_block, p->columns - first_column);
    const long tiles = nnx_divide_up(columns, TILE_COLUMNS);
    const long start = split * plan->split_depth, end = nnx_minimum(p->depth, start + plan->split_depth);
    const struct rows_cut cut = cut_rows(p->rows, TILE_ROWS);
    float *last_panel = scratch + cut.count * TILE_ROWS * plan->depth_block;
    float *c = partials + split * p->rows * padded + first_column;
    for (long depth = start; depth < end; depth += plan->depth_block) {
        const long length = nnx_minimum(plan->depth_block, end - depth);
        const struct segment segment = {0, 0, length};
        struct tile tile = {
            .segment_count = 1, .segments = &segment, .a_stride = TILE_ROWS, .c_stride = padded,
            .columns = TILE_COLUMNS, .accumulate = depth > start,
        };
        for (long t = 0, row = 0; t < cut.count; row += cut.height + (t < cut.taller), t++)
            pack_a_tile(
                scratch + t * TILE_ROWS * length, a + row * p->a_row_stride + depth * p->a_column_stride,
                p->a_row_stride, p->a_column_stride, length, cut.height + (t < cut.taller));
        for (long j = 0; j < tiles; j++) {
            const float *in_place = b + depth * p->b_row_stride + first_column + j * TILE_COLUMNS;
            const bool is_whole = (j + 1) * TILE_COLUMNS <= columns;
            if (!is_whole)
                pack_b_panel(last_panel, in_place, p->b_row_stride, 1, length, columns - j * TILE_COLUMNS);
            tile.b = is_whole ? in_place : last_panel;
            tile.b_stride = is_whole ? p->b_row_stride : TILE_COLUMNS;
            // The tile some steps ahead: in these products or, behind the last column, in the next ones.
            const bool is_next = j + TILES_AHEAD >= tiles;
            tile.ahead = (TILES_AHEAD - (is_next ? tiles : 0)) * TILE_COLUMNS + (is_next ? length * p->b_row_stride : 0);
            for (long t = 0, row = 0; t < cut.count; t++, row += tile.rows) {
                tile.rows = (int)(cut.height + (t < cut.taller));
                tile.a = scratch + t * TILE_ROWS * length;
                tile.c = c + row * padded + j * TILE_COLUMNS;
                if (t == 0 && is_whole) tile_from_columns_ahead(&tile);
                else tile_from_columns(&tile);
            }
        }
    }
}

// A tile of dot products of A's rows with B's columns: sums of each lane stay in registers.
#if TILE_ROWS == 6
enum { DOT_ROWS = 4, DOT_COLUMNS = 2 };
#else
enum { DOT_ROWS = 8, DOT_COLUMNS = 3 };
#endif

// Dot products over `length` elements: of rows of `a`, zeros behind them up to a whole vector, with columns of `b`.
// Added to c if `accumulate`.
INLINE void multiply_dots(
    const int rows, const int columns, const float *a, long a_stride, const float *b, long b_stride, long length,
    float *c, long c_stride, bool accumulate) {
    vector sums[DOT_ROWS][DOT_COLUMNS];
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < columns; j++) sums[i][j] = splat(0);
    for (long k = 0; k < length; k += VECTOR_LENGTH) {
        vector bs[DOT_COLUMNS];
        UNROLL for (int j = 0; j < columns; j++) {
            bs[j] = load_lanes(b + j * b_stride + k, nnx_minimum(VECTOR_LENGTH, length - k));
            __builtin_prefetch(b + (columns + j) * b_stride + k, 0, 2);
        }
        UNROLL for (int i = 0; i < rows; i++) {
            const vector value = load(a + i * a_stride + k);
            UNROLL for (int j = 0; j < columns; j++) sums[i][j] = multiply_add(value, bs[j], sums[i][j]);
        }
    }
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < columns; j++) {
            float *to = c + i * c_stride + j;
            *to = sum_of_lanes(sums[i][j]) + (accumulate ? *to : 0);
        }
}

#define DOT_CASE(rows)                                                                                        \
    case rows:                                                                                                \
        if (columns == DOT_COLUMNS)                                                                           \
            multiply_dots(rows, DOT_COLUMNS, a, a_stride, b, b_stride, length, c, c_stride, accumulate);      \
        else                                                                                                  \
            for (int j = 0; j < columns; j++)                                                                 \
                multiply_dots(rows, 1, a, a_stride, b + j * b_stride, b_stride, length, c + j, c_stride, accumulate); \
        break;

static __attribute__((noinline)) void dot_tile(
    long rows, long columns, const float *a, long a_stride, const float *b, long b_stride, long length, float *c,
    long c_stride, bool accumulate) {
    switch (rows) {
        DOT_CASE(1)
        DOT_CASE(2)
        DOT_CASE(3)
        DOT_CASE(4)
#if TILE_ROWS != 6
        DOT_CASE(5)
        DOT_CASE(6)
        DOT_CASE(7)
        DOT_CASE(8)
#endif
    default: break;
    }
}
#undef DOT_CASE

// B's columns are contiguous: dot products for some of them, a block of the depth at a time.
static void multiply_dotted(
    const nnx_gemm *plan, long chunk, const float *a, const float *b, float *c, const float *bias, float *scratch) {
    const nnx_gemm_problem *p = &plan->problem;
    const long first = chunk * plan->column_block, last = nnx_minimum(p->columns, first + plan->column_block);
    const struct rows_cut cut = cut_rows(p->rows, DOT_ROWS);
    for (long depth = 0; depth < p->depth; depth += plan->depth_block) {
        const long length = nnx_minimum(plan->depth_block, p->depth - depth);
        const long a_stride = nnx_round_up(length, VECTOR_LENGTH) + NNX_TILE_PADDING;
        for (long i = 0; i < p->rows; i++) {
            const float *from = a + i * p->a_row_stride + depth * p->a_column_stride;
            for (long k = 0; k < length; k++) scratch[i * a_stride + k] = from[k * p->a_column_stride];
            for (long k = length; k < a_stride; k++) scratch[i * a_stride + k] = 0;
        }
        for (long j = first; j < last; j += DOT_COLUMNS)
            for (long t = 0, row = 0; t < cut.count; row += cut.height + (t < cut.taller), t++)
                dot_tile(
                    cut.height + (t < cut.taller), nnx_minimum(DOT_COLUMNS, last - j), scratch + row * a_stride,
                    a_stride, b + j * p->b_column_stride + depth, p->b_column_stride, length,
                    c + row * p->c_row_stride + j, p->c_row_stride, p->accumulate || depth > 0);
    }
    for (long i = 0; i < p->rows; i++)
        for (long j = first; j < last; j++) {
            float *to = c + i * p->c_row_stride + j;
            if (p->has_bias) *to += bias[j];
            if (p->activation == nnx_activation_relu) *to = *to < 0 ? 0 : *to;
        }
}
