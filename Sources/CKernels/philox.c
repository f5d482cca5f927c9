// Philox4x32-10 and the fills made from it.
#include "philox.h"
#include <math.h>
#include <string.h>

enum { ROUNDS = 10, GROUP = 16 };    // GROUP: blocks computed side by side, so that the compiler vectorises
static const uint32_t multiplier0 = 0xD2511F53, multiplier1 = 0xCD9E8D57;
static const uint32_t weyl0 = 0x9E3779B9, weyl1 = 0xBB67AE85;

nnx_philox_block nnx_philox4x32(uint64_t key, nnx_philox_block counter) {
    uint32_t key0 = (uint32_t)key, key1 = (uint32_t)(key >> 32);
    uint32_t c0 = counter.words[0], c1 = counter.words[1], c2 = counter.words[2], c3 = counter.words[3];
    for (int round = 0; round < ROUNDS; round++, key0 += weyl0, key1 += weyl1) {
        uint64_t product0 = (uint64_t)multiplier0 * c0, product1 = (uint64_t)multiplier1 * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ key0;
        c1 = (uint32_t)product1;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ key1;
        c3 = (uint32_t)product0;
    }
    return (nnx_philox_block){{c0, c1, c2, c3}};
}

// Blocks first ..< first + GROUP of (seed, stream), words in order.
static void philox_group(uint64_t seed, uint64_t stream, uint64_t first, uint32_t *words) {
    uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
    uint32_t c0[GROUP], c1[GROUP], c2[GROUP], c3[GROUP];
    for (int i = 0; i < GROUP; i++) {
        c0[i] = (uint32_t)(first + (uint64_t)i);
        c1[i] = (uint32_t)((first + (uint64_t)i) >> 32);
        c2[i] = (uint32_t)stream;
        c3[i] = (uint32_t)(stream >> 32);
    }
    for (int round = 0; round < ROUNDS; round++, key0 += weyl0, key1 += weyl1)
        for (int i = 0; i < GROUP; i++) {
            uint64_t product0 = (uint64_t)multiplier0 * c0[i], product1 = (uint64_t)multiplier1 * c2[i];
            c0[i] = (uint32_t)(product1 >> 32) ^ c1[i] ^ key0;
            c1[i] = (uint32_t)product1;
            c2[i] = (uint32_t)(product0 >> 32) ^ c3[i] ^ key1;
            c3[i] = (uint32_t)product0;
        }
    for (int i = 0; i < GROUP; i++) {
        words[4 * i] = c0[i];
        words[4 * i + 1] = c1[i];
        words[4 * i + 2] = c2[i];
        words[4 * i + 3] = c3[i];
    }
}

void nnx_philox_words(uint64_t seed, uint64_t stream, uint64_t offset, long count, uint32_t *destination) {
    uint32_t words[4 * GROUP];
    uint64_t block = offset / 4;
    long skip = (long)(offset % 4);
    while (count > 0) {
        philox_group(seed, stream, block, words);
        long taken = 4 * GROUP - skip < count ? 4 * GROUP - skip : count;
        memcpy(destination, words + skip, (size_t)taken * sizeof *words);
        destination += taken;
        count -= taken;
        block += GROUP;
        skip = 0;
    }
}

static inline float uniform_float(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

static inline double uniform_double(uint32_t low, uint32_t high) {
    return (double)(((uint64_t)high << 32 | low) >> 11) * 0x1p-53;
}

// Elements made from words a tile at a time: calls BODY with `words` holding the words of elements
// offset ..< offset + length, `words_per_element` words each.
#define FOR_EACH_TILE(words_per_element, BODY)                                                             \
    enum { TILE = 256 };                                                                                   \
    uint32_t words[TILE * (words_per_element)];                                                            \
    for (long length; count > 0; count -= length, offset += (uint64_t)length, destination += length) {     \
        length = count < TILE ? count : TILE;                                                              \
        nnx_philox_words(seed, stream, offset * (words_per_element), length * (words_per_element), words); \
        BODY                                                                                               \
    }

void nnx_philox_uniform_float(uint64_t seed, uint64_t stream, uint64_t offset, long count, float *destination) {
    FOR_EACH_TILE(1, for (long i = 0; i < length; i++) destination[i] = uniform_float(words[i]);)
}

void nnx_philox_uniform_double(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination) {
    FOR_EACH_TILE(
        2, for (long i = 0; i < length; i++) destination[i] = uniform_double(words[2 * i], words[2 * i + 1]);)
}

// log(u) for u > 0, by log(m) = 2 artanh((m - 1) / (m + 1)) with m in [sqrt(1/2), sqrt(2)).
static double log_of_uniform(double u) {
    int exponent;
    double m = frexp(u, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1) / (m + 1), q = s * s, series = 0;
    for (int k = 23; k >= 1; k -= 2) series = series * q + 1.0 / k;
    return exponent * 0.69314718055994531 + 2 * s * series;
}

struct direction {
    double cosine, sine;
};

// cos and sin of 2 pi v for v in [0, 1): the quarter turn nearest to v, then Taylor series within an eighth turn.
static struct direction direction_of_turn(double v) {
    double quarter = floor(4 * v + 0.5);
    double angle = 6.283185307179586476925 * (v - quarter * 0.25), q = angle * angle, cosine = 0, sine = 0;
    for (int k = 18; k >= 2; k -= 2) {
        cosine = 1 - cosine * q / ((k - 1) * k);
        sine = 1 - sine * q / (k * (k + 1));
    }
    sine *= angle;
    switch ((int)quarter & 3) {
    case 0: return (struct direction){cosine, sine};
    case 1: return (struct direction){-sine, cosine};
    case 2: return (struct direction){-cosine, -sine};
    default: return (struct direction){sine, -cosine};
    }
}

// The pair that the uniform numbers u and v in [0, 1) give.
static struct direction box_muller(double u, double v) {
    double radius = sqrt(-2 * log_of_uniform(1 - u));
    struct direction direction = direction_of_turn(v);
    return (struct direction){radius * direction.cosine, radius * direction.sine};
}

#define NORMAL(ELEMENT)                                                                              \
    double uniform[2 * PAIRS];                                                                       \
    const uint64_t end = offset + (uint64_t)count;                                                   \
    for (uint64_t first = offset / 2; 2 * first < end; first += PAIRS) {                             \
        long pairs = (long)((end + 1) / 2 - first) < PAIRS ? (long)((end + 1) / 2 - first) : PAIRS;  \
        uniform_numbers_##ELEMENT(seed, stream, 2 * first, 2 * pairs, uniform);                      \
        for (long p = 0; p < pairs; p++) {                                                           \
            struct direction pair = box_muller(uniform[2 * p], uniform[2 * p + 1]);                  \
            uint64_t element = 2 * (first + (uint64_t)p);                                            \
            if (element >= offset) destination[element - offset] = (ELEMENT)pair.cosine;             \
            if (element + 1 < end) destination[element + 1 - offset] = (ELEMENT)pair.sine;           \
        }                                                                                            \
    }

enum { PAIRS = 64 };

static void uniform_numbers_float(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination) {
    FOR_EACH_TILE(1, for (long i = 0; i < length; i++) destination[i] = uniform_float(words[i]);)
}

static void uniform_numbers_double(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination) {
    nnx_philox_uniform_double(seed, stream, offset, count, destination);
}

void nnx_philox_normal_float(uint64_t seed, uint64_t stream, uint64_t offset, long count, float *destination) {
    NORMAL(float)
}

void nnx_philox_normal_double(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination) {
    NORMAL(double)
}

// The logarithm of a gamma variable of shape a >= 1 by Marsaglia & Tsang (2000), from uniform and normal numbers whose
// places begin at *place.
static double log_gamma_variable(uint64_t seed, uint64_t stream, uint64_t *place, double a) {
    const double d = a - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double uniform[4];
        nnx_philox_uniform_double(seed, stream, *place, 4, uniform);
        *place += 4;
        const double x = box_muller(uniform[0], uniform[1]).cosine, v = 1 + c * x;
        if (v <= 0) continue;
        const double log_cube = 3 * log_of_uniform(v);
        if (log_of_uniform(1 - uniform[2]) < 0.5 * x * x + d - d * v * v * v + d * log_cube)
            return log_of_uniform(d) + log_cube;
    }
}

// With a < 1 it is that of a + 1 times u^(1/a).
static double log_gamma(uint64_t seed, uint64_t stream, uint64_t *place, double a) {
    if (a >= 1) return log_gamma_variable(seed, stream, place, a);
    double uniform[4];
    nnx_philox_uniform_double(seed, stream, *place, 4, uniform);
    *place += 4;
    return log_gamma_variable(seed, stream, place, a + 1) + log_of_uniform(1 - uniform[0]) / a;
}

double nnx_philox_beta(uint64_t seed, uint64_t stream, uint64_t step, double a, double b) {
    uint64_t place = step << 12;    // more numbers than the rejections ever take
    const double first = log_gamma(seed, stream, &place, a), second = log_gamma(seed, stream, &place, b);
    return 1 / (1 + exp(second - first));
}
