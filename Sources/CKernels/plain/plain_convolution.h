// y[n, p, q, k] = sum over r, s, c of x[n, p * stride - pad + r * dilation, ..., c] w[r, s, c, k], and its gradients.
// All three passes visit the same triples (x, w, y), in the order of this loop nest.

// One kernel row of one output pixel against the image: begins the body for each valid (input pixel, weight) pair.
#define FOR_EACH_TAP(BODY)                                                                                     \
    for (long n = 0; n < p.batch; n++)                                                                         \
        for (long oy = 0; oy < output_height; oy++)                                                            \
            for (long ox = 0; ox < output_width; ox++)                                                         \
                for (long r = 0; r < p.kernel_height; r++) {                                                   \
                    long iy = oy * p.stride_height - p.pad_top + r * p.dilation_height;                        \
                    if (iy < 0 || iy >= p.input_height) continue;                                              \
                    for (long s = 0; s < p.kernel_width; s++) {                                                \
                        long ix = ox * p.stride_width - p.pad_left + s * p.dilation_width;                     \
                        if (ix < 0 || ix >= p.input_width) continue;                                           \
                        long x_pixel = ((n * p.input_height + iy) * p.input_width + ix) * p.input_channels;    \
                        long y_pixel = ((n * output_height + oy) * output_width + ox) * p.output_channels;     \
                        long w_tap = (r * p.kernel_width + s) * inputs * p.output_channels;                    \
                        for (long g = 0; g < p.groups; g++)                                                    \
                            for (long c = 0; c < inputs; c++)                                                  \
                                for (long k = g * outputs; k < (g + 1) * outputs; k++) {                       \
                                    long xi = x_pixel + g * inputs + c, yi = y_pixel + k;                      \
                                    long wi = w_tap + c * p.output_channels + k;                               \
                                    BODY;                                                                      \
                                }                                                                              \
                    }                                                                                          \
                }

#define CONVOLUTION_SIZES                                                                              \
    const nnx_convolution_problem p = *problem;                                                        \
    const long output_height = nnx_convolution_output_height(problem);                                 \
    const long output_width = nnx_convolution_output_width(problem);                                   \
    const long inputs = p.input_channels / p.groups, outputs = p.output_channels / p.groups;           \
    const long y_count = p.batch * output_height * output_width * p.output_channels;                   \
    const long x_count = p.batch * p.input_height * p.input_width * p.input_channels;                  \
    const long w_count = p.kernel_height * p.kernel_width * inputs * p.output_channels;                \
    (void)y_count, (void)x_count, (void)w_count

void PLAIN(convolution)(
    const nnx_convolution_problem *problem, const ELEMENT *x, const ELEMENT *w, ELEMENT *y, const ELEMENT *bias) {
    CONVOLUTION_SIZES;
    for (long i = 0; i < y_count; i++) y[i] = p.has_bias ? bias[i % p.output_channels] : 0;
    FOR_EACH_TAP(y[yi] += x[xi] * w[wi])
    for (long i = 0; i < y_count; i++) y[i] = PLAIN(activate)(y[i], p.activation);
}

void PLAIN(convolution_input_gradient)(
    const nnx_convolution_problem *problem, const ELEMENT *dy, const ELEMENT *w, ELEMENT *dx) {
    CONVOLUTION_SIZES;
    for (long i = 0; i < x_count; i++) dx[i] = 0;
    FOR_EACH_TAP(dx[xi] += dy[yi] * w[wi])
}

void PLAIN(convolution_weight_gradient)(
    const nnx_convolution_problem *problem, const ELEMENT *x, const ELEMENT *dy, ELEMENT *dw) {
    CONVOLUTION_SIZES;
    for (long i = 0; i < w_count; i++) dw[i] = 0;
    FOR_EACH_TAP(dw[wi] += x[xi] * dy[yi])
}

#undef FOR_EACH_TAP
#undef CONVOLUTION_SIZES
