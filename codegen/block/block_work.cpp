// codegen/block/block_work.cpp -- which tiles a block gets: one each, a share of them, or a share of their products.
#include <algorithm>

#include "codegen/block/block_lowering.h"
#include "codegen/block/stream_partition.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

Stmt let(const Symbol& var, const Expr& value, Stmt body) {
    Let node;
    node.var = var;
    node.value = value;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}

}  // namespace

Stmt BlockLowering::with_work_loops(const Expr& index, const std::vector<const For*>& loops, Stmt body) const {
    std::vector<std::pair<Symbol, Expr>> extents;
    for (const For* loop : loops) extents.emplace_back(loop->var, loop->extent);
    for (const auto& [var, value] : work_loop_values(index, extents, team_.work.swizzle))
        body = let(var, value, std::move(body));
    return body;
}

Stmt BlockLowering::distribute(const Stmt& body) {
    const Work& work = team_.work;
    const bool divides = work.kind == Work::Kind::stream_k;
    const std::size_t free = work.loops.size() - (divides ? 1 : 0);
    std::vector<const For*> loops;
    const For* reduced = nullptr;
    for_each_stmt(body, [&](const Stmt& s) {
        const auto* loop = s.as<For>();
        if (!loop) return;
        const auto place = std::find(work.loops.begin(), work.loops.end(), loop->var);
        if (place == work.loops.end()) return;
        (static_cast<std::size_t>(place - work.loops.begin()) < free ? (void)loops.push_back(loop)
                                                                     : (void)(reduced = loop));
    });
    if (loops.size() != free) throw InternalError("the loops of a block's work are not all there");
    for (std::size_t i = 0; i + 1 < loops.size(); ++i)
        if (!loops[i]->body.as<For>())
            throw UserError("work: something is filled or computed between the loops " + loops[i]->var.name() +
                            " and " + loops[i + 1]->var.name() +
                            "; attach it to the last of the loops that are divided");
    Expr tiles = Expr::integer(1);
    for (const For* loop : loops) tiles = tiles * loop->extent;
    tiles = simplify(tiles);
    const Expr most = Expr::integer(multiprocessors_of(target_.compute_capability));
    const Symbol tile = divides ? team_.tile : Symbol("tile", SymbolKind::loop);
    Stmt inner = loops.back()->body;
    Stmt replaced;
    if (work.kind == Work::Kind::grid) {
        blocks_ = tiles;
        replaced = with_work_loops(Expr(block_), loops, inner);
    } else if (work.kind == Work::Kind::persistent) {
        blocks_ = simplify(min(tiles, most));
        For each;
        each.var = tile;
        each.min = Expr(block_);
        each.extent = simplify(tiles - Expr(block_));
        each.step = blocks_;
        each.body = with_work_loops(Expr(tile), loops, inner);
        replaced = Stmt::make(std::move(each));
    } else {
        if (!reduced) throw InternalError("the reduced loop of stream_k work is not there");
        block_ = team_.block;
        const StreamPartition partition(tiles, reduced->extent, target_.compute_capability);
        const Expr steps = partition.steps;
        blocks_ = partition.blocks;
        const Expr begin = partition.first_unit(Expr(block_)),
                   end = partition.first_unit(Expr(block_) + Expr::integer(1));
        Mutator narrow;
        narrow.statement = [&](const Stmt& s) -> Stmt {
            const auto* loop = s.as<For>();
            if (!loop || loop->var != reduced->var) return s;
            For copy = *loop;
            copy.min = Expr(team_.first);
            copy.extent = simplify(Expr(team_.last) - Expr(team_.first));
            copy.facts.push_back(Expr::integer(0) <= Expr(loop->var));
            copy.facts.push_back(Expr(loop->var) < steps);
            return Stmt::make(std::move(copy));
        };
        inner = mutate(inner, narrow);
        For each;
        each.var = tile;
        each.min = simplify(begin / steps);
        each.extent = simplify((end - Expr::integer(1)) / steps - begin / steps + Expr::integer(1));
        each.body = with_work_loops(Expr(tile), loops,
                                    let(team_.first, max(Expr::integer(0), begin - Expr(tile) * steps),
                                        let(team_.last, min(steps, end - Expr(tile) * steps), inner)));
        each.facts.push_back(Expr(tile) < tiles);
        replaced = Stmt::make(std::move(each));
    }
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* loop = s.as<For>();
        return loop && loop->var == loops.front()->var ? replaced : s;
    };
    return mutate(body, mutator);
}

}  // namespace heddle
