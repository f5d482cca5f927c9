// The vector types of the instruction set, loads and stores.
#define INLINE static inline __attribute__((always_inline, unused))
#define UNROLL _Pragma("clang loop unroll(full)")
#define VECTOR(element, length) element __attribute__((ext_vector_type(length)))

typedef VECTOR(float, VECTOR_LENGTH) vector;
typedef float unaligned_vector __attribute__((ext_vector_type(VECTOR_LENGTH), aligned(4)));
typedef VECTOR(int32_t, VECTOR_LENGTH) integers;
typedef VECTOR(double, VECTOR_LENGTH) doubles;
typedef VECTOR(int64_t, VECTOR_LENGTH) long_integers;
typedef float unaligned_eight __attribute__((ext_vector_type(8), aligned(4)));
typedef float unaligned_four __attribute__((ext_vector_type(4), aligned(4)));
typedef VECTOR(float, 4) four;

INLINE vector load(const float *p) { return *(const unaligned_vector *)p; }
INLINE void store(float *p, vector v) { *(unaligned_vector *)p = v; }
INLINE vector splat(float value) { return (vector)(value); }

// a * b + c, with one rounding where the instruction set can.
INLINE vector multiply_add(vector a, vector b, vector c) {
#if HAS_FMA
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

// The first `lanes` elements (1 ... VECTOR_LENGTH), the others 0.
INLINE vector load_first(const float *p, long lanes) {
#if HAS_MASKS
    return (vector)_mm512_maskz_loadu_ps((__mmask16)((1u << lanes) - 1), p);
#else
    float buffer[VECTOR_LENGTH] __attribute__((aligned(64))) = {0};
    for (long i = 0; i < lanes; i++) buffer[i] = p[i];
    return load(buffer);
#endif
}

INLINE void store_first(float *p, vector v, long lanes) {
#if HAS_MASKS
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << lanes) - 1), (__m512)v);
#else
    float buffer[VECTOR_LENGTH] __attribute__((aligned(64)));
    const float *from = buffer;
    store(buffer, v);
    if (lanes & 8) memcpy(p, from, 32), p += 8, from += 8;
    if (lanes & 4) memcpy(p, from, 16), p += 4, from += 4;
    if (lanes & 2) memcpy(p, from, 8), p += 2, from += 2;
    if (lanes & 1) *p = *from;
#endif
}

// The same, quicker where all lanes are meant.
INLINE vector load_lanes(const float *p, long lanes) {
    return lanes == VECTOR_LENGTH ? load(p) : load_first(p, lanes);
}
INLINE void store_lanes(float *p, vector v, long lanes) {
    if (lanes == VECTOR_LENGTH) store(p, v);
    else store_first(p, v, lanes);
}

// Lanes from `lanes` on replaced by `other`.
INLINE vector keep_first(vector v, long lanes, float other) {
    integers index;
    for (int i = 0; i < VECTOR_LENGTH; i++) index[i] = i;
    return index < (int)lanes ? v : splat(other);
}

// Sum of the lanes in a fixed tree.
INLINE float sum_of_lanes(vector v) {
    float lanes[VECTOR_LENGTH];
    store(lanes, v);
    UNROLL for (int half = VECTOR_LENGTH / 2; half > 0; half /= 2)
        UNROLL for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
    return lanes[0];
}

// max(x, 0) that keeps NaN.
INLINE vector rectify(vector x) { return x < 0.0f ? (vector)(0.0f) : x; }

// Columns of a 4x4 block become rows.
INLINE void transpose_four(four r[4]) {
    four a = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), b = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
    four c = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), d = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
    r[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    r[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    r[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    r[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}
