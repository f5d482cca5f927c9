// General matrix product from register tiles.

// How the tile reads A.
enum reading {
    reading_rows,       // in place, rows contiguous
    reading_columns,    // in place, columns contiguous
    reading_packed,     // a tile's rows packed just before use
};

static enum reading reading_of(const nnx_gemm_problem *p) {
    // Rows a multiple of a page apart would share cache sets.
    const bool rows_collide = p->a_row_stride % 1024 == 0 && p->depth > 64 && p->rows > 1;
    if (p->a_column_stride == 1 && !rows_collide) return reading_rows;
    return p->a_row_stride == 1 && p->a_column_stride % 1024 != 0 ? reading_columns : reading_packed;
}

// The bias of one panel, TILE_COLUMNS readable floats: in place, or copied to `buffer` for the last panel.
static const float *panel_bias(const float *bias, long column, long columns, float *buffer) {
    if (columns == TILE_COLUMNS) return bias + column;
    memset(buffer, 0, TILE_COLUMNS * sizeof *buffer);
    memcpy(buffer, bias + column, (size_t)columns * sizeof *buffer);
    return buffer;
}

// C's block at (row, column) += A's rows x B's packed panels over the products depth ..< depth + length.
struct block {
    long row, rows, column, columns, depth, length;
    const float *panels;    // of B at `column`
    long panel_stride;
    const float *packed_a;    // null: read A in place or pack into `a_buffer`
    float *a_buffer;          // TILE_ROWS * length floats
    bool bypasses;            // as of a tile
};

static void multiply_block(
    const nnx_gemm_problem *p, const struct block *block, const float *a, float *c, const float *bias) {
    const enum reading reading = block->packed_a ? reading_packed : reading_of(p);
    const bool is_last = block->depth + block->length == p->depth;
    const struct segment segment = {0, 0, block->length};
    const struct rows_cut cut = cut_rows(block->rows, TILE_ROWS);
    float bias_buffer[TILE_COLUMNS] __attribute__((aligned(64)));
    struct tile tile = {
        .segment_count = 1,
        .segments = &segment,
        .b_stride = TILE_COLUMNS,
        .c_stride = p->c_row_stride,
        .accumulate = p->accumulate || block->depth > 0,
        .whole_rows = p->columns == p->c_row_stride && p->columns < TILE_COLUMNS,
        .bypasses = block->bypasses,
        .activation = is_last ? p->activation : nnx_activation_none,
    };
    // A packed for this call alone serves all panels while it is in cache; A read in place goes panel by panel.
    const bool packs_here = reading == reading_packed && !block->packed_a;
    const long panel_count = nnx_divide_up(block->columns, TILE_COLUMNS);
    const long outer = packs_here ? 1 : panel_count, inner = packs_here ? panel_count : 1;
    for (long first = 0; first < outer; first++) {
        long row = 0;
        for (long t = 0; t < cut.count; t++, row += tile.rows) {
            tile.rows = (int)(cut.height + (t < cut.taller));
            const float *in_place = a + (block->row + row) * p->a_row_stride + block->depth * p->a_column_stride;
            if (packs_here)
                pack_a_tile(block->a_buffer, in_place, p->a_row_stride, p->a_column_stride, block->length, tile.rows);
            for (long panel = first; panel < first + inner; panel++) {
                const long column = block->column + panel * TILE_COLUMNS;
                tile.columns = (int)nnx_minimum(TILE_COLUMNS, p->columns - column);
                tile.b = block->panels + panel * block->panel_stride;
                tile.c = c + (block->row + row) * p->c_row_stride + column;
                tile.bias = is_last && p->has_bias ? panel_bias(bias, column, tile.columns, bias_buffer) : NULL;
                if (reading == reading_rows) {
                    tile.a = in_place;
                    tile.a_stride = p->a_row_stride;
                    tile.ahead = tile.rows * p->a_row_stride;
                    if (panel == 0 && tile.columns > VECTOR_LENGTH) tile_from_rows_ahead(&tile);
                    else tile_from_rows(&tile);
                } else if (reading == reading_columns) {
                    tile.a = in_place;
                    tile.a_stride = p->a_column_stride;
                    tile_from_columns(&tile);
                } else {
                    tile.a = packs_here ? block->a_buffer : block->packed_a + t * TILE_ROWS * block->length;
                    tile.a_stride = TILE_ROWS;
                    tile_from_columns(&tile);
                }
            }
        }
    }
}

// A strip of columns for all rows, packing B on the way. Serves the small and the skinny algorithm.
static void multiply_strip(
    const nnx_gemm *plan, long column, long columns, const float *a, const float *b, float *c, const float *bias,
    float *scratch) {
    const nnx_gemm_problem *p = &plan->problem;
    const long padded = nnx_round_up(columns, TILE_COLUMNS);
    for (long depth = 0; depth == 0 || depth < p->depth; depth += plan->depth_block) {
        const long length = nnx_minimum(plan->depth_block, p->depth - depth);
        const float *b_block = b + depth * p->b_row_stride + column * p->b_column_stride;
        pack_b(scratch, length * TILE_COLUMNS, b_block, p->b_row_stride, p->b_column_stride, length, columns);
        const struct block block = {
            .row = 0, .rows = p->rows, .column = column, .columns = columns, .depth = depth, .length = length,
            .panels = scratch, .panel_stride = length * TILE_COLUMNS, .a_buffer = scratch + padded * length,
        };
        multiply_block(p, &block, a, c, bias);
    }
}

// Packs one block of B into the shared panels: chunks go over depth blocks, then column blocks.
static void pack_shared_panels(const nnx_gemm *plan, long chunk, const float *b, float *panels) {
    const nnx_gemm_problem *p = &plan->problem;
    const long depth_blocks = nnx_divide_up(p->depth, plan->depth_block);
    const long depth = chunk % depth_blocks * plan->depth_block, column = chunk / depth_blocks * plan->column_block;
    pack_b(
        panels + column * p->depth + depth * TILE_COLUMNS, p->depth * TILE_COLUMNS,
        b + depth * p->b_row_stride + column * p->b_column_stride, p->b_row_stride, p->b_column_stride,
        nnx_minimum(plan->depth_block, p->depth - depth), nnx_minimum(plan->column_block, p->columns - column));
}

// One block of C. Row blocks are next to each other in the order of chunks, so they share panels of B in cache.
static void multiply_shared_panels(
    const nnx_gemm *plan, long chunk, const float *a, float *c, const float *bias, const float *panels,
    float *scratch) {
    const nnx_gemm_problem *p = &plan->problem;
    const long row_blocks = nnx_divide_up(p->rows, plan->row_block);
    const long row = chunk % row_blocks * plan->row_block, column = chunk / row_blocks * plan->column_block;
    const long rows = nnx_minimum(plan->row_block, p->rows - row);
    const long columns = nnx_minimum(plan->column_block, p->columns - column);
    const bool packs = reading_of(p) != reading_rows || columns > 256;
    const struct rows_cut cut = cut_rows(rows, TILE_ROWS);
    for (long depth = 0; depth < p->depth; depth += plan->depth_block) {
        const long length = nnx_minimum(plan->depth_block, p->depth - depth);
        long packed = 0;
        for (long t = 0; packs && t < cut.count; t++) {
            const long height = cut.height + (t < cut.taller);
            pack_a_tile(
                scratch + t * TILE_ROWS * length, a + (row + packed) * p->a_row_stride + depth * p->a_column_stride,
                p->a_row_stride, p->a_column_stride, length, height);
            packed += height;
        }
        const struct block block = {
            .row = row, .rows = rows, .column = column, .columns = columns, .depth = depth, .length = length,
            .panels = panels + column * p->depth + depth * TILE_COLUMNS, .panel_stride = p->depth * TILE_COLUMNS,
            .packed_a = packs ? scratch : NULL, .bypasses = plan->bypasses && (uintptr_t)c % NNX_ALIGNMENT == 0,
        };
        multiply_block(p, &block, a, c, bias);
    }
}

// The partial sum of one range of the depth, into that range's own [rows, padded columns].
static void multiply_split(
    const nnx_gemm *plan, long chunk, const float *a, const float *b, float *partials, float *scratch) {
    const nnx_gemm_problem *p = &plan->problem;
    const long padded = nnx_round_up(p->columns, TILE_COLUMNS), start = chunk * plan->split_depth;
    nnx_gemm_problem part = *p;
    part.depth = nnx_minimum(plan->split_depth, p->depth - start);
    part.columns = part.c_row_stride = padded;
    part.accumulate = part.has_bias = false;
    part.activation = nnx_activation_none;
    for (long depth = 0; depth < part.depth; depth += plan->depth_block) {
        const long length = nnx_minimum(plan->depth_block, part.depth - depth);
        pack_b(
            scratch, length * TILE_COLUMNS, b + (start + depth) * p->b_row_stride, p->b_row_stride,
            p->b_column_stride, length, p->columns);
        const struct block block = {
            .row = 0, .rows = p->rows, .column = 0, .columns = padded, .depth = depth, .length = length,
            .panels = scratch, .panel_stride = length * TILE_COLUMNS, .a_buffer = scratch + padded * length,
        };
        multiply_block(&part, &block, a + start * p->a_column_stride, partials + chunk * p->rows * padded, NULL);
    }
}

// Sums `count` vectors that are `stride` floats apart, in order.
INLINE vector sum_in_order(const float *partials, long count, long stride) {
    vector sum = load(partials);
    for (long part = 1; part < count; part++) sum += load(partials + part * stride);
    return sum;
}

// Adds the parts of some rows in the order of the ranges and finishes them.
static void reduce_split(const nnx_gemm *plan, long chunk, float *c, const float *bias, const float *partials) {
    const nnx_gemm_problem *p = &plan->problem;
    const long padded = nnx_round_up(p->columns, TILE_COLUMNS), part = p->rows * padded;
    const long end = nnx_minimum(p->rows, (chunk + 1) * plan->row_block);
    for (long i = chunk * plan->row_block; i < end; i++)
        for (long j = 0; j < p->columns; j += VECTOR_LENGTH) {
            const long lanes = nnx_minimum(VECTOR_LENGTH, p->columns - j);
            float *to = c + i * p->c_row_stride + j;
            vector sum = sum_in_order(partials + i * padded + j, plan->split_count, part);
            if (p->accumulate) sum += load_first(to, lanes);
            if (p->has_bias) sum += load_first(bias + j, lanes);
            if (p->activation == nnx_activation_relu) sum = rectify(sum);
            if (lanes == VECTOR_LENGTH) store(to, sum);
            else store_first(to, sum, lanes);
        }
}

#include "gemm_streamed.h"

static void gemm_run(
    const nnx_gemm *plan, int phase, long chunk, const float *a, const float *b, float *c, const float *bias,
    void *shared, void *worker) {
    const nnx_gemm_problem *p = &plan->problem;
    switch (plan->algorithm) {
    case nnx_gemm_algorithm_empty: return;
    case nnx_gemm_algorithm_small:
        for (long column = 0; column < p->columns; column += TILE_COLUMNS)
            multiply_strip(
                plan, column, nnx_minimum(TILE_COLUMNS, p->columns - column), a, b, c, bias, worker);
        return;
    case nnx_gemm_algorithm_skinny: {
        const long column = chunk * plan->column_block;
        multiply_strip(
            plan, column, nnx_minimum(plan->column_block, p->columns - column), a, b, c, bias, worker);
        return;
    }
    case nnx_gemm_algorithm_blocked:
        if (phase == 0) pack_shared_panels(plan, chunk, b, shared);
        else multiply_shared_panels(plan, chunk, a, c, bias, shared, worker);
#if defined(__x86_64__)
        if (plan->bypasses) _mm_sfence();    // what went past the caches is ordered by nothing else
#endif
        return;
    case nnx_gemm_algorithm_dotted: multiply_dotted(plan, chunk, a, b, c, bias, worker); return;
    case nnx_gemm_algorithm_streamed:
        if (phase == 0) multiply_streamed(plan, chunk, a, b, shared, worker);
        else reduce_split(plan, chunk, c, bias, shared);
        return;
    case nnx_gemm_algorithm_split:
        if (phase == 0) multiply_split(plan, chunk, a, b, shared, worker);
        else reduce_split(plan, chunk, c, bias, shared);
        return;
    }
}
