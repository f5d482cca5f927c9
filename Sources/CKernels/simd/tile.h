// The register tile: TILE_ROWS x TILE_COLUMNS sums of products, from which every matrix product and convolution is made.
//
// The sum runs over segments: stretches in which A and B advance by a fixed step. A plain product has one segment; a
// convolution has one for each kernel row, so it reads the image in place; a weight gradient one for each image row.
#define TILE_COLUMNS (2 * VECTOR_LENGTH)
// A tile one vector wide has registers left for more rows, which hide the latency of its sums.
#if TILE_ROWS == 6
#define NARROW_TILE_ROWS 12
#else
#define NARROW_TILE_ROWS TILE_ROWS
#endif

enum { LINE_FLOATS = 16 };    // of a cache line

struct segment {
    long a, b;      // offsets from the tile's a and b, in floats
    long length;    // products
};

struct tile {
    long segment_count;
    const struct segment *segments;
    const float *a;
    long a_stride;     // between rows (tile_from_rows) or between products (tile_from_columns)
    const float *b;    // TILE_COLUMNS floats for each product, readable even where `columns` is less
    long b_stride;     // between products; TILE_COLUMNS for tile_from_rows
    float *c;
    long c_stride;
    int rows, columns;           // at most TILE_ROWS, TILE_COLUMNS; NARROW_TILE_ROWS where one vector holds the columns
    bool accumulate;             // add to what c holds
    bool bypasses;               // c goes past the caches: whole aligned vectors of a result that they could not hold
    long ahead;                  // tile_from_..._ahead: floats from what a product reads to what is fetched
    bool whole_rows;             // the rows of c are just these columns, without gaps: stores may spill into the next row
    const float *bias;           // null, or TILE_COLUMNS readable floats to add
    nnx_activation activation;
};

// One product for each sum of the tile.
INLINE void add_product(
    const int rows, const int vectors, const float *a, long row_stride, const float *b,
    vector sums[NARROW_TILE_ROWS][2]) {
    vector bs[2];
    UNROLL for (int j = 0; j < vectors; j++) bs[j] = load(b + j * VECTOR_LENGTH);
    UNROLL for (int i = 0; i < rows; i++) {
        vector value = splat(a[i * row_stride]);
        UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = multiply_add(value, bs[j], sums[i][j]);
    }
}

// Adds the products of all segments. `rows` and `vectors` are literals at every call, so the loops unroll and the sums
// stay in registers. A(i, k) is a[i * row_stride + k * step].
INLINE void add_products(
    const int rows, const int vectors, const bool fetches, const struct tile *tile, long row_stride, long step,
    long b_stride, vector sums[NARROW_TILE_ROWS][2]) {
    // Few sums would wait for their own results: every second product goes to sums of its own.
    const bool is_small = rows * vectors <= 6 && !fetches;
    vector others[NARROW_TILE_ROWS][2];
    if (is_small)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++) others[i][j] = splat(0);
    for (long s = 0; s < tile->segment_count; s++) {
        const float *a = tile->a + tile->segments[s].a, *b = tile->b + tile->segments[s].b;
        const long length = tile->segments[s].length;
        long k = 0;
        if (is_small)
            for (; k + 2 <= length; k += 2, a += 2 * step, b += 2 * b_stride) {
                add_product(rows, vectors, a, row_stride, b, sums);
                add_product(rows, vectors, a + step, row_stride, b + b_stride, others);
            }
        // A cache line of each of A's rows at a time.
        if (fetches && step == 1)
            for (; k + LINE_FLOATS <= length; k += LINE_FLOATS) {
                UNROLL for (int i = 0; i < rows; i++) __builtin_prefetch(a + tile->ahead + i * row_stride, 0, 2);
                _Pragma("clang loop unroll_count(4)")
                for (int q = 0; q < LINE_FLOATS; q++, a += step, b += b_stride)
                    add_product(rows, vectors, a, row_stride, b, sums);
            }
        _Pragma("clang loop unroll_count(4)")
        for (; k < length; k++, a += step, b += b_stride) {
            if (fetches && step != 1)
                UNROLL for (int j = 0; j < vectors; j++) __builtin_prefetch(b + tile->ahead + j * VECTOR_LENGTH, 0, 2);
            add_product(rows, vectors, a, row_stride, b, sums);
        }
    }
    if (is_small)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++) sums[i][j] += others[i][j];
}

// Adds what c holds afterwards, so that sums of many products are sums of short sums, whose error is small.
INLINE void add_to_tile(const int rows, const int vectors, const struct tile *tile, vector sums[NARROW_TILE_ROWS][2]) {
    const long last = tile->columns - (vectors - 1) * VECTOR_LENGTH;
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            const float *c = tile->c + i * tile->c_stride + j * VECTOR_LENGTH;
            sums[i][j] += j < vectors - 1 ? load(c) : load_lanes(c, last);
        }
}

// What will be written is fetched while the sums are made, where they take long enough.
INLINE void prefetch_tile(const int rows, const int vectors, const struct tile *tile) {
    if (tile->bypasses || tile->segments->length <= LINE_FLOATS) return;
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++)
            __builtin_prefetch(tile->c + i * tile->c_stride + j * VECTOR_LENGTH, 1, 3);
}

INLINE void store_tile(const int rows, const int vectors, const struct tile *tile, vector sums[NARROW_TILE_ROWS][2]) {
    const long last = tile->columns - (vectors - 1) * VECTOR_LENGTH;
    const float *end = tile->c + (rows - 1) * tile->c_stride + tile->columns;
    if (tile->bias)
        UNROLL for (int j = 0; j < vectors; j++) {
            vector bias = load(tile->bias + j * VECTOR_LENGTH);
            UNROLL for (int i = 0; i < rows; i++) sums[i][j] += bias;
        }
    if (tile->activation == nnx_activation_relu)
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = rectify(sums[i][j]);
    if (tile->bypasses && tile->columns == TILE_COLUMNS) {
        UNROLL for (int i = 0; i < rows; i++)
            UNROLL for (int j = 0; j < vectors; j++)
                __builtin_nontemporal_store(sums[i][j], (vector *)(tile->c + i * tile->c_stride + j * VECTOR_LENGTH));
        return;
    }
    UNROLL for (int i = 0; i < rows; i++)
        UNROLL for (int j = 0; j < vectors; j++) {
            float *c = tile->c + i * tile->c_stride + j * VECTOR_LENGTH;
            if (j < vectors - 1 || last == VECTOR_LENGTH || (tile->whole_rows && c + VECTOR_LENGTH <= end))
                store(c, sums[i][j]);
            else store_first(c, sums[i][j], last);
        }
}

#define TILE_CASE(rows)                                                                 \
    case rows:                                                                          \
        prefetch_tile(rows, vectors, tile);                                             \
        UNROLL for (int i = 0; i < rows; i++)                                           \
            UNROLL for (int j = 0; j < vectors; j++) sums[i][j] = splat(0);             \
        add_products(rows, vectors, fetches, tile, row_stride, step, b_stride, sums);   \
        if (tile->accumulate) add_to_tile(rows, vectors, tile, sums);                   \
        store_tile(rows, vectors, tile, sums);                                          \
        break;

INLINE void compute_tile(
    const int vectors, const bool fetches, const struct tile *tile, long row_stride, long step, long b_stride) {
    vector sums[NARROW_TILE_ROWS][2];
    switch (tile->rows) {
        TILE_CASE(1)
        TILE_CASE(2)
        TILE_CASE(3)
        TILE_CASE(4)
        TILE_CASE(5)
        TILE_CASE(6)
    default: break;
    }
    if (vectors > 1 && TILE_ROWS == 6) return;
    switch (tile->rows) {
        TILE_CASE(7)
        TILE_CASE(8)
#if NARROW_TILE_ROWS > 8
        TILE_CASE(9)
        TILE_CASE(10)
        TILE_CASE(11)
        TILE_CASE(12)
#endif
#if NARROW_TILE_ROWS > 12
        TILE_CASE(13)
        TILE_CASE(14)
#endif
    }
}

// A's rows are contiguous: A(i, k) = a[i * a_stride + k].
static __attribute__((noinline)) void tile_from_rows_narrow(const struct tile *tile) {
    compute_tile(1, false, tile, tile->a_stride, 1, TILE_COLUMNS);
}
static __attribute__((noinline)) void tile_from_rows_wide(const struct tile *tile) {
    compute_tile(2, false, tile, tile->a_stride, 1, TILE_COLUMNS);
}

// A's columns are contiguous (packed, or transposed): A(i, k) = a[i + k * a_stride].
static __attribute__((noinline)) void tile_from_columns_narrow(const struct tile *tile) {
    compute_tile(1, false, tile, 1, tile->a_stride, tile->b_stride);
}
static __attribute__((noinline)) void tile_from_columns_wide(const struct tile *tile) {
    compute_tile(2, false, tile, 1, tile->a_stride, tile->b_stride);
}

// The same two, which fetch `ahead` what a later tile will read of the operand that is read once, in place, from memory:
// A's rows, or B beside a packed A.
static __attribute__((noinline)) void tile_from_rows_ahead(const struct tile *tile) {
    compute_tile(2, true, tile, tile->a_stride, 1, TILE_COLUMNS);
}
static __attribute__((noinline)) void tile_from_columns_ahead(const struct tile *tile) {
    compute_tile(2, true, tile, 1, tile->a_stride, tile->b_stride);
}

INLINE void tile_from_rows(const struct tile *tile) {
    tile->columns > VECTOR_LENGTH ? tile_from_rows_wide(tile) : tile_from_rows_narrow(tile);
}
INLINE void tile_from_columns(const struct tile *tile) {
    tile->columns > VECTOR_LENGTH ? tile_from_columns_wide(tile) : tile_from_columns_narrow(tile);
}

// Cuts `total` rows into as few tiles of at most `height` rows as possible, of nearly equal height.
struct rows_cut {
    long count, height;    // the first `taller` tiles have one row more than `height`
    long taller;
};
INLINE struct rows_cut cut_rows(long total, long height) {
    long count = nnx_divide_up(total, height);
    return (struct rows_cut){count, count ? total / count : 0, count ? total % count : 0};
}
