// Warps and their gradients for the ELEMENT type, under the names WARP(function).

// The four pixels that a place lies between: offsets of their first channel (-1: outside) with weights.
struct WARP(taps) {
    long offset[4];
    ELEMENT weight[4];
    int is_number, is_inside;
};

static struct WARP(taps) WARP(taps_at)(const nnx_warp_problem *p, const ELEMENT *matrix, long row, long column) {
    const ELEMENT far = 0x1p24;    // a place beyond is as good as this one
    const ELEMENT u = (ELEMENT)column + (ELEMENT)0.5 - (ELEMENT)p->output_width / 2;
    const ELEMENT v = (ELEMENT)row + (ELEMENT)0.5 - (ELEMENT)p->output_height / 2;
    ELEMENT x = matrix[0] * u + matrix[1] * v + matrix[2] + (ELEMENT)p->input_width / 2 - (ELEMENT)0.5;
    ELEMENT y = matrix[3] * u + matrix[4] * v + matrix[5] + (ELEMENT)p->input_height / 2 - (ELEMENT)0.5;
    struct WARP(taps) taps = {.is_number = x == x && y == y};
    if (!taps.is_number) return taps;
    x = x < -far ? -far : x > far ? far : x;
    y = y < -far ? -far : y > far ? far : y;
    const ELEMENT left = FLOOR(x), top = FLOOR(y), fx = x - left, fy = y - top;
    const long x0 = (long)left, y0 = (long)top;
    taps.weight[0] = (1 - fx) * (1 - fy);
    taps.weight[1] = fx * (1 - fy);
    taps.weight[2] = (1 - fx) * fy;
    taps.weight[3] = fx * fy;
    taps.is_inside = x0 >= 0 && y0 >= 0 && x0 + 1 < p->input_width && y0 + 1 < p->input_height;
    if (taps.is_inside) {
        const long first = (y0 * p->input_width + x0) * p->channels, below = p->input_width * p->channels;
        taps.offset[0] = first;
        taps.offset[1] = first + p->channels;
        taps.offset[2] = first + below;
        taps.offset[3] = first + below + p->channels;
        return taps;
    }
    for (int tap = 0; tap < 4; tap++) {
        const long px = inside(x0 + tap % 2, p->input_width, p->fill);
        const long py = inside(y0 + tap / 2, p->input_height, p->fill);
        taps.offset[tap] = px < 0 || py < 0 ? -1 : (py * p->input_width + px) * p->channels;
    }
    return taps;
}

void WARP(nnx_warp)(
    const nnx_warp_problem *problem, const ELEMENT *x, const ELEMENT *matrix, ELEMENT *y, long first, long last) {
    const nnx_warp_problem p = *problem;
    y += first * p.output_width * p.channels;
    for (long row = first; row < last; row++)
        for (long column = 0; column < p.output_width; column++, y += p.channels) {
            const struct WARP(taps) taps = WARP(taps_at)(&p, matrix, row, column);
            if (taps.is_inside) {
                for (long c = 0; c < p.channels; c++)
                    y[c] = taps.weight[0] * x[taps.offset[0] + c] + taps.weight[1] * x[taps.offset[1] + c]
                        + taps.weight[2] * x[taps.offset[2] + c] + taps.weight[3] * x[taps.offset[3] + c];
                continue;
            }
            for (long c = 0; c < p.channels; c++) {
                ELEMENT sum = taps.is_number ? 0 : (ELEMENT)NAN;
                for (int tap = 0; tap < 4; tap++)
                    sum += taps.weight[tap] * (taps.offset[tap] < 0 ? (ELEMENT)p.value : x[taps.offset[tap] + c]);
                y[c] = sum;
            }
        }
}

void WARP(nnx_warp_gradient)(
    const nnx_warp_problem *problem, const ELEMENT *dy, const ELEMENT *matrix, ELEMENT *dx) {
    const nnx_warp_problem p = *problem;
    memset(dx, 0, (size_t)(p.input_height * p.input_width * p.channels) * sizeof *dx);
    for (long row = 0; row < p.output_height; row++)
        for (long column = 0; column < p.output_width; column++, dy += p.channels) {
            const struct WARP(taps) taps = WARP(taps_at)(&p, matrix, row, column);
            for (int tap = 0; taps.is_number && tap < 4; tap++) {
                if (taps.offset[tap] < 0) continue;
                for (long c = 0; c < p.channels; c++) dx[taps.offset[tap] + c] += taps.weight[tap] * dy[c];
            }
        }
}
