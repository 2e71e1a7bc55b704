// codegen/passes/expand_tiles.cpp -- tile statements on portable atoms become loops.
#include "codegen/passes/expand_tiles.h"

#include "codegen/passes/reduce_threads.h"
#include "codegen/passes/tile_loops.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

Stmt guarded(const Expr& predicate, Stmt then) {
    if (!predicate.defined() || is_const(predicate, 1) || then.empty()) return then;
    If node;
    node.condition = predicate;
    node.then = std::move(then);
    return Stmt::make(std::move(node));
}

// target_j = combine_j(target, value), with all old values read before the first is written.
Stmt tuple_update(const std::vector<Place>& to, const std::vector<Expr>& values, const Reducer& reducer) {
    std::vector<AnyTensor> temporaries;
    std::vector<Stmt> statements;
    std::vector<Expr> old, incoming;
    for (std::size_t i = 0; i < to.size(); ++i) {
        old.push_back(load(to[i].storage, to[i].indices));
        const AnyTensor held = make_storage(to[i].storage.name() + "_in", values[i].type(), {});
        temporaries.push_back(held);
        statements.push_back(store(held, {}, values[i]));
        incoming.push_back(load(held, {}));
    }
    for (std::size_t i = 0; i < to.size(); ++i) {
        const AnyTensor next = make_storage(to[i].storage.name() + "_next", values[i].type(), {});
        temporaries.push_back(next);
        statements.push_back(store(next, {}, apply_reducer(reducer, i, old, incoming)));
    }
    for (std::size_t i = 0; i < to.size(); ++i)
        statements.push_back(store(to[i].storage, to[i].indices, load(temporaries[to.size() + i], {})));
    return with_storage(temporaries, Memory::registers, block(std::move(statements)));
}

Stmt expand_map(const Map& map) {
    std::vector<Stmt> statements;
    if (map.op == UpdateOp::tuple) {
        statements.push_back(tuple_update(map.to, map.values, map.reducer));
    } else {
        for (std::size_t i = 0; i < map.to.size(); ++i) {
            Store node;
            node.to = map.to[i];
            if (map.atomic) node.atomic = map.op;
            node.value = map.op == UpdateOp::assign || map.atomic
                             ? map.values[i]
                             : combine(map.op, load(map.to[i].storage, map.to[i].indices), map.values[i]);
            node.streaming = map.streaming;
            statements.push_back(Stmt::make(std::move(node)));
        }
    }
    return looped(map.dims, guarded(map.predicate, block(std::move(statements))));
}

// Lanes are combined in order, so that a tuple's ties and a sum's bits do not depend on the emitter.
Stmt expand_reduce(const Reduce& reduce) {
    const Symbol lane("lane", SymbolKind::loop);
    std::vector<Expr> values;
    for (std::size_t i = 0; i < reduce.to.size(); ++i) {
        std::vector<Expr> indices = reduce.to[i].indices;
        indices.push_back(Expr(lane));
        values.push_back(load(reduce.sources[i], indices));
    }
    Stmt body = reduce.op == UpdateOp::tuple
                    ? tuple_update(reduce.to, values, reduce.reducer)
                    : store(reduce.to[0].storage, reduce.to[0].indices,
                            combine(reduce.op, load(reduce.to[0].storage, reduce.to[0].indices), values[0]));
    For lanes;
    lanes.var = lane;
    lanes.min = Expr::integer(0);
    lanes.extent = Expr::integer(reduce.lanes);
    lanes.kind = LoopKind::unrolled;
    lanes.body = std::move(body);
    // A lane is picked out of a vector: the loops around it are not vectors themselves.
    std::vector<TileDim> dims = reduce.dims;
    for (TileDim& dim : dims)
        if (dim.kind == LoopKind::vectorized) dim.kind = LoopKind::unrolled;
    return looped(dims, Stmt::make(std::move(lanes)));
}

}  // namespace

Stmt expand_tiles(const Stmt& body, const Target&) {
    Mutator mutator;
    mutator.statement = [](const Stmt& s) -> Stmt {
        if (const auto* map = s.as<Map>()) return expand_map(*map);
        if (const auto* reduce = s.as<Reduce>())
            return reduce->axis == LoopKind::serial ? expand_reduce(*reduce) : reduce_threads(*reduce);
        if (const auto* mma = s.as<Mma>()) {
            Stmt update =
                store(mma->to.storage, mma->to.indices, load(mma->to.storage, mma->to.indices) + mma->a * mma->b);
            return looped(mma->dims, guarded(mma->predicate, std::move(update)));
        }
        if (const auto* copy = s.as<Copy>(); copy && !copy->fill.defined())
            return looped(copy->dims,
                          guarded(copy->predicate, store(copy->to.storage, copy->to.indices, copy->source)));
        if (const auto* copy = s.as<Copy>()) {
            const Expr value =
                is_const(copy->predicate, 1) ? copy->source : select(copy->predicate, copy->source, copy->fill);
            return looped(copy->dims, store(copy->to.storage, copy->to.indices, value));
        }
        return s;
    };
    return mutate(body, mutator);
}

}  // namespace heddle
