// codegen/stage_accumulator.cpp -- a stage that accumulates in a tile: what it starts from, its updates, its end.
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/legality.h"

namespace heddle {

Stmt StageBuilder::accumulator() {
    std::vector<Expr> shape, indices;
    std::vector<TileDim> dims;
    for (const Loop& loop : free_) {
        shape.push_back(loop.extent);
        indices.push_back(Expr(loop.var));
        dims.push_back({loop.var, loop.extent, loop.kind, loop.unroll});
    }
    std::vector<TileDim> start_dims = dims;
    std::vector<Expr> lane_shape = shape, lane_indices = indices;
    if (lane_.var.defined()) {
        lane_shape.push_back(lane_.extent);
        lane_indices.push_back(Expr(lane_.var));
        start_dims.push_back({lane_.var, lane_.extent, LoopKind::vectorized, 1});
    }
    std::vector<AnyTensor> accumulators, totals;
    Map start;
    start.dims = start_dims;
    start.predicate = Expr(true);
    for (std::size_t i = 0; i < components_.size(); ++i) {
        const Component& component = components_[i];
        const std::string name = component.target.defined() ? component.target.name() : "best";
        const ScalarType type = component.identity.type();
        accumulators.push_back(make_storage(name + "_acc", type, lane_shape));
        totals.push_back(lane_.var.defined() ? make_storage(name + "_total", type, shape) : accumulators.back());
        start.to.push_back({accumulators.back(), lane_indices});
        start.values.push_back(lane_.var.defined() ? component.identity : start_value(component, i));
    }
    Map finish;
    finish.dims = dims;
    finish.predicate = free_guards();
    finish.streaming = stage_.streaming_stores;
    Expr first_value;
    std::vector<Stmt> parts = {Stmt::make(start), inner_loops(at_ + 1, accumulators, lane_indices)};
    if (lane_.var.defined()) parts.push_back(reduce_lanes(dims, indices, accumulators, totals));
    for (std::size_t i = 0; i < components_.size(); ++i) {
        const Component& component = components_[i];
        if (!component.target.defined()) continue;
        const Expr value = load(totals[i], indices);
        if (!first_value.defined()) first_value = value;
        if (!needs_target(component.target)) continue;
        finish.to.push_back(target_place(component.target, definition_.left));
        finish.values.push_back(value);
    }
    if (!finish.to.empty()) parts.push_back(Stmt::make(finish));
    for (Stmt& after : epilogues(dims, first_value, finish.predicate)) parts.push_back(std::move(after));
    Stmt body = block(std::move(parts));
    const Memory memory = stage_.accumulate ? stage_.accumulate->memory : Memory::registers;
    std::vector<AnyTensor> storages = accumulators;
    if (lane_.var.defined()) storages.insert(storages.end(), totals.begin(), totals.end());
    for (const AnyTensor& storage : storages) {
        Allocate node;
        node.storage = storage;
        node.memory = memory == Memory::registers ? Memory::registers : Memory::stack;
        node.body = body;
        body = Stmt::make(std::move(node));
    }
    return body;
}

// What an accumulator starts from: what memory holds when part of the reduction was done before, else the `=`
// definition that is placed here, else the identity.
Expr StageBuilder::start_value(const Component& component, std::size_t i) {
    Expr start = component.identity;
    for (const StageNest& init : nest_.stages) {
        if (init.placement != Placement::init || init.placed_in != stage_.stage.name()) continue;
        const Definition& definition = *init.stage.definition;
        ResolvedValue resolved =
            resolve_reads(definition.right[i], definition.domain, UpdateOp::assign, nest_, sources_);
        Substitution variables;
        for (std::size_t d = 0; d < definition.left.size(); ++d)
            variables[definition.left[d].as<Variable>()->symbol] = over_loops(definition_.left[d]);
        start = substitute(resolved.value, variables);
        // Rounded like the `=` would have in memory is left to the last store: the contract rounds once.
        const Expr valid = free_guards();
        if (!is_const(valid, 1) && reads_memory(start)) start = select(valid, start, component.identity);
    }
    if (!component.target.defined()) return start;
    const bool continues = stage_.stage.index > 0 && !has_init();
    if (outer_reduced_.empty() && !continues) return start;
    Expr first;
    for (const Loop& loop : outer_reduced_) first = conjunction(first, equals(Expr(loop.var), Expr::integer(0)));
    const Place place = target_place(component.target, definition_.left);
    Expr held = load(place.storage, place.indices);
    const Expr valid = free_guards();
    if (!is_const(valid, 1)) held = select(valid, held, component.identity);
    return continues ? held : select(first, start, held);
}

// True when the `=` before this update is placed here; else an earlier definition has left its values in memory.
bool StageBuilder::has_init() const {
    for (const StageNest& init : nest_.stages)
        if (init.placement == Placement::init && init.placed_in == stage_.stage.name()) return true;
    return false;
}

bool StageBuilder::reads_memory(const Expr& e) {
    bool reads = false;
    for_each_node(e, [&](const Expr& node) { reads = reads || node.as<Read>(); });
    return reads;
}

Stmt StageBuilder::inner_loops(std::size_t position, const std::vector<AnyTensor>& accumulators,
                               const std::vector<Expr>& indices) {
    if (position == stage_.loops.size() || tile_from(position)) return update(position, accumulators, indices);
    const Loop& loop = stage_.loops[position];
    return wrap(loop, with_tiles(loop.var, [&] { return inner_loops(position + 1, accumulators, indices); }));
}

Stmt StageBuilder::update(std::size_t first_dim, const std::vector<AnyTensor>& accumulators,
                          const std::vector<Expr>& indices) {
    std::vector<Expr> values;
    Expr participates;
    for (const Component& component : components_) {
        const ResolvedValue resolved = resolve(component.value);
        participates = conjunction(participates, over_loops(resolved.participates));
        values.push_back(over_loops(resolved.value));
    }
    std::vector<Expr> protect = values;
    if (participates.defined()) protect.push_back(participates);
    const Expr predicate = conjunction(guards(&protect), participates);
    if (stage_.tensorize) {
        if (const auto* product = values[0].as<Binary>(); product && product->op == BinaryOp::mul) {
            Mma mma;
            mma.dims = tile_dims(stage_.loops, first_dim);
            mma.to = {accumulators[0], indices};
            mma.a = product->a;
            mma.b = product->b;
            mma.predicate = predicate.defined() ? predicate : Expr(true);
            mma.atom = stage_.tensorize->atom;
            return Stmt::make(std::move(mma));
        }
    }
    Map map;
    map.dims = tile_dims(stage_.loops, first_dim);
    map.op = op_;
    map.reducer = reducer_;
    map.values = std::move(values);
    for (const AnyTensor& accumulator : accumulators) map.to.push_back({accumulator, indices});
    map.predicate = predicate.defined() ? predicate : Expr(true);
    return Stmt::make(std::move(map));
}

Stmt StageBuilder::reduce_lanes(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
                                const std::vector<AnyTensor>& accumulators, const std::vector<AnyTensor>& totals) {
    Map start;
    start.dims = dims;
    start.predicate = Expr(true);
    Reduce reduce;
    reduce.dims = dims;
    reduce.op = op_;
    reduce.reducer = reducer_;
    reduce.sources = accumulators;
    const auto* lanes = lane_.extent.as<IntImm>();
    require(lanes != nullptr, "a vectorized loop has a constant extent");
    reduce.lanes = lanes->value;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        start.to.push_back({totals[i], indices});
        start.values.push_back(start_value(components_[i], i));
        reduce.to.push_back({totals[i], indices});
    }
    return block({Stmt::make(start), Stmt::make(reduce)});
}

}  // namespace heddle
