// Philox4x32-10, a counter-based random generator.
// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
#pragma once
#include <stdint.h>

struct nnx_philox_block {
    uint32_t words[4];
};
typedef struct nnx_philox_block nnx_philox_block;

// Ten rounds: four random words that depend on key and counter only.
nnx_philox_block nnx_philox4x32(uint64_t key, nnx_philox_block counter);

// The fills below write elements offset ..< offset + count of the sequence that (seed, stream) names. Element i
// depends on (seed, stream, i) only, so any cut gives the same values, on every instruction set. The key is the
// seed; the counter is (block, block >> 32, stream, stream >> 32) with the block index as said below.

// Words as they come: element i is word i % 4 of block i / 4.
void nnx_philox_words(uint64_t seed, uint64_t stream, uint64_t offset, long count, uint32_t *destination);

// Uniform in [0, 1).
// float: the upper 24 bits of word i % 4 of block i / 4, times 2^-24.
// double: the upper 53 bits of the 64-bit number words[2h] | words[2h + 1] << 32, h = i % 2, of block i / 2, times 2^-53.
void nnx_philox_uniform_float(uint64_t seed, uint64_t stream, uint64_t offset, long count, float *destination);
void nnx_philox_uniform_double(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination);

// Standard normal by Box-Muller. Elements 2p and 2p + 1 are a pair: r cos(2 pi v) and r sin(2 pi v) with
// r = sqrt(-2 log(u)). u and v are numbers 2p and 2p + 1 of the uniform sequence of the same element type, u
// reflected to (0, 1] as 1 - u. Computed in double with own log, sin and cos, so that every machine gives the same bits.
void nnx_philox_normal_float(uint64_t seed, uint64_t stream, uint64_t offset, long count, float *destination);
void nnx_philox_normal_double(uint64_t seed, uint64_t stream, uint64_t offset, long count, double *destination);

// A number of the beta distribution, a quotient of gamma variables (Marsaglia & Tsang, 2000); a, b > 0.
// It depends on (seed, stream, step) only and takes uniform doubles from element 2^12 step on.
double nnx_philox_beta(uint64_t seed, uint64_t stream, uint64_t step, double a, double b);
