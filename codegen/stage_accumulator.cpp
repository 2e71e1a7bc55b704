// codegen/stage_accumulator.cpp -- a stage that accumulates in a tile: what it starts from, its updates, its end.
#include "codegen/passes/tile_loops.h"
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/directive_support.h"
#include "schedules/legality.h"

namespace heddle {

Stmt StageBuilder::accumulator() {
    std::vector<Expr> shape, indices;
    std::vector<TileDim> dims, own_dims;
    for (const Loop& loop : free_) {
        dims.push_back({loop.var, loop.extent, loop.kind, loop.unroll});
        if (is_bound(loop)) continue;  // a thread holds the elements of its own index
        shape.push_back(loop.extent);
        indices.push_back(Expr(loop.var));
        own_dims.push_back(dims.back());
    }
    std::vector<TileDim> start_dims = dims;
    std::vector<Expr> lane_shape = shape, lane_indices = indices;
    if (lane_.var.defined()) {
        lane_shape.push_back(lane_.extent);
        lane_indices.push_back(Expr(lane_.var));
        start_dims.push_back({lane_.var, lane_.extent, LoopKind::vectorized, 1});
    }
    // Where lanes or threads hold parts, the start is no part: it comes in once, before what they add up to.
    const bool partial = lane_.var.defined() || !across_.empty();
    std::vector<AnyTensor> storages;
    std::vector<Expr> starts, identities;
    for (std::size_t i = 0; i < components_.size(); ++i) {
        starts.push_back(start_value(components_[i], i));
        identities.push_back(components_[i].identity);
    }
    if (streams()) starts[0] = select(equals(Expr(first_), Expr::integer(0)), starts[0], identities[0]);
    const std::vector<AnyTensor> accumulators = component_storage("_acc", lane_shape, storages);
    std::vector<AnyTensor> totals = accumulators;
    std::vector<Stmt> parts = {assign_all(start_dims, accumulators, lane_indices, partial ? identities : starts),
                               inner_loops(at_ + 1, accumulators, lane_indices)};
    if (lane_.var.defined()) {
        totals = component_storage(across_.empty() ? "_total" : "_part", shape, storages);
        parts.push_back(assign_all(dims, totals, indices, across_.empty() ? starts : identities));
        parts.push_back(reduce_lanes(dims, indices, accumulators, totals));
    }
    std::vector<Stmt> ends;  // what only the threads that store do: others would read what these have written
    if (!across_.empty()) {
        parts.push_back(reduce_across(own_dims, indices, totals));
        bool starts_empty = true;
        for (std::size_t i = 0; i < starts.size(); ++i) starts_empty = starts_empty && equal(starts[i], identities[i]);
        if (!starts_empty) {
            Map add;
            add.dims = dims;
            add.op = op_;
            add.reducer = reducer_;
            add.predicate = Expr(true);
            for (const AnyTensor& sum : totals) add.values.push_back(load(sum, indices));
            totals = component_storage("_total", shape, storages);
            for (const AnyTensor& total : totals) add.to.push_back({total, indices});
            std::vector<Stmt>& added = streams() ? parts : ends;
            added.push_back(assign_all(dims, totals, indices, starts));
            added.push_back(Stmt::make(std::move(add)));
        }
    }
    ends.push_back(finish(dims, totals, indices));
    Stmt end = in_first_threads(block(std::move(ends)));
    if (streams()) end = finish_stream(dims, indices, totals[0], std::move(end));
    parts.push_back(std::move(end));
    Stmt body = block(std::move(parts));
    const Memory memory = stage_.accumulate ? stage_.accumulate->memory : Memory::registers;
    return with_storage(storages, memory == Memory::registers ? Memory::registers : Memory::stack, std::move(body));
}

// New storage for each component, noted in `storages`.
std::vector<AnyTensor> StageBuilder::component_storage(const std::string& suffix, const std::vector<Expr>& shape,
                                                       std::vector<AnyTensor>& storages) const {
    std::vector<AnyTensor> made;
    for (const Component& component : components_) {
        const std::string name = component.target.defined() ? component.target.name() : "best";
        made.push_back(make_storage(name + suffix, component.identity.type(), shape));
    }
    storages.insert(storages.end(), made.begin(), made.end());
    return made;
}

Stmt StageBuilder::assign_all(const std::vector<TileDim>& dims, const std::vector<AnyTensor>& to,
                              const std::vector<Expr>& indices, const std::vector<Expr>& values) {
    Map map;
    map.dims = dims;
    map.predicate = Expr(true);
    for (const AnyTensor& storage : to) map.to.push_back({storage, indices});
    map.values = values;
    return Stmt::make(std::move(map));
}

// The result goes to memory, and through the epilogues.
Stmt StageBuilder::finish(const std::vector<TileDim>& dims, const std::vector<AnyTensor>& totals,
                          const std::vector<Expr>& indices) {
    Map map;
    map.dims = dims;
    map.predicate = conjunction(free_guards(), inside_output());
    map.atomic = stage_.atomic;
    if (map.atomic) map.op = op_;
    map.streaming = stage_.streaming_stores;
    const Expr predicate = map.predicate;
    Expr first_value;
    std::vector<Stmt> parts;
    for (std::size_t i = 0; i < components_.size(); ++i) {
        const Component& component = components_[i];
        if (!component.target.defined()) continue;
        const Expr value = load(totals[i], indices);
        if (!first_value.defined()) first_value = value;
        if (!needs_target(component.target)) continue;
        map.to.push_back(target_place(component.target, definition_.left));
        map.values.push_back(value);
    }
    if (!map.to.empty() && stage_.cache_out && stage_.cache_out->memory == Memory::shared)
        parts.push_back(through_tile(dims, map.values[0], predicate, stage_.stage.targets[0]));
    else if (!map.to.empty())
        parts.push_back(Stmt::make(map));
    for (Stmt& after : epilogues(dims, first_value, predicate)) parts.push_back(std::move(after));
    return block(std::move(parts));
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
    const bool continues = stage_.stage.index > 0 && !has_init() && !stage_.atomic;
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
    if (statement_from(position)) return update(position, accumulators, indices);
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
            // Quotients by a class do not vary with the loop of its residues.
            const Ranges ranges = multiplies() ? all_ranges(nest_, stage_) : Ranges();
            mma.a = multiplies() ? simplify(product->a, ranges) : product->a;
            mma.b = multiplies() ? simplify(product->b, ranges) : product->b;
            mma.predicate = predicate.defined() && !multiplies() ? predicate : Expr(true);
            if (multiplies()) {
                if (participates.defined() && !is_const(participates, 1))
                    throw UserError(stage_.stage.name() + ": tensorize(" + stage_.tensorize->atom +
                                    ") multiplies whole tiles: operands with a boundary are cached in shared memory, "
                                    "padded (cache_in)");
                const auto* factors = definition_.right[0].as<Binary>();
                const auto reads = [](const Expr& factor, const AnyTensor& tensor) {
                    const auto* read = factor.as<Read>();
                    return tensor.defined() && read && read->tensor == tensor.node();
                };
                if (reads(factors->b, stage_.tensorize->a) || reads(factors->a, stage_.tensorize->b))
                    std::swap(mma.a, mma.b);
                mma.pieces = stage_.precision.pieces;
                if (rest_tile_.defined()) mma.b_rest = load(rest_tile_, mma.b.as<Read>()->indices);
                mma.promote_every = stage_.precision.promote_every;
            }
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
    Reduce reduce;
    reduce.dims = dims;
    reduce.op = op_;
    reduce.reducer = reducer_;
    reduce.sources = accumulators;
    const auto* lanes = lane_.extent.as<IntImm>();
    require(lanes != nullptr, "a vectorized loop has a constant extent");
    reduce.lanes = lanes->value;
    for (const AnyTensor& total : totals) reduce.to.push_back({total, indices});
    return Stmt::make(std::move(reduce));
}

}  // namespace heddle
