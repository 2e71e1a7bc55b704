// codegen/cuda_code.h -- compiled CUDA code of a plan: from the cache on disk, else through NVRTC; and its launches.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "codegen/compile.h"
#include "codegen/cuda_plan.h"
#include "runtime/buffer.h"
#include "runtime/cuda_module.h"
#include "runtime/nvrtc.h"
#include "runtime/tensor_map_cache.h"

namespace heddle {

/// A plan's kernels in the current context.
struct LoadedCudaPlan {
    struct Launch {
        CudaFunction function;
        CudaKernel kernel;
        std::vector<int> buffers;         ///< for each pointer: its position among the step's parameters
        std::vector<int> mapped_buffers;  ///< for each tensor map: that of its buffer
        std::vector<std::shared_ptr<TensorMapCache>> maps;
        std::optional<LaunchShape> shape;  ///< where it does not depend on run-time sizes
    };
    std::vector<std::vector<Launch>> steps;
    std::vector<CheckMessage> messages;
    int device = 0;
    Buffer reports;  ///< on the device; without memory when no kernel checks anything
};

/// How a source wants to be compiled.
CudaCompileOptions compile_options(const CudaSource& source);
/// The cubins of all steps, without a device: from the cache, else compiled. Throws UserError for a kernel that no
/// device of the target can launch.
std::vector<std::vector<std::byte>> cuda_binaries(const std::vector<CudaSource>& sources, const Target& target,
                                                  bool use_cache, CompileReport& report);

/// Loads into the current context; `aligned`: all buffers of a call lie at multiples of 16 bytes. Throws UserError
/// where there is no NVRTC, driver or device.
LoadedCudaPlan load_cuda_code(const LoweredPlan& plan, const Schedule& schedule,
                              const std::map<const TensorNode*, std::vector<std::int64_t>>& strides, bool aligned,
                              const Target& target, bool use_cache, CompileReport& report);

/// Puts one step on the stream; `addresses` are the step's parameters in order.
void launch_step(const LoadedCudaPlan& plan, std::size_t step, std::span<void* const> addresses,
                 const std::vector<Symbol>& symbols, std::span<const std::int64_t> sizes, CudaStream stream);

/// Where kernels check something: waits for the stream and throws UserError for a check that failed.
void check_reports(const LoadedCudaPlan& plan, CudaStream stream);

}  // namespace heddle
