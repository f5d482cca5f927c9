// The one-dimensional transforms of Winograd's minimal filtering F(m, r): m results of a kernel of r taps from m + r - 1
// products (Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2015):
//
//     y = A^T ((G g) * (B^T d))
//
// Results, taps and products are values of polynomials at the points 0, p, -p, q, -q, ... and infinity, as many as there
// are products, their `side`. So the matrices are
//
//     A[point][i] = point^i,   G[point][i] = scale(point) * point^i,   B^T[point] = the coefficients of
//     (x - other point) (x - another point) ...,   scale(point) = 1 / the same at x = point,
//
// and the highest power only at infinity. Pairs of points share all even and all odd powers.
// `side`, `extent` (m) and `taps` (r) are literals at every call, so that arrays become registers.

enum {
    WINOGRAD_SIDE = 8,    // at most
    WINOGRAD_FREQUENCIES = WINOGRAD_SIDE * WINOGRAD_SIDE,
    WINOGRAD_PAIRS = WINOGRAD_SIDE / 2 - 1,
};

// The positive points. Six products have half the error with 3/4 and 3/2 that they have with the usual 1 and 2, which make
// larger numbers; eight have the least with these, of all multiples of 1/16.
INLINE float winograd_point(const int side, const int pair) {
    const float points[3][WINOGRAD_PAIRS] = {{1}, {0.75f, 1.5f}, {0.5f, 1, 2}};
    return points[side / 2 - 2][pair];
}
INLINE float winograd_square(const int side, const int pair) {
    return winograd_point(side, pair) * winograd_point(side, pair);
}

// 1 / the product of the differences between a point (of the pair; 0 for -1) and the others.
INLINE float winograd_scale(const int side, const int pair) {
    const float square = pair < 0 ? 0 : winograd_square(side, pair);
    float product = pair < 0 ? 1 : 2 * square;
    UNROLL for (int other = 0; other < side / 2 - 1; other++)
        if (other != pair) product *= square - winograd_square(side, other);
    return 1 / product;
}

// a x + y with a literal a.
INLINE vector scaled_sum(float a, vector x, vector y) { return multiply_add(splat(a), x, y); }

// The polynomial in x^2 whose roots are the squares of the points, but not of the pair `without`, with d[0], d[2], d[4] ...
// for the powers of x^2.
INLINE vector even_polynomial(const int side, const int without, const vector *d) {
    const int degree = side / 2 - 1 - (without >= 0);
    const float a = winograd_square(side, without == 0 ? 1 : 0);
    const float b = winograd_square(side, without == 0 || without == 1 ? 2 : 1), c = winograd_square(side, 2);
    if (degree == 0) return d[0];
    if (degree == 1) return scaled_sum(-a, d[0], d[2]);
    if (degree == 2) return scaled_sum(a * b, d[0], scaled_sum(-(a + b), d[2], d[4]));
    return scaled_sum(
        -(a * b * c), d[0], scaled_sum(a * b + a * c + b * c, d[2], scaled_sum(-(a + b + c), d[4], d[6])));
}

// B^T d.
INLINE void transform_source(const int side, const vector d[WINOGRAD_SIDE], vector v[WINOGRAD_SIDE]) {
    v[0] = even_polynomial(side, -1, d);
    UNROLL for (int pair = 0; pair < side / 2 - 1; pair++) {
        const vector even = even_polynomial(side, pair, d + 2);
        const vector odd = winograd_point(side, pair) * even_polynomial(side, pair, d + 1);
        v[1 + 2 * pair] = even + odd;
        v[2 + 2 * pair] = even - odd;
    }
    v[side - 1] = even_polynomial(side, -1, d + 1);
}

// The values at all points of the polynomial with these coefficients, times each point's scale if `scales`.
INLINE void evaluate(
    const int side, const int count, const bool scales, const vector y[WINOGRAD_SIDE], vector z[WINOGRAD_SIDE]) {
    z[0] = scales ? winograd_scale(side, -1) * y[0] : y[0];
    UNROLL for (int pair = 0; pair < side / 2 - 1; pair++) {
        const float point = winograd_point(side, pair), square = point * point;
        const float scale = scales ? winograd_scale(side, pair) : 1;
        vector even = y[(count - 1) / 2 * 2], odd = y[count / 2 * 2 - 1];
        UNROLL for (int i = (count - 1) / 2 * 2 - 2; i >= 0; i -= 2) even = scaled_sum(square, even, y[i]);
        UNROLL for (int i = count / 2 * 2 - 3; i >= 0; i -= 2) odd = scaled_sum(square, odd, y[i]);
        even *= scale, odd *= scale * point;
        z[1 + 2 * pair] = even + odd;
        z[2 + 2 * pair] = even - odd;
    }
    z[side - 1] = y[count - 1];
}

// The adjoint of `evaluate`: the sums over the points of their powers 0 ..< count.
INLINE void sum_powers(
    const int side, const int count, const bool scales, const vector m[WINOGRAD_SIDE], vector y[WINOGRAD_SIDE]) {
    UNROLL for (int i = 0; i < count; i++) y[i] = splat(0);
    UNROLL for (int pair = side / 2 - 2; pair >= 0; pair--) {
        const vector even = m[1 + 2 * pair] + m[2 + 2 * pair], odd = m[1 + 2 * pair] - m[2 + 2 * pair];
        float power = scales ? winograd_scale(side, pair) : 1;
        UNROLL for (int i = 0; i < count; i++) {
            const vector term = i % 2 ? odd : even;
            y[i] = pair == side / 2 - 2 ? power * term : scaled_sum(power, term, y[i]);
            power *= winograd_point(side, pair);
        }
    }
    y[0] = scales ? scaled_sum(winograd_scale(side, -1), m[0], y[0]) : m[0] + y[0];
    y[count - 1] += m[side - 1];
}

// A^T m and its adjoint A y, G g and its adjoint G^T u.
INLINE void transform_products(const int side, const int extent, const vector m[WINOGRAD_SIDE], vector y[WINOGRAD_SIDE]) {
    sum_powers(side, extent, false, m, y);
}
INLINE void transform_gradient(const int side, const int extent, const vector y[WINOGRAD_SIDE], vector z[WINOGRAD_SIDE]) {
    evaluate(side, extent, false, y, z);
}
INLINE void transform_kernel(const int side, const int taps, const vector g[WINOGRAD_SIDE], vector u[WINOGRAD_SIDE]) {
    evaluate(side, taps, true, g, u);
}
INLINE void transform_kernel_gradient(
    const int side, const int taps, const vector u[WINOGRAD_SIDE], vector w[WINOGRAD_SIDE]) {
    sum_powers(side, taps, true, u, w);
}

// Two dimensions: columns first, then rows. FROM(i, j) gives an input vector; `rows_in` x `rows_in` of them become
// `rows_out` x `rows_out`, which TO(i, j, v) takes. TRANSFORM(in, out) transforms one row or column.
#define TRANSFORM_TWICE(TRANSFORM, rows_in, rows_out, FROM, TO)                                   \
    do {                                                                                          \
        vector half[WINOGRAD_SIDE][WINOGRAD_SIDE];                                                \
        UNROLL for (int j = 0; j < (rows_in); j++) {                                              \
            vector in[WINOGRAD_SIDE], out[WINOGRAD_SIDE];                                         \
            UNROLL for (int i = 0; i < (rows_in); i++) in[i] = FROM(i, j);                        \
            TRANSFORM(in, out);                                                                   \
            UNROLL for (int i = 0; i < (rows_out); i++) half[i][j] = out[i];                      \
        }                                                                                         \
        UNROLL for (int i = 0; i < (rows_out); i++) {                                             \
            vector out[WINOGRAD_SIDE];                                                            \
            TRANSFORM(half[i], out);                                                              \
            UNROLL for (int j = 0; j < (rows_out); j++) TO(i, j, out[j]);                         \
        }                                                                                         \
    } while (0)

// Calls `function` with a convolution's extent and taps as literals.
#define WITH_WINOGRAD_SIZES(function, plan, ...)                                          \
    do {                                                                                  \
        if ((plan)->winograd.taps == 5) function(4, 5, plan, __VA_ARGS__);                \
        else if ((plan)->winograd.extent == 2) function(2, 3, plan, __VA_ARGS__);         \
        else function(4, 3, plan, __VA_ARGS__);                                           \
    } while (0)
