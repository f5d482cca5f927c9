// [outer, length, inner] to [outer, inner].

static ELEMENT PLAIN(reduction_start)(nnx_reduction_kind kind) {
    switch (kind) {
    case nnx_reduction_kind_sum: return 0;
    case nnx_reduction_kind_product: return 1;
    case nnx_reduction_kind_minimum: return (ELEMENT)INFINITY;
    case nnx_reduction_kind_maximum: return -(ELEMENT)INFINITY;
    case nnx_reduction_kind_argmax:
    case nnx_reduction_kind_argmin: return 0;
    }
}

static ELEMENT PLAIN(reduce_one)(nnx_reduction_kind kind, const ELEMENT *x, long length, long stride) {
    ELEMENT result = PLAIN(reduction_start)(kind);
    long place = 0;
    for (long i = 0; i < length; i++) {
        ELEMENT value = x[i * stride], best = x[place * stride];
        switch (kind) {
        case nnx_reduction_kind_sum: result += value; break;
        case nnx_reduction_kind_product: result *= value; break;
        case nnx_reduction_kind_minimum: result = value < result || value != value ? value : result; break;
        case nnx_reduction_kind_maximum: result = value > result || value != value ? value : result; break;
        case nnx_reduction_kind_argmax:
            if (value > best || (value != value && best == best)) place = i;
            break;
        case nnx_reduction_kind_argmin:
            if (value < best || (value != value && best == best)) place = i;
            break;
        }
    }
    return kind == nnx_reduction_kind_argmax || kind == nnx_reduction_kind_argmin ? place : result;
}

void PLAIN(reduction)(const nnx_reduction_problem *problem, const ELEMENT *x, ELEMENT *y) {
    const nnx_reduction_problem p = *problem;
    for (long o = 0; o < p.outer; o++)
        for (long i = 0; i < p.inner; i++) {
            ELEMENT result = PLAIN(reduce_one)(p.kind, x + o * p.length * p.inner + i, p.length, p.inner);
            if (p.kind == nnx_reduction_kind_sum)
                result = result * (ELEMENT)p.scale + (p.accumulate ? y[o * p.inner + i] : 0);
            y[o * p.inner + i] = result;
        }
}
