// Elementary functions on vectors. Errors are of the order of one or two units in the last place unless said otherwise;
// infinities, NaN and denormals behave as in C's math library. Where no coefficient source is named the series is Taylor's.
typedef VECTOR(uint32_t, VECTOR_LENGTH) words;

INLINE integers bits_of(vector v) { return (integers)v; }
INLINE vector float_of(integers bits) { return (vector)bits; }
INLINE vector absolute(vector x) { return float_of(bits_of(x) & 0x7fffffff); }
INLINE vector copy_sign(vector magnitude, vector sign) {
    return float_of((bits_of(magnitude) & 0x7fffffff) | (bits_of(sign) & (int)0x80000000));
}
INLINE bool any(integers condition) {
    int result = 0;
    for (int i = 0; i < VECTOR_LENGTH; i++) result |= condition[i];
    return result != 0;
}
INLINE vector vector_minimum(vector a, vector b) { return ((a < b) | (a != a)) ? a : b; }
INLINE vector vector_maximum(vector a, vector b) { return ((a > b) | (a != a)) ? a : b; }

// x = n log(2) + r with whole n and |r| <= log(2) / 2. Rounding by a large constant leaves n in the low bits and lets
// NaN through; log(2) in two parts keeps r exact without fused operations.
struct exponent_parts {
    integers n;
    vector r;
};
INLINE struct exponent_parts split_exponent(vector x) {
    const vector rounder = splat(0x1.8p23f);
    vector shifted = multiply_add(x, splat(1.44269504f), rounder), n = shifted - rounder;
    vector r = multiply_add(n, splat(-0.693359375f), x);
    r = multiply_add(n, splat(2.12194440e-4f), r);
    return (struct exponent_parts){bits_of(shifted) - bits_of(rounder), r};
}
INLINE vector power_of_two(integers n) { return float_of((n + 127) << 23); }

// (exp(r) - 1 - r) / r^2 for |r| <= log(2) / 2; coefficients of Cephes, expf.
INLINE vector exp_series(vector r) {
    vector p = multiply_add(splat(1.9875691500e-4f), r, splat(1.3981999507e-3f));
    p = multiply_add(p, r, splat(8.3334519073e-3f));
    p = multiply_add(p, r, splat(4.1665795894e-2f));
    p = multiply_add(p, r, splat(1.6666665459e-1f));
    return multiply_add(p, r, splat(5.0000001201e-1f));
}

INLINE vector vector_exp(vector x) {
    x = x < -104.0f ? splat(-104.0f) : x;
    x = x > 89.0f ? splat(89.0f) : x;
    struct exponent_parts parts = split_exponent(x);
    vector p = multiply_add(exp_series(parts.r) * parts.r, parts.r, parts.r) + 1.0f;
    // In two steps: 2^n alone may be out of range where the product is not.
    integers half = parts.n >> 1;
    return p * power_of_two(half) * power_of_two(parts.n - half);
}

INLINE vector vector_expm1(vector x) {
    vector clamped = x < -30.0f ? splat(-30.0f) : x;
    struct exponent_parts parts = split_exponent(clamped > 80.0f ? splat(80.0f) : clamped);
    vector p = multiply_add(exp_series(parts.r) * parts.r, parts.r, parts.r), scale = power_of_two(parts.n);
    vector result = multiply_add(scale, p, scale - 1.0f);
    result = x > 80.0f ? vector_exp(x) : result;
    return x == 0.0f ? x : result;
}

// Coefficients of Cephes, logf.
INLINE vector vector_log(vector x) {
    integers is_tiny = x < 0x1p-126f;
    vector scaled = is_tiny ? x * 0x1p23f : x;
    // The exponent that leaves the mantissa in sqrt(1/2) ..< sqrt(2).
    integers e = (bits_of(scaled) - 0x3f3504f3) >> 23;
    vector f = float_of(bits_of(scaled) - (e << 23)) - 1.0f, z = f * f;
    vector exponent = __builtin_convertvector(e, vector) - (is_tiny ? splat(23.0f) : splat(0.0f));
    vector p = multiply_add(splat(7.0376836292e-2f), f, splat(-1.1514610310e-1f));
    p = multiply_add(p, f, splat(1.1676998740e-1f));
    p = multiply_add(p, f, splat(-1.2420140846e-1f));
    p = multiply_add(p, f, splat(1.4249322787e-1f));
    p = multiply_add(p, f, splat(-1.6668057665e-1f));
    p = multiply_add(p, f, splat(2.0000714765e-1f));
    p = multiply_add(p, f, splat(-2.4999993993e-1f));
    p = multiply_add(p, f, splat(3.3333331174e-1f));
    vector y = multiply_add(exponent, splat(-2.12194440e-4f), p * f * z);
    y = multiply_add(z, splat(-0.5f), y);
    vector result = multiply_add(exponent, splat(0.693359375f), f + y);
    result = x == INFINITY ? x : result;
    result = x == 0.0f ? splat(-INFINITY) : result;
    return ((x < 0.0f) | (x != x)) ? splat(NAN) : result;
}

// log(1 + x), the rounding of 1 + x made good (W. Kahan): log(u) x / (u - 1) for u = 1 + x.
INLINE vector vector_log1p(vector x) {
    vector u = 1.0f + x, difference = u - 1.0f;
    vector result = vector_log(u) * (x / difference);
    result = difference == 0.0f ? x : result;
    return x == INFINITY ? x : result;
}

// Coefficients of Cephes, tanhf.
INLINE vector vector_tanh(vector x) {
    vector size = absolute(x), z = x * x;
    vector p = multiply_add(splat(-5.70498872745e-3f), z, splat(2.06390887954e-2f));
    p = multiply_add(p, z, splat(-5.37397155531e-2f));
    p = multiply_add(p, z, splat(1.33314422036e-1f));
    p = multiply_add(p, z, splat(-3.33332819422e-1f));
    vector small = multiply_add(p * z, x, x);
    vector large = 1.0f - 2.0f / (vector_exp(size + size) + 1.0f);
    return size < 0.625f ? small : copy_sign(large, x);
}

INLINE vector vector_sigmoid(vector x) {
    vector e = vector_exp(-absolute(x));
    vector result = (x < 0.0f ? e : splat(1.0f)) / (1.0f + e);
    return x != x ? x : result;
}

INLINE vector vector_softplus(vector x) {
    return (x < 0.0f ? splat(0.0f) : x) + vector_log1p(vector_exp(-absolute(x)));
}

// Least-squares fits in Chebyshev points: erf(x) / x in x^2 up to 1, log(erfc(x)) in x from 1 to 4.
INLINE vector vector_erf(vector x) {
    static const float small_series[] = {
        1.12837917f, -0.376126385f, 0.112837826f, -0.0268654383f, 0.00522105341f, -0.000848439655f, 0.000112682539f,
        -9.67359085e-06f,
    };
    static const float large_series[] = {
        0.000303213001f, -1.13016668f, -0.631937093f, -0.109978245f, 0.0263647175f, -0.00474022237f, 0.000592769544f,
        -4.55906231e-05f, 1.61406164e-06f,
    };
    vector size = absolute(x), z = x * x, small = splat(0), large = splat(0);
    vector clamped = size > 4.0f ? splat(4.0f) : size;
    UNROLL for (int i = (int)(sizeof small_series / sizeof *small_series) - 1; i >= 0; i--)
        small = multiply_add(small, z, splat(small_series[i]));
    UNROLL for (int i = (int)(sizeof large_series / sizeof *large_series) - 1; i >= 0; i--)
        large = multiply_add(large, clamped, splat(large_series[i]));
    large = copy_sign(1.0f - vector_exp(large), x);
    return size < 1.0f ? small * x : x != x ? x : large;
}

// Sine and cosine in double: x = n pi / 2 + r, pi / 2 in two parts of which the first has 33 bits, so that the product
// with n is exact. Good for |x| up to 1e5; lanes beyond go to the math library.
struct turn {
    doubles sine, cosine;
};
INLINE struct turn sine_and_cosine(vector x) {
    const doubles wide = __builtin_convertvector(x, doubles), rounder = (doubles)(0x1.8p52);
    const doubles shifted = wide * 0.63661977236758134308 + rounder, n = shifted - rounder;
    const doubles r = (wide - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11, q = r * r;
    doubles sine = (doubles)(0.0), cosine = (doubles)(0.0);
    UNROLL for (int k = 14; k >= 2; k -= 2) {
        cosine = 1.0 - cosine * q * (1.0 / ((k - 1) * k));
        sine = 1.0 - sine * q * (1.0 / (k * (k + 1)));
    }
    sine *= r;
    const long_integers quarter = (long_integers)shifted;
    const doubles s = (quarter & 1) != 0 ? cosine : sine, c = (quarter & 1) != 0 ? sine : cosine;
    return (struct turn){(quarter & 2) != 0 ? -s : s, ((quarter + 1) & 2) != 0 ? -c : c};
}

#define LANE_BY_LANE(condition, function)                                             \
    if (any(condition))                                                               \
        for (int lane = 0; lane < VECTOR_LENGTH; lane++)                              \
            if ((condition)[lane]) result[lane] = function;

INLINE vector vector_sin(vector x) {
    vector result = __builtin_convertvector(sine_and_cosine(x).sine, vector);
    result = x == 0.0f ? x : result;
    const integers is_huge = absolute(x) > 1e5f;
    LANE_BY_LANE(is_huge, sinf(x[lane]))
    return result;
}

INLINE vector vector_cos(vector x) {
    vector result = __builtin_convertvector(sine_and_cosine(x).cosine, vector);
    const integers is_huge = absolute(x) > 1e5f;
    LANE_BY_LANE(is_huge, cosf(x[lane]))
    return result;
}

INLINE vector vector_tan(vector x) {
    const struct turn turn = sine_and_cosine(x);
    vector result = __builtin_convertvector(turn.sine / turn.cosine, vector);
    result = x == 0.0f ? x : result;
    const integers is_huge = absolute(x) > 1e5f;
    LANE_BY_LANE(is_huge, tanf(x[lane]))
    return result;
}

// a^b = exp(b log(a)) in double for positive finite a; the other lanes go to the math library.
INLINE vector vector_pow(vector a, vector b) {
    const doubles wide = __builtin_convertvector(a, doubles);
    const long_integers e = ((long_integers)wide - 0x3fe6a09e667f3bcd) >> 52;
    const doubles m = (doubles)((long_integers)wide - (e << 52)), s = (m - 1.0) / (m + 1.0), q = s * s;
    doubles series = (doubles)(0.0);
    UNROLL for (int k = 17; k >= 1; k -= 2) series = series * q + 1.0 / k;
    doubles y = __builtin_convertvector(e, doubles) * 0.69314718055994530942 + 2.0 * s * series;
    y *= __builtin_convertvector(b, doubles);
    y = y > 200.0 ? (doubles)(200.0) : y;
    y = y < -200.0 ? (doubles)(-200.0) : y;
    const doubles rounder = (doubles)(0x1.8p52), shifted = y * 1.44269504088896340736 + rounder, n = shifted - rounder;
    const doubles r = (y - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
    doubles p = (doubles)(1.0);
    UNROLL for (int k = 10; k >= 1; k--) p = 1.0 + p * r * (1.0 / k);
    p *= (doubles)((((long_integers)shifted - (long_integers)rounder) + 1023) << 52);
    vector result = __builtin_convertvector(p, vector);
    const integers is_special = ~((a > 0.0f) & (a < INFINITY) & (absolute(b) < INFINITY));
    LANE_BY_LANE(is_special, powf(a[lane], b[lane]))
    return result;
}
#undef LANE_BY_LANE
