// The interpreter of elementwise programs: one loop over a tile for each instruction.

// Where an operand's tile begins and how far to go for the next vector: 0 for a splat.
struct tile_source {
    const float *start;
    long step;
};

struct operand_tiles {
    struct tile_source a, b, c, d, e;
    float *to;
    const float *soon;    // a part of memory that the next tile needs, brought near meanwhile
    long count;
};

// One loop: BODY gives a vector from x, y, z, w, v, of which the first `operands` are loaded.
#define LOAD_OPERANDS(operands, load_operand)                                                    \
    const vector x = load_operand(a);                                                            \
    const vector y = (operands) > 1 ? load_operand(b) : x;                                       \
    const vector z = (operands) > 2 ? load_operand(c) : x;                                       \
    const vector w = (operands) > 3 ? load_operand(d) : x;                                       \
    const vector v = (operands) > 4 ? load_operand(e) : x;                                       \
    (void)y, (void)z, (void)w, (void)v
#define LOAD_ALL(operand) load(operand)
#define LOAD_REST(operand) load_first(operand, count - i)
#define OPCODE(name, operands, BODY)                                                             \
    case nnx_opcode_##name: {                                                                    \
        long i = 0;                                                                              \
        for (; i + VECTOR_LENGTH <= count; i += VECTOR_LENGTH) {                                 \
            LOAD_OPERANDS(operands, LOAD_ALL);                                                   \
            __builtin_prefetch(soon + i);                                                        \
            store(to + i, (BODY));                                                               \
            ADVANCE(operands);                                                                   \
        }                                                                                        \
        if (i < count) {                                                                         \
            LOAD_OPERANDS(operands, LOAD_REST);                                                  \
            store_first(to + i, (BODY), count - i);                                              \
        }                                                                                        \
        return;                                                                                  \
    }
#define ADVANCE(operands)                                                                        \
    a += a_step;                                                                                 \
    if ((operands) > 1) b += b_step;                                                             \
    if ((operands) > 2) c += c_step;                                                             \
    if ((operands) > 3) d += d_step;                                                             \
    if ((operands) > 4) e += e_step
#define TRUTH(condition) ((condition) ? splat(1) : splat(0))

static void execute_instruction(nnx_opcode opcode, const struct operand_tiles *t) {
    // Stores through `to` could change *t for all that the compiler knows, so its fields are read once.
    const float *a = t->a.start, *b = t->b.start, *c = t->c.start, *d = t->d.start, *e = t->e.start;
    const float *const soon = t->soon;
    const long a_step = t->a.step, b_step = t->b.step, c_step = t->c.step, d_step = t->d.step, e_step = t->e.step;
    const long count = t->count;
    float *const to = t->to;
    switch (opcode) {
        OPCODE(copy, 1, x)
        OPCODE(add, 2, x + y)
        OPCODE(subtract, 2, x - y)
        OPCODE(multiply, 2, x * y)
        OPCODE(divide, 2, x / y)
        OPCODE(power, 2, vector_pow(x, y))
        OPCODE(minimum, 2, vector_minimum(x, y))
        OPCODE(maximum, 2, vector_maximum(x, y))
        OPCODE(negate, 1, -x)
        OPCODE(absolute, 1, absolute(x))
        OPCODE(sign, 1, x > 0.0f ? splat(1) : x < 0.0f ? splat(-1) : x)
        OPCODE(square_root, 1, __builtin_elementwise_sqrt(x))
        OPCODE(reciprocal_square_root, 1, 1.0f / __builtin_elementwise_sqrt(x))
        OPCODE(square, 1, x * x)
        OPCODE(reciprocal, 1, 1.0f / x)
        OPCODE(exp, 1, vector_exp(x))
        OPCODE(expm1, 1, vector_expm1(x))
        OPCODE(log, 1, vector_log(x))
        OPCODE(log1p, 1, vector_log1p(x))
        OPCODE(sin, 1, vector_sin(x))
        OPCODE(cos, 1, vector_cos(x))
        OPCODE(tan, 1, vector_tan(x))
        OPCODE(tanh, 1, vector_tanh(x))
        OPCODE(sigmoid, 1, vector_sigmoid(x))
        OPCODE(erf, 1, vector_erf(x))
        OPCODE(softplus, 1, vector_softplus(x))
        OPCODE(floor, 1, __builtin_elementwise_floor(x))
        OPCODE(ceil, 1, __builtin_elementwise_ceil(x))
        OPCODE(round, 1, __builtin_elementwise_roundeven(x))
        OPCODE(less, 2, TRUTH(x < y))
        OPCODE(less_equal, 2, TRUTH(x <= y))
        OPCODE(greater, 2, TRUTH(x > y))
        OPCODE(greater_equal, 2, TRUTH(x >= y))
        OPCODE(equal, 2, TRUTH(x == y))
        OPCODE(not_equal, 2, TRUTH(x != y))
        OPCODE(logical_and, 2, TRUTH((x != 0.0f) & (y != 0.0f)))
        OPCODE(logical_or, 2, TRUTH((x != 0.0f) | (y != 0.0f)))
        OPCODE(logical_not, 1, TRUTH(x == 0.0f))
        OPCODE(select, 3, x != 0.0f ? y : z)
        OPCODE(multiply_add, 3, multiply_add(x, y, z))
        OPCODE(negated_multiply_add, 3, multiply_add(-x, y, z))
        OPCODE(blend, 4, multiply_add(x, y, z * w))
        OPCODE(blend_square, 4, multiply_add(x, y, z * w * w))
        OPCODE(blend_add, 5, multiply_add(x, y, z * w) + v)
        OPCODE(multiply_add_maximum, 4, vector_maximum(multiply_add(x, y, z), w))
        OPCODE(add_maximum, 3, vector_maximum(x + y, z))
        OPCODE(squared_difference, 2, (x - y) * (x - y))
        OPCODE(scaled_difference, 3, (x - y) * z)
        OPCODE(difference_multiply_add, 4, multiply_add(x - y, z, w))
        OPCODE(difference_multiply_add_maximum, 5, vector_maximum(multiply_add(x - y, z, w), v))
        OPCODE(gate, 3, TRUTH(x > y) * z)
    }
}
#undef OPCODE
#undef ADVANCE
#undef LOAD_OPERANDS
#undef LOAD_ALL
#undef LOAD_REST
#undef TRUTH

// Elements start ..< start + count of a strided operand, gathered in order.
static void gather_strided(
    float *to, const float *from, const nnx_program *program, const long *strides, long start, long count) {
    long index[NNX_RANK_MAX] = {0}, offset = 0, rest = start;
    for (int axis = program->rank - 1; axis >= 0; axis--) {
        index[axis] = rest % program->shape[axis];
        rest /= program->shape[axis];
        offset += index[axis] * strides[axis];
    }
    const int last = program->rank - 1;
    if (last < 0) {
        *to = *from;
        return;
    }
    while (count > 0) {
        const long run = nnx_minimum(count, program->shape[last] - index[last]);
        for (long i = 0; i < run; i++) to[i] = from[offset + i * strides[last]];
        to += run;
        count -= run;
        offset += run * strides[last];
        index[last] += run;
        for (int axis = last; axis > 0 && index[axis] == program->shape[axis]; axis--) {
            offset += strides[axis - 1] - index[axis] * strides[axis];
            index[axis] = 0;
            index[axis - 1]++;
        }
    }
}

// A row repeated along start ..< start + count.
static void repeat_row(float *to, const float *row, long period, long start, long count) {
    for (long at = start % period; count > 0; at = 0) {
        const long run = nnx_minimum(count, period - at);
        memcpy(to, row + at, (size_t)run * sizeof *to);
        to += run;
        count -= run;
    }
}

// The source of one input for the tile start ..< start + count; `buffer` is the input's own. What is the same for
// several tiles is laid out for the first one, and rows again where `repeats_rows` says that tiles begin elsewhere.
static struct tile_source input_source(
    const nnx_program *program, int input, const float *memory, long start, long count, bool is_first,
    bool repeats_rows, float *buffer) {
    const nnx_operand *operand = &program->inputs[input];
    switch (operand->access) {
    case nnx_access_contiguous: return (struct tile_source){memory + start, VECTOR_LENGTH};
    case nnx_access_scalar:
        if (is_first) store(buffer, splat(*memory));
        return (struct tile_source){buffer, 0};
    case nnx_access_row: {
        const long period = program->rank ? program->shape[program->rank - 1] : 1;
        if (start % period + count <= period) return (struct tile_source){memory + start % period, VECTOR_LENGTH};
        if (is_first || repeats_rows) repeat_row(buffer, memory, period, start, count);
        return (struct tile_source){buffer, VECTOR_LENGTH};
    }
    case nnx_access_strided:
        gather_strided(buffer, memory, program, operand->strides, start, count);
        return (struct tile_source){buffer, VECTOR_LENGTH};
    }
}

// Registers lie one after another from `scratch` on, behind them a buffer for each input.
static void place_registers(const nnx_elementwise *plan, struct tile_source *sources, float *scratch) {
    const nnx_program *program = &plan->program;
    const int first = program->input_count + program->output_count;
    for (int r = 0; r < program->register_count; r++)
        sources[first + r] =
            (struct tile_source){scratch + r * (plan->tile_length + NNX_TILE_PADDING), VECTOR_LENGTH};
}

// Executes the program for the elements start ..< start + count. `sources` has the registers and where outputs go;
// the next tile begins `next` elements later, or is not worth a thought if that is 0.
static void run_tile(
    const nnx_elementwise *plan, const float *const *inputs, struct tile_source *sources, float *scratch, long start,
    long count, bool is_first, long next) {
    const nnx_program *program = &plan->program;
    const long tile_stride = plan->tile_length + NNX_TILE_PADDING;
    const long period = program->rank ? program->shape[program->rank - 1] : 1;
    for (int i = 0; i < program->input_count; i++)
        sources[i] = input_source(
            program, i, inputs[i], start, count, is_first, plan->tile_length % period != 0,
            scratch + (program->register_count + i) * tile_stride);
    const bool prefetches = plan->prefetches && next > 0;
    int next_input = 0;
    for (int q = 0; q < program->instruction_count; q++) {
        const nnx_instruction *instruction = &program->instructions[q];
        float immediates[2][VECTOR_LENGTH] __attribute__((aligned(64)));
        store(immediates[0], splat((float)instruction->first_immediate));
        store(immediates[1], splat((float)instruction->second_immediate));
#define SOURCE(operand)                                                                              \
    (operand >= 0 ? sources[operand] : (struct tile_source){immediates[-operand - 1], 0})
        const int operands = nnx_opcode_operand_count(instruction->opcode);
        struct operand_tiles tiles = {
            .a = SOURCE(instruction->a),
            .to = (float *)sources[instruction->destination].start,
            .count = count,
        };
        tiles.b = operands > 1 ? SOURCE(instruction->b) : tiles.a;
        tiles.c = operands > 2 ? SOURCE(instruction->c) : tiles.a;
        tiles.d = operands > 3 ? SOURCE(instruction->d) : tiles.a;
        tiles.e = operands > 4 ? SOURCE(instruction->e) : tiles.a;
#undef SOURCE
        // Each instruction brings one input of the next tile near, so that memory and arithmetic overlap.
        while (prefetches && next_input < program->input_count
               && program->inputs[next_input].access != nnx_access_contiguous)
            next_input++;
        tiles.soon = tiles.to;
        if (prefetches && next_input < program->input_count) tiles.soon = inputs[next_input++] + start + next;
        execute_instruction(instruction->opcode, &tiles);
    }
}

static void elementwise_run(
    const nnx_elementwise *plan, long chunk, const float *const *inputs, float *const *outputs, void *worker) {
    const nnx_program *program = &plan->program;
    const long begin = chunk * plan->elements_per_chunk;
    const long end = nnx_minimum(plan->element_count, begin + plan->elements_per_chunk);
    struct tile_source sources[NNX_PROGRAM_TENSORS_MAX + NNX_PROGRAM_REGISTERS_MAX];
    place_registers(plan, sources, worker);
    for (long start = begin; start < end; start += plan->tile_length) {
        for (int o = 0; o < program->output_count; o++)
            sources[program->input_count + o] = (struct tile_source){outputs[o] + start, VECTOR_LENGTH};
        const bool goes_on = start + 2 * plan->tile_length <= plan->element_count;
        run_tile(
            plan, inputs, sources, worker, start, nnx_minimum(plan->tile_length, end - start), start == begin,
            goes_on ? plan->tile_length : 0);
    }
}
