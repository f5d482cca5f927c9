// Pooling over channels-last images: vectors run over channels, or over a whole row where windows do not overlap.

struct span {
    long first, last;
};
// The part of a window inside the image on one axis.
INLINE struct span clip_window(long output, long stride, long pad, long window, long input) {
    const long first = output * stride - pad;
    return (struct span){nnx_maximum(0, first), nnx_minimum(input, first + window)};
}

static float pooling_divisor(const nnx_pooling_problem *p, struct span rows, struct span columns) {
    if (p->kind == nnx_pooling_kind_average_of_window) return (float)(p->window_height * p->window_width);
    return (float)((rows.last - rows.first) * (columns.last - columns.first));
}

// One output pixel from its window. x points at the image; results go to y [channels].
static void pool_window(
    const nnx_pooling_problem *p, const float *x, struct span rows, struct span columns, float *y) {
    const bool is_maximum = p->kind == nnx_pooling_kind_maximum;
    const float divisor = is_maximum ? 1 : pooling_divisor(p, rows, columns);
    for (long c = 0; c < p->channels; c += VECTOR_LENGTH) {
        const long lanes = nnx_minimum(VECTOR_LENGTH, p->channels - c);
        vector result = splat(is_maximum ? -INFINITY : 0);
        for (long iy = rows.first; iy < rows.last; iy++)
            for (long ix = columns.first; ix < columns.last; ix++) {
                const float *from = x + (iy * p->input_width + ix) * p->channels + c;
                const vector value = lanes == VECTOR_LENGTH ? load(from) : load_first(from, lanes);
                result = is_maximum ? (((value > result) | (value != value)) ? value : result) : result + value;
            }
        if (!is_maximum) result /= divisor;
        if (lanes == VECTOR_LENGTH) store(y + c, result);
        else store_first(y + c, result, lanes);
    }
}

// 2x2 maxima. Channels go by whole vectors of type V; the last one overlaps its predecessor, which does no harm
// because results depend on their own place only. A vector longer than all channels spills into the next pixel, which is
// written afterwards.
#define FOR_EACH_CHANNELS(V, length, ...)                                               \
    for (long c = 0; c < channels; c += (length)) {                                     \
        if (c > 0 && c + (length) > channels) c = channels - (length);                  \
        __VA_ARGS__                                                                     \
    }
#define AT(V, p) (*(V *)(p))
#define READ(V, p) (*(const V *)(p))

#define POOL_PAIR(V, length)                                                                           \
    FOR_EACH_CHANNELS(V, length, {                                                                     \
        V best = READ(V, above + c), right = READ(V, above + channels + c);                            \
        const V under = READ(V, below + c), corner = READ(V, below + channels + c);                    \
        best = ((right > best) | (right != right)) ? right : best;                                     \
        best = ((under > best) | (under != under)) ? under : best;                                     \
        AT(V, y + c) = ((corner > best) | (corner != corner)) ? corner : best;                         \
    })

// The first of the four that equals the maximum gets the gradient; a maximum that is NaN belongs to the first NaN.
#define POOL_PAIR_BACKWARDS(V, length)                                                                  \
    FOR_EACH_CHANNELS(V, length, {                                                                      \
        const V best = READ(V, y + c), gradient = READ(V, dy + c), zero = (V)(0.0f); \
        const V left = READ(V, above + c), right = READ(V, above + channels + c), under = READ(V, below + c); \
        __auto_type first = (left == best) | (left != left), second = (right == best) | (right != right); \
        __auto_type third = (under == best) | (under != under);                                         \
        AT(V, dx_above + c) = first ? gradient : zero;                                                  \
        AT(V, dx_above + channels + c) = (~first & second) ? gradient : zero;                           \
        AT(V, dx_below + c) = (~first & ~second & third) ? gradient : zero;                             \
        AT(V, dx_below + channels + c) = (first | second | third) ? zero : gradient;                    \
    })

typedef float unaligned_one __attribute__((ext_vector_type(1), aligned(4)));

// Whether one vector of eight is quicker than several shorter ones; the last pixel has none to spill into.
INLINE bool spills_into_next(long pixel, long pixels, long channels) {
    return channels > 4 && channels < 8 && channels < VECTOR_LENGTH && pixel + 1 < pixels;
}

static void pool_row_of_pairs(const float *above, const float *below, long pixels, long channels, float *y) {
    for (long pixel = 0; pixel < pixels; pixel++, above += 2 * channels, below += 2 * channels, y += channels) {
        if (channels >= VECTOR_LENGTH) POOL_PAIR(unaligned_vector, VECTOR_LENGTH)
        else if (spills_into_next(pixel, pixels, channels)) POOL_PAIR(unaligned_eight, 8)
        else if (channels >= 4) POOL_PAIR(unaligned_four, 4)
        else POOL_PAIR(unaligned_one, 1)
    }
}

static void pool_row_of_pairs_backwards(
    const float *above, const float *below, const float *y, const float *dy, long pixels, long channels,
    float *dx_above, float *dx_below) {
    for (long pixel = 0; pixel < pixels; pixel++) {
        if (channels >= VECTOR_LENGTH) POOL_PAIR_BACKWARDS(unaligned_vector, VECTOR_LENGTH)
        else if (spills_into_next(pixel, pixels, channels)) POOL_PAIR_BACKWARDS(unaligned_eight, 8)
        else if (channels >= 4) POOL_PAIR_BACKWARDS(unaligned_four, 4)
        else POOL_PAIR_BACKWARDS(unaligned_one, 1)
        above += 2 * channels, below += 2 * channels, y += channels, dy += channels;
        dx_above += 2 * channels, dx_below += 2 * channels;
    }
}
#undef FOR_EACH_CHANNELS
#undef AT
#undef READ
#undef POOL_PAIR
#undef POOL_PAIR_BACKWARDS

static bool is_pairs(const nnx_pooling_problem *p) {
    return p->kind == nnx_pooling_kind_maximum && p->window_height == 2 && p->window_width == 2
        && p->stride_height == 2 && p->stride_width == 2 && !p->pad_top && !p->pad_left;
}

static void pooling_run(const nnx_pooling *plan, long chunk, const float *x, float *y) {
    const nnx_pooling_problem *p = &plan->problem;
    const long row_count = p->batch * plan->output_height, line = p->input_width * p->channels;
    const long end = nnx_minimum(row_count, (chunk + 1) * plan->rows_per_chunk);
    for (long row = chunk * plan->rows_per_chunk; row < end; row++) {
        const long oy = row % plan->output_height;
        const float *image = x + row / plan->output_height * p->input_height * line;
        float *to = y + row * plan->output_width * p->channels;
        const struct span rows = clip_window(oy, p->stride_height, p->pad_top, p->window_height, p->input_height);
        if (is_pairs(p) && rows.last - rows.first == 2 && 2 * plan->output_width <= p->input_width) {
            const float *above = image + rows.first * line;
            pool_row_of_pairs(above, above + line, plan->output_width, p->channels, to);
            continue;
        }
        for (long ox = 0; ox < plan->output_width; ox++)
            pool_window(
                p, image, rows, clip_window(ox, p->stride_width, p->pad_left, p->window_width, p->input_width),
                to + ox * p->channels);
    }
}

// Adds one output pixel's gradient to the window of an average.
static void spread_gradient(
    const nnx_pooling_problem *p, struct span rows, struct span columns, const float *dy, float *dx) {
    const float divisor = pooling_divisor(p, rows, columns);
    for (long iy = rows.first; iy < rows.last; iy++)
        for (long ix = columns.first; ix < columns.last; ix++) {
            float *to = dx + (iy * p->input_width + ix) * p->channels;
            for (long c = 0; c < p->channels; c++) to[c] += dy[c] / divisor;
        }
}

// Gives one output pixel's gradient to the first element of its window that is the maximum, channel by channel.
static void give_gradient(
    const nnx_pooling_problem *p, const float *x, const float *y, struct span rows, struct span columns,
    const float *dy, float *dx) {
    for (long c = 0; c < p->channels; c += VECTOR_LENGTH) {
        const long lanes = nnx_minimum(VECTOR_LENGTH, p->channels - c);
        const vector best = load_lanes(y + c, lanes), gradient = load_lanes(dy + c, lanes);
        integers is_open = (integers)(-1);
        for (long iy = rows.first; iy < rows.last; iy++)
            for (long ix = columns.first; ix < columns.last; ix++) {
                const long at = (iy * p->input_width + ix) * p->channels + c;
                const vector value = load_lanes(x + at, lanes);
                const integers is_first = is_open & ((value == best) | (value != value));
                is_open &= ~is_first;
                store_lanes(dx + at, load_lanes(dx + at, lanes) + (is_first ? gradient : splat(0)), lanes);
            }
    }
}

// A chunk owns some images: windows may overlap inside of one.
static void pooling_gradient_run(
    const nnx_pooling *plan, long chunk, const float *x, const float *y, const float *dy, float *dx) {
    const nnx_pooling_problem *p = &plan->problem;
    const long line = p->input_width * p->channels, image_floats = p->input_height * line;
    const long first = chunk * plan->rows_per_chunk, end = nnx_minimum(p->batch, first + plan->rows_per_chunk);
    for (long n = first; n < end; n++) {
        const float *image = x ? x + n * image_floats : NULL;
        float *image_dx = dx + n * image_floats;
        const bool in_pairs = is_pairs(p) && 2 * plan->output_width <= p->input_width
            && 2 * plan->output_height <= p->input_height;
        if (!in_pairs || 2 * plan->output_width < p->input_width || 2 * plan->output_height < p->input_height)
            memset(image_dx, 0, (size_t)image_floats * sizeof *dx);
        for (long oy = 0; oy < plan->output_height; oy++) {
            const long row = (n * plan->output_height + oy) * plan->output_width * p->channels;
            if (in_pairs) {
                const float *above = image + 2 * oy * line;
                float *dx_above = image_dx + 2 * oy * line;
                pool_row_of_pairs_backwards(
                    above, above + line, y + row, dy + row, plan->output_width, p->channels, dx_above,
                    dx_above + line);
                continue;
            }
            const struct span rows = clip_window(oy, p->stride_height, p->pad_top, p->window_height, p->input_height);
            for (long ox = 0; ox < plan->output_width; ox++) {
                const struct span columns =
                    clip_window(ox, p->stride_width, p->pad_left, p->window_width, p->input_width);
                const long pixel = row + ox * p->channels;
                if (p->kind == nnx_pooling_kind_maximum)
                    give_gradient(p, image, y + pixel, rows, columns, dy + pixel, image_dx);
                else spread_gradient(p, rows, columns, dy + pixel, image_dx);
            }
        }
    }
}
