// Softmax and its relatives along the last axis of a [rows, columns] matrix, float32.
#pragma once
#include "isa.h"
#include "work.h"

enum __attribute__((enum_extensibility(closed))) nnx_softmax_kind : int32_t {
    nnx_softmax_kind_softmax,        // exp(x - max) / sum exp(x - max)
    nnx_softmax_kind_log_softmax,    // x - max - log sum exp(x - max)
};
typedef enum nnx_softmax_kind nnx_softmax_kind;

struct nnx_softmax {
    nnx_work work;
    nnx_softmax_kind kind;
    nnx_isa isa;
    long rows, columns, rows_per_chunk;
};
typedef struct nnx_softmax nnx_softmax;

nnx_softmax nnx_softmax_plan(nnx_isa isa, nnx_softmax_kind kind, long rows, long columns);

// y from x. In place is allowed.
void nnx_softmax_run(const nnx_softmax *plan, long chunk, const float *x, float *y);

// dx from the forward result y and dy. softmax: y * (dy - sum(y * dy)); log_softmax: dy - exp(y) * sum(dy).
void nnx_softmax_gradient_run(const nnx_softmax *plan, long chunk, const float *y, const float *dy, float *dx);

// Cross-entropy of class labels with softmax(logits), by a log_softmax plan of the logits' size.
// `labels` [rows] holds class indices as floats; one that is no integer in 0 ..< columns makes its row NaN.
// losses [rows] = -log softmax(logits)[label]; gradient [rows, columns] = (softmax(logits) - one_hot(label)) * scale.
// Either result may be null.
void nnx_cross_entropy_run(
    const nnx_softmax *plan, long chunk, const float *logits, const float *labels, float *losses, float *gradient,
    float scale);
