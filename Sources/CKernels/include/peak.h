// How many multiply-adds a core can do: what shares of the peak are measured against.
#pragma once
#include "isa.h"

// Does at least `count` float32 multiply-adds in registers, independent enough to keep the units busy; `result` takes
// a number that depends on all of them. Gives how many were done.
long nnx_peak_run(nnx_isa isa, long count, float *result);
