// Reductions, softmax and cross-entropy.
#include "sanitize.h"
#include <math.h>

static long check_reductions(void) {
    static const long sizes[][3] = {
        {1, 1, 1}, {1, 0, 1}, {2, 0, 3}, {1, 7, 1}, {3, 5, 7}, {17, 31, 1}, {1, 33, 17}, {5, 64, 401}, {1, 70001, 1},
        {1, 5003, 6}, {1, 3001, 33}, {2, 3001, 16}, {300, 3, 5}, {1, 2, 1003}, {64, 10, 1},
    };
    struct random random = {6};
    long runs = 0;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (nnx_reduction_kind kind = nnx_reduction_kind_sum; kind <= nnx_reduction_kind_argmin; kind++)
            FOR_EACH_ISA(isa) {
                const nnx_reduction_problem problem = {
                    .kind = kind, .outer = sizes[i][0], .length = sizes[i][1], .inner = sizes[i][2], .scale = 0.5,
                    .accumulate = i % 3 == 0};
                const nnx_reduction plan = nnx_reduction_plan(isa, problem);
                const long count = problem.outer * problem.length * problem.inner;
                float *x = floats(&random, count), *y = floats(&random, problem.outer * problem.inner);
                if (i % 2 && count > 0) x[count / 2] = NAN;
                FOR_EACH_CHUNK(plan.work) nnx_reduction_run(&plan, phase, chunk, x, y, scratch.shared);
                release_all();
                runs++;
            }
    return runs;
}

static long check_softmax(void) {
    static const long sizes[][2] = {{1, 1}, {3, 10}, {17, 31}, {65, 7}, {5, 1001}, {33, 16}, {9, 33}};
    struct random random = {7};
    long runs = 0;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (nnx_softmax_kind kind = nnx_softmax_kind_softmax; kind <= nnx_softmax_kind_log_softmax; kind++)
            FOR_EACH_ISA(isa) {
                const long rows = sizes[i][0], columns = sizes[i][1], count = rows * columns;
                const nnx_softmax plan = nnx_softmax_plan(isa, kind, rows, columns);
                float *x = floats(&random, count), *dy = floats(&random, count), *labels = floats(&random, rows);
                float *y = elements(count, sizeof *y), *dx = elements(count, sizeof *dx);
                float *losses = elements(rows, sizeof *losses);
                for (long row = 0; row < rows; row++) labels[row] = (float)(row % columns);
                labels[rows / 2] = (const float[]){(float)columns, -1, 0.5f, NAN, 3e38f, -INFINITY, 0}[i];
                FOR_EACH_CHUNK(plan.work) nnx_softmax_run(&plan, chunk, x, y);
                FOR_EACH_CHUNK(plan.work) nnx_softmax_gradient_run(&plan, chunk, y, dy, dx);
                FOR_EACH_CHUNK(plan.work) nnx_cross_entropy_run(&plan, chunk, x, labels, losses, dx, 0.25f);
                FOR_EACH_CHUNK(plan.work) nnx_cross_entropy_run(&plan, chunk, x, labels, 0, dx, 0.25f);
                FOR_EACH_CHUNK(plan.work) nnx_cross_entropy_run(&plan, chunk, x, labels, losses, 0, 0.25f);
                release_all();
                runs += 5;
            }
    return runs;
}

long check_rows(void) { return check_reductions() + check_softmax(); }
