// Softmax and its relatives, row by row.

// Calls BODY for each vector of a row with `lanes` valid elements from `j` on.
#define FOR_EACH_VECTOR(columns, ...)                                          \
    for (long j = 0; j < (columns); j += VECTOR_LENGTH) {                      \
        const long lanes = nnx_minimum(VECTOR_LENGTH, (columns) - j);          \
        __VA_ARGS__                                                            \
    }

INLINE float maximum_of_lanes(vector v) {
    float best = v[0];
    for (int i = 1; i < VECTOR_LENGTH; i++) best = v[i] > best || v[i] != v[i] ? v[i] : best;
    return best;
}

static float row_maximum(const float *x, long columns) {
    vector best = splat(-INFINITY);
    FOR_EACH_VECTOR(columns, best = vector_maximum(best, keep_first(load_lanes(x + j, lanes), lanes, -INFINITY));)
    return maximum_of_lanes(best);
}

// Sum of exp(x - maximum); keeps the exponentials where `exponentials` is not null.
static float row_exponentials(const float *x, long columns, float maximum, float *exponentials) {
    vector sum = splat(0);
    FOR_EACH_VECTOR(columns, {
        vector e = keep_first(vector_exp(load_lanes(x + j, lanes) - maximum), lanes, 0);
        if (exponentials) store_lanes(exponentials + j, e, lanes);
        sum += e;
    })
    return sum_of_lanes(sum);
}

static void softmax_run(const nnx_softmax *plan, long chunk, const float *x, float *y) {
    const long columns = plan->columns, end = nnx_minimum(plan->rows, (chunk + 1) * plan->rows_per_chunk);
    for (long i = chunk * plan->rows_per_chunk; i < end; i++) {
        const float *from = x + i * columns;
        float *to = y + i * columns;
        const float maximum = row_maximum(from, columns);
        if (plan->kind == nnx_softmax_kind_softmax) {
            const float scale = 1 / row_exponentials(from, columns, maximum, to);
            FOR_EACH_VECTOR(columns, store_lanes(to + j, load_lanes(to + j, lanes) * scale, lanes);)
        } else {
            const float log_of_sum = logf(row_exponentials(from, columns, maximum, NULL));
            FOR_EACH_VECTOR(columns, store_lanes(to + j, load_lanes(from + j, lanes) - maximum - log_of_sum, lanes);)
        }
    }
}

static void softmax_gradient_run(const nnx_softmax *plan, long chunk, const float *y, const float *dy, float *dx) {
    const long columns = plan->columns, end = nnx_minimum(plan->rows, (chunk + 1) * plan->rows_per_chunk);
    const bool is_log = plan->kind == nnx_softmax_kind_log_softmax;
    for (long i = chunk * plan->rows_per_chunk; i < end; i++) {
        const float *value = y + i * columns, *gradient = dy + i * columns;
        vector sums = splat(0);
        FOR_EACH_VECTOR(columns, {
            vector g = load_lanes(gradient + j, lanes);
            sums += is_log ? g : g * load_lanes(value + j, lanes);
        })
        const float sum = sum_of_lanes(sums);
        FOR_EACH_VECTOR(columns, {
            vector g = load_lanes(gradient + j, lanes), v = load_lanes(value + j, lanes);
            store_lanes(dx + i * columns + j, is_log ? g - vector_exp(v) * sum : v * (g - sum), lanes);
        })
    }
}

static void cross_entropy_run(
    const nnx_softmax *plan, long chunk, const float *logits, const float *labels, float *losses, float *gradient,
    float scale) {
    const long columns = plan->columns, end = nnx_minimum(plan->rows, (chunk + 1) * plan->rows_per_chunk);
    for (long i = chunk * plan->rows_per_chunk; i < end; i++) {
        const float *x = logits + i * columns, label = labels[i];
        float *to = gradient ? gradient + i * columns : NULL;
        const bool is_class = label >= 0 && label < (float)columns && label == floorf(label);
        const float maximum = row_maximum(x, columns), sum = row_exponentials(x, columns, maximum, to);
        if (losses) losses[i] = is_class ? logf(sum) + maximum - x[(long)label] : NAN;
        if (!to) continue;
        const float factor = is_class ? scale / sum : NAN;
        FOR_EACH_VECTOR(columns, store_lanes(to + j, load_lanes(to + j, lanes) * factor, lanes);)
        if (is_class) to[(long)label] -= scale;
    }
}
