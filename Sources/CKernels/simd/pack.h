// Packing of matrices into the order in which the register tile reads them.

// One panel of B: [depth][TILE_COLUMNS], zeros right of `columns`.
static void pack_b_panel(float *to, const float *b, long row_stride, long column_stride, long depth, long columns) {
    long k = 0;
    if (column_stride == 1 && columns == TILE_COLUMNS) {
        for (; k < depth; k++, to += TILE_COLUMNS, b += row_stride) {
            store(to, load(b));
            store(to + VECTOR_LENGTH, load(b + VECTOR_LENGTH));
        }
        return;
    }
    // Fewer columns: whole vectors, of which the rest is cleared, while that reads nothing behind the last row.
    if (column_stride == 1 && row_stride >= columns)
        for (; k * row_stride + TILE_COLUMNS <= (depth - 1) * row_stride + columns; k++) {
            store(to + k * TILE_COLUMNS, keep_first(load(b + k * row_stride), columns, 0));
            store(
                to + k * TILE_COLUMNS + VECTOR_LENGTH,
                keep_first(load(b + k * row_stride + VECTOR_LENGTH), columns - VECTOR_LENGTH, 0));
        }
    if (row_stride == 1 && columns == TILE_COLUMNS)
        for (; k + 4 <= depth; k += 4)
            UNROLL for (int j = 0; j < TILE_COLUMNS; j += 4) {
                four block[4];
                UNROLL for (int i = 0; i < 4; i++) block[i] = *(const unaligned_four *)(b + (j + i) * column_stride + k);
                transpose_four(block);
                UNROLL for (int i = 0; i < 4; i++) *(unaligned_four *)(to + (k + i) * TILE_COLUMNS + j) = block[i];
            }
    for (; k < depth; k++) {
        float *row = to + k * TILE_COLUMNS;
        for (long j = 0; j < columns; j++) row[j] = b[k * row_stride + j * column_stride];
        for (long j = columns; j < TILE_COLUMNS; j++) row[j] = 0;
    }
}

// Panels side by side: [panel][depth][TILE_COLUMNS], `panel_stride` floats apart. Where rows are contiguous all panels
// of a row are packed together: one panel at a time would touch one cache line a row, hence a page a line.
static void pack_b(
    float *to, long panel_stride, const float *b, long row_stride, long column_stride, long depth, long columns) {
    const long full = column_stride == 1 ? columns / TILE_COLUMNS : 0;
    for (long k = 0; k < depth && full > 0; k++)
        for (long p = 0; p < full; p++) {
            const float *from = b + k * row_stride + p * TILE_COLUMNS;
            float *row = to + p * panel_stride + k * TILE_COLUMNS;
            store(row, load(from));
            store(row + VECTOR_LENGTH, load(from + VECTOR_LENGTH));
        }
    for (long p = full; p * TILE_COLUMNS < columns; p++)
        pack_b_panel(
            to + p * panel_stride, b + p * TILE_COLUMNS * column_stride, row_stride, column_stride, depth,
            nnx_minimum(TILE_COLUMNS, columns - p * TILE_COLUMNS));
}

// One tile's rows of A: [depth][TILE_ROWS]; rows from `rows` on are left as they are and never read.
static void pack_a_tile(float *to, const float *a, long row_stride, long column_stride, long depth, long rows) {
    long k = 0;
    if (column_stride == 1)
        for (; k + 4 <= depth; k += 4) {
            long i = 0;
            for (; i + 4 <= rows; i += 4) {
                four block[4];
                UNROLL for (int j = 0; j < 4; j++) block[j] = *(const unaligned_four *)(a + (i + j) * row_stride + k);
                transpose_four(block);
                UNROLL for (int j = 0; j < 4; j++) *(unaligned_four *)(to + (k + j) * TILE_ROWS + i) = block[j];
            }
            for (; i < rows; i++)
                UNROLL for (int j = 0; j < 4; j++) to[(k + j) * TILE_ROWS + i] = a[i * row_stride + k + j];
        }
    for (; k < depth; k++)
        for (long i = 0; i < rows; i++) to[k * TILE_ROWS + i] = a[i * row_stride + k * column_stride];
}
