// schedules/loop_nest.cpp -- the unscheduled nest, and looking things up in one.
#include "schedules/loop_nest.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dsl/names.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

// Loops take the names of their variables, told apart where two variables share one.
StageNest plain_stage(const PipelineStage& stage) {
    StageNest nest;
    nest.stage = stage;
    Names names;
    for (const DomainVar& v : stage.definition->domain) {
        Loop loop;
        loop.var = Symbol(names.of(v.symbol), v.symbol.kind());
        loop.extent = v.extent.expr();
        loop.reduced = v.reduced;
        nest.index[v.symbol] = Expr(loop.var);
        nest.loops.push_back(std::move(loop));
    }
    return nest;
}

bool same_targets(const PipelineStage& a, const PipelineStage& b) {
    return a.targets.size() == b.targets.size() && std::equal(a.targets.begin(), a.targets.end(), b.targets.begin());
}

}  // namespace

bool has_bare_left(const Definition& definition) {
    std::set<Symbol> seen;
    const std::vector<Extent>& shape = definition.target().shape();
    for (std::size_t d = 0; d < definition.left.size(); ++d) {
        const auto* variable = definition.left[d].as<Variable>();
        if (!variable || !seen.insert(variable->symbol).second) return false;
        const DomainVar* v = definition.find(variable->symbol);
        if (!v || !equal(v->extent.expr(), shape[d].expr())) return false;
    }
    return true;
}

bool is_block(LoopKind kind) {
    return kind == LoopKind::block_x || kind == LoopKind::block_y || kind == LoopKind::block_z;
}

std::string_view name_of(LoopKind kind) {
    switch (kind) {
        case LoopKind::serial:
            return "serial";
        case LoopKind::unrolled:
            return "unrolled";
        case LoopKind::vectorized:
            return "vectorized";
        case LoopKind::parallel:
            return "parallel";
        case LoopKind::block_x:
            return "block_x";
        case LoopKind::block_y:
            return "block_y";
        case LoopKind::block_z:
            return "block_z";
        case LoopKind::thread_x:
            return "thread_x";
        case LoopKind::thread_y:
            return "thread_y";
        case LoopKind::thread_z:
            return "thread_z";
        case LoopKind::warp:
            return "warp";
        case LoopKind::warpgroup:
            return "warpgroup";
        case LoopKind::cluster:
            return "cluster";
    }
    return "";
}

std::string_view name_of(Memory memory) {
    switch (memory) {
        case Memory::heap:
            return "heap";
        case Memory::stack:
            return "stack";
        case Memory::registers:
            return "registers";
        case Memory::shared:
            return "shared";
    }
    return "";
}

std::string_view name_of(CacheShape shape) {
    switch (shape) {
        case CacheShape::footprint:
            return "footprint";
        case CacheShape::loop_coordinates:
            return "loop_coordinates";
        case CacheShape::flat_span:
            return "flat_span";
    }
    return "";
}

const Loop* StageNest::find(const Symbol& var) const {
    const int i = position(var);
    return i < 0 ? nullptr : &loops[i];
}

Loop* StageNest::find(const std::string& name) {
    for (Loop& loop : loops)
        if (loop.name() == name) return &loop;
    return nullptr;
}

int StageNest::position(const Symbol& var) const {
    for (std::size_t i = 0; i < loops.size(); ++i)
        if (loops[i].var == var) return static_cast<int>(i);
    return -1;
}

Ranges StageNest::ranges() const {
    Ranges ranges;
    for (const Loop& loop : loops) ranges[loop.var] = range_of_extent(loop.extent);
    return ranges;
}

StageNest* LoopNest::find(const std::string& stage) { return const_cast<StageNest*>(std::as_const(*this).find(stage)); }

const StageNest* LoopNest::find(const std::string& stage) const {
    for (const StageNest& nest : stages)
        if (nest.stage.name() == stage) return &nest;
    // A tensor's name alone: its last definition.
    for (auto nest = stages.rbegin(); nest != stages.rend(); ++nest)
        for (const AnyTensor& target : nest->stage.targets)
            if (target.name() == stage) return &*nest;
    return nullptr;
}

LoopNest plain_nest(const Pipeline& pipeline, const Target& target) {
    LoopNest nest;
    nest.pipeline = pipeline;
    nest.target = target;
    for (const PipelineStage& stage : pipeline.stages) nest.stages.push_back(plain_stage(stage));
    for (StageNest& update : nest.stages) {
        if (update.stage.index != 1 || !has_bare_left(*update.stage.definition)) continue;
        for (StageNest& assign : nest.stages) {
            const Definition& definition = *assign.stage.definition;
            if (assign.stage.index != 0 || definition.op != UpdateOp::assign) continue;
            if (!same_targets(assign.stage, update.stage) || !has_bare_left(definition)) continue;
            assign.placement = Placement::init;
            assign.placed_in = update.stage.name();
        }
    }
    return nest;
}

}  // namespace heddle
