// codegen/cuda_plan.h -- the CUDA source of a whole plan.
#pragma once

#include <vector>

#include "codegen/emit_cuda.h"
#include "codegen/make_plan.h"

namespace heddle {

/// One source a step of the plan; its head comment holds the definitions and the schedule. `aligned`: as in emit_cuda.
std::vector<CudaSource> cuda_sources(const LoweredPlan& plan, const Schedule& schedule,
                                     const std::map<const TensorNode*, std::vector<std::int64_t>>& strides = {},
                                     bool aligned = true);

}  // namespace heddle
