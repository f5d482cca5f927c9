// C(i, j) = activation(sum over k of A(i, k) B(k, j), plus C(i, j) and bias[j] where asked for)

static inline ELEMENT PLAIN(activate)(ELEMENT value, nnx_activation activation) {
    // Written so that NaN stays NaN.
    return activation == nnx_activation_relu && value < 0 ? 0 : value;
}

void PLAIN(gemm)(const nnx_gemm_problem *problem, const ELEMENT *a, const ELEMENT *b, ELEMENT *c, const ELEMENT *bias) {
    const nnx_gemm_problem p = *problem;
    for (long i = 0; i < p.rows; i++) {
        ELEMENT *row = c + i * p.c_row_stride;
        if (!p.accumulate)
            for (long j = 0; j < p.columns; j++) row[j] = 0;
        for (long k = 0; k < p.depth; k++) {
            ELEMENT value = a[i * p.a_row_stride + k * p.a_column_stride];
            const ELEMENT *b_row = b + k * p.b_row_stride;
            for (long j = 0; j < p.columns; j++) row[j] += value * b_row[j * p.b_column_stride];
        }
        for (long j = 0; j < p.columns; j++)
            row[j] = PLAIN(activate)(row[j] + (p.has_bias ? bias[j] : 0), p.activation);
    }
}
