// codegen/emit_cuda.h -- lowered functions as CUDA C++ source that reads as an engineer would write it.
#pragma once

#include <string>
#include <vector>

#include "codegen/stmt.h"
#include "runtime/kernel.h"
#include "schedules/target.h"

namespace heddle {

/// One __global__ function and how to launch it.
struct CudaKernel {
    std::string name;
    Expr grid[3], block[3];          ///< i64 over run-time sizes; 1 where nothing is bound
    std::vector<AnyTensor> buffers;  ///< pointer parameters, in order
    std::vector<Symbol> sizes;       ///< then `long long` parameters
    bool reports = false;            ///< then a KernelReports*: checks report through it
};

struct CudaSource {
    std::string text;                 ///< a whole translation unit; includes nothing
    std::vector<CudaKernel> kernels;  ///< in launch order: the statements of a function that follow one another
                                      ///< are launches of their own, so that each sees the one before complete
    std::vector<CheckMessage> messages;
};

/// Emits a function. `headline` lines (definition, schedule) become the comment at the head. `strides` by parameter,
/// empty: row-major. Checks are numbered from `first_message`. Throws UserError for what CUDA emission does not cover,
/// naming it.
CudaSource emit_cuda(const Function& function, const std::vector<std::string>& headline,
                     const std::vector<std::vector<std::int64_t>>& strides = {}, int first_message = 0);

}  // namespace heddle
