// Softmax, log-softmax, their gradients, and cross-entropy with class labels, row by row.

static ELEMENT PLAIN(row_maximum)(const ELEMENT *x, long columns) {
    ELEMENT maximum = x[0];
    for (long j = 1; j < columns; j++)
        if (x[j] > maximum || x[j] != x[j]) maximum = x[j];
    return maximum;
}

static ELEMENT PLAIN(sum_of_exponentials)(const ELEMENT *x, long columns, ELEMENT maximum) {
    ELEMENT sum = 0;
    for (long j = 0; j < columns; j++) sum += exp(x[j] - maximum);
    return sum;
}

void PLAIN(softmax)(nnx_softmax_kind kind, long rows, long columns, const ELEMENT *x, ELEMENT *y) {
    for (long i = 0; i < rows && columns > 0; i++, x += columns, y += columns) {
        ELEMENT maximum = PLAIN(row_maximum)(x, columns);
        ELEMENT sum = PLAIN(sum_of_exponentials)(x, columns, maximum);
        for (long j = 0; j < columns; j++)
            y[j] = kind == nnx_softmax_kind_softmax ? exp(x[j] - maximum) / sum : x[j] - maximum - log(sum);
    }
}

void PLAIN(softmax_gradient)(
    nnx_softmax_kind kind, long rows, long columns, const ELEMENT *y, const ELEMENT *dy, ELEMENT *dx) {
    const bool is_log = kind == nnx_softmax_kind_log_softmax;
    for (long i = 0; i < rows; i++, y += columns, dy += columns, dx += columns) {
        ELEMENT sum = 0;
        for (long j = 0; j < columns; j++) sum += is_log ? dy[j] : y[j] * dy[j];
        for (long j = 0; j < columns; j++) dx[j] = is_log ? dy[j] - exp(y[j]) * sum : y[j] * (dy[j] - sum);
    }
}

void PLAIN(cross_entropy)(
    long rows, long columns, const ELEMENT *logits, const ELEMENT *labels, ELEMENT *losses, ELEMENT *gradient,
    ELEMENT scale) {
    for (long i = 0; i < rows; i++) {
        const ELEMENT *x = logits + i * columns, label = labels[i];
        const bool is_class = label >= 0 && label < columns && label == floor(label);
        ELEMENT maximum = columns > 0 ? PLAIN(row_maximum)(x, columns) : 0;
        ELEMENT sum = PLAIN(sum_of_exponentials)(x, columns, maximum);
        if (losses) losses[i] = is_class ? log(sum) + maximum - x[(long)label] : (ELEMENT)NAN;
        if (!gradient) continue;
        for (long j = 0; j < columns; j++) {
            ELEMENT probability = exp(x[j] - maximum) / sum;
            gradient[i * columns + j] = is_class ? (probability - (j == (long)label)) * scale : (ELEMENT)NAN;
        }
    }
}
