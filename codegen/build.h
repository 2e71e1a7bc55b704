// codegen/build.h -- from a loop nest to the functions of a plan.
#pragma once

#include <memory>
#include <vector>

#include "codegen/stmt.h"
#include "schedules/loop_nest.h"

namespace heddle {

/// One launch of a plan.
struct PlanStep {
    Function function;
    /// Set when the step only rewrites this input into a packed copy: it can be left out while the input is unchanged.
    AnyTensor packs;
    /// Set where spans are copied in bulk: the same with copies by threads, for buffers that have strides or do not lie
    /// at multiples of 16 bytes.
    std::shared_ptr<const Function> by_threads = nullptr;
};

/// Launches in order, and the scratch buffers that live between them (intermediates and packed inputs).
struct PlanSteps {
    std::vector<PlanStep> steps;
    std::vector<AnyTensor> scratch;
};

/// Builds the plan: a step for each stage with a nest of its own, one before it for each packed input.
/// The statements hold tile statements still; see lower.h.
PlanSteps build(const LoopNest& nest);

}  // namespace heddle
