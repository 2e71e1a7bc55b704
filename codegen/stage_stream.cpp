// codegen/stage_stream.cpp -- a stage whose blocks share the steps of tiles (stream_k): parts, and what adds them up.
#include "codegen/block/block_lowering.h"
#include "codegen/block/stream_partition.h"
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

constexpr std::int64_t fix_up_threads = 256;
constexpr int parts_side_by_side = 16;  // so that their loads wait together

Expr number(std::int64_t value) { return Expr::integer(value); }

For loop_over(const Symbol& var, const Expr& min, const Expr& extent, LoopKind kind, Stmt body) {
    For loop;
    loop.var = var;
    loop.min = min;
    loop.extent = extent;
    loop.kind = kind;
    loop.body = std::move(body);
    return loop;
}

}  // namespace

void StageBuilder::plan_stream() {
    if (!accumulate_ || components_.size() != 1 || !across_.empty())
        throw UserError(stage_.stage.name() +
                        ": work(stream_k) divides a reduction of one value, and each thread keeps " +
                        "its part of the tile (accumulate_in)");
    const auto named = [](const char* name) { return Symbol(name, SymbolKind::loop); };
    block_ = named("block");
    tile_ = named("tile");
    first_ = named("first");
    last_ = named("last");
    const StreamPartition partition(stage_, nest_.target.compute_capability);
    std::vector<Expr> shape = {partition.blocks, number(2)};
    for (const Loop& loop : free_) shape.push_back(loop.extent);
    partials_ = make_storage(components_[0].target.name() + "_parts", components_[0].identity.type(), shape);
}

// A block leaves at most two parts: of the tile that it comes into the middle of, and of the tile that it leaves there.
Stmt StageBuilder::finish_stream(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
                                 const AnyTensor& sum, Stmt whole) const {
    const StreamPartition partition(stage_, nest_.target.compute_capability);
    const Expr starts = equals(Expr(first_), number(0)), ends = equals(Expr(last_), partition.steps);
    Map part;
    part.dims = dims;
    part.predicate = Expr(true);
    part.to.push_back({partials_, {Expr(block_), select(starts, number(1), number(0))}});
    for (const Loop& loop : free_) part.to[0].indices.push_back(Expr(loop.var));
    part.values.push_back(load(sum, indices));
    const Expr all = conjunction(starts, ends);
    return block({if_then(all, std::move(whole)), if_then(!all, Stmt::make(std::move(part)))});
}

// Tiles that several blocks shared: their parts in the order of blocks, which is the order of steps, so that the sum
// does not depend on which block was first.
Stmt StageBuilder::fix_up() {
    const StreamPartition partition(stage_, nest_.target.compute_capability);
    const Symbol thread("thread", SymbolKind::loop), round("round", SymbolKind::loop),
        element("element", SymbolKind::loop), part("part", SymbolKind::loop), tile("tile", SymbolKind::loop),
        number_of_block("block", SymbolKind::loop);
    std::vector<TileDim> dims;
    for (const Loop& loop : free_) dims.push_back({loop.var, loop.extent, LoopKind::serial, 1});
    const std::int64_t elements = points_of(dims), rounds = (elements + fix_up_threads - 1) / fix_up_threads;
    const Expr begin = Expr(tile) * partition.steps;
    const Expr first = partition.block_of(begin), last = partition.block_of(begin + partition.steps - number(1));

    const AnyTensor sum = make_storage(components_[0].target.name() + "_sum", components_[0].identity.type(), {});
    std::vector<Expr> place = {Expr(part), select(begin < partition.first_unit(Expr(part)), number(0), number(1))};
    for (const Loop& loop : free_) place.push_back(Expr(loop.var));
    For parts = loop_over(part, first, simplify(last - first + number(1)), LoopKind::serial,
                          store(sum, {}, combine(op_, load(sum, {}), load(partials_, place))));
    parts.unroll = parts_side_by_side;
    parts.facts = {number(0) <= Expr(part), Expr(part) < partition.blocks};
    Allocate held;
    held.storage = sum;
    held.memory = Memory::registers;
    held.body = block({store(sum, {}, components_[0].identity), Stmt::make(std::move(parts)), finish({}, {sum}, {})});
    // A map without dims is a statement of its own point.
    Let at;
    at.var = element;
    at.value = simplify(Expr(round) * number(fix_up_threads) + Expr(thread));
    at.body = if_then(elements % fix_up_threads == 0 ? Expr(true) : Expr(element) < number(elements),
                      substitute(Stmt::make(std::move(held)), point_of(dims, Expr(element))));
    Stmt body = Stmt::make(std::move(at));
    body = if_then(first < last, std::move(body));
    std::vector<std::pair<Symbol, Expr>> loops;
    for (std::size_t i = 0; i + 1 < stage_.work.loops.size(); ++i)
        loops.emplace_back(stage_.work.loops[i], stage_.find(stage_.work.loops[i])->extent);
    for (const auto& [var, value] : work_loop_values(Expr(tile), loops, stage_.work.swizzle)) {
        Let let;
        let.var = var;
        let.value = value;
        let.body = std::move(body);
        body = Stmt::make(std::move(let));
    }
    // Few tiles have many parts: each of a tile's rounds has a block of its own.
    for (const auto& [var, value] : {std::pair{round, Expr(number_of_block) % number(rounds)},
                                     std::pair{tile, Expr(number_of_block) / number(rounds)}}) {
        Let let;
        let.var = var;
        let.value = simplify(value);
        let.body = std::move(body);
        body = Stmt::make(std::move(let));
    }
    body = Stmt::make(loop_over(thread, number(0), number(fix_up_threads), LoopKind::thread_x, std::move(body)));
    return Stmt::make(loop_over(number_of_block, number(0), simplify(partition.tiles * number(rounds)),
                                LoopKind::block_x, std::move(body)));
}

}  // namespace heddle
