// Copies, gathers and random numbers, which are the same for every instruction set.
#include "sanitize.h"
#include <math.h>

// Axes in any order on both sides, some broadcast or flipped at the source.
static long check_copies(void) {
    struct random random = {8};
    for (int i = 0; i < 400; i++) {
        nnx_copy_problem p = {.element_bytes = i % 2 ? 4 : 8, .rank = (int32_t)PICK(&random, 0, 1, 2, 3, 4, 5)};
        for (int axis = 0; axis < p.rank; axis++) p.shape[axis] = PICK(&random, 1, 2, 3, 5, 8, 17);
        if (i % 7 == 0) p.rank = 2, p.shape[0] = PICK(&random, 33, 130), p.shape[1] = PICK(&random, 67, 300);
        long source = 1, destination = 1, start = 0;
        bool placed[NNX_RANK_MAX] = {false};
        for (int axis = p.rank - 1; axis >= 0; axis--) {
            const long form = PICK(&random, 0, 1, 1, 1, 2);
            if (form == 0) continue;    // stays 0: broadcast
            p.source_strides[axis] = form == 1 ? source : -source;
            if (form == 2) start += source * (p.shape[axis] - 1);
            source *= p.shape[axis];
        }
        for (int turn = 0; turn < p.rank; turn++) {
            int axis = (int)(next_random(&random) % (uint64_t)p.rank);
            while (placed[axis]) axis = (axis + 1) % p.rank;
            placed[axis] = true;
            p.destination_strides[axis] = destination;
            destination *= p.shape[axis];
        }
        const nnx_copy plan = nnx_copy_plan(nnx_isa_default(), p);
        char *from = p.element_bytes == 4 ? (char *)floats(&random, source) : (char *)doubles(&random, source);
        void *to = elements(destination, p.element_bytes);
        FOR_EACH_CHUNK(plan.work) nnx_copy_run(&plan, chunk, from + start * p.element_bytes, to);
        release_all();
    }
    return 400;
}

// Indices outside of the table and such as are none.
static long check_gathers(void) {
    struct random random = {9};
    static const double strange[] = {-1, 7, 0.5, NAN, INFINITY, -INFINITY, 1e30, -9.3e18, 9.3e18};
    for (long columns = 1; columns <= 19; columns += 3) {
        const long rows = 7, count = 23;
        float *table32 = floats(&random, rows * columns), *indices32 = floats(&random, count);
        double *table64 = doubles(&random, rows * columns), *indices64 = doubles(&random, count);
        for (long i = 0; i < count; i++) indices32[i] = (float)(indices64[i] = i % 2 ? (double)(i % rows) : strange[i / 2 % 9]);
        float *rows32 = elements(count * columns, sizeof *rows32), *hot32 = elements(count * rows, sizeof *hot32);
        double *rows64 = elements(count * columns, sizeof *rows64), *hot64 = elements(count * rows, sizeof *hot64);
        nnx_gather_rows_float(table32, rows, columns, indices32, count, rows32);
        nnx_gather_rows_double(table64, rows, columns, indices64, count, rows64);
        for (long first = 0; first < columns; first += 5) {
            const long last = first + 5 < columns ? first + 5 : columns;
            nnx_scatter_add_rows_float(table32, rows, columns, indices32, count, rows32, first, last);
            nnx_scatter_add_rows_double(table64, rows, columns, indices64, count, rows64, first, last);
        }
        nnx_one_hot_float(indices32, count, rows, hot32);
        nnx_one_hot_double(indices64, count, rows, hot64);
        nnx_cast_float_to_double(rows32, rows64, count * columns);
        nnx_cast_double_to_float(rows64, rows32, count * columns);
        nnx_fill_float(rows32, count * columns, 3);
        nnx_fill_double(rows64, count * columns, 3);
        release_all();
    }
    return 7;
}

static long check_random_numbers(void) {
    for (long count = 0; count < 40; count++) {
        const uint64_t offset = (uint64_t)(count * 5 % 7) + (count % 2 ? 0 : UINT64_C(1) << 40);
        nnx_philox_words(1, 2, offset, count, elements(count, sizeof(uint32_t)));
        nnx_philox_uniform_float(1, 2, offset, count, elements(count, sizeof(float)));
        nnx_philox_uniform_double(1, 2, offset, count, elements(count, sizeof(double)));
        nnx_philox_normal_float(1, 2, offset, count, elements(count, sizeof(float)));
        nnx_philox_normal_double(1, 2, offset, count, elements(count, sizeof(double)));
        nnx_philox_beta(1, 2, (uint64_t)count, 0.3 + (double)count, 2);
        release_all();
    }
    return 40;
}

long check_movement(void) { return check_copies() + check_gathers() + check_random_numbers(); }
