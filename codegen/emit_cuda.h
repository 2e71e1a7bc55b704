// codegen/emit_cuda.h -- lowered functions as CUDA C++ source that reads as an engineer would write it.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "codegen/stmt.h"
#include "runtime/kernel.h"
#include "runtime/tensor_map.h"
#include "schedules/target.h"

namespace heddle {

/// A `const __grid_constant__` parameter: the map of a buffer, encoded for its address at the launch.
struct TensorMapParameter {
    AnyTensor buffer;
    TensorMapRecipe recipe;
    /// Over run-time sizes, innermost first, in elements and in bytes: they replace the recipe's. Empty: the recipe's.
    std::vector<Expr> sizes, byte_strides;
};

/// One __global__ function and how to launch it.
struct CudaKernel {
    std::string name;
    Expr grid[3], block[3];                       ///< i64 over run-time sizes; 1 where nothing is bound
    std::vector<TensorMapParameter> tensor_maps;  ///< the first parameters, in order
    std::vector<AnyTensor> buffers;               ///< then pointers
    std::vector<Symbol> sizes;                    ///< then `long long`s
    bool reports = false;                         ///< then a KernelReports*: checks report through it
    int shared_bytes = 0;                         ///< dynamic shared memory
    std::array<int, 3> cluster{1, 1, 1};          ///< blocks of a cluster, x, y, z
    bool dependent = false;          ///< may start before the launch ahead of it has ended (LaunchShape::dependent)
    bool specific_features = false;  ///< compiled for this very architecture: sm_90a instead of sm_90
};

struct CudaSource {
    std::string text;                 ///< a whole translation unit; includes nothing
    std::vector<CudaKernel> kernels;  ///< in launch order: the statements of a function that follow one another
                                      ///< are launches of their own, so that each sees the one before complete
    std::vector<CheckMessage> messages;
};

/// Emits a function. `headline` lines (definition, schedule) become the comment at the head. `strides` by parameter,
/// empty: row-major. `aligned`: buffers lie at multiples of 16 bytes, so that lanes side by side are loaded and stored
/// at once; else one by one. Checks are numbered from `first_message`. Throws UserError for what CUDA emission does not
/// cover, naming it.
CudaSource emit_cuda(const Function& function, const std::vector<std::string>& headline,
                     const std::vector<std::vector<std::int64_t>>& strides = {}, int first_message = 0,
                     bool aligned = true);

}  // namespace heddle
