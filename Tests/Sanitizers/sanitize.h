// Runs kernels as a sanitizer sees most: buffers of exactly the size that they need, at addresses that are no multiple of a
// vector, scratch of exactly the planned size and full of NaN. What the results are is for Tests/KernelTests.
#pragma once
#include "CKernels.h"

// Random numbers (SplitMix64) with a fixed course.
struct random { uint64_t state; };
uint64_t next_random(struct random *random);
long pick(struct random *random, int count, const long *values);
#define PICK(random, ...) \
    pick(random, sizeof((long[]){__VA_ARGS__}) / sizeof(long), (long[]){__VA_ARGS__})

// Elements of a heap allocation that ends with the last one; they start a few elements, another number each time, after
// memory that may not be touched. `release_all` frees all of them.
float *floats(struct random *random, long count);
double *doubles(struct random *random, long count);
void *elements(long count, long element_bytes);    // not initialised
void release_all(void);

// Scratch of the planned sizes.
struct scratch { void *shared, *worker; bool is_open; };
struct scratch open_scratch(const nnx_work *work);
void close_scratch(struct scratch *scratch);

// Runs a statement for each chunk of each phase; it sees `phase`, `chunk` and `scratch`.
#define FOR_EACH_CHUNK(work)                                                                                       \
    for (struct scratch scratch = open_scratch(&(work)); scratch.is_open; close_scratch(&scratch))                 \
        for (int phase = 0; phase < (work).phase_count; phase++)                                                   \
            for (long chunk = 0; chunk < (work).chunk_count[phase]; chunk++)

// The instruction sets of this machine.
#define FOR_EACH_ISA(isa)                                                       \
    for (nnx_isa isa = nnx_isa_baseline; isa <= nnx_isa_neon; isa++)            \
        if (nnx_isa_is_available(isa))

// Each runs the kernels of some families and gives how many runs that were.
long check_products(void);
long check_convolutions(void);
long check_images(void);
long check_programs(void);
long check_rows(void);
long check_movement(void);
