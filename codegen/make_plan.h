// codegen/make_plan.h -- a pipeline under a schedule as lowered functions and their text; what `heddle show` looks at.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "codegen/build.h"
#include "codegen/emit_llvm.h"
#include "codegen/lower.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"

namespace heddle {

/// All that happens before machine code.
struct LoweredPlan {
    LoopNest nest;
    PlanSteps plan;                                ///< functions lowered
    std::vector<std::vector<PassReport>> reports;  ///< a list a step
};
/// Throws UserError for an illegal schedule.
LoweredPlan make_plan(const Pipeline& pipeline, const Schedule& schedule, const Target& target,
                      const LowerOptions& options = {});

/// Inputs for emit_host: every step, with `strides` by tensor (missing or empty: row-major).
std::vector<HostFunctionInput> host_inputs(const LoweredPlan& plan,
                                           const std::map<const TensorNode*, std::vector<std::int64_t>>& strides = {});

}  // namespace heddle
