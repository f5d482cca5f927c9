// Strided copies, fills, casts, gathers. Memory-bound, so one build serves all instruction sets.
#include "movement.h"
#include "kernels.h"
#include <math.h>
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
static long transpose_blocks(const uint32_t *from, long from_column, uint32_t *to, long to_row, long rows, long columns) {
    const long whole_columns = columns / 4 * 4;
    for (long i0 = 0; i0 < rows / 4 * 4; i0 += BLOCK)
        for (long j = 0; j < whole_columns; j += 4)
            for (long i = i0; i < nnx_minimum(rows / 4 * 4, i0 + BLOCK); i += 4)
                transpose_block(from + i + j * from_column, from_column, to + i * to_row + j, to_row);
    return whole_columns;
}

// `count` elements along one axis.
#define DEFINE_COPIES(ELEMENT)                                                                                     \
    static void copy_row_##ELEMENT(                                                                                \
        const ELEMENT *from, long from_stride, ELEMENT *to, long to_stride, long count) {                          \
        if (from_stride == 1 && to_stride == 1) memcpy(to, from, (size_t)count * sizeof *to);                      \
        else                                                                                                       \
            for (long i = 0; i < count; i++) to[i * to_stride] = from[i * from_stride];                            \
    }                                                                                                              \
    /* to[i * to_row + j * to_column] = from[i + j * from_column], in blocks that stay in cache. */                \
    static void transpose_##ELEMENT(                                                                               \
        const ELEMENT *from, long from_column, ELEMENT *to, long to_row, long to_column, long rows,                \
        long columns) {                                                                                            \
        if (sizeof(ELEMENT) == 4 && to_column == 1) {                                                              \
            const long done = transpose_blocks(                                                                    \
                (const uint32_t *)from, from_column, (uint32_t *)to, to_row, rows, columns);                       \
            for (long i = rows / 4 * 4; i < rows; i++)                                                             \
                for (long j = 0; j < done; j++) to[i * to_row + j] = from[i + j * from_column];                    \
            from += done * from_column, to += done, columns -= done;                                               \
        }                                                                                                          \
        for (long i0 = 0; i0 < rows; i0 += BLOCK)                                                                  \
            for (long j0 = 0; j0 < columns; j0 += BLOCK)                                                           \
                for (long i = i0; i < nnx_minimum(rows, i0 + BLOCK); i++)                                          \
                    for (long j = j0; j < nnx_minimum(columns, j0 + BLOCK); j++)                                   \
                        to[i * to_row + j * to_column] = from[i + j * from_column];                                \
    }                                                                                                              \
    static void copy_chunk_##ELEMENT(const nnx_copy *plan, long chunk, const ELEMENT *from, ELEMENT *to) {         \
        const nnx_copy_problem *p = &plan->problem;                                                                \
        const int inner_axes = plan->transposes ? 2 : 1, outer_axes = p->rank - inner_axes, last = p->rank - 1;    \
        long first = chunk * plan->rows_per_chunk;                                                                 \
        if (p->rank == 0) {                                                                                        \
            *to = *from;                                                                                           \
            return;                                                                                                \
        }                                                                                                          \
        if (outer_axes == 0) {                                                                                     \
            const long count = nnx_minimum(plan->rows_per_chunk, p->shape[0] - first);                             \
            from += first * p->source_strides[0];                                                                  \
            to += first * p->destination_strides[0];                                                               \
            if (plan->transposes)                                                                                  \
                transpose_##ELEMENT(                                                                               \
                    from, p->source_strides[1], to, p->destination_strides[0], p->destination_strides[1], count,   \
                    p->shape[1]);                                                                                  \
            else copy_row_##ELEMENT(from, p->source_strides[0], to, p->destination_strides[0], count);             \
            return;                                                                                                \
        }                                                                                                          \
        long index[NNX_RANK_MAX], rows = 1, rest = first;                                                          \
        for (int axis = outer_axes - 1; axis >= 0; axis--) {                                                       \
            index[axis] = rest % p->shape[axis];                                                                   \
            rest /= p->shape[axis];                                                                                \
            rows *= p->shape[axis];                                                                                \
            from += index[axis] * p->source_strides[axis];                                                         \
            to += index[axis] * p->destination_strides[axis];                                                      \
        }                                                                                                          \
        for (long row = first; row < nnx_minimum(rows, first + plan->rows_per_chunk); row++) {                     \
            if (plan->transposes)                                                                                  \
                transpose_##ELEMENT(                                                                               \
                    from, p->source_strides[last], to, p->destination_strides[last - 1],                           \
                    p->destination_strides[last], p->shape[last - 1], p->shape[last]);                             \
            else                                                                                                   \
                copy_row_##ELEMENT(                                                                                \
                    from, p->source_strides[last], to, p->destination_strides[last], p->shape[last]);              \
            for (int axis = outer_axes - 1; axis >= 0; axis--) {                                                   \
                from += p->source_strides[axis];                                                                   \
                to += p->destination_strides[axis];                                                                \
                if (++index[axis] < p->shape[axis]) break;                                                         \
                from -= index[axis] * p->source_strides[axis];                                                     \
                to -= index[axis] * p->destination_strides[axis];                                                  \
                index[axis] = 0;                                                                                   \
            }                                                                                                      \
        }                                                                                                          \
    }

DEFINE_COPIES(uint32_t)
DEFINE_COPIES(uint64_t)

void nnx_copy_run(const nnx_copy *plan, long chunk, const void *source, void *destination) {
    if (plan->problem.element_bytes == 4) copy_chunk_uint32_t(plan, chunk, source, destination);
    else copy_chunk_uint64_t(plan, chunk, source, destination);
}

void nnx_cast_float_to_double(const float *source, double *destination, long count) {
    for (long i = 0; i < count; i++) destination[i] = source[i];
}

void nnx_cast_double_to_float(const double *source, float *destination, long count) {
    for (long i = 0; i < count; i++) destination[i] = (float)source[i];
}

#define DEFINE_FAMILY(ELEMENT)                                                                                     \
    void nnx_fill_##ELEMENT(ELEMENT *destination, long count, ELEMENT value) {                                     \
        for (long i = 0; i < count; i++) destination[i] = value;                                                   \
    }                                                                                                              \
    /* The index that a number is, or -1 if it is none in 0 ..< end. */                                            \
    static long index_of_##ELEMENT(ELEMENT number, long end) {                                                     \
        return number >= 0 && number < (ELEMENT)end && number == (ELEMENT)(long)number ? (long)number : -1;        \
    }                                                                                                              \
    void nnx_gather_rows_##ELEMENT(                                                                                \
        const ELEMENT *table, long rows, long columns, const ELEMENT *indices, long count, ELEMENT *destination) { \
        for (long i = 0; i < count; i++, destination += columns) {                                                 \
            const long index = index_of_##ELEMENT(indices[i], rows);                                               \
            if (index < 0) nnx_fill_##ELEMENT(destination, columns, (ELEMENT)NAN);                                 \
            else memcpy(destination, table + index * columns, (size_t)columns * sizeof *table);                    \
        }                                                                                                          \
    }                                                                                                              \
    void nnx_scatter_add_rows_##ELEMENT(                                                                           \
        ELEMENT *table, long rows, long columns, const ELEMENT *indices, long count, const ELEMENT *source,        \
        long first, long last) {                                                                                   \
        for (long i = 0; i < count; i++) {                                                                         \
            const long index = index_of_##ELEMENT(indices[i], rows);                                               \
            for (long j = first; index >= 0 && j < last; j++)                                                      \
                table[index * columns + j] += source[i * columns + j];                                             \
        }                                                                                                          \
    }                                                                                                              \
    void nnx_one_hot_##ELEMENT(const ELEMENT *labels, long count, long classes, ELEMENT *destination) {            \
        for (long i = 0; i < count; i++, destination += classes) {                                                 \
            const long label = index_of_##ELEMENT(labels[i], classes);                                             \
            nnx_fill_##ELEMENT(destination, classes, label < 0 ? (ELEMENT)NAN : 0);                                \
            if (label >= 0) destination[label] = 1;                                                                \
        }                                                                                                          \
    }

DEFINE_FAMILY(float)
DEFINE_FAMILY(double)
