// codegen/second_pass.cpp -- reductions that are divided over blocks: parts to memory, then a stage that combines them.
#include "codegen/second_pass.h"

#include <algorithm>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/directive_support.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

constexpr std::int64_t lanes = 32, outputs_of_a_block = 8, threads = 256, few_outputs = 65536, many_parts = 32;

bool is_divided(const StageNest& stage) { return stage.split_reduction > 0 || stage.reduce_across == "blocks"; }

const Loop& outermost_reduced(const StageNest& stage) {
    const auto found = std::find_if(stage.loops.begin(), stage.loops.end(), [](const Loop& l) { return l.reduced; });
    require(found != stage.loops.end(), "a divided reduction has a reduced loop");
    return *found;
}

// An axis of the grid that no loop is bound to.
LoopKind free_block_axis(const StageNest& stage) {
    for (const LoopKind kind : {LoopKind::block_z, LoopKind::block_y, LoopKind::block_x})
        if (std::none_of(stage.loops.begin(), stage.loops.end(), [&](const Loop& l) { return l.kind == kind; }))
            return kind;
    throw InternalError("a divided reduction has no axis of the grid left for its parts");
}

class Division {
public:
    explicit Division(const StageNest& stage) : stage_(stage), definition_(*stage.stage.definition) {
        const Loop& loop = outermost_reduced(stage);
        parts_ = stage.split_reduction > 0 ? Expr::integer(stage.split_reduction) : loop.extent;
        part_ = Symbol("part", SymbolKind::reduction);
        std::vector<Expr> shape = {parts_};
        for (const Extent& extent : stage.stage.targets[0].shape()) shape.push_back(extent.expr());
        for (std::size_t i = 0; i < stage.stage.targets.size(); ++i) {
            std::vector<Extent> extents;
            for (const Expr& extent : shape) extents.push_back(Extent(extent));
            const ScalarType type = definition_.op == UpdateOp::tuple ? definition_.reducer.identity[i].type()
                                                                      : compute_type(stage.stage.targets[i].type());
            partial_.emplace_back(stage.stage.targets[i].name() + "_parts", type, extents);
        }
    }

    StageNest first() const {
        StageNest nest = stage_;
        Definition definition = definition_;
        definition.targets.clear();
        for (const AnyTensor& tensor : partial_) definition.targets.push_back(tensor.node());
        definition.left.insert(definition.left.begin(), Expr(part_));
        DomainVar variable = definition_.domain.front();
        variable.symbol = part_;
        variable.extent = Extent(parts_);
        variable.reduced = false;
        definition.domain.insert(definition.domain.begin(), variable);
        nest.stage = {std::make_shared<const Definition>(std::move(definition)), partial_, 0};
        nest.split_reduction = 0;
        if (nest.reduce_across == "blocks") nest.reduce_across.clear();

        Loop part;
        part.var = Symbol("part", SymbolKind::loop);
        part.extent = parts_;
        part.kind = free_block_axis(stage_);
        const Loop whole = outermost_reduced(stage_);
        Loop rest = whole;
        rest.var = Symbol(whole.name(), whole.var.kind());
        rest.extent = simplify((whole.extent + parts_ - Expr::integer(1)) / parts_);
        const Expr value = Expr(part.var) * rest.extent + Expr(rest.var);
        const Symbol reduced = variables_of(stage_, whole.var).empty() ? Symbol() : variables_of(stage_, whole.var)[0];
        for (auto& [symbol, index] : nest.index) index = substitute(index, {{whole.var, value}});
        for (Guard& guard : nest.guards) guard.condition = substitute(guard.condition, {{whole.var, value}});
        nest.index[part_] = Expr(part.var);
        nest.loops[static_cast<std::size_t>(stage_.position(whole.var))] = rest;
        nest.loops.insert(nest.loops.begin(), part);
        if (nest.accumulate && nest.accumulate->at == whole.var) nest.accumulate->at = rest.var;
        const Expr inside = value < whole.extent;
        if (reduced.defined() && prove(inside, nest.ranges()) != true) nest.guards.push_back({inside, reduced});
        return nest;
    }

    StageNest second() const {
        StageNest nest;
        Definition definition;
        definition.targets = definition_.targets;
        definition.op = definition_.op;
        definition.reducer = definition_.reducer;
        definition.where = definition_.where;
        definition.left = definition_.left;
        for (const DomainVar& v : definition_.domain)
            if (!v.reduced) definition.domain.push_back(v);
        const std::vector<DomainVar> free = definition.domain;
        DomainVar variable = definition_.domain.front();
        variable.symbol = part_;
        variable.extent = Extent(parts_);
        variable.reduced = true;
        definition.domain.push_back(variable);
        std::vector<Expr> indices = {Expr(part_)};
        indices.insert(indices.end(), definition_.left.begin(), definition_.left.end());
        for (const AnyTensor& tensor : partial_) definition.right.push_back(tensor.at(indices));
        nest.stage = {std::make_shared<const Definition>(std::move(definition)), stage_.stage.targets,
                      stage_.stage.index};
        spread(nest, free);
        return nest;
    }

private:
    // One thread an element, or a warp where there are few of them and many parts.
    void spread(StageNest& nest, const std::vector<DomainVar>& free) const {
        Expr elements = Expr::integer(1);
        for (const DomainVar& v : free) elements = elements * v.extent.expr();
        elements = simplify(elements);
        const auto* count = elements.as<IntImm>();
        const auto* parts = parts_.as<IntImm>();
        const bool warps = count && count->value <= few_outputs && parts && parts->value >= many_parts;
        const std::int64_t inside = warps ? outputs_of_a_block : threads;
        Loop blocks, element;
        blocks.var = Symbol("element.o", SymbolKind::loop);
        blocks.extent = simplify((elements + Expr::integer(inside - 1)) / Expr::integer(inside));
        blocks.kind = LoopKind::block_x;
        element.var = Symbol("element.i", SymbolKind::loop);
        element.extent = Expr::integer(inside);
        element.kind = warps ? LoopKind::thread_y : LoopKind::thread_x;
        nest.loops = {blocks, element};
        const Expr fused = Expr(blocks.var) * Expr::integer(inside) + Expr(element.var);
        Expr before = Expr::integer(1);
        for (auto v = free.rbegin(); v != free.rend(); ++v) {
            Expr value = is_const(before, 1) ? fused : fused / before;
            if (v + 1 != free.rend()) value = value % v->extent.expr();
            nest.index[v->symbol] = value;
            before = simplify(v->extent.expr() * before);
        }
        if (!free.empty()) nest.guards.push_back({fused < elements, free[0].symbol});
        if (free.empty()) nest.loops.clear();
        Loop part;
        part.var = Symbol("part", SymbolKind::loop);
        part.extent = parts_;
        part.reduced = true;
        if (!warps) {
            nest.index[part_] = Expr(part.var);
            nest.loops.push_back(part);
            return;
        }
        Loop lane = part;
        part.var = Symbol("part.o", SymbolKind::loop);
        part.extent = Expr::integer((parts->value + lanes - 1) / lanes);
        lane.var = Symbol("part.i", SymbolKind::loop);
        lane.extent = Expr::integer(lanes);
        lane.kind = LoopKind::thread_x;
        nest.loops.push_back(part);
        nest.loops.push_back(lane);
        const Expr value = Expr(part.var) * Expr::integer(lanes) + Expr(lane.var);
        nest.index[part_] = value;
        if (parts->value % lanes != 0) nest.guards.push_back({value < parts_, part_});
        nest.reduce_across = "warps";
    }

    const StageNest& stage_;
    const Definition& definition_;
    Expr parts_;
    Symbol part_;
    std::vector<AnyTensor> partial_;
};

}  // namespace

LoopNest with_second_passes(const LoopNest& nest) {
    LoopNest result = nest;
    result.stages.clear();
    for (const StageNest& stage : nest.stages) {
        if (stage.placement != Placement::root || !is_divided(stage)) {
            result.stages.push_back(stage);
            continue;
        }
        const Division division(stage);
        const std::string name = stage.stage.name();
        result.stages.push_back(division.first());
        const std::string first = result.stages.back().stage.name();
        // What is computed at its loops goes with them.
        for (StageNest& other : result.stages)
            if (other.placement == Placement::at && other.placed_in == name) other.placed_in = first;
        result.stages.push_back(division.second());
    }
    return result;
}

}  // namespace heddle
