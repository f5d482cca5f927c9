// The kernels under AddressSanitizer and UndefinedBehaviorSanitizer (scripts/sanitize).
#include "sanitize.h"
#include <math.h>
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t next_random(struct random *random) {
    uint64_t z = random->state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

long pick(struct random *random, int count, const long *values) { return values[next_random(random) % (uint64_t)count]; }

static void *allocations[256];
static int allocation_count, allocations_made;

void *elements(long count, long element_bytes) {
    if (allocation_count == 256) abort();
    const long before = allocations_made++ % 4 * element_bytes;
    char *start = malloc((size_t)(before + count * element_bytes));
    if (!start) abort();
    __asan_poison_memory_region(start, (size_t)before);
    allocations[allocation_count++] = start;
    return start + before;
}

void release_all(void) {
    while (allocation_count > 0) free(allocations[--allocation_count]);
}

float *floats(struct random *random, long count) {
    float *values = elements(count, sizeof *values);
    for (long i = 0; i < count; i++) values[i] = (float)((int64_t)next_random(random) >> 40) / (1 << 21);
    return values;
}

double *doubles(struct random *random, long count) {
    double *values = elements(count, sizeof *values);
    for (long i = 0; i < count; i++) values[i] = (double)((int64_t)next_random(random) >> 11) / (1L << 50);
    return values;
}

static void *scratch_memory(long bytes) {
    void *memory = aligned_alloc(64, (size_t)bytes);
    if (!memory) abort();
    return memset(memory, 0xFF, (size_t)bytes);
}

struct scratch open_scratch(const nnx_work *work) {
    return (struct scratch){scratch_memory(work->shared_bytes), scratch_memory(work->worker_bytes), true};
}

void close_scratch(struct scratch *scratch) {
    free(scratch->shared);
    free(scratch->worker);
    scratch->is_open = false;
}

int main(void) {
    const struct { const char *name; long (*check)(void); } families[] = {
        {"matrix products", check_products}, {"convolutions", check_convolutions}, {"images", check_images},
        {"programs", check_programs}, {"rows", check_rows}, {"movement", check_movement},
    };
    FOR_EACH_ISA(isa) printf("instruction set: %s\n", nnx_isa_name(isa));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        printf("%s: %ld runs\n", families[i].name, families[i].check());
}
