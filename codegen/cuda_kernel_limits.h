// codegen/cuda_kernel_limits.h -- refuses kernels that no device of a target can launch, before they are compiled.
#pragma once

#include "codegen/emit_cuda.h"

namespace heddle {

/// Throws UserError, naming kernel, number and limit: too many threads or too much shared memory for a block, a cluster
/// or a tensor map where the target has none or past their limits, a constant grid past the device's. What depends on
/// run-time sizes, on the registers taken or on addresses is checked at the launch.
void check_limits(const CudaKernel& kernel, const Target& target);

}  // namespace heddle
