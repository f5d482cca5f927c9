// How the families that go through memory once are cut.
#include "kernels.h"

enum {
    CHUNK_ELEMENTS = 16 * 1024,    // of memory-bound work: some microseconds
    TILE_LENGTH_MAX = 512,         // floats of an elementwise register
    TILE_LENGTH_MIN = 256,
    TILES_FLOATS = 2048,           // of all tiles of a program together: less than the first-level cache
    LARGE_ELEMENTS = 1 << 20,      // beyond the caches
    SPLIT_PARTS = 16,
    SPLIT_ELEMENTS = 64 * 1024,    // reductions with more elements and few results are split
    SPLIT_LENGTH = 512,            // shortest part
    SUM_SPLIT_PARTS = 32,          // of a program's sums
};

nnx_pooling nnx_pooling_plan(nnx_isa isa, nnx_pooling_problem p) {
    nnx_pooling plan = {
        .problem = p, .isa = isa,
        .output_height = nnx_pooling_output_height(&p), .output_width = nnx_pooling_output_width(&p),
    };
    const long rows = p.batch * plan.output_height, row = plan.output_width * p.channels;
    if (rows <= 0 || row <= 0) return plan;
    const double nanoseconds = (double)rows * row * (double)(p.window_height * p.window_width) * 0.3;
    plan.rows_per_chunk = nnx_maximum(1, CHUNK_ELEMENTS / (row * p.window_height * p.window_width));
    plan.work.phase_count = 1;
    plan.work.chunk_count[0] = nnx_divide_up(rows, plan.rows_per_chunk);
    plan.work.nanoseconds[0] = nanoseconds;
    return plan;
}

nnx_pooling nnx_pooling_gradient_plan(nnx_isa isa, nnx_pooling_problem p) {
    nnx_pooling plan = {
        .problem = p, .isa = isa,
        .output_height = nnx_pooling_output_height(&p), .output_width = nnx_pooling_output_width(&p),
    };
    const long image = p.input_height * p.input_width * p.channels;
    if (p.batch <= 0 || image <= 0) return plan;
    plan.rows_per_chunk = nnx_maximum(1, CHUNK_ELEMENTS / image);
    plan.work.phase_count = 1;
    plan.work.chunk_count[0] = nnx_divide_up(p.batch, plan.rows_per_chunk);
    plan.work.nanoseconds[0] = (double)p.batch * image * 0.5;
    return plan;
}

nnx_softmax nnx_softmax_plan(nnx_isa isa, nnx_softmax_kind kind, long rows, long columns) {
    nnx_softmax plan = {.kind = kind, .isa = isa, .rows = rows, .columns = columns};
    if (rows <= 0) return plan;
    plan.rows_per_chunk = nnx_maximum(1, CHUNK_ELEMENTS / 4 / nnx_maximum(1, columns));
    plan.work.phase_count = 1;
    plan.work.chunk_count[0] = nnx_divide_up(rows, plan.rows_per_chunk);
    plan.work.nanoseconds[0] = (double)rows * (20 + (double)columns);
    return plan;
}

// Nanoseconds an element, roughly.
static double cost_of(nnx_opcode opcode) {
    switch (opcode) {
    case nnx_opcode_power:
    case nnx_opcode_sin:
    case nnx_opcode_cos:
    case nnx_opcode_tan: return 3;
    case nnx_opcode_exp ... nnx_opcode_log1p:
    case nnx_opcode_tanh ... nnx_opcode_softplus: return 1;
    case nnx_opcode_divide:
    case nnx_opcode_square_root:
    case nnx_opcode_reciprocal_square_root:
    case nnx_opcode_reciprocal: return 0.2;
    default: return 0.08;
    }
}

// The length of a tile with which all that a program reads and writes for it stays in the first-level cache.
static long choose_tile_length(const nnx_program *program) {
    long tiles = program->output_count + program->register_count;
    for (int i = 0; i < program->input_count; i++) tiles += program->inputs[i].access != nnx_access_scalar;
    const long length = TILES_FLOATS / nnx_maximum(1, tiles) / TILE_LENGTH_MIN * TILE_LENGTH_MIN;
    return nnx_maximum(TILE_LENGTH_MIN, nnx_minimum(length, TILE_LENGTH_MAX));
}

nnx_elementwise nnx_elementwise_plan(nnx_isa isa, nnx_program program) {
    const long tile_length = choose_tile_length(&program);
    nnx_elementwise plan = {.program = program, .isa = isa, .element_count = 1, .tile_length = tile_length};
    for (int axis = 0; axis < program.rank; axis++) plan.element_count *= program.shape[axis];
    if (plan.element_count <= 0) return plan;
    const long period = program.rank ? program.shape[program.rank - 1] : 1;
    double cost = 0.1;
    for (int q = 0; q < program.instruction_count; q++) cost += cost_of(program.instructions[q].opcode);
    for (int i = 0; i < program.input_count; i++) {
        cost += program.inputs[i].access == nnx_access_strided ? 1 : 0.05;
        // Tiles of whole rows: a repeated row is then laid out once a chunk.
        if (program.inputs[i].access == nnx_access_row && period <= tile_length)
            plan.tile_length = tile_length / period * period;
    }
    plan.elements_per_chunk = CHUNK_ELEMENTS / plan.tile_length * plan.tile_length;
    plan.prefetches = plan.element_count > LARGE_ELEMENTS;
    plan.work.phase_count = 1;
    plan.work.chunk_count[0] = nnx_divide_up(plan.element_count, plan.elements_per_chunk);
    plan.work.nanoseconds[0] = cost * (double)plan.element_count;
    plan.work.worker_bytes =
        nnx_scratch_bytes((program.register_count + program.input_count) * (tile_length + NNX_TILE_PADDING));
    return plan;
}

nnx_reduction nnx_reduction_plan(nnx_isa isa, nnx_reduction_problem p) {
    nnx_reduction plan = {.problem = p, .isa = isa, .split_count = 1, .split_length = p.length};
    const long results = p.outer * p.inner;
    if (results <= 0) return plan;
    const bool splits = p.kind == nnx_reduction_kind_sum || p.kind == nnx_reduction_kind_maximum
        || p.kind == nnx_reduction_kind_minimum;
    const long narrow = nnx_kernels_for(isa)->vector_length;
    // Fewer columns than a vector are reduced together.
    plan.inner_per_chunk = p.inner < narrow ? p.inner : nnx_minimum(p.inner, NNX_REDUCTION_COLUMNS);
    plan.outer_per_chunk =
        nnx_maximum(1, nnx_minimum(p.outer, CHUNK_ELEMENTS / nnx_maximum(1, p.length * plan.inner_per_chunk)));
    if (splits && p.outer < SPLIT_PARTS && p.length * results >= SPLIT_ELEMENTS && p.length >= 2 * SPLIT_LENGTH) {
        plan.split_length = nnx_maximum(SPLIT_LENGTH, nnx_divide_up(p.length, SPLIT_PARTS));
        plan.split_count = nnx_divide_up(p.length, plan.split_length);
    }
    plan.work.phase_count = plan.split_count > 1 ? 2 : 1;
    plan.work.chunk_count[0] = plan.split_count * nnx_divide_up(p.inner, plan.inner_per_chunk)
        * nnx_divide_up(p.outer, plan.outer_per_chunk);
    plan.work.chunk_count[1] = plan.split_count > 1 ? 1 : 0;
    plan.work.nanoseconds[0] = (double)results * p.length * (splits ? 0.15 : 1) + (double)results;
    plan.work.nanoseconds[1] = (double)results * plan.split_count;
    plan.work.shared_bytes = plan.split_count > 1 ? 2 * nnx_scratch_bytes(plan.split_count * results) : 0;
    return plan;
}

nnx_program_sum nnx_program_sum_plan(nnx_isa isa, nnx_program_sum_problem p) {
    nnx_program_sum plan = {
        .problem = p, .elementwise = nnx_elementwise_plan(isa, p.program), .outer_per_chunk = 1, .outer_per_tile = 1,
        .split_count = 1, .split_length = p.length,
    };
    const long results = p.outer * p.inner, size = p.length * p.inner, outputs = p.program.output_count;
    if (results <= 0 || outputs <= 0) return plan;
    // Tiles begin and end where the sums do.
    const long tile_length = choose_tile_length(&p.program);
    plan.elementwise.tile_length = tile_length;
    plan.rows_per_tile = nnx_maximum(1, tile_length / p.inner);
    if (p.outer < SPLIT_PARTS && p.outer * size >= SPLIT_ELEMENTS && p.length > 1) {
        const long wanted = nnx_minimum(p.length, nnx_minimum(SUM_SPLIT_PARTS, size / CHUNK_ELEMENTS + 1));
        plan.split_length = nnx_divide_up(p.length, wanted);
        plan.split_count = nnx_divide_up(p.length, plan.split_length);
    } else {
        plan.outer_per_tile = nnx_minimum(p.outer, nnx_maximum(1, tile_length / nnx_maximum(1, size)));
        plan.outer_per_chunk = nnx_round_up(
            nnx_maximum(1, nnx_minimum(p.outer, CHUNK_ELEMENTS / nnx_maximum(1, size))), plan.outer_per_tile);
    }
    const bool is_split = plan.split_count > 1;
    plan.work.phase_count = is_split ? 2 : 1;
    plan.work.chunk_count[0] = plan.split_count * nnx_divide_up(p.outer, plan.outer_per_chunk);
    plan.work.chunk_count[1] = is_split ? nnx_divide_up(results, NNX_ADDED_SUMS) : 0;
    plan.work.nanoseconds[0] = plan.elementwise.work.nanoseconds[0] + (double)results * p.length * outputs * 0.05;
    plan.work.nanoseconds[1] = (double)results * outputs * plan.split_count;
    plan.work.shared_bytes =
        is_split ? nnx_round_up(plan.split_count * outputs * results * (long)sizeof(double), NNX_ALIGNMENT) : 0;
    const long tiles = p.program.register_count + p.program.input_count + outputs;
    plan.work.worker_bytes = nnx_scratch_bytes(
        tiles * (tile_length + NNX_TILE_PADDING) + 2 * outputs * nnx_sum_stride(p.inner));
    return plan;
}
