// Sums of elementwise programs: tiles are computed to a buffer and added up while they are in cache.

typedef double unaligned_doubles __attribute__((ext_vector_type(VECTOR_LENGTH), aligned(8)));

// sums[column] += the column's sum over `rows` rows of a tile. Sums of a tile are made in floats, the rest in double.
// Reads and adds up to a vector behind the last column: `sums` has room, and what is there is never used.
static void add_tile(const float *tile, long rows, long columns, double *sums) {
    if (columns == 1) {
        *sums += reduce_contiguous(nnx_reduction_kind_sum, tile, rows);
    } else if (columns < VECTOR_LENGTH) {
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++) sums[j] += tile[i * columns + j];
    } else {
        for (long j = 0; j < columns; j += VECTOR_LENGTH) {
            // Four sums at a time: one alone would wait for its last addition.
            vector partial[LANES] = {splat(0), splat(0), splat(0), splat(0)};
            long i = 0;
            for (; i + LANES <= rows; i += LANES)
                UNROLL for (int k = 0; k < LANES; k++) partial[k] += load(tile + (i + k) * columns + j);
            for (; i < rows; i++) partial[0] += load(tile + i * columns + j);
            const vector sum = (partial[0] + partial[1]) + (partial[2] + partial[3]);
            *(unaligned_doubles *)(sums + j) += __builtin_convertvector(sum, doubles);
        }
    }
}

// Where a worker keeps its tiles and sums.
struct sum_scratch {
    float *registers, *tiles;
    double *sums;
    long tile_stride, sum_stride;
};
static struct sum_scratch sum_scratch(const nnx_program_sum *plan, void *worker) {
    const nnx_program *program = &plan->problem.program;
    const long stride = plan->elementwise.tile_length + NNX_TILE_PADDING;
    struct sum_scratch scratch = {
        .registers = worker, .tile_stride = stride, .sum_stride = nnx_sum_stride(plan->problem.inner),
    };
    scratch.tiles = scratch.registers + (program->register_count + program->input_count) * stride;
    scratch.sums = (double *)(scratch.tiles + nnx_round_up(program->output_count * stride, 2));
    return scratch;
}

// Sums the rows first ..< last of one result.
static void sum_rows(
    const nnx_program_sum *plan, long outer, long first, long last, const float *const *inputs,
    struct tile_source *sources, const struct sum_scratch *scratch) {
    const nnx_program_sum_problem *p = &plan->problem;
    const long width = nnx_minimum(p->inner, plan->elementwise.tile_length);
    for (long row = first; row < last; row += plan->rows_per_tile)
        for (long column = 0; column < p->inner; column += width) {
            const long rows = nnx_minimum(plan->rows_per_tile, last - row);
            const long columns = nnx_minimum(width, p->inner - column);
            const long start = (outer * p->length + row) * p->inner + column, count = rows * columns;
            const bool goes_on = row + plan->rows_per_tile < last || column + width < p->inner;
            run_tile(&plan->elementwise, inputs, sources, scratch->registers, start, count, true, goes_on ? count : 0);
            for (int o = 0; o < p->program.output_count; o++)
                add_tile(
                    scratch->tiles + o * scratch->tile_stride, rows, columns,
                    scratch->sums + o * scratch->sum_stride + column);
        }
}

static void sum_program_part(
    const nnx_program_sum *plan, long chunk, const float *const *inputs, float *const *outputs, double *partials,
    void *worker) {
    const nnx_program_sum_problem *p = &plan->problem;
    const int output_count = p->program.output_count;
    const struct sum_scratch scratch = sum_scratch(plan, worker);
    struct tile_source sources[NNX_PROGRAM_TENSORS_MAX + NNX_PROGRAM_REGISTERS_MAX];
    place_registers(&plan->elementwise, sources, scratch.registers);
    for (int o = 0; o < output_count; o++)
        sources[p->program.input_count + o] =
            (struct tile_source){scratch.tiles + o * scratch.tile_stride, VECTOR_LENGTH};
    const long split = chunk % plan->split_count, begin = chunk / plan->split_count * plan->outer_per_chunk;
    const long end = nnx_minimum(p->outer, begin + plan->outer_per_chunk), results = p->outer * p->inner;
    const long first = split * plan->split_length, last = nnx_minimum(p->length, first + plan->split_length);
    for (long outer = begin; outer < end; outer += plan->outer_per_tile) {
        const long held = nnx_minimum(plan->outer_per_tile, end - outer);
        const long size = p->length * p->inner;
        if (plan->outer_per_tile > 1)
            run_tile(&plan->elementwise, inputs, sources, scratch.registers, outer * size, held * size, true, 0);
        for (long i = 0; i < held; i++) {
            memset(scratch.sums, 0, (size_t)(output_count * scratch.sum_stride) * sizeof *scratch.sums);
            if (plan->outer_per_tile > 1)
                for (int o = 0; o < output_count; o++)
                    add_tile(
                        scratch.tiles + o * scratch.tile_stride + i * size, p->length, p->inner,
                        scratch.sums + o * scratch.sum_stride);
            else sum_rows(plan, outer, first, last, inputs, sources, &scratch);
            for (int o = 0; o < output_count; o++)
                for (long j = 0; j < p->inner; j++) {
                    const double sum = scratch.sums[o * scratch.sum_stride + j];
                    const long result = (outer + i) * p->inner + j;
                    if (plan->split_count == 1) outputs[o][result] = (float)(sum * p->scales[o]);
                    else partials[(split * output_count + o) * results + result] = sum;
                }
        }
    }
}

static void program_sum_run(
    const nnx_program_sum *plan, int phase, long chunk, const float *const *inputs, float *const *outputs,
    void *shared, void *worker) {
    if (phase == 0) {
        sum_program_part(plan, chunk, inputs, outputs, shared, worker);
        return;
    }
    const nnx_program_sum_problem *p = &plan->problem;
    const double *partials = shared;
    const long results = p->outer * p->inner, outputs_count = p->program.output_count;
    const long first = chunk * NNX_ADDED_SUMS, last = nnx_minimum(results, first + NNX_ADDED_SUMS);
    for (long o = 0; o < outputs_count; o++)
        for (long i = first; i < last; i++) {
            double sum = 0;
            for (long split = 0; split < plan->split_count; split++)
                sum += partials[(split * outputs_count + o) * results + i];
            outputs[o][i] = (float)(sum * p->scales[o]);
        }
}
