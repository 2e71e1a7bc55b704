// heddle/textbook.h -- the textbook ways to compute a convolution, beside the default one: docs/textbook.md.
#pragma once

#include "codegen/library_kernel.h"
#include "dsl/sparse_product.h"
#include "dsl/toeplitz.h"
#include "ops/textbook_gradients.h"
#include "runtime/blas.h"
#include "runtime/peak_memory.h"
#include "schedules/explicit_gemm.h"
