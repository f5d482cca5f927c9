// Matrix products and convolutions: every algorithm where it can serve, on every instruction set.
#include "sanitize.h"
#include <stdio.h>
#include <stdlib.h>

enum { ALGORITHMS_MAX = 64 };

// Ends the program where one of the algorithms after the first (nothing to do) served no problem.
static void require_all(const bool reached[ALGORITHMS_MAX], int count, const char *family) {
    for (int algorithm = 1; algorithm < count; algorithm++)
        if (!reached[algorithm]) {
            fprintf(stderr, "no %s here is served by algorithm %d\n", family, algorithm);
            exit(1);
        }
}

static void run_gemm(const nnx_gemm *plan, struct random *random) {
    const nnx_gemm_problem p = plan->problem;
    const float *a = floats(random, p.rows * p.depth), *b = floats(random, p.depth * p.columns);
    const float *bias = p.has_bias ? floats(random, p.columns) : 0;
    float *c = floats(random, (p.rows - 1) * p.c_row_stride + p.columns);
    FOR_EACH_CHUNK(plan->work) nnx_gemm_run(plan, phase, chunk, a, b, c, bias, scratch.shared, scratch.worker);
    release_all();
}

long check_products(void) {
    static const long sizes[][3] = {
        {1, 1, 1}, {3, 5, 7}, {7, 7, 0}, {6, 16, 31}, {17, 33, 65}, {31, 1, 17}, {64, 10, 84}, {15, 49, 257},
        {193, 70, 300}, {5, 600, 300}, {20, 6, 5000}, {33, 40, 1030}, {2, 1023, 259}, {73, 515, 261},
    };
    struct random random = {1};
    bool reached[ALGORITHMS_MAX] = {false};
    long runs = 0;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int form = 0; form < 4; form++)
            for (int epilogue = 0; epilogue < 3; epilogue++) {
                const long rows = sizes[i][0], columns = sizes[i][1], depth = sizes[i][2];
                const bool a_transposed = form & 1, b_transposed = form & 2;
                const nnx_gemm_problem problem = {
                    .rows = rows, .columns = columns, .depth = depth,
                    .a_row_stride = a_transposed ? 1 : depth, .a_column_stride = a_transposed ? rows : 1,
                    .b_row_stride = b_transposed ? 1 : columns, .b_column_stride = b_transposed ? depth : 1,
                    .c_row_stride = columns + epilogue, .accumulate = epilogue == 1, .has_bias = epilogue > 0,
                    .activation = epilogue == 2 ? nnx_activation_relu : nnx_activation_none,
                };
                FOR_EACH_ISA(isa)
                    for (int algorithm = 0; algorithm < nnx_gemm_algorithm_count(); algorithm++) {
                        const nnx_gemm plan = nnx_gemm_plan_by((nnx_gemm_algorithm)algorithm, isa, problem);
                        if (algorithm != 0 && plan.algorithm != (nnx_gemm_algorithm)algorithm) continue;
                        run_gemm(&plan, &random);
                        reached[algorithm] = true;
                        runs++;
                    }
            }
    require_all(reached, nnx_gemm_algorithm_count(), "product");
    return runs;
}

static void run_convolution(const nnx_convolution *plan, struct random *random) {
    const nnx_convolution_problem p = plan->problem;
    const long x = p.batch * p.input_height * p.input_width * p.input_channels;
    const long w = p.kernel_height * p.kernel_width * (p.input_channels / p.groups) * p.output_channels;
    const long y = p.batch * plan->output_height * plan->output_width * p.output_channels;
    const float *bias = p.has_bias ? floats(random, p.output_channels) : 0;
    const float *first = floats(random, plan->pass == nnx_convolution_pass_input_gradient ? y : x);
    const float *second = floats(random, plan->pass == nnx_convolution_pass_weight_gradient ? y : w);
    const long results[] = {y, x, w};
    float *result = elements(results[plan->pass], sizeof(float));
    FOR_EACH_CHUNK(plan->work)
        nnx_convolution_run(plan, phase, chunk, first, second, result, bias, scratch.shared, scratch.worker);
    release_all();
}

// Odd extents, strides, dilations, groups and uneven padding.
static nnx_convolution_problem random_problem(struct random *random) {
    const long groups = PICK(random, 1, 1, 1, 2, 3);
    nnx_convolution_problem p = {
        .batch = PICK(random, 1, 2, 3), .groups = groups,
        .input_channels = groups * PICK(random, 1, 2, 3, 6, 19, 67),
        .output_channels = groups * PICK(random, 1, 3, 6, 7, 16, 17, 33, 70),
        .input_height = PICK(random, 1, 3, 7, 14, 17, 23), .input_width = PICK(random, 1, 3, 7, 14, 17, 29),
        .kernel_height = PICK(random, 1, 2, 3, 3, 5), .kernel_width = PICK(random, 1, 2, 3, 3, 5),
        .stride_height = PICK(random, 1, 1, 2, 3), .stride_width = PICK(random, 1, 1, 2, 3),
        .dilation_height = PICK(random, 1, 1, 2), .dilation_width = PICK(random, 1, 1, 2),
        .pad_top = PICK(random, 0, 1, 2), .pad_left = PICK(random, 0, 1, 2),
        .pad_bottom = PICK(random, 0, 1, 3), .pad_right = PICK(random, 0, 1, 3),
        .has_bias = PICK(random, 0, 1), .activation = (nnx_activation)PICK(random, 0, 1),
    };
    if (PICK(random, 0, 1, 2, 3, 4) == 0)    // depthwise
        p.groups = p.input_channels = p.output_channels = PICK(random, 2, 3, 17, 33);
    if (PICK(random, 0, 1, 2) == 0) {    // square, stride 1, which most special algorithms ask for
        p.kernel_height = p.kernel_width = PICK(random, 1, 3, 3, 5, 7);
        p.stride_height = p.stride_width = PICK(random, 1, 1, 2);
        p.dilation_height = p.dilation_width = 1;
        if (p.kernel_height == 1) p.pad_top = p.pad_left = p.pad_bottom = p.pad_right = 0;
    }
    return p;
}

long check_convolutions(void) {
    struct random random = {2};
    bool reached[ALGORITHMS_MAX] = {false};
    long runs = 0;
    for (int i = 0; i < 150; i++) {
        const nnx_convolution_problem problem = random_problem(&random);
        for (int pass = 0; pass < 3; pass++)
            FOR_EACH_ISA(isa)
                for (int algorithm = 0; algorithm < nnx_convolution_algorithm_count(); algorithm++) {
                    const nnx_convolution plan = nnx_convolution_plan_by(
                        (nnx_convolution_algorithm)algorithm, isa, (nnx_convolution_pass)pass, problem);
                    if (algorithm != 0 && plan.algorithm != (nnx_convolution_algorithm)algorithm) continue;
                    run_convolution(&plan, &random);
                    reached[algorithm] = true;
                    runs++;
                }
    }
    require_all(reached, nnx_convolution_algorithm_count(), "convolution");
    return runs;
}
