// How a kernel's work is cut, independent of who does it.
//
// A plan is plain data made from sizes alone. It has one to NNX_PHASES_MAX phases, run in order with a
// barrier between; a phase has chunks that may run in any order on any worker at once. Results have the
// same bits for every order and any number of workers, because neither enters the plan.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { NNX_PHASES_MAX = 3 };

struct nnx_work {
    int32_t phase_count;                   // 0: nothing to do (an empty result)
    long chunk_count[NNX_PHASES_MAX];      // chunks of each phase
    double nanoseconds[NNX_PHASES_MAX];    // estimated time of each phase on one core, for the decision to wake workers
    long shared_bytes;                     // scratch shared by all chunks of all phases, 64-byte aligned
    long worker_bytes;                     // private scratch for each worker, 64-byte aligned, contents not kept
};
typedef struct nnx_work nnx_work;

static inline long nnx_work_chunk_count(const nnx_work *work, int phase) { return work->chunk_count[phase]; }
static inline double nnx_work_nanoseconds(const nnx_work *work, int phase) { return work->nanoseconds[phase]; }

// What is applied to a result before it is stored.
enum __attribute__((enum_extensibility(closed))) nnx_activation : int32_t {
    nnx_activation_none,
    nnx_activation_relu,
};
typedef enum nnx_activation nnx_activation;
