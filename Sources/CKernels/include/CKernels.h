// Numeric kernels on raw memory: no tensors, no threads, no allocation, no mutable global state.
// See README.md beside this folder for the layout, the phases and how to add a kernel.
#pragma once
#include "convolution.h"
#include "elementwise.h"
#include "gemm.h"
#include "isa.h"
#include "movement.h"
#include "peak.h"
#include "philox.h"
#include "plain.h"
#include "pooling.h"
#include "program_sum.h"
#include "reduction.h"
#include "softmax.h"
#include "warp.h"
#include "work.h"
