// codegen/make_plan.cpp -- a pipeline under a schedule as lowered functions.
#include "codegen/make_plan.h"

#include "codegen/emitted.h"

namespace heddle {

namespace {

// Null where nothing is copied in bulk.
std::shared_ptr<Function> with_copies_by_threads(const Function& function) {
    bool bulk = false;
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* copy = s.as<Copy>();
        if (!copy || copy->atom != "bulk") return s;
        bulk = true;
        Copy by_threads = *copy;
        by_threads.atom.clear();
        return Stmt::make(std::move(by_threads));
    };
    auto result = std::make_shared<Function>(function);
    result->body = mutate(function.body, mutator);
    return bulk ? result : nullptr;
}

}  // namespace

LoweredPlan make_plan(const Pipeline& pipeline, const Schedule& schedule, const Target& target,
                      const LowerOptions& options) {
    LoweredPlan result{scheduled_nest(pipeline, schedule, target), {}, {}};
    require_emitted(result.nest);
    result.plan = build(result.nest);
    for (PlanStep& step : result.plan.steps) {
        if (const std::shared_ptr<Function> by_threads = with_copies_by_threads(step.function)) {
            *by_threads = lower(*by_threads, target, options);
            step.by_threads = by_threads;
        }
        result.reports.emplace_back();
        step.function = lower(step.function, target, options, &result.reports.back());
    }
    return result;
}

std::vector<HostFunctionInput> host_inputs(const LoweredPlan& plan,
                                           const std::map<const TensorNode*, std::vector<std::int64_t>>& strides) {
    std::vector<HostFunctionInput> inputs;
    for (const PlanStep& step : plan.plan.steps) {
        HostFunctionInput input{&step.function, {}};
        for (const AnyTensor& parameter : step.function.parameters) {
            const auto found = strides.find(parameter.node().get());
            input.strides.push_back(found == strides.end() ? std::vector<std::int64_t>{} : found->second);
        }
        inputs.push_back(std::move(input));
    }
    return inputs;
}

}  // namespace heddle
