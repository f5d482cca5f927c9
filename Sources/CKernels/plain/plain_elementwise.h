// Runs a program element by element: load the inputs, execute, store the outputs.

static ELEMENT PLAIN(maximum)(ELEMENT a, ELEMENT b) { return a > b || a != a ? a : b; }

static ELEMENT PLAIN(execute)(
    const nnx_instruction *instruction, ELEMENT a, ELEMENT b, ELEMENT c, ELEMENT d, ELEMENT e) {
    switch (instruction->opcode) {
    case nnx_opcode_copy: return a;
    case nnx_opcode_add: return a + b;
    case nnx_opcode_subtract: return a - b;
    case nnx_opcode_multiply: return a * b;
    case nnx_opcode_divide: return a / b;
    case nnx_opcode_power: return pow(a, b);
    case nnx_opcode_minimum: return a < b || a != a ? a : b;
    case nnx_opcode_maximum: return PLAIN(maximum)(a, b);
    case nnx_opcode_negate: return -a;
    case nnx_opcode_absolute: return fabs(a);
    case nnx_opcode_sign: return a > 0 ? 1 : a < 0 ? -1 : a;
    case nnx_opcode_square_root: return sqrt(a);
    case nnx_opcode_reciprocal_square_root: return 1 / sqrt(a);
    case nnx_opcode_square: return a * a;
    case nnx_opcode_reciprocal: return 1 / a;
    case nnx_opcode_exp: return exp(a);
    case nnx_opcode_expm1: return expm1(a);
    case nnx_opcode_log: return log(a);
    case nnx_opcode_log1p: return log1p(a);
    case nnx_opcode_sin: return sin(a);
    case nnx_opcode_cos: return cos(a);
    case nnx_opcode_tan: return tan(a);
    case nnx_opcode_tanh: return tanh(a);
    case nnx_opcode_sigmoid: return 1 / (1 + exp(-a));
    case nnx_opcode_erf: return erf(a);
    case nnx_opcode_softplus: return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a));
    case nnx_opcode_floor: return floor(a);
    case nnx_opcode_ceil: return ceil(a);
    case nnx_opcode_round: return rint(a);
    case nnx_opcode_less: return a < b;
    case nnx_opcode_less_equal: return a <= b;
    case nnx_opcode_greater: return a > b;
    case nnx_opcode_greater_equal: return a >= b;
    case nnx_opcode_equal: return a == b;
    case nnx_opcode_not_equal: return a != b;
    case nnx_opcode_logical_and: return a != 0 && b != 0;
    case nnx_opcode_logical_or: return a != 0 || b != 0;
    case nnx_opcode_logical_not: return a == 0;
    case nnx_opcode_select: return a != 0 ? b : c;
    case nnx_opcode_multiply_add: return a * b + c;
    case nnx_opcode_negated_multiply_add: return c - a * b;
    case nnx_opcode_blend: return a * b + c * d;
    case nnx_opcode_blend_square: return a * b + c * d * d;
    case nnx_opcode_blend_add: return a * b + c * d + e;
    case nnx_opcode_multiply_add_maximum: return PLAIN(maximum)(a * b + c, d);
    case nnx_opcode_add_maximum: return PLAIN(maximum)(a + b, c);
    case nnx_opcode_squared_difference: return (a - b) * (a - b);
    case nnx_opcode_scaled_difference: return (a - b) * c;
    case nnx_opcode_difference_multiply_add: return (a - b) * c + d;
    case nnx_opcode_difference_multiply_add_maximum: return PLAIN(maximum)((a - b) * c + d, e);
    case nnx_opcode_gate: return (a > b) * c;
    }
}

static ELEMENT PLAIN(operand)(const nnx_instruction *instruction, int operand, const ELEMENT *values) {
    if (operand == NNX_FIRST_IMMEDIATE) return (ELEMENT)instruction->first_immediate;
    if (operand == NNX_SECOND_IMMEDIATE) return (ELEMENT)instruction->second_immediate;
    return values[operand];
}

// The distance in memory between neighbours along each axis of the program's shape.
static void PLAIN(operand_strides)(const nnx_program *program, const nnx_operand *operand, long *strides) {
    long step = 1;
    for (int axis = program->rank - 1; axis >= 0; axis--) {
        switch (operand->access) {
        case nnx_access_contiguous: strides[axis] = step; break;
        case nnx_access_scalar: strides[axis] = 0; break;
        case nnx_access_row: strides[axis] = axis == program->rank - 1; break;
        case nnx_access_strided: strides[axis] = operand->strides[axis]; break;
        }
        step *= program->shape[axis];
    }
}

void PLAIN(elementwise)(const nnx_program *program, const ELEMENT *const *inputs, ELEMENT *const *outputs) {
    long strides[NNX_PROGRAM_TENSORS_MAX][NNX_RANK_MAX], index[NNX_RANK_MAX] = {0}, count = 1;
    long offsets[NNX_PROGRAM_TENSORS_MAX] = {0};
    ELEMENT values[NNX_PROGRAM_TENSORS_MAX + NNX_PROGRAM_REGISTERS_MAX];
    for (int axis = 0; axis < program->rank; axis++) count *= program->shape[axis];
    for (int i = 0; i < program->input_count; i++) PLAIN(operand_strides)(program, &program->inputs[i], strides[i]);
    for (long element = 0; element < count; element++) {
        for (int i = 0; i < program->input_count; i++) values[i] = inputs[i][offsets[i]];
        for (int i = 0; i < program->instruction_count; i++) {
            const nnx_instruction *instruction = &program->instructions[i];
            int operands = nnx_opcode_operand_count(instruction->opcode);
            ELEMENT a = PLAIN(operand)(instruction, instruction->a, values);
            ELEMENT b = operands > 1 ? PLAIN(operand)(instruction, instruction->b, values) : 0;
            ELEMENT c = operands > 2 ? PLAIN(operand)(instruction, instruction->c, values) : 0;
            ELEMENT d = operands > 3 ? PLAIN(operand)(instruction, instruction->d, values) : 0;
            ELEMENT e = operands > 4 ? PLAIN(operand)(instruction, instruction->e, values) : 0;
            values[instruction->destination] = PLAIN(execute)(instruction, a, b, c, d, e);
        }
        for (int o = 0; o < program->output_count; o++) outputs[o][element] = values[program->input_count + o];
        for (int axis = program->rank - 1; axis >= 0; axis--) {
            for (int i = 0; i < program->input_count; i++) offsets[i] += strides[i][axis];
            if (++index[axis] < program->shape[axis]) break;
            for (int i = 0; i < program->input_count; i++) offsets[i] -= strides[i][axis] * program->shape[axis];
            index[axis] = 0;
        }
    }
}
