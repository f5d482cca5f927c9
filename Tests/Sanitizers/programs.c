// Elementwise programs and sums of what they compute.
#include "sanitize.h"

enum { INPUTS_MAX = 4, OUTPUTS_MAX = 3, REGISTERS_MAX = 3, INSTRUCTIONS_MAX = OUTPUTS_MAX + REGISTERS_MAX };

struct sample {
    nnx_program program;
    nnx_operand inputs[INPUTS_MAX];
    nnx_instruction instructions[INSTRUCTIONS_MAX];
    long input_counts[INPUTS_MAX], count;
};

static void set_input(struct sample *s, int input, nnx_access access, struct random *random) {
    nnx_operand *operand = &s->inputs[input];
    operand->access = access;
    long size = 1;
    for (int axis = s->program.rank - 1; axis >= 0; axis--) {
        const bool is_broadcast = PICK(random, 0, 1);
        operand->strides[axis] = is_broadcast ? 0 : size;
        if (!is_broadcast) size *= s->program.shape[axis];
    }
    switch (access) {
    case nnx_access_contiguous: s->input_counts[input] = s->count; break;
    case nnx_access_scalar: s->input_counts[input] = 1; break;
    case nnx_access_row:
        s->input_counts[input] = s->program.rank > 0 ? s->program.shape[s->program.rank - 1] : 1;
        break;
    case nnx_access_strided: s->input_counts[input] = size; break;
    }
}

// Destinations are the registers, then the outputs; what was written may be read.
static void set_instructions(struct sample *s, struct random *random, nnx_opcode opcode) {
    nnx_program *p = &s->program;
    const int first_register = p->input_count + p->output_count;
    p->instruction_count = p->register_count + p->output_count;
    for (int i = 0; i < p->instruction_count; i++) {
        int16_t operands[5];
        for (int k = 0; k < 5; k++) {
            const long choice = (long)(next_random(random) % (uint64_t)(p->input_count + 2 + (i < p->register_count ? i : p->register_count)));
            if (choice < p->input_count) operands[k] = (int16_t)choice;
            else if (choice < p->input_count + 2) operands[k] = (int16_t)(p->input_count - choice - 1);
            else operands[k] = (int16_t)(first_register + choice - p->input_count - 2);
        }
        const int destination = i < p->register_count ? first_register + i : p->input_count + i - p->register_count;
        s->instructions[i] = (nnx_instruction){
            opcode, (int16_t)destination, operands[0], operands[1], operands[2], operands[3], operands[4], 0.5, -1.25};
        opcode = (nnx_opcode)(next_random(random) % NNX_OPCODE_COUNT);
    }
}

static void make_sample(struct sample *s, struct random *random, int number) {
    *s = (struct sample){.count = 1};
    nnx_program *p = &s->program;
    p->rank = (int32_t)PICK(random, 0, 1, 2, 3, 4);
    for (int axis = 0; axis < p->rank; axis++) p->shape[axis] = PICK(random, 1, 2, 3, 5, 7, 31, 40);
    if (number % 10 == 0) p->rank = 2, p->shape[0] = 3, p->shape[1] = PICK(random, 1500, 4097);
    for (int axis = 0; axis < p->rank; axis++) s->count *= p->shape[axis];
    p->input_count = (int32_t)PICK(random, 1, 2, 4);
    p->output_count = (int32_t)PICK(random, 1, 2, 3);
    p->register_count = (int32_t)PICK(random, 0, 1, 3);
    for (int i = 0; i < p->input_count; i++) set_input(s, i, (nnx_access)PICK(random, 0, 1, 2, 3), random);
    set_instructions(s, random, (nnx_opcode)(number % NNX_OPCODE_COUNT));
    p->inputs = s->inputs;
    p->instructions = s->instructions;
}

static void run_elementwise(const struct sample *s, nnx_isa isa, struct random *random) {
    const nnx_elementwise plan = nnx_elementwise_plan(isa, s->program);
    const float *inputs[INPUTS_MAX];
    float *outputs[OUTPUTS_MAX];
    for (int i = 0; i < s->program.input_count; i++) inputs[i] = floats(random, s->input_counts[i]);
    for (int i = 0; i < s->program.output_count; i++) outputs[i] = elements(s->count, sizeof(float));
    FOR_EACH_CHUNK(plan.work) nnx_elementwise_run(&plan, chunk, inputs, outputs, scratch.worker);
    release_all();
}

// The program's shape as [outer, length, inner], cut at two axes.
static void run_sums(const struct sample *s, nnx_isa isa, struct random *random) {
    static const double scales[OUTPUTS_MAX] = {1, 0.5, 2};
    nnx_program_sum_problem problem = {.program = s->program, .outer = 1, .length = 1, .inner = 1, .scales = scales};
    const long first = PICK(random, 0, 1), last = PICK(random, 1, 2, 3);
    for (int axis = 0; axis < s->program.rank; axis++)
        *(axis < first ? &problem.outer : axis < last ? &problem.length : &problem.inner) *= s->program.shape[axis];
    const nnx_program_sum plan = nnx_program_sum_plan(isa, problem);
    const float *inputs[INPUTS_MAX];
    float *outputs[OUTPUTS_MAX];
    for (int i = 0; i < s->program.input_count; i++) inputs[i] = floats(random, s->input_counts[i]);
    for (int i = 0; i < s->program.output_count; i++)
        outputs[i] = elements(problem.outer * problem.inner, sizeof(float));
    FOR_EACH_CHUNK(plan.work)
        nnx_program_sum_run(&plan, phase, chunk, inputs, outputs, scratch.shared, scratch.worker);
    release_all();
}

long check_programs(void) {
    struct random random = {5};
    long runs = 0;
    for (int number = 0; number < 8 * NNX_OPCODE_COUNT; number++) {
        struct sample sample;
        make_sample(&sample, &random, number);
        FOR_EACH_ISA(isa) {
            run_elementwise(&sample, isa, &random);
            run_sums(&sample, isa, &random);
            runs += 2;
        }
    }
    return runs;
}
