// Strided copies. Memory-bound, so one build serves all instruction sets.
#include "movement.h"
#include "kernels.h"
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024, BLOCK = 16 };

// Drops axes of extent 1 and joins neighbours that are one axis for source and destination alike.
static nnx_copy_problem simplified(const nnx_copy_problem *p) {
    nnx_copy_problem s = {.element_bytes = p->element_bytes};
    for (int axis = 0; axis < p->rank; axis++) {
        if (p->shape[axis] == 1) continue;
        const int last = s.rank - 1;
        if (s.rank && s.source_strides[last] == p->shape[axis] * p->source_strides[axis]
            && s.destination_strides[last] == p->shape[axis] * p->destination_strides[axis]) {
            s.shape[last] *= p->shape[axis];
            s.source_strides[last] = p->source_strides[axis];
            s.destination_strides[last] = p->destination_strides[axis];
            continue;
        }
        s.shape[s.rank] = p->shape[axis];
        s.source_strides[s.rank] = p->source_strides[axis];
        s.destination_strides[s.rank++] = p->destination_strides[axis];
    }
    return s;
}

// Moves the axis along which the source is contiguous next to the last one.
static bool make_transposition(nnx_copy_problem *s) {
    const int last = s->rank - 1;
    if (s->rank < 2 || s->source_strides[last] == 1) return false;
    for (int axis = 0; axis < last; axis++)
        if (s->source_strides[axis] == 1) {
            const long shape = s->shape[axis], destination = s->destination_strides[axis];
            for (int i = axis; i < last - 1; i++) {
                s->shape[i] = s->shape[i + 1];
                s->source_strides[i] = s->source_strides[i + 1];
                s->destination_strides[i] = s->destination_strides[i + 1];
            }
            s->shape[last - 1] = shape;
            s->source_strides[last - 1] = 1;
            s->destination_strides[last - 1] = destination;
            return true;
        }
    return false;
}

nnx_copy nnx_copy_plan(nnx_isa isa, nnx_copy_problem problem) {
    nnx_copy plan = {.problem = simplified(&problem), .isa = isa};
    long count = 1;
    for (int axis = 0; axis < problem.rank; axis++) count *= problem.shape[axis];
    if (count <= 0) return plan;
    plan.transposes = make_transposition(&plan.problem);
    const int rank = plan.problem.rank, inner_axes = plan.transposes ? 2 : 1;
    const long bytes = count * problem.element_bytes;
    plan.work.phase_count = 1;
    if (rank == inner_axes) {
        // One row, or one transposition: cut the first axis in stretches.
        const long extent = plan.problem.shape[0], row_bytes = bytes / extent;
        plan.rows_per_chunk = nnx_round_up(nnx_maximum(1, CHUNK_BYTES / row_bytes), BLOCK);
        plan.work.chunk_count[0] = nnx_divide_up(extent, plan.rows_per_chunk);
    } else {
        long rows = 1;
        for (int axis = 0; axis < rank - inner_axes; axis++) rows *= plan.problem.shape[axis];
        plan.rows_per_chunk = nnx_maximum(1, CHUNK_BYTES / (bytes / rows));
        plan.work.chunk_count[0] = nnx_divide_up(rows, plan.rows_per_chunk);
    }
    plan.work.nanoseconds[0] = (double)bytes * 0.15;
    return plan;
}

typedef uint32_t four __attribute__((ext_vector_type(4), aligned(4)));

// to[i * to_row + j] = from[i + j * from_column] for a 4x4 block.
static inline void transpose_block(const uint32_t *from, long from_column, uint32_t *to, long to_row) {
    const four r0 = *(const four *)from, r1 = *(const four *)(from + from_column);
    const four r2 = *(const four *)(from + 2 * from_column), r3 = *(const four *)(from + 3 * from_column);
    const four a = __builtin_shufflevector(r0, r1, 0, 4, 1, 5), b = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    const four c = __builtin_shufflevector(r2, r3, 0, 4, 1, 5), d = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    *(four *)to = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    *(four *)(to + to_row) = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    *(four *)(to + 2 * to_row) = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    *(four *)(to + 3 * to_row) = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

// The part of a transposition that consists of whole 4x4 blocks with contiguous rows on both sides; gives its columns.
static long transpose_blocks(
    const uint32_t *from, long from_column, uint32_t *to, long to_row, long rows, long columns) {
    const long whole_columns = columns / 4 * 4;
    for (long i0 = 0; i0 < rows / 4 * 4; i0 += BLOCK)
        for (long j = 0; j < whole_columns; j += 4)
            for (long i = i0; i < nnx_minimum(rows / 4 * 4, i0 + BLOCK); i += 4)
                transpose_block(from + i + j * from_column, from_column, to + i * to_row + j, to_row);
    return whole_columns;
}

#define ELEMENT uint32_t
#define COPY(function) function##_32
#include "copy_element.h"
#undef ELEMENT
#undef COPY
#define ELEMENT uint64_t
#define COPY(function) function##_64
#include "copy_element.h"

void nnx_copy_run(const nnx_copy *plan, long chunk, const void *source, void *destination) {
    if (plan->problem.element_bytes == 4) copy_chunk_32(plan, chunk, source, destination);
    else copy_chunk_64(plan, chunk, source, destination);
}
