// Pooling and warps.
#include "sanitize.h"
#include <math.h>

static long check_pooling(void) {
    struct random random = {3};
    long runs = 0;
    for (int i = 0; i < 240; i++) {
        const bool halves = i % 4 == 0;
        nnx_pooling_problem p = {
            .kind = (nnx_pooling_kind)(i % 3), .batch = PICK(&random, 1, 2, 3),
            .input_height = PICK(&random, 1, 4, 7, 10, 17), .input_width = PICK(&random, 1, 4, 7, 10, 17),
            .channels = PICK(&random, 1, 3, 6, 16, 17, 33, 70),
            .window_height = halves ? 2 : PICK(&random, 1, 2, 3, 5), .window_width = halves ? 2 : PICK(&random, 1, 2, 3, 5),
            .stride_height = halves ? 2 : PICK(&random, 1, 2, 3), .stride_width = halves ? 2 : PICK(&random, 1, 2, 3),
        };
        if (!halves) {
            p.pad_top = PICK(&random, 0, 1) % p.window_height, p.pad_left = PICK(&random, 0, 1) % p.window_width;
            p.pad_bottom = PICK(&random, 0, 1) % p.window_height, p.pad_right = PICK(&random, 0, 1) % p.window_width;
        }
        const long pixels = nnx_pooling_output_height(&p) * nnx_pooling_output_width(&p);
        const long x_count = p.batch * p.input_height * p.input_width * p.channels, y_count = p.batch * pixels * p.channels;
        FOR_EACH_ISA(isa) {
            float *x = floats(&random, x_count), *dy = floats(&random, y_count);
            float *y = elements(y_count, sizeof *y), *dx = elements(x_count, sizeof *dx);
            if (i % 5 == 0) x[x_count / 2] = NAN;
            const nnx_pooling forward = nnx_pooling_plan(isa, p), backward = nnx_pooling_gradient_plan(isa, p);
            FOR_EACH_CHUNK(forward.work) nnx_pooling_run(&forward, chunk, x, y);
            FOR_EACH_CHUNK(backward.work) nnx_pooling_gradient_run(&backward, chunk, x, y, dy, dx);
            release_all();
            runs += 2;
        }
    }
    return runs;
}

static long check_warps(void) {
    struct random random = {4};
    static const double matrices[][6] = {
        {1, 0, 0, 0, 1, 0}, {0.9, -0.7, 2.3, 0.6, 1.4, -3.1}, {1, 0, 1e30, 0, 1, 0}, {1, 0, -INFINITY, 0, 1, 0},
        {NAN, 0, 0, 0, 1, 0}, {40, 0, 0, 0, 40, 0}, {0, 0, 0, 0, 0, 0}, {1e18, 0, 9.3e18, 0, -1e18, -9.3e18},
    };
    long runs = 0;
    for (unsigned m = 0; m < sizeof matrices / sizeof *matrices; m++)
        for (nnx_warp_fill fill = nnx_warp_fill_constant; fill <= nnx_warp_fill_wrap; fill++)
            for (long channels = 1; channels <= 5; channels += 2) {
                const nnx_warp_problem p = {5, 7, 9, 4, channels, fill, 0.5};
                const long x_count = 35 * channels, y_count = 36 * channels;
                float *m32 = elements(6, sizeof *m32);
                double *m64 = elements(6, sizeof *m64);
                for (int i = 0; i < 6; i++) m32[i] = (float)(m64[i] = matrices[m][i]);
                const float *x32 = floats(&random, x_count), *dy32 = floats(&random, y_count);
                const double *x64 = doubles(&random, x_count), *dy64 = doubles(&random, y_count);
                float *y32 = elements(y_count, sizeof *y32), *dx32 = elements(x_count, sizeof *dx32);
                double *y64 = elements(y_count, sizeof *y64), *dx64 = elements(x_count, sizeof *dx64);
                for (long row = 0; row < 9; row += 4) {
                    const long end = row + 4 < 9 ? row + 4 : 9;
                    nnx_warp_float(&p, x32, m32, y32, row, end);
                    nnx_warp_double(&p, x64, m64, y64, row, end);
                }
                nnx_warp_gradient_float(&p, dy32, m32, dx32);
                nnx_warp_gradient_double(&p, dy64, m64, dx64);
                release_all();
                runs += 4;
            }
    return runs;
}

long check_images(void) { return check_pooling() + check_warps(); }
