// codegen/build.cpp -- the functions of a plan: stages with a nest of their own, and packed copies before them.
#include "codegen/build.h"

#include "codegen/build_stage.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

// The stages whose results a stage's right side needs from memory, and the tensors that it writes.
Function make_function(const std::string& name, const Stmt& body, const Pipeline& pipeline,
                       const std::vector<AnyTensor>& scratch) {
    Function function;
    function.name = name;
    function.sizes = pipeline.parameters;
    function.body = body;
    std::vector<AnyTensor> candidates = pipeline.inputs;
    candidates.insert(candidates.end(), pipeline.outputs.begin(), pipeline.outputs.end());
    candidates.insert(candidates.end(), scratch.begin(), scratch.end());
    const std::vector<std::shared_ptr<TensorNode>> used = storage_used(body);
    for (const AnyTensor& tensor : candidates)
        for (const auto& node : used)
            if (node == tensor.node()) {
                function.parameters.push_back(tensor);
                break;
            }
    return function;
}

bool is_output(const Pipeline& pipeline, const AnyTensor& tensor) {
    for (const AnyTensor& output : pipeline.outputs)
        if (output == tensor) return true;
    return false;
}

std::string identifier(std::string name) {
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
}

}  // namespace

PlanSteps build(const LoopNest& nest) {
    PlanSteps plan;
    // Scratch: intermediates that some root stage writes for another step.
    for (const StageNest& stage : nest.stages) {
        if (stage.placement == Placement::inlined || stage.placement == Placement::at) continue;
        for (const AnyTensor& target : stage.stage.targets) {
            if (is_output(nest.pipeline, target) || !needs_memory(nest, target)) continue;
            bool known = false;
            for (const AnyTensor& tensor : plan.scratch) known = known || tensor == target;
            if (!known) plan.scratch.push_back(target);
        }
    }
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root) continue;
        ReadSources sources;
        for (const Pack& pack : stage.packs) {
            const PackedCopy packed = build_pack(nest, stage, pack);
            plan.scratch.push_back(packed.storage);
            const std::string name = "pack_" + identifier(pack.tensor.name());
            plan.steps.push_back({make_function(name, packed.body, nest.pipeline, plan.scratch),
                                  nest.pipeline.find(pack.tensor.name())});
            sources[pack.tensor.node()] = {packed.storage, packed.indices, {}, true, true};
        }
        const Stmt body = build_stage(nest, stage, sources, nullptr);
        if (body.empty()) continue;
        plan.steps.push_back({make_function(identifier(stage.stage.name()), body, nest.pipeline, plan.scratch), {}});
        for (const auto& [symbol, value] : stage.index)
            if (!value.as<Variable>()) plan.steps.back().function.named_values.emplace_back(symbol.name(), value);
    }
    int number = 0;
    for (PlanStep& step : plan.steps) step.function.name += "_" + std::to_string(number++);
    return plan;
}

}  // namespace heddle
