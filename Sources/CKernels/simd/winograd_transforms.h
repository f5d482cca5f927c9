// The one-dimensional transforms of Winograd's minimal filtering F(m, 3): m results of a kernel of three taps from m + 2
// products (Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2015):
//
//     y = A^T ((G g) * (B^T d))
//
// F(2, 3) interpolates at 0, 1, -1 and infinity, F(4, 3) at 0, P, -P, Q, -Q and infinity. With P = 3/4 and Q = 3/2 the
// error is half of that with the usual 1 and 2, which make larger numbers.
// `extent` is m, a literal at every call, so that arrays become registers.

enum { WINOGRAD_SIDE = 6, WINOGRAD_FREQUENCIES = WINOGRAD_SIDE * WINOGRAD_SIDE };

#define P 0.75f
#define Q 1.5f
#define P2 (P * P)
#define Q2 (Q * Q)
#define P_SCALE (1 / (2 * P2 * (P2 - Q2)))
#define Q_SCALE (1 / (2 * Q2 * (Q2 - P2)))
#define ZERO_SCALE (1 / (P2 * Q2))

// a x + y with a literal a.
INLINE vector scaled_sum(float a, vector x, vector y) { return multiply_add(splat(a), x, y); }

// B^T d.
INLINE void transform_source(const int extent, const vector d[WINOGRAD_SIDE], vector v[WINOGRAD_SIDE]) {
    if (extent == 2) {
        v[0] = d[0] - d[2];
        v[1] = d[1] + d[2];
        v[2] = d[2] - d[1];
        v[3] = d[1] - d[3];
        return;
    }
    const vector even_p = scaled_sum(-Q2, d[2], d[4]), odd_p = P * scaled_sum(-Q2, d[1], d[3]);
    const vector even_q = scaled_sum(-P2, d[2], d[4]), odd_q = Q * scaled_sum(-P2, d[1], d[3]);
    v[0] = scaled_sum(P2 * Q2, d[0], scaled_sum(-(P2 + Q2), d[2], d[4]));
    v[1] = even_p + odd_p;
    v[2] = even_p - odd_p;
    v[3] = even_q + odd_q;
    v[4] = even_q - odd_q;
    v[5] = scaled_sum(P2 * Q2, d[1], scaled_sum(-(P2 + Q2), d[3], d[5]));
}

// A^T m.
INLINE void transform_products(const int extent, const vector m[WINOGRAD_SIDE], vector y[4]) {
    if (extent == 2) {
        y[0] = m[0] + m[1] + m[2];
        y[1] = m[1] - m[2] - m[3];
        return;
    }
    const vector even_p = m[1] + m[2], odd_p = m[1] - m[2], even_q = m[3] + m[4], odd_q = m[3] - m[4];
    y[0] = m[0] + even_p + even_q;
    y[1] = scaled_sum(P, odd_p, Q * odd_q);
    y[2] = scaled_sum(P2, even_p, Q2 * even_q);
    y[3] = scaled_sum(P2 * P, odd_p, scaled_sum(Q2 * Q, odd_q, m[5]));
}

// A y: the adjoint of the above.
INLINE void transform_gradient(const int extent, const vector y[4], vector z[WINOGRAD_SIDE]) {
    if (extent == 2) {
        z[0] = y[0];
        z[1] = y[0] + y[1];
        z[2] = y[0] - y[1];
        z[3] = -y[1];
        return;
    }
    const vector even_p = scaled_sum(P2, y[2], y[0]), odd_p = scaled_sum(P2 * P, y[3], P * y[1]);
    const vector even_q = scaled_sum(Q2, y[2], y[0]), odd_q = scaled_sum(Q2 * Q, y[3], Q * y[1]);
    z[0] = y[0];
    z[1] = even_p + odd_p;
    z[2] = even_p - odd_p;
    z[3] = even_q + odd_q;
    z[4] = even_q - odd_q;
    z[5] = y[3];
}

// G g.
INLINE void transform_kernel(const int extent, const vector g[3], vector u[WINOGRAD_SIDE]) {
    if (extent == 2) {
        const vector even = 0.5f * (g[0] + g[2]), odd = 0.5f * g[1];
        u[0] = g[0];
        u[1] = even + odd;
        u[2] = even - odd;
        u[3] = g[2];
        return;
    }
    const vector even_p = P_SCALE * scaled_sum(P2, g[2], g[0]), odd_p = (P_SCALE * P) * g[1];
    const vector even_q = Q_SCALE * scaled_sum(Q2, g[2], g[0]), odd_q = (Q_SCALE * Q) * g[1];
    u[0] = ZERO_SCALE * g[0];
    u[1] = even_p + odd_p;
    u[2] = even_p - odd_p;
    u[3] = even_q + odd_q;
    u[4] = even_q - odd_q;
    u[5] = g[2];
}

// G^T u: the adjoint of the above.
INLINE void transform_kernel_gradient(const int extent, const vector u[WINOGRAD_SIDE], vector w[3]) {
    if (extent == 2) {
        const vector even = 0.5f * (u[1] + u[2]);
        w[0] = u[0] + even;
        w[1] = 0.5f * (u[1] - u[2]);
        w[2] = even + u[3];
        return;
    }
    const vector even_p = u[1] + u[2], even_q = u[3] + u[4];
    w[0] = scaled_sum(ZERO_SCALE, u[0], scaled_sum(P_SCALE, even_p, Q_SCALE * even_q));
    w[1] = scaled_sum(P_SCALE * P, u[1] - u[2], (Q_SCALE * Q) * (u[3] - u[4]));
    w[2] = scaled_sum(P_SCALE * P2, even_p, scaled_sum(Q_SCALE * Q2, even_q, u[5]));
}

#undef P
#undef Q
#undef P2
#undef Q2
#undef P_SCALE
#undef Q_SCALE
#undef ZERO_SCALE

// Two dimensions: columns first, then rows. FROM(i, j) gives an input vector; `rows_in` x `rows_in` of them become
// `rows_out` x `rows_out`, which TO(i, j, v) takes.
#define TRANSFORM_TWICE(transform, extent, rows_in, rows_out, FROM, TO)                           \
    do {                                                                                          \
        vector half[WINOGRAD_SIDE][WINOGRAD_SIDE];                                                \
        UNROLL for (int j = 0; j < (rows_in); j++) {                                              \
            vector in[WINOGRAD_SIDE], out[WINOGRAD_SIDE];                                         \
            UNROLL for (int i = 0; i < (rows_in); i++) in[i] = FROM(i, j);                        \
            transform(extent, in, out);                                                           \
            UNROLL for (int i = 0; i < (rows_out); i++) half[i][j] = out[i];                      \
        }                                                                                         \
        UNROLL for (int i = 0; i < (rows_out); i++) {                                             \
            vector out[WINOGRAD_SIDE];                                                            \
            transform(extent, half[i], out);                                                      \
            UNROLL for (int j = 0; j < (rows_out); j++) TO(i, j, out[j]);                         \
        }                                                                                         \
    } while (0)
