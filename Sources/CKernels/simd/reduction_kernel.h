// Reductions with fixed blocks: a float sum never runs over more than a block before it goes to the next level.
enum {
    SUM_BLOCK = 1024,    // elements of a contiguous sum added in floats
    ROW_BLOCK = 64,      // rows of a column sum added in floats
    LANES = 4,           // independent vectors of a contiguous sum
};

INLINE vector combine(const nnx_reduction_kind kind, vector a, vector b) {
    if (kind == nnx_reduction_kind_sum) return a + b;
    if (kind == nnx_reduction_kind_maximum) return ((b > a) | (b != b)) ? b : a;
    return ((b < a) | (b != b)) ? b : a;
}
INLINE vector neutral(const nnx_reduction_kind kind) {
    if (kind == nnx_reduction_kind_sum) return splat(0);
    return splat(kind == nnx_reduction_kind_maximum ? -INFINITY : INFINITY);
}
INLINE double combine_scalars(const nnx_reduction_kind kind, double a, double b) {
    if (kind == nnx_reduction_kind_sum) return a + b;
    if (kind == nnx_reduction_kind_product) return a * b;
    if (kind == nnx_reduction_kind_maximum) return b > a || b != b ? b : a;
    return b < a || b != b ? b : a;
}
INLINE double neutral_scalar(const nnx_reduction_kind kind) {
    if (kind == nnx_reduction_kind_sum) return 0;
    if (kind == nnx_reduction_kind_product) return 1;
    return kind == nnx_reduction_kind_maximum ? -INFINITY : INFINITY;
}

// Contiguous elements; block results are combined in double.
INLINE double reduce_contiguous(const nnx_reduction_kind kind, const float *x, long length) {
    double result = neutral_scalar(kind);
    for (long start = 0; start < length; start += SUM_BLOCK) {
        const long end = nnx_minimum(length, start + SUM_BLOCK);
        vector partial[LANES];
        UNROLL for (int v = 0; v < LANES; v++) partial[v] = neutral(kind);
        long i = start;
        for (; i + LANES * VECTOR_LENGTH <= end; i += LANES * VECTOR_LENGTH)
            UNROLL for (int v = 0; v < LANES; v++)
                partial[v] = combine(kind, partial[v], load(x + i + v * VECTOR_LENGTH));
        for (; i + VECTOR_LENGTH <= end; i += VECTOR_LENGTH) partial[0] = combine(kind, partial[0], load(x + i));
        vector total = combine(kind, combine(kind, partial[0], partial[1]), combine(kind, partial[2], partial[3]));
        double block = neutral_scalar(kind);
        for (int lane = 0; lane < VECTOR_LENGTH; lane++) block = combine_scalars(kind, block, total[lane]);
        for (; i < end; i++) block = combine_scalars(kind, block, x[i]);
        result = combine_scalars(kind, result, block);
    }
    return result;
}

// One vector of columns over `length` rows; block results are combined in floats.
INLINE vector reduce_columns(const nnx_reduction_kind kind, const float *x, long length, long stride, long lanes) {
    vector result = neutral(kind);
    for (long start = 0; start < length; start += ROW_BLOCK) {
        const long end = nnx_minimum(length, start + ROW_BLOCK);
        vector block = neutral(kind);
        if (lanes == VECTOR_LENGTH)
            for (long i = start; i < end; i++) block = combine(kind, block, load(x + i * stride));
        else
            for (long i = start; i < end; i++) block = combine(kind, block, load_first(x + i * stride, lanes));
        result = combine(kind, result, block);
    }
    return result;
}

// Fewer columns than a vector has lanes: `inner` vectors hold VECTOR_LENGTH whole rows, and lane l of vector v always
// belongs to column (v * VECTOR_LENGTH + l) % inner.
INLINE void reduce_narrow(const nnx_reduction_kind kind, const float *x, long length, long inner, double *results) {
    for (long c = 0; c < inner; c++) results[c] = neutral_scalar(kind);
    const long period = inner * VECTOR_LENGTH, whole = length * inner / period * period;
    for (long start = 0; start < whole; start += ROW_BLOCK * period) {
        const long end = nnx_minimum(whole, start + ROW_BLOCK * period);
        vector partial[VECTOR_LENGTH];
        for (long v = 0; v < inner; v++) partial[v] = neutral(kind);
        for (long i = start; i < end; i += period)
            for (long v = 0; v < inner; v++) partial[v] = combine(kind, partial[v], load(x + i + v * VECTOR_LENGTH));
        for (long v = 0; v < inner; v++) {
            float lanes[VECTOR_LENGTH];
            store(lanes, partial[v]);
            for (long lane = 0; lane < VECTOR_LENGTH; lane++) {
                double *result = &results[(v * VECTOR_LENGTH + lane) % inner];
                *result = combine_scalars(kind, *result, lanes[lane]);
            }
        }
    }
    for (long i = whole; i < length * inner; i++) results[i % inner] = combine_scalars(kind, results[i % inner], x[i]);
}

// Results inner_first ..< inner_last of one `outer`, over `length` rows from x on.
INLINE void reduce_rows(
    const nnx_reduction_kind kind, const float *x, long length, long inner, long first, long last, double *results) {
    if (inner == 1) {
        results[0] = reduce_contiguous(kind, x, length);
    } else if (inner < VECTOR_LENGTH) {
        reduce_narrow(kind, x, length, inner, results);
    } else {
        for (long j = first; j < last; j += VECTOR_LENGTH) {
            const long lanes = nnx_minimum(VECTOR_LENGTH, last - j);
            const vector sums = reduce_columns(kind, x + j, length, inner, lanes);
            for (long lane = 0; lane < lanes; lane++) results[j - first + lane] = sums[lane];
        }
    }
}

// The kinds without a vector form.
static double reduce_one_by_one(nnx_reduction_kind kind, const float *x, long length, long stride) {
    if (kind == nnx_reduction_kind_product) {
        double product = 1;
        for (long i = 0; i < length; i++) product *= x[i * stride];
        return product;
    }
    long place = 0;
    for (long i = 1; i < length; i++) {
        const float value = x[i * stride], best = x[place * stride];
        const bool is_better = kind == nnx_reduction_kind_argmax ? value > best : value < best;
        if (is_better || (value != value && best == best)) place = i;
    }
    return (double)place;
}

static void finish_reduction(const nnx_reduction_problem *p, double result, float *y) {
    if (p->kind == nnx_reduction_kind_sum) result = result * p->scale + (p->accumulate ? *y : 0);
    *y = (float)result;
}

static void reduce_part(const nnx_reduction *plan, long chunk, const float *x, float *y, double *partials) {
    const nnx_reduction_problem *p = &plan->problem;
    const long inner_blocks = nnx_divide_up(p->inner, plan->inner_per_chunk);
    const long split = chunk % plan->split_count, block = chunk / plan->split_count;
    const long first_outer = block / inner_blocks * plan->outer_per_chunk;
    const long first = block % inner_blocks * plan->inner_per_chunk;
    const long last = nnx_minimum(p->inner, first + plan->inner_per_chunk);
    const long start = split * plan->split_length;
    const long length = nnx_maximum(0, nnx_minimum(plan->split_length, p->length - start));
    double results[NNX_REDUCTION_COLUMNS];
    for (long o = first_outer; o < nnx_minimum(p->outer, first_outer + plan->outer_per_chunk); o++) {
        const float *from = x + (o * p->length + start) * p->inner;
        switch (p->kind) {
        case nnx_reduction_kind_sum:
            reduce_rows(nnx_reduction_kind_sum, from, length, p->inner, first, last, results);
            break;
        case nnx_reduction_kind_maximum:
            reduce_rows(nnx_reduction_kind_maximum, from, length, p->inner, first, last, results);
            break;
        case nnx_reduction_kind_minimum:
            reduce_rows(nnx_reduction_kind_minimum, from, length, p->inner, first, last, results);
            break;
        case nnx_reduction_kind_product:
        case nnx_reduction_kind_argmax:
        case nnx_reduction_kind_argmin:
            for (long i = first; i < last; i++)
                results[i - first] = reduce_one_by_one(p->kind, from + i, length, p->inner);
            break;
        }
        for (long i = first; i < last; i++) {
            if (plan->split_count == 1) finish_reduction(p, results[i - first], y + o * p->inner + i);
            else partials[(split * p->outer + o) * p->inner + i] = results[i - first];
        }
    }
}

static void reduction_run(
    const nnx_reduction *plan, int phase, long chunk, const float *x, float *y, void *shared) {
    const nnx_reduction_problem *p = &plan->problem;
    if (phase == 0) {
        reduce_part(plan, chunk, x, y, shared);
        return;
    }
    const double *partials = shared;
    for (long i = 0; i < p->outer * p->inner; i++) {
        double result = partials[i];
        for (long split = 1; split < plan->split_count; split++)
            result = combine_scalars(p->kind, result, partials[split * p->outer * p->inner + i]);
        finish_reduction(p, result, y + i);
    }
}
