// codegen/build.cpp -- the functions of a plan: stages with a nest of their own, and packed copies before them.
#include "codegen/build.h"

#include <algorithm>

#include "codegen/build_stage.h"
#include "codegen/second_pass.h"
#include "codegen/share_scratch.h"
#include "codegen/sort_points.h"
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

// Definitions that update a tensor in memory: all but those whose updates stay in one accumulator.
struct MemoryUpdates {
    int stages = 0;         // nests of their own that write it
    bool scatters = false;  // one of them updates at computed indices
    std::string last;       // name of the last of them
};
MemoryUpdates updates_of(const LoopNest& nest, const AnyTensor& tensor) {
    MemoryUpdates updates;
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root) continue;
        if (std::find(stage.stage.targets.begin(), stage.stage.targets.end(), tensor) == stage.stage.targets.end())
            continue;
        const Definition& definition = *stage.stage.definition;
        ++updates.stages;
        updates.scatters =
            updates.scatters || stage.atomic || (definition.op != UpdateOp::assign && !has_bare_left(definition));
        updates.last = stage.stage.name();
    }
    return updates;
}

// A tensor is rounded to a narrow type once, after its last update: where updates meet in memory, they meet in this
// storage of the type that they compute in. Undefined where the tensor itself serves.
AnyTensor wide_storage(const LoopNest& nest, const AnyTensor& tensor) {
    if (compute_type(tensor.type()) == tensor.type()) return {};
    const MemoryUpdates updates = updates_of(nest, tensor);
    if (updates.stages < 2 && !updates.scatters) return {};
    std::vector<Expr> shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(extent.expr());
    return make_storage(tensor.name() + "_wide", compute_type(tensor.type()), shape);
}

// tensor <- wide, in rows of lanes.
Stmt rounding(const AnyTensor& tensor, const AnyTensor& wide) {
    constexpr std::int64_t lanes = 16;
    Map map;
    map.predicate = Expr(true);
    std::vector<For> loops;
    std::vector<Expr> indices;
    for (int d = 0; d < tensor.rank(); ++d) {
        For loop;
        loop.var = Symbol("d" + std::to_string(d), SymbolKind::loop);
        loop.min = Expr::integer(0);
        loop.extent = tensor.shape()[d].expr();
        loop.kind = d == 0 ? LoopKind::parallel : LoopKind::serial;
        Expr index = Expr(loop.var);
        if (d + 1 == tensor.rank()) {
            const Symbol lane("lane", SymbolKind::loop);
            index = index * Expr::integer(lanes) + Expr(lane);
            map.dims.push_back({lane, Expr::integer(lanes), LoopKind::vectorized, 1});
            map.predicate = index < loop.extent;
            loop.extent = simplify((loop.extent + Expr::integer(lanes - 1)) / Expr::integer(lanes));
        }
        indices.push_back(index);
        loops.push_back(std::move(loop));
    }
    map.to.push_back({tensor, indices});
    map.values.push_back(load(wide, indices));
    Stmt body = Stmt::make(std::move(map));
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
        loop->body = std::move(body);
        body = Stmt::make(std::move(*loop));
    }
    return body;
}

}  // namespace

PlanSteps build(const LoopNest& scheduled) {
    const LoopNest nest = with_second_passes(scheduled);
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
    const std::vector<AnyTensor> intermediates = plan.scratch;
    ReadSources wide;
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root) continue;
        ReadSources sources;
        for (const AnyTensor& target : stage.stage.targets) {
            if (wide.count(target.node())) continue;
            const AnyTensor storage = wide_storage(nest, target);
            if (!storage.defined()) continue;
            plan.scratch.push_back(storage);
            wide[target.node()] = {storage, {}, std::vector<Expr>(target.rank(), Expr::integer(0))};
        }
        for (const Pack& pack : stage.packs) {
            const PackedCopy packed = build_pack(nest, stage, pack);
            plan.scratch.push_back(packed.storage);
            const std::string name = "pack_" + identifier(pack.tensor.name());
            plan.steps.push_back({make_function(name, packed.body, nest.pipeline, plan.scratch),
                                  nest.pipeline.find(pack.tensor.name())});
            sources[pack.tensor.node()] = {packed.storage, packed.indices, {}, false, true};
        }
        if (stage.segments) {
            const SortedPoints sorted = build_sort(nest, stage);
            plan.scratch.insert(plan.scratch.end(), sorted.scratch.begin(), sorted.scratch.end());
            const std::string name = "sort_" + identifier(stage.stage.name());
            plan.steps.push_back({make_function(name, sorted.body, nest.pipeline, plan.scratch), {}});
        }
        ReadSources written;
        for (const AnyTensor& target : stage.stage.targets)
            if (const auto found = wide.find(target.node()); found != wide.end()) written.insert(*found);
        const StageSteps steps = build_root_stage(nest, stage, sources, written.empty() ? nullptr : &written);
        if (steps.body.empty()) continue;
        if (steps.partials.defined()) plan.scratch.push_back(steps.partials);
        if (steps.rest.defined()) {
            plan.scratch.push_back(steps.rest);
            plan.steps.push_back(
                {make_function(identifier(steps.rest.name()), steps.prepare, nest.pipeline, plan.scratch), {}});
        }
        plan.steps.push_back(
            {make_function(identifier(stage.stage.name()), steps.body, nest.pipeline, plan.scratch), {}});
        plan.steps.back().function.occupancy = stage.occupancy;
        for (const auto& [symbol, value] : stage.index)
            if (!value.as<Variable>()) plan.steps.back().function.named_values.emplace_back(symbol.name(), value);
        if (!steps.fix_up.empty())
            plan.steps.push_back(
                {make_function("fix_up_" + identifier(stage.stage.name()), steps.fix_up, nest.pipeline, plan.scratch),
                 {}});
        for (const AnyTensor& target : stage.stage.targets) {
            if (!written.count(target.node()) || updates_of(nest, target).last != stage.stage.name()) continue;
            const Stmt rounds = rounding(target, written.at(target.node()).storage);
            plan.steps.push_back(
                {make_function("round_" + identifier(target.name()), rounds, nest.pipeline, plan.scratch), {}});
        }
    }
    share_scratch(plan, intermediates);
    int number = 0;
    for (PlanStep& step : plan.steps) step.function.name += "_" + std::to_string(number++);
    return plan;
}

}  // namespace heddle
