// Pooling over windows of channels-last images, and its gradient.

// The part of a window that lies inside the image, on one axis.
struct PLAIN(window) {
    long first, last;
};

static struct PLAIN(window) PLAIN(clip_window)(long output, long stride, long pad, long window, long input) {
    long first = output * stride - pad, last = first + window;
    return (struct PLAIN(window)){first < 0 ? 0 : first, last > input ? input : last};
}

// A NaN wins over everything; of equal elements the first wins.
static inline bool PLAIN(is_greater)(ELEMENT value, ELEMENT than) {
    return value > than || (value != value && than == than);
}

static ELEMENT PLAIN(pooling_divisor)(
    const nnx_pooling_problem *p, struct PLAIN(window) rows, struct PLAIN(window) columns) {
    if (p->kind == nnx_pooling_kind_average_of_window) return p->window_height * p->window_width;
    return (rows.last - rows.first) * (columns.last - columns.first);
}

// The place of the first maximum of a window in row-major order, or -1 if no element lies inside the image.
static long PLAIN(window_argmax)(
    const nnx_pooling_problem *p, const ELEMENT *x, long image, long channel, struct PLAIN(window) rows,
    struct PLAIN(window) columns) {
    long best = -1;
    for (long iy = rows.first; iy < rows.last; iy++)
        for (long ix = columns.first; ix < columns.last; ix++) {
            long place = ((image * p->input_height + iy) * p->input_width + ix) * p->channels + channel;
            if (best < 0 || PLAIN(is_greater)(x[place], x[best])) best = place;
        }
    return best;
}

void PLAIN(pooling)(const nnx_pooling_problem *problem, const ELEMENT *x, ELEMENT *y) {
    const nnx_pooling_problem p = *problem;
    const long output_height = nnx_pooling_output_height(problem), output_width = nnx_pooling_output_width(problem);
    for (long n = 0; n < p.batch; n++)
        for (long oy = 0; oy < output_height; oy++)
            for (long ox = 0; ox < output_width; ox++)
                for (long c = 0; c < p.channels; c++) {
                    struct PLAIN(window) rows =
                        PLAIN(clip_window)(oy, p.stride_height, p.pad_top, p.window_height, p.input_height);
                    struct PLAIN(window) columns =
                        PLAIN(clip_window)(ox, p.stride_width, p.pad_left, p.window_width, p.input_width);
                    ELEMENT *result = y + ((n * output_height + oy) * output_width + ox) * p.channels + c;
                    if (p.kind == nnx_pooling_kind_maximum) {
                        long place = PLAIN(window_argmax)(&p, x, n, c, rows, columns);
                        *result = place < 0 ? -(ELEMENT)INFINITY : x[place];
                        continue;
                    }
                    ELEMENT sum = 0;
                    for (long iy = rows.first; iy < rows.last; iy++)
                        for (long ix = columns.first; ix < columns.last; ix++)
                            sum += x[((n * p.input_height + iy) * p.input_width + ix) * p.channels + c];
                    *result = sum / PLAIN(pooling_divisor)(&p, rows, columns);
                }
}

void PLAIN(pooling_gradient)(const nnx_pooling_problem *problem, const ELEMENT *x, const ELEMENT *dy, ELEMENT *dx) {
    const nnx_pooling_problem p = *problem;
    const long output_height = nnx_pooling_output_height(problem), output_width = nnx_pooling_output_width(problem);
    const long x_count = p.batch * p.input_height * p.input_width * p.channels;
    for (long i = 0; i < x_count; i++) dx[i] = 0;
    for (long n = 0; n < p.batch; n++)
        for (long oy = 0; oy < output_height; oy++)
            for (long ox = 0; ox < output_width; ox++)
                for (long c = 0; c < p.channels; c++) {
                    struct PLAIN(window) rows =
                        PLAIN(clip_window)(oy, p.stride_height, p.pad_top, p.window_height, p.input_height);
                    struct PLAIN(window) columns =
                        PLAIN(clip_window)(ox, p.stride_width, p.pad_left, p.window_width, p.input_width);
                    ELEMENT gradient = dy[((n * output_height + oy) * output_width + ox) * p.channels + c];
                    if (p.kind == nnx_pooling_kind_maximum) {
                        long place = PLAIN(window_argmax)(&p, x, n, c, rows, columns);
                        if (place >= 0) dx[place] += gradient;
                        continue;
                    }
                    gradient /= PLAIN(pooling_divisor)(&p, rows, columns);
                    for (long iy = rows.first; iy < rows.last; iy++)
                        for (long ix = columns.first; ix < columns.last; ix++)
                            dx[((n * p.input_height + iy) * p.input_width + ix) * p.channels + c] += gradient;
                }
}
