// codegen/export_cuda_launch.h -- launches of CUDA kernels as statements of C.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codegen/emit_cuda.h"

namespace heddle {

/// Names of what a launch function of C holds, besides `kernels`, `workspace`, `stream` and `result`.
struct CLaunchNames {
    std::map<const TensorNode*, std::string> arrays;
    std::map<Symbol, std::string> sizes;
};

/// Where `result` is 0: encodes the kernel's tensor maps, launches kernels->functions[function] and sets `result`.
/// Returns `bad_size` from the function for a grid that passes the device's limits. Empty for a grid without blocks.
std::string c_launch(const CudaKernel& kernel, std::size_t function, const CLaunchNames& names, int bad_size);
/// The types and functions of the driver that these launches use.
std::string c_launch_declarations(const std::vector<CudaKernel>& kernels);

}  // namespace heddle
