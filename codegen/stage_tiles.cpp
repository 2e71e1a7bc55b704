// codegen/stage_tiles.cpp -- tiles filled at the head of a loop: stages computed there, and copies of inputs.
#include <algorithm>
#include <functional>
#include <optional>

#include "codegen/packed_tile.h"
#include "codegen/passes/tile_loops.h"
#include "codegen/shared_layout.h"
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/directive_support.h"
#include "schedules/flat_span.h"
#include "schedules/legality.h"
#include "schedules/tile_box.h"

namespace heddle {

namespace {

std::vector<std::int64_t> constant_shape(const AnyTensor& tile) {
    std::vector<std::int64_t> shape;
    for (const Extent& extent : tile.shape()) {
        if (!extent.is_static())
            throw UserError(tile.name() +
                            ": a tile in shared memory has constant sizes; split the loops that it is read " +
                            "in by constants");
        shape.push_back(extent.value());
    }
    return shape;
}

}  // namespace

Stmt StageBuilder::with_tiles(const Symbol& at, const std::function<Stmt()>& body) {
    std::vector<Allocate> tiles;
    std::vector<Stmt> parts;
    const auto first = [&](const CacheIn& cache) {  // stages that are computed here can read it, too
        return nest_.target.kind == TargetKind::cuda && cache.memory == Memory::registers &&
               cache.shape == CacheShape::loop_coordinates;
    };
    for (const CacheIn& cache : stage_.caches)
        if (cache.at == at && first(cache)) {
            tiles.emplace_back();
            parts.push_back(in_bound_loops(cache, fill_cache(cache, tiles.back())));
        }
    // Each stage that is computed here, and the statement itself, goes over the tile on its own.
    const auto again = [&] {
        for (const Allocate& tile : tiles)
            if (tile.declared.starts_with("Pack<")) parts.push_back(keep_packed(tile.storage));
    };
    for (const StageNest& producer : nest_.stages) {
        if (producer.placement != Placement::at || producer.placed_in != stage_.stage.name() ||
            producer.placed_at != at)
            continue;
        if (writes_output(nest_, producer)) {
            parts.push_back(build_stage(nest_, producer, sources_of(producer, at), nullptr));
            continue;
        }
        ReadSources local;
        for (const AnyTensor& target : producer.stage.targets) {
            auto existing = sources_.find(target.node());
            if (existing == sources_.end()) {
                Allocate tile;
                tile.storage = make_storage(target.name() + "_tile", target.type(), producer.region_extent);
                tile.memory = Memory::stack;
                existing =
                    sources_.emplace(target.node(), ReadSource{tile.storage, {}, producer.region_min, false}).first;
                tiles.push_back(std::move(tile));
            }
            local[target.node()] = existing->second;
        }
        parts.push_back(build_stage(nest_, producer, sources_of(producer, at), &local));
        again();
    }
    for (const CacheIn& cache : stage_.caches)
        if (cache.at == at && !first(cache)) {
            tiles.emplace_back();
            const Stmt fill = in_bound_loops(cache, fill_cache(cache, tiles.back()));
            parts.push_back(fill);
            if (!split_.defined() || cache.tensor != split_) continue;
            const Allocate like = tiles.back();
            tiles.emplace_back();
            parts.push_back(fill_rest(fill, like, tiles.back()));
        }
    parts.push_back(body());
    Stmt result = block(std::move(parts));
    for (auto tile = tiles.rbegin(); tile != tiles.rend(); ++tile) {
        tile->body = result;
        result = Stmt::make(std::move(*tile));
    }
    return result;
}

Stmt StageBuilder::in_bound_loops(const CacheIn& cache, Stmt fill) const {
    if (cache.memory != Memory::registers) return fill;
    std::vector<TileDim> dims;
    Substitution fresh;
    for (const Loop& loop : loops_inside(stage_, cache.at)) {
        if (!is_bound(loop)) continue;
        const Symbol var(loop.name(), SymbolKind::loop);
        fresh[loop.var] = Expr(var);
        dims.push_back({var, loop.extent, loop.kind, 1});
    }
    return dims.empty() ? fill : looped(dims, substitute(fill, fresh));
}

namespace {

// The loops of `producer` that do what those of the consumer inside `at` do: bound alike, and of equal extents in
// order.
std::optional<Substitution> like_loops(const StageNest& consumer, const Symbol& at, const StageNest& producer) {
    const auto several = [](const std::vector<Loop>& loops, bool bound) {
        std::vector<Loop> found;
        for (const Loop& loop : loops)
            if (!is_const(loop.extent, 1) && is_bound(loop) == bound) found.push_back(loop);
        return found;
    };
    const std::vector<Loop> inside = loops_inside(consumer, at);
    Substitution same;
    for (const Loop& loop : inside)
        if (is_const(loop.extent, 1)) same[loop.var] = Expr::integer(0);
    const std::size_t single = same.size();
    const std::vector<Loop> mine = several(inside, true), theirs = several(producer.loops, true);
    if (mine.size() != theirs.size()) return {};
    for (const Loop& loop : mine)
        for (const Loop& other : theirs)
            if (loop.kind == other.kind && equal(loop.extent, other.extent)) same[loop.var] = Expr(other.var);
    if (same.size() != single + mine.size()) return {};
    const std::vector<Loop> steps = several(inside, false), others = several(producer.loops, false);
    if (steps.size() != others.size()) return {};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!equal(steps[i].extent, others[i].extent)) return {};
        same[steps[i].var] = Expr(others[i].var);
    }
    return same;
}

}  // namespace

ReadSources StageBuilder::sources_of(const StageNest& producer, const Symbol& at) const {
    ReadSources sources = sources_;
    const std::optional<Substitution> same = like_loops(stage_, at, producer);
    Substitution single;  // loops of one iteration
    for (const Loop& loop : producer.loops)
        if (is_const(loop.extent, 1)) single[loop.var] = Expr::integer(0);
    const auto reads_alike = [&](const AnyTensor& tensor) {
        const std::vector<const Read*> mine = reads_of(definition_, tensor);
        const std::vector<const Read*> theirs = reads_of(*producer.stage.definition, tensor);
        if (!same || mine.size() != 1) return false;
        for (const Read* read : theirs)
            for (std::size_t d = 0; d < read->indices.size(); ++d) {
                const Expr here = substitute(over_loops(mine[0]->indices[d]), *same);
                const Expr there = substitute(heddle::over_loops(producer, read->indices[d]), single);
                if (!is_const(simplify(here - there), 0)) return false;
            }
        return true;
    };
    for (auto source = sources.begin(); source != sources.end();) {
        const bool alike = !source->second.in_loops || reads_alike(AnyTensor(source->first));
        if (alike && source->second.in_loops)
            for (Expr& index : source->second.indices) index = substitute(index, *same);
        source = alike ? std::next(source) : sources.erase(source);
    }
    return sources;
}

// In a device's registers each element has a name of its own, and neighbours are loaded together.
LoopKind StageBuilder::copy_loop(const CacheIn& cache, const Expr& extent, int dimension) const {
    const auto* size = extent.as<IntImm>();
    if (nest_.target.kind != TargetKind::cuda || cache.memory != Memory::registers || !size || size->value > 64)
        return LoopKind::serial;
    return dimension + 1 == cache.tensor.rank() ? LoopKind::vectorized : LoopKind::unrolled;
}

// What must hold besides the tensor's bounds for an element of a tile to count: the guards of reduced variables whose
// overrun does not leave the tensor. Products over whole tiles have no other tests.
Expr StageBuilder::tile_guards(const CacheIn& cache, const Substitution& at_element) const {
    Expr all;
    const std::vector<const Read*> reads = reads_of(definition_, cache.tensor);
    for (const Guard& guard : stage_.guards) {
        const DomainVar* variable = definition_.find(guard.variable);
        bool leaves = variable == nullptr;
        for (std::size_t d = 0; variable && d < reads[0]->indices.size(); ++d) {
            const auto* bare = reads[0]->indices[d].as<Variable>();
            leaves = leaves || (bare && bare->symbol == guard.variable &&
                                equal(cache.tensor.shape()[d].expr(), variable->extent.expr()));
        }
        if (leaves || !variable->reduced) continue;
        const Expr condition = substitute(guard.condition, at_element);
        bool known = true;  // a test on loops further in is of elements that the tile does not tell apart
        for (const Loop& loop : loops_sharing(stage_, cache)) known = known && !uses(condition, loop.var);
        if (known) all = conjunction(all, condition);
    }
    return all;
}

// A tile of an input: the box that the loops inside read, or one element per combination of those loops.
Stmt StageBuilder::fill_cache(const CacheIn& cache, Allocate& tile) {
    const std::vector<const Read*> found = reads_of(definition_, cache.tensor);
    require(!found.empty(), "a cached tensor is read by its stage");
    std::vector<std::vector<Expr>> reads;
    for (const Read* read : found) {
        std::vector<Expr> indices;
        for (const Expr& index : read->indices) indices.push_back(over_loops(index));
        reads.push_back(std::move(indices));
    }
    const bool shared = cache.memory == Memory::shared;
    const std::vector<Loop> inner = loops_sharing(stage_, cache);
    const int statement = statement_position(nest_, stage_);
    const auto multiplied = [&](const Symbol& loop) { return !multiplies() || stage_.position(loop) >= statement; };
    Copy copy;
    copy.atom = cache.atom;
    // Registers hold what is computed with.
    const bool registers = nest_.target.kind == TargetKind::cuda && cache.memory == Memory::registers;
    ScalarType type = registers ? compute_type(cache.tensor.type()) : cache.tensor.type();
    std::optional<ReadSource> from;  // a tile in shared memory that this one is filled from
    for (const CacheIn& other : stage_.caches) {
        const auto around = sources_.find(cache.tensor.node());
        const bool shares = registers && other.memory == Memory::shared && other.tensor == cache.tensor &&
                            stage_.position(other.at) <= stage_.position(cache.at);
        if (shares && around != sources_.end() && !around->second.in_loops) from = around->second;
    }
    std::vector<Expr> at_element;
    std::vector<bool> outside;
    Substitution fresh;
    if (cache.shape == CacheShape::loop_coordinates) {
        std::vector<Expr> indices;
        for (const Loop& loop : inner) fresh[loop.var] = Expr::integer(0);  // of one iteration: no dimensions
        std::vector<Loop> loops = loops_read_by(stage_, cache.tensor, inner);
        if (shared)  // the loop that runs along memory is the last dimension, so that rows are contiguous in both
            std::stable_partition(loops.begin(), loops.end(), [&](const Loop& loop) {
                return (multiplies() && shorter_than_a_row(loop, cache.tensor.type())) ||
                       !is_const(simplify(substitute(reads[0].back(), {{loop.var, Expr(loop.var) + Expr::integer(1)}}) -
                                          reads[0].back()),
                                 1);
            });
        for (const Loop& loop : loops) {
            const Symbol var(loop.name(), SymbolKind::loop);
            fresh[loop.var] = Expr(var);
            const bool last = &loop == &loops.back();
            const LoopKind kind = !registers ? LoopKind::serial : last ? LoopKind::vectorized : LoopKind::unrolled;
            copy.dims.push_back({var, loop.extent, kind, 1});
            indices.push_back(Expr(loop.var));
            outside.push_back(!multiplied(loop.var));
        }
        for (const Expr& index : reads[0]) at_element.push_back(simplify(substitute(index, fresh)));
        std::vector<Expr> shape;
        for (const Loop& loop : loops) shape.push_back(loop.extent);
        if (registers && !from) tile.declared = packed_row(cache.tensor, shape);
        if (!tile.declared.empty()) type = cache.tensor.type();
        tile.storage = make_storage(cache.tensor.name() + "_tile", type, shape);
        for (const TileDim& dim : copy.dims) copy.to.indices.push_back(Expr(dim.var));
        sources_[cache.tensor.node()] = {tile.storage, indices, {}, true, true};
    } else {
        const TileBox box = shared ? cache_box(stage_, cache) : read_box(stage_, cache.tensor, inner);
        tile.storage = make_storage(cache.tensor.name() + "_tile", type, box.extent);
        for (int d = 0; d < cache.tensor.rank(); ++d) {
            const Symbol var("t" + std::to_string(d), SymbolKind::loop);
            copy.dims.push_back({var, box.extent[d], copy_loop(cache, box.extent[d], d), 1});
            copy.to.indices.push_back(Expr(var));
            at_element.push_back(simplify(Expr(var) + box.min[d]));
            bool moves = false;  // while a multiply runs
            for (const std::vector<Expr>& read : reads)
                for (const Loop& loop : inner) moves = moves || (multiplied(loop.var) && uses(read[d], loop.var));
            outside.push_back(!moves);
        }
        // Where no box is known the tile is the whole extent, without what lies beside it.
        bool padded = true;
        for (int d = 0; d < cache.tensor.rank(); ++d) {
            const Expr extent = cache.tensor.shape()[d].expr();
            if (!is_const(box.min[d], 0) || !equal(box.extent[d], extent)) continue;
            for (const std::vector<Expr>& read : reads)
                padded = padded && prove(Expr::integer(0) <= read[d] && read[d] < extent, stage_.ranges()) == true;
        }
        sources_[cache.tensor.node()] = {tile.storage, {}, box.min, padded};
    }
    copy.to.storage = tile.storage;
    // Elements outside of the tensor are filled, whatever the boundary says; folding boundaries keep their fold.
    Expr inside;
    for (int d = 0; d < cache.tensor.rank(); ++d)
        inside = conjunction(
            inside, conjunction(Expr::integer(0) <= at_element[d], at_element[d] < cache.tensor.shape()[d].expr()));
    if (multiplies()) inside = conjunction(inside, tile_guards(cache, fresh));
    copy.source = load(cache.tensor, at_element);
    if (from) {
        std::vector<Expr> in_tile;
        for (int d = 0; d < cache.tensor.rank(); ++d) in_tile.push_back(simplify(at_element[d] - from->origin[d]));
        copy.source = load(from->storage, in_tile);
    }
    copy.predicate = inside.defined() ? inside : Expr(true);
    const bool fills = found[0]->boundary.mode == BoundaryMode::constant;
    copy.fill = cast(compute_type(cache.tensor.type()), Expr::floating(fills ? found[0]->boundary.value : 0.0));
    tile.memory = cache.memory == Memory::registers ? Memory::stack : cache.memory;
    if (shared) tile.layout = shared_layout(cache, constant_shape(tile.storage), outside);
    return Stmt::make(std::move(copy));
}

// A tile of the output, or of what an epilogue makes of it, in shared memory: `results` write it, then it is copied to
// memory as a whole.
Stmt StageBuilder::through_tile(const std::vector<TileDim>& dims, const Expr& value, const Expr& predicate,
                                const AnyTensor& target) {
    const CacheIn& cache = *stage_.cache_out;
    std::vector<Expr> left;
    for (const Expr& index : definition_.left) left.push_back(over_loops(index));
    Map fill;
    fill.dims = dims;
    fill.values = {value};
    fill.predicate = Expr(true);
    Copy copy;
    copy.atom = cache.atom;
    copy.to.storage = target;
    std::vector<Expr> shape, indices;
    // What all threads of the block write, where loops are bound to them.
    const std::vector<Loop> writing = loops_writing(stage_);
    const bool bound = writing.size() > free_.size();
    if (bound) fill.predicate = free_guards();
    const TileBox box = written_box(stage_);
    bool boxed = fills_written_box(stage_);
    for (int d = 0; d < target.rank(); ++d) {
        bool moves = false;
        for (const Loop& loop : writing) moves = moves || uses(left[d], loop.var);
        boxed = boxed && box.extent[d].as<IntImm>() && (moves || is_const(box.extent[d], 1));
        if (is_const(box.min[d], 0) && equal(box.extent[d], target.shape()[d].expr()))
            for (const Loop& loop : writing) boxed = boxed && (!uses(left[d], loop.var) || is_affine_in(left[d], loop));
    }
    if (boxed) {
        for (int d = 0; d < target.rank(); ++d) {
            const Symbol var("t" + std::to_string(d), SymbolKind::loop);
            copy.dims.push_back({var, box.extent[d], LoopKind::serial, 1});
            shape.push_back(box.extent[d]);
            indices.push_back(Expr(var));
            copy.to.indices.push_back(simplify(Expr(var) + box.min[d]));
            fill.to.resize(1);
            fill.to[0].indices.push_back(simplify(left[d] - box.min[d]));
            copy.predicate = conjunction(copy.predicate, conjunction(Expr::integer(0) <= copy.to.indices[d],
                                                                     copy.to.indices[d] < target.shape()[d].expr()));
        }
    } else {
        Substitution fresh;
        fill.to.resize(1);
        std::vector<Loop> loops = writing;
        std::stable_partition(loops.begin(), loops.end(), [&](const Loop& loop) {
            return !is_const(
                simplify(substitute(left.back(), {{loop.var, Expr(loop.var) + Expr::integer(1)}}) - left.back()), 1);
        });
        for (const Loop& loop : loops) {
            const Symbol var(loop.name(), SymbolKind::loop);
            fresh[loop.var] = Expr(var);
            copy.dims.push_back({var, loop.extent, LoopKind::serial, 1});
            shape.push_back(loop.extent);
            indices.push_back(Expr(var));
            fill.to[0].indices.push_back(Expr(loop.var));
        }
        for (const Expr& index : left) copy.to.indices.push_back(simplify(substitute(index, fresh)));
        copy.predicate = substitute(predicate, fresh);
    }
    Allocate tile;
    tile.storage = make_storage(target.name() + "_tile", target.type(), shape);
    tile.memory = cache.memory;
    if (cache.memory == Memory::shared)
        tile.layout = shared_layout(cache, constant_shape(tile.storage), std::vector<bool>(shape.size(), false));
    fill.to[0].storage = tile.storage;
    copy.source = load(tile.storage, indices);
    if (!copy.predicate.defined()) copy.predicate = Expr(true);
    tile.body = block({Stmt::make(std::move(fill)), Stmt::make(std::move(copy))});
    return Stmt::make(std::move(tile));
}

}  // namespace heddle
