// Output sizes and other facts that every implementation of a family shares.
#include "convolution.h"
#include "elementwise.h"
#include "gemm.h"
#include "pooling.h"

static long output_extent(long input, long pads, long window, long stride) {
    long room = input + pads - window;
    return room < 0 ? 0 : room / stride + 1;
}

long nnx_convolution_output_height(const nnx_convolution_problem *p) {
    long window = p->dilation_height * (p->kernel_height - 1) + 1;
    return output_extent(p->input_height, p->pad_top + p->pad_bottom, window, p->stride_height);
}

long nnx_convolution_output_width(const nnx_convolution_problem *p) {
    long window = p->dilation_width * (p->kernel_width - 1) + 1;
    return output_extent(p->input_width, p->pad_left + p->pad_right, window, p->stride_width);
}

long nnx_pooling_output_height(const nnx_pooling_problem *p) {
    return output_extent(p->input_height, p->pad_top + p->pad_bottom, p->window_height, p->stride_height);
}

long nnx_pooling_output_width(const nnx_pooling_problem *p) {
    return output_extent(p->input_width, p->pad_left + p->pad_right, p->window_width, p->stride_width);
}

int nnx_opcode_operand_count(nnx_opcode opcode) {
    switch (opcode) {
    case nnx_opcode_copy:
    case nnx_opcode_negate ... nnx_opcode_round:
    case nnx_opcode_logical_not: return 1;
    case nnx_opcode_add ... nnx_opcode_maximum:
    case nnx_opcode_less ... nnx_opcode_logical_or:
    case nnx_opcode_squared_difference: return 2;
    case nnx_opcode_select ... nnx_opcode_negated_multiply_add:
    case nnx_opcode_add_maximum:
    case nnx_opcode_scaled_difference:
    case nnx_opcode_gate: return 3;
    case nnx_opcode_blend:
    case nnx_opcode_blend_square:
    case nnx_opcode_multiply_add_maximum:
    case nnx_opcode_difference_multiply_add: return 4;
    case nnx_opcode_blend_add:
    case nnx_opcode_difference_multiply_add_maximum: return 5;
    }
}

const char *nnx_convolution_algorithm_name(nnx_convolution_algorithm algorithm) {
    switch (algorithm) {
    case nnx_convolution_algorithm_empty: return "nothing to sum";
    case nnx_convolution_algorithm_matrix: return "matrix product";
    case nnx_convolution_algorithm_scatter: return "scattered taps";
    case nnx_convolution_algorithm_channelwise: return "channels apart";
    case nnx_convolution_algorithm_direct: return "tiles of the image";
    case nnx_convolution_algorithm_winograd_2: return "Winograd F(2x2, 3x3)";
    case nnx_convolution_algorithm_winograd_4: return "Winograd F(4x4, 3x3)";
    case nnx_convolution_algorithm_winograd_4_5: return "Winograd F(4x4, 5x5)";
    }
    return 0;
}

int nnx_convolution_algorithm_count(void) {
    int count = 0;
    while (nnx_convolution_algorithm_name((nnx_convolution_algorithm)count)) count++;
    return count;
}

const char *nnx_gemm_algorithm_name(nnx_gemm_algorithm algorithm) {
    switch (algorithm) {
    case nnx_gemm_algorithm_empty: return "no element";
    case nnx_gemm_algorithm_small: return "one chunk";
    case nnx_gemm_algorithm_skinny: return "strips of columns";
    case nnx_gemm_algorithm_blocked: return "blocks of packed panels";
    case nnx_gemm_algorithm_streamed: return "rows read once";
    case nnx_gemm_algorithm_dotted: return "dot products";
    case nnx_gemm_algorithm_split: return "ranges of the sum";
    }
    return 0;
}

int nnx_gemm_algorithm_count(void) {
    int count = 0;
    while (nnx_gemm_algorithm_name((nnx_gemm_algorithm)count)) count++;
    return count;
}
