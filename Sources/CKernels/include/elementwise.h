// Elementwise programs: a short list of instructions over tiles of registers that stay in cache.
#pragma once
#include "isa.h"
#include "work.h"

// The operands of an instruction are named a, b, c, d, e.
enum __attribute__((enum_extensibility(closed))) nnx_opcode : int32_t {
    nnx_opcode_copy,            // a
    nnx_opcode_add,             // a + b
    nnx_opcode_subtract,        // a - b
    nnx_opcode_multiply,        // a * b
    nnx_opcode_divide,          // a / b
    nnx_opcode_power,           // a ^ b, as C's pow
    nnx_opcode_minimum,         // NaN if either is NaN
    nnx_opcode_maximum,         // NaN if either is NaN
    nnx_opcode_negate,          // -a
    nnx_opcode_absolute,        // |a|
    nnx_opcode_sign,            // -1, 0, 1; NaN of NaN
    nnx_opcode_square_root,
    nnx_opcode_reciprocal_square_root,
    nnx_opcode_square,
    nnx_opcode_reciprocal,
    nnx_opcode_exp,
    nnx_opcode_expm1,
    nnx_opcode_log,
    nnx_opcode_log1p,
    nnx_opcode_sin,
    nnx_opcode_cos,
    nnx_opcode_tan,
    nnx_opcode_tanh,
    nnx_opcode_sigmoid,         // 1 / (1 + exp(-a))
    nnx_opcode_erf,
    nnx_opcode_softplus,        // log(1 + exp(a))
    nnx_opcode_floor,
    nnx_opcode_ceil,
    nnx_opcode_round,           // to nearest, ties to even
    nnx_opcode_less,            // 1 or 0, as all that follow up to logical_not
    nnx_opcode_less_equal,
    nnx_opcode_greater,
    nnx_opcode_greater_equal,
    nnx_opcode_equal,
    nnx_opcode_not_equal,
    nnx_opcode_logical_and,     // operands count as true when not 0
    nnx_opcode_logical_or,
    nnx_opcode_logical_not,
    nnx_opcode_select,          // a != 0 ? b : c
    nnx_opcode_multiply_add,           // a * b + c
    nnx_opcode_negated_multiply_add,   // c - a * b
    nnx_opcode_blend,                  // a * b + c * d
    nnx_opcode_blend_square,           // a * b + c * d * d
    nnx_opcode_blend_add,              // a * b + c * d + e
    nnx_opcode_multiply_add_maximum,   // max(a * b + c, d)
    nnx_opcode_add_maximum,            // max(a + b, c)
    nnx_opcode_squared_difference,     // (a - b)^2
    nnx_opcode_scaled_difference,      // (a - b) * c
    nnx_opcode_difference_multiply_add,            // (a - b) * c + d
    nnx_opcode_difference_multiply_add_maximum,    // max((a - b) * c + d, e)
    nnx_opcode_gate,                   // (a > b) * c
};
typedef enum nnx_opcode nnx_opcode;
enum { NNX_OPCODE_COUNT = nnx_opcode_gate + 1 };

// How many of a, b, c, d, e an opcode reads.
int nnx_opcode_operand_count(nnx_opcode opcode);

enum {
    NNX_FIRST_IMMEDIATE = -1,     // operand: the instruction's first_immediate
    NNX_SECOND_IMMEDIATE = -2,    // operand: the instruction's second_immediate
    NNX_RANK_MAX = 8,
    NNX_PROGRAM_TENSORS_MAX = 48,     // inputs + outputs
    NNX_PROGRAM_REGISTERS_MAX = 48,
};

// Values are numbered: inputs first, then outputs, then registers. `destination` is an output or a register.
// An operand is any of them or an immediate; an output may be read once it was written.
struct nnx_instruction {
    nnx_opcode opcode;
    int16_t destination, a, b, c, d, e;
    double first_immediate, second_immediate;
};
typedef struct nnx_instruction nnx_instruction;

enum __attribute__((enum_extensibility(closed))) nnx_access : int32_t {
    nnx_access_contiguous,    // one element of memory for each element of the result, in order
    nnx_access_scalar,        // one element for all
    nnx_access_row,           // repeats with period shape[rank - 1]: a vector along the last axis
    nnx_access_strided,       // by strides over the shape, 0 where broadcast
};
typedef enum nnx_access nnx_access;

struct nnx_operand {
    nnx_access access;
    long strides[NNX_RANK_MAX];    // access_strided only, in elements
};
typedef struct nnx_operand nnx_operand;

// The arrays belong to the caller and must outlive the plan.
struct nnx_program {
    int32_t rank;                   // 0 ... NNX_RANK_MAX
    long shape[NNX_RANK_MAX];       // of the result; every output is contiguous
    int32_t input_count, output_count, register_count, instruction_count;
    const nnx_operand *inputs;
    const nnx_instruction *instructions;
};
typedef struct nnx_program nnx_program;

struct nnx_elementwise {
    nnx_work work;
    nnx_program program;
    nnx_isa isa;
    long element_count, tile_length, elements_per_chunk;
    bool prefetches;    // the data is larger than the caches
};
typedef struct nnx_elementwise nnx_elementwise;

nnx_elementwise nnx_elementwise_plan(nnx_isa isa, nnx_program program);

// An output may be the same memory as a contiguous input, element for element; no other overlap.
void nnx_elementwise_run(
    const nnx_elementwise *plan, long chunk, const float *const *inputs, float *const *outputs, void *worker);
