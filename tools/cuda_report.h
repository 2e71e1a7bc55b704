// tools/cuda_report.h -- what compiled CUDA kernels take of a device, found without one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "codegen/cuda_plan.h"
#include "runtime/cubin.h"
#include "runtime/occupancy.h"

namespace heddle::tools {

struct CudaCompilation {
    struct Kernel {
        KernelResources resources;
        int block_threads = 0, dynamic_shared_bytes = 0;
        std::optional<Occupancy> occupancy;
    };
    std::vector<Kernel> kernels;
    std::vector<std::vector<std::byte>> cubins;
    std::string warnings;
    double seconds = 0;
};

/// Compiles by NVRTC. Throws UserError where there is none.
CudaCompilation compile_sources(const std::vector<CudaSource>& sources, int compute_capability);
/// A table, a line a kernel, and the warnings.
std::string text_of(const CudaCompilation& compilation, std::size_t indent = 0);

}  // namespace heddle::tools
