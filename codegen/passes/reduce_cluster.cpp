// codegen/passes/reduce_cluster.cpp -- a reduction across the blocks of a cluster, through their shared memory.
#include "codegen/passes/reduce_cluster.h"

#include <algorithm>

#include "codegen/block/block_lowering.h"
#include "codegen/build_reads.h"
#include "codegen/passes/tile_loops.h"
#include "dsl/simplify.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

Stmt unrolled(const Symbol& var, std::int64_t first, std::int64_t count, Stmt body) {
    For node;
    node.var = var;
    node.min = Expr::integer(first);
    node.extent = Expr::integer(count);
    node.kind = LoopKind::unrolled;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}

class Expansion {
public:
    explicit Expansion(const ClusterReduction& reduction)
        : reduction_(reduction),
          reduce_(reduction.reduce),
          dims_(reduce_.dims),
          block_("cluster_block", SymbolKind::loop),
          thread_{Symbol("tx", SymbolKind::loop), Symbol("ty", SymbolKind::loop), Symbol("tz", SymbolKind::loop)} {
        for (TileDim& dim : dims_)
            if (dim.kind == LoopKind::vectorized) dim.kind = LoopKind::unrolled;
    }

    Stmt run() {
        std::vector<Expr> shape = {Expr::integer(reduction_.blocks)};
        for (int axis = 2; axis >= 0; --axis)
            if (holds_own(axis)) shape.push_back(Expr::integer(reduce_.block[axis]));
        for (const TileDim& dim : dims_) shape.push_back(dim.extent);
        for (const Place& place : reduce_.to)
            parts_.push_back(make_storage(place.storage.name() + "_of_block", place.storage.type(), shape));
        Stmt body = with_storage(parts_, Memory::shared,
                                 block({call("cluster_sync"), hand_out(), call("cluster_sync"), take_in()}));
        for (int axis = 0; axis < 3; ++axis)
            if (reduce_.block[axis] > 1)
                body = looped({{thread_[axis], Expr::integer(reduce_.block[axis]), thread_axis(axis), 1}}, body);
        return looped({{block_, Expr::integer(reduction_.blocks), LoopKind::cluster, 1}}, std::move(body));
    }

private:
    // Threads along it hold parts of different elements.
    bool holds_own(int axis) const { return reduce_.block[axis] > 1 && !reduction_.combined[axis]; }

    std::vector<Expr> at(const Expr& part) const {
        std::vector<Expr> indices = {part};
        for (int axis = 2; axis >= 0; --axis)
            if (holds_own(axis)) indices.emplace_back(thread_[axis]);
        for (const TileDim& dim : dims_) indices.emplace_back(dim.var);
        return indices;
    }

    // This block's part to each block: neighbours along a combined axis take a block each.
    Stmt hand_out() const {
        const Symbol to("to", SymbolKind::loop);
        int taken = -1;
        Expr first;
        for (int axis = 0; axis < 3; ++axis) {
            if (!reduction_.combined[axis] || reduce_.block[axis] == 1) continue;
            if (taken < 0)
                taken = axis;
            else
                first = conjunction(first, equals(Expr(thread_[axis]), Expr::integer(0)));
        }
        const std::int64_t at_once = taken < 0 ? 1 : reduce_.block[taken];
        const std::int64_t rounds = (reduction_.blocks + at_once - 1) / at_once;
        Expr rank = Expr(to);
        if (taken >= 0) rank = simplify(Expr(to) * Expr::integer(at_once) + Expr(thread_[taken]));
        if (rounds == 1 && taken >= 0) rank = Expr(thread_[taken]);
        std::vector<Stmt> stores;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            Call node;
            node.function = "cluster_store";
            node.operands = {address_operand(parts_[i], at(Expr(block_))), value_operand(rank),
                             value_operand(load(reduce_.to[i].storage, reduce_.to[i].indices))};
            node.writes = true;
            stores.push_back(Stmt::make(std::move(node)));
        }
        Stmt body = looped(dims_, block(std::move(stores)));
        if (rounds * at_once != reduction_.blocks) first = conjunction(first, rank < Expr::integer(reduction_.blocks));
        if (first.defined()) body = if_then(first, std::move(body));
        return rounds == 1 && taken >= 0 ? body : unrolled(to, 0, rounds, std::move(body));
    }

    Stmt take_in() const {
        std::vector<Stmt> reads;
        std::vector<Expr> mine, next;
        const Symbol part("part", SymbolKind::loop);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            const Place& place = reduce_.to[i];
            reads.push_back(store(place.storage, place.indices, load(parts_[i], at(Expr::integer(0)))));
            mine.push_back(load(place.storage, place.indices));
            next.push_back(load(parts_[i], at(Expr(part))));
        }
        return block({looped(dims_, block(std::move(reads))),
                      unrolled(part, 1, reduction_.blocks - 1, looped(dims_, combined(reduce_, mine, next)))});
    }

    const ClusterReduction& reduction_;
    const Reduce& reduce_;
    std::vector<TileDim> dims_;
    const Symbol block_;
    const Symbol thread_[3];
    std::vector<AnyTensor> parts_;
};

}  // namespace

Stmt reduce_cluster(const ClusterReduction& reduction) {
    if (reduction.blocks == 1) return {};
    return Expansion(reduction).run();
}

}  // namespace heddle
