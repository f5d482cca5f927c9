// Warps and their gradients for the ELEMENT type, under the names WARP(function).

// The four pixels that a place lies between: offsets of their first channel (-1: outside) with weights.
struct WARP(taps) {
    long offset[4];
    ELEMENT weight[4];
    int is_number;
};

struct WARP(place) {
    ELEMENT x, y;
};

// Where in x a pixel of the result lies: columns and rows from the middle of the first pixel.
static inline struct WARP(place) WARP(place_of)(
    const nnx_warp_problem *p, const ELEMENT *matrix, long row, long column) {
    const ELEMENT u = (ELEMENT)column + (ELEMENT)0.5 - (ELEMENT)p->output_width / 2;
    const ELEMENT v = (ELEMENT)row + (ELEMENT)0.5 - (ELEMENT)p->output_height / 2;
    return (struct WARP(place)){
        matrix[0] * u + matrix[1] * v + matrix[2] + (ELEMENT)p->input_width / 2 - (ELEMENT)0.5,
        matrix[3] * u + matrix[4] * v + matrix[5] + (ELEMENT)p->input_height / 2 - (ELEMENT)0.5};
}

static struct WARP(taps) WARP(taps_at)(const nnx_warp_problem *p, struct WARP(place) place) {
    const ELEMENT far = 0x1p24;    // a place beyond is as good as this one
    ELEMENT x = place.x, y = place.y;
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
    for (int tap = 0; tap < 4; tap++) {
        const long px = inside(x0 + tap % 2, p->input_width, p->fill);
        const long py = inside(y0 + tap / 2, p->input_height, p->fill);
        taps.offset[tap] = px < 0 || py < 0 ? -1 : (py * p->input_width + px) * p->channels;
    }
    return taps;
}

// A row of the result. Most pixels lie inside of x, where places are not negative and truncation is the floor.
static inline __attribute__((always_inline)) void WARP(row)(
    const nnx_warp_problem *p, const ELEMENT *x, const ELEMENT *matrix, ELEMENT *y, long row, long channels) {
    const ELEMENT right = (ELEMENT)p->input_width - 1, bottom = (ELEMENT)p->input_height - 1;
    const long below = p->input_width * channels;
    for (long column = 0; column < p->output_width; column++, y += channels) {
        const struct WARP(place) place = WARP(place_of)(p, matrix, row, column);
        if (place.x >= 0 && place.y >= 0 && place.x < right && place.y < bottom) {
            const long x0 = (long)place.x, y0 = (long)place.y;
            const ELEMENT fx = place.x - (ELEMENT)x0, fy = place.y - (ELEMENT)y0;
            const ELEMENT *first = x + y0 * below + x0 * channels;
            for (long c = 0; c < channels; c++)
                y[c] = (1 - fx) * (1 - fy) * first[c] + fx * (1 - fy) * first[channels + c]
                    + (1 - fx) * fy * first[below + c] + fx * fy * first[below + channels + c];
            continue;
        }
        const struct WARP(taps) taps = WARP(taps_at)(p, place);
        for (long c = 0; c < channels; c++) {
            ELEMENT sum = taps.is_number ? 0 : (ELEMENT)NAN;
            for (int tap = 0; tap < 4 && taps.is_number; tap++)
                sum += taps.weight[tap] * (taps.offset[tap] < 0 ? (ELEMENT)p->value : x[taps.offset[tap] + c]);
            y[c] = sum;
        }
    }
}

void WARP(nnx_warp)(
    const nnx_warp_problem *problem, const ELEMENT *x, const ELEMENT *matrix, ELEMENT *y, long first, long last) {
    const nnx_warp_problem p = *problem;
    for (long row = first; row < last; row++) {
        ELEMENT *to = y + row * p.output_width * p.channels;
        switch (p.channels) {
        case 1: WARP(row)(&p, x, matrix, to, row, 1); break;
        case 3: WARP(row)(&p, x, matrix, to, row, 3); break;
        default: WARP(row)(&p, x, matrix, to, row, p.channels);
        }
    }
}

void WARP(nnx_warp_gradient)(
    const nnx_warp_problem *problem, const ELEMENT *dy, const ELEMENT *matrix, ELEMENT *dx) {
    const nnx_warp_problem p = *problem;
    memset(dx, 0, (size_t)(p.input_height * p.input_width * p.channels) * sizeof *dx);
    for (long row = 0; row < p.output_height; row++)
        for (long column = 0; column < p.output_width; column++, dy += p.channels) {
            const struct WARP(taps) taps = WARP(taps_at)(&p, WARP(place_of)(&p, matrix, row, column));
            for (int tap = 0; taps.is_number && tap < 4; tap++) {
                if (taps.offset[tap] < 0) continue;
                for (long c = 0; c < p.channels; c++) dx[taps.offset[tap] + c] += taps.weight[tap] * dy[c];
            }
        }
}
