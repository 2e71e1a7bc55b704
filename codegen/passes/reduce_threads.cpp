// codegen/passes/reduce_threads.cpp -- a reduction across the threads of a block, as shuffles and shared memory.
#include "codegen/passes/reduce_threads.h"

#include "codegen/passes/tile_loops.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t warp = 32;

bool is_power_of_two(std::int64_t n) { return n > 0 && (n & (n - 1)) == 0; }

// A loop over a thread axis gives its index to the body.
Stmt for_threads(LoopKind axis, const Symbol& index, std::int64_t threads, Stmt body) {
    For node;
    node.var = index;
    node.min = Expr::integer(0);
    node.extent = Expr::integer(threads);
    node.kind = axis;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}
Stmt only_if(const Expr& condition, Stmt then) {
    If node;
    node.condition = condition;
    node.then = std::move(then);
    return Stmt::make(std::move(node));
}

class Expansion {
public:
    explicit Expansion(const Reduce& reduce)
        : reduce_(reduce),
          dims_(reduce.dims),
          index_{Symbol("tx", SymbolKind::loop), Symbol("ty", SymbolKind::loop), Symbol("tz", SymbolKind::loop)} {
        axis_ = reduce.axis == LoopKind::thread_x ? 0 : reduce.axis == LoopKind::thread_y ? 1 : 2;
        threads_ = reduce.block[axis_];
        const std::int64_t all = reduce.block[0] * reduce.block[1] * reduce.block[2];
        if (all < warp) lanes_ = (1u << all) - 1;
        shuffles_ = axis_ == 0 && is_power_of_two(threads_) && (all % warp == 0 || all < warp);
        for (const Place& place : reduce.to) accumulators_.push_back(place.storage);
        for (TileDim& dim : dims_)
            if (dim.kind == LoopKind::vectorized) dim.kind = LoopKind::unrolled;
    }

    Stmt run() {
        std::vector<Stmt> parts;
        if (threads_ == 1) return {};
        if (shuffles_) {
            for (std::int64_t distance = 1; distance < std::min(threads_, warp); distance *= 2)
                parts.push_back(looped(dims_, exchange(distance, distance)));
            if (threads_ > warp) parts.push_back(through_shared_memory(warp));
        } else {
            parts.push_back(through_shared_memory(1));
        }
        return for_threads(kind(axis_), index_[axis_], threads_, block(std::move(parts)));
    }

private:
    static LoopKind kind(int axis) {
        return axis == 0 ? LoopKind::thread_x : axis == 1 ? LoopKind::thread_y : LoopKind::thread_z;
    }
    Expr held(std::size_t i) const { return load(reduce_.to[i].storage, reduce_.to[i].indices); }
    static AnyTensor like(const AnyTensor& accumulator, const std::string& suffix) {
        return make_storage(accumulator.name() + suffix, accumulator.type(), {});
    }

    // Combines with the thread at this distance. Of a tuple, the part of the thread whose number has the bit is the
    // right operand, on both sides.
    Stmt exchange(std::int64_t distance, std::int64_t bit) const {
        std::vector<AnyTensor> others;
        std::vector<Stmt> statements;
        std::vector<Expr> left, right;
        const Expr later = equals(Expr(index_[axis_]) / Expr::integer(bit) % Expr::integer(2), Expr::integer(1));
        for (std::size_t i = 0; i < reduce_.to.size(); ++i) {
            others.push_back(like(reduce_.to[i].storage, "_other"));
            Shuffle shuffle;
            shuffle.to = {others[i], {}};
            shuffle.value = held(i);
            shuffle.distance = static_cast<int>(distance);
            shuffle.lanes = lanes_;
            statements.push_back(Stmt::make(std::move(shuffle)));
            const Expr other = load(others[i], {});
            const bool ordered = reduce_.op == UpdateOp::tuple;
            left.push_back(ordered ? select(later, other, held(i)) : held(i));
            right.push_back(ordered ? select(later, held(i), other) : other);
        }
        statements.push_back(combined(reduce_, left, right));
        return with_storage(others, Memory::registers, block(std::move(statements)));
    }

    // Of `group` neighbours one writes their part, all threads read the parts of all groups.
    Stmt through_shared_memory(std::int64_t group) const {
        const std::int64_t groups = threads_ / group;
        std::vector<Expr> shape, place;
        for (int axis = 2; axis >= 0; --axis) {
            if (axis == axis_ || reduce_.block[axis] == 1) continue;
            shape.push_back(Expr::integer(reduce_.block[axis]));
            place.push_back(Expr(index_[axis]));
        }
        shape.push_back(Expr::integer(groups));
        for (const TileDim& dim : dims_) shape.push_back(dim.extent);
        const auto at = [&](const Expr& part) {
            std::vector<Expr> indices = place;
            indices.push_back(part);
            for (const TileDim& dim : dims_) indices.push_back(Expr(dim.var));
            return indices;
        };
        std::vector<AnyTensor> shared;
        std::vector<Stmt> writes;
        const Expr index(index_[axis_]);
        for (std::size_t i = 0; i < reduce_.to.size(); ++i) {
            shared.push_back(make_storage(accumulators_[i].name() + "_parts", accumulators_[i].type(), shape));
            writes.push_back(store(shared[i], at(group == 1 ? index : index / Expr::integer(group)), held(i)));
        }
        Stmt write = looped(dims_, block(std::move(writes)));
        if (group > 1) write = only_if(equals(index % Expr::integer(group), Expr::integer(0)), std::move(write));
        const auto read = [&](const Expr& part) {
            std::vector<Expr> values;
            for (const AnyTensor& storage : shared) values.push_back(load(storage, at(part)));
            return values;
        };
        const auto take = [&](const Expr& part) {
            std::vector<Stmt> reads;
            const std::vector<Expr> values = read(part);
            for (std::size_t i = 0; i < values.size(); ++i)
                reads.push_back(store(reduce_.to[i].storage, reduce_.to[i].indices, values[i]));
            return block(std::move(reads));
        };
        std::vector<Stmt> parts = {write, Stmt::make(Barrier())};
        if (group > 1) {  // a warp's lanes take the parts in turn, and combine them as before
            parts.push_back(looped(dims_, take(index % Expr::integer(groups))));
            for (std::int64_t distance = 1; distance < groups; distance *= 2)
                parts.push_back(looped(dims_, exchange(distance, distance)));
        } else {
            parts.push_back(looped(dims_, take(Expr::integer(0))));
            For rest;
            rest.var = Symbol("part", SymbolKind::loop);
            rest.min = Expr::integer(1);
            rest.extent = Expr::integer(groups - 1);
            std::vector<Expr> mine;
            for (std::size_t i = 0; i < reduce_.to.size(); ++i) mine.push_back(held(i));
            rest.body = looped(dims_, combined(reduce_, mine, read(Expr(rest.var))));
            parts.push_back(Stmt::make(std::move(rest)));
        }
        parts.push_back(Stmt::make(Barrier()));  // before the parts are written again
        Stmt body = with_storage(shared, Memory::shared, block(std::move(parts)));
        for (int axis = 0; axis < 3; ++axis)
            if (axis != axis_ && reduce_.block[axis] > 1)
                body = for_threads(kind(axis), index_[axis], reduce_.block[axis], std::move(body));
        return body;
    }

    const Reduce& reduce_;
    std::vector<TileDim> dims_;
    Symbol index_[3];
    int axis_ = 0;
    std::int64_t threads_ = 1;
    std::uint32_t lanes_ = 0xffffffffu;
    bool shuffles_ = false;
    std::vector<AnyTensor> accumulators_;
};

}  // namespace

Stmt reduce_threads(const Reduce& reduce) { return Expansion(reduce).run(); }

}  // namespace heddle
