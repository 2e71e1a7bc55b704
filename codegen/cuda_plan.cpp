// codegen/cuda_plan.cpp -- the CUDA source of a whole plan.
#include "codegen/cuda_plan.h"

#include <algorithm>

#include "dsl/print.h"

namespace heddle {

std::vector<CudaSource> cuda_sources(const LoweredPlan& plan, const Schedule& schedule,
                                     const std::map<const TensorNode*, std::vector<std::int64_t>>& strides,
                                     bool aligned) {
    std::vector<std::string> headline;
    for (const PipelineStage& stage : plan.nest.pipeline.stages)
        headline.push_back(print_with_domain(*stage.definition));
    headline.push_back("schedule: " + (schedule.empty() ? "none" : print(schedule)));
    std::vector<CudaSource> sources;
    const std::vector<HostFunctionInput> inputs = host_inputs(plan, strides);
    int messages = 0;
    for (std::size_t step = 0; step < inputs.size(); ++step) {
        const HostFunctionInput& input = inputs[step];
        const bool strided = std::any_of(input.strides.begin(), input.strides.end(),
                                         [](const std::vector<std::int64_t>& each) { return !each.empty(); });
        const Function* by_threads = plan.plan.steps[step].by_threads.get();
        const Function& function = by_threads && (!aligned || strided) ? *by_threads : *input.function;
        sources.push_back(emit_cuda(function, headline, input.strides, messages, aligned));
        messages += static_cast<int>(sources.back().messages.size());
    }
    return sources;
}

}  // namespace heddle
