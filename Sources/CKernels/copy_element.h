// The loops of a strided copy for the ELEMENT type, under the names COPY(function).

// `count` elements along one axis.
static void COPY(copy_row)(
    const ELEMENT *from, long from_stride, ELEMENT *to, long to_stride, long count) {
    if (from_stride == 1 && to_stride == 1) memcpy(to, from, (size_t)count * sizeof *to);
    else
        for (long i = 0; i < count; i++) to[i * to_stride] = from[i * from_stride];
}

// to[i * to_row + j * to_column] = from[i + j * from_column], in blocks that stay in cache.
static void COPY(transpose)(
    const ELEMENT *from, long from_column, ELEMENT *to, long to_row, long to_column, long rows,
    long columns) {
    if (sizeof(ELEMENT) == 4 && to_column == 1) {
        const long done = transpose_blocks(
            (const uint32_t *)from, from_column, (uint32_t *)to, to_row, rows, columns);
        for (long i = rows / 4 * 4; i < rows; i++)
            for (long j = 0; j < done; j++) to[i * to_row + j] = from[i + j * from_column];
        from += done * from_column, to += done, columns -= done;
    }
    for (long i0 = 0; i0 < rows; i0 += BLOCK)
        for (long j0 = 0; j0 < columns; j0 += BLOCK)
            for (long i = i0; i < nnx_minimum(rows, i0 + BLOCK); i++)
                for (long j = j0; j < nnx_minimum(columns, j0 + BLOCK); j++)
                    to[i * to_row + j * to_column] = from[i + j * from_column];
}

static void COPY(copy_chunk)(const nnx_copy *plan, long chunk, const ELEMENT *from, ELEMENT *to) {
    const nnx_copy_problem *p = &plan->problem;
    const int inner_axes = plan->transposes ? 2 : 1, outer_axes = p->rank - inner_axes, last = p->rank - 1;
    long first = chunk * plan->rows_per_chunk;
    if (p->rank == 0) {
        *to = *from;
        return;
    }
    if (outer_axes == 0) {
        const long count = nnx_minimum(plan->rows_per_chunk, p->shape[0] - first);
        from += first * p->source_strides[0];
        to += first * p->destination_strides[0];
        if (plan->transposes)
            COPY(transpose)(
                from, p->source_strides[1], to, p->destination_strides[0], p->destination_strides[1], count,
                p->shape[1]);
        else COPY(copy_row)(from, p->source_strides[0], to, p->destination_strides[0], count);
        return;
    }
    long index[NNX_RANK_MAX], rows = 1, rest = first;
    for (int axis = outer_axes - 1; axis >= 0; axis--) {
        index[axis] = rest % p->shape[axis];
        rest /= p->shape[axis];
        rows *= p->shape[axis];
        from += index[axis] * p->source_strides[axis];
        to += index[axis] * p->destination_strides[axis];
    }
    for (long row = first; row < nnx_minimum(rows, first + plan->rows_per_chunk); row++) {
        if (plan->transposes)
            COPY(transpose)(
                from, p->source_strides[last], to, p->destination_strides[last - 1],
                p->destination_strides[last], p->shape[last - 1], p->shape[last]);
        else
            COPY(copy_row)(
                from, p->source_strides[last], to, p->destination_strides[last], p->shape[last]);
        for (int axis = outer_axes - 1; axis >= 0; axis--) {
            from += p->source_strides[axis];
            to += p->destination_strides[axis];
            if (++index[axis] < p->shape[axis]) break;
            from -= index[axis] * p->source_strides[axis];
            to -= index[axis] * p->destination_strides[axis];
            index[axis] = 0;
        }
    }
}
