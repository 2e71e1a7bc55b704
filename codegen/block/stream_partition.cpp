// codegen/block/stream_partition.cpp -- the steps of all tiles of a stage, shared evenly by a fixed number of blocks.
#include "codegen/block/stream_partition.h"

#include "codegen/block/block_lowering.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

Expr tiles_of(const StageNest& stage) {
    Expr tiles = Expr::integer(1);
    for (std::size_t i = 0; i + 1 < stage.work.loops.size(); ++i)
        tiles = tiles * stage.find(stage.work.loops[i])->extent;
    return simplify(tiles);
}

}  // namespace

StreamPartition::StreamPartition(const Expr& all, const Expr& each, int compute_capability)
    : tiles(all),
      steps(each),
      units(simplify(all * each)),
      blocks(simplify(min(units, Expr::integer(multiprocessors_of(compute_capability))))) {}

StreamPartition::StreamPartition(const StageNest& stage, int compute_capability)
    : StreamPartition(tiles_of(stage), stage.find(stage.work.loops.back())->extent, compute_capability) {}

// q units each, and one more for each of the first r blocks.
Expr StreamPartition::first_unit(const Expr& block) const {
    return simplify(block * (units / blocks) + min(block, units % blocks));
}

Expr StreamPartition::block_of(const Expr& unit) const {
    const Expr quotient = simplify(units / blocks), rest = simplify(units % blocks);
    const Expr longer = quotient + Expr::integer(1), before = rest * longer;  // units of the first r blocks
    return simplify(select(unit < before, unit / longer, rest + (unit - before) / quotient));
}

std::vector<std::pair<Symbol, Expr>> work_loop_values(const Expr& tile,
                                                      const std::vector<std::pair<Symbol, Expr>>& loops, int swizzle) {
    std::vector<std::pair<Symbol, Expr>> values;
    Expr rest = tile;
    std::size_t remaining = loops.size();
    if (swizzle > 1 && loops.size() > 1) {
        Expr rows = Expr::integer(1);
        for (std::size_t i = 0; i + 1 < loops.size(); ++i) rows = rows * loops[i].second;
        rows = simplify(rows);
        const Expr columns = loops.back().second, high = Expr::integer(swizzle);
        const Expr first = simplify(tile / (high * columns) * high);
        const Expr count = simplify(min(high, rows - first));
        const Expr within = simplify(tile % (high * columns));
        // The last columns are as short as what is left of the rows; the minima say so to whoever proves bounds.
        const Expr one = Expr::integer(1);
        values.emplace_back(loops.back().first, simplify(min(within / count, columns - one)));
        rest = simplify(min(first + within % count, rows - one));
        --remaining;
    }
    for (std::size_t i = remaining; i-- > 0;) {
        values.emplace_back(loops[i].first, i == 0 ? rest : simplify(rest % loops[i].second));
        rest = simplify(rest / loops[i].second);
    }
    return values;
}

}  // namespace heddle
