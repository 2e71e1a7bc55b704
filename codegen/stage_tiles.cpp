// codegen/stage_tiles.cpp -- tiles filled at the head of a loop: stages computed there, and copies of inputs.
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/tile_box.h"

namespace heddle {

bool StageBuilder::has_tiles(const Symbol& at) const {
    for (const CacheIn& cache : stage_.caches)
        if (cache.at == at) return true;
    for (const StageNest& producer : nest_.stages)
        if (producer.placement == Placement::at && producer.placed_in == stage_.stage.name() &&
            producer.placed_at == at)
            return true;
    return false;
}

// The body of a loop with the tiles that are filled at its head: producers placed there, and caches.
Stmt StageBuilder::with_tiles(const Symbol& at, const std::function<Stmt()>& body) {
    std::vector<std::pair<AnyTensor, Memory>> tiles;
    std::vector<Stmt> parts;
    for (const StageNest& producer : nest_.stages) {
        if (producer.placement != Placement::at || producer.placed_in != stage_.stage.name() ||
            producer.placed_at != at)
            continue;
        ReadSources local;
        for (const AnyTensor& target : producer.stage.targets) {
            auto existing = sources_.find(target.node());
            if (existing == sources_.end()) {
                const AnyTensor tile = make_storage(target.name() + "_tile", target.type(), producer.region_extent);
                tiles.push_back({tile, Memory::stack});
                existing = sources_.emplace(target.node(), ReadSource{tile, {}, producer.region_min, false}).first;
            }
            local[target.node()] = existing->second;
        }
        parts.push_back(build_stage(nest_, producer, sources_, &local));
    }
    for (const CacheIn& cache : stage_.caches)
        if (cache.at == at) parts.push_back(fill_cache(cache, tiles));
    parts.push_back(body());
    Stmt result = block(std::move(parts));
    for (auto tile = tiles.rbegin(); tile != tiles.rend(); ++tile) {
        Allocate node;
        node.storage = tile->first;
        node.memory = tile->second;
        node.body = result;
        result = Stmt::make(std::move(node));
    }
    return result;
}

// In a device's registers each element has a name of its own, and neighbours are loaded together.
LoopKind StageBuilder::copy_loop(const CacheIn& cache, const Expr& extent, int dimension) const {
    const auto* size = extent.as<IntImm>();
    if (nest_.target.kind != TargetKind::cuda || cache.memory != Memory::registers || !size || size->value > 64)
        return LoopKind::serial;
    return dimension + 1 == cache.tensor.rank() ? LoopKind::vectorized : LoopKind::unrolled;
}

// A tile of an input: the box that the loops inside read, or one element per combination of those loops.
Stmt StageBuilder::fill_cache(const CacheIn& cache, std::vector<std::pair<AnyTensor, Memory>>& tiles) {
    const Read* found = nullptr;
    std::vector<std::vector<Expr>> reads;
    for (const Expr& right : definition_.right)
        for_each_node(right, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            if (!read || read->tensor != cache.tensor.node()) return;
            found = read;
            std::vector<Expr> indices;
            for (const Expr& index : read->indices) indices.push_back(over_loops(index));
            reads.push_back(std::move(indices));
        });
    require(found != nullptr, "a cached tensor is read by its stage");
    Copy copy;
    copy.atom = cache.atom;
    // Registers hold what is computed with.
    const bool registers = nest_.target.kind == TargetKind::cuda && cache.memory == Memory::registers;
    const ScalarType type = registers ? compute_type(cache.tensor.type()) : cache.tensor.type();
    std::vector<Expr> at_element;
    if (cache.shape == CacheShape::loop_coordinates) {
        std::vector<Expr> indices;
        Substitution fresh;  // loops of one iteration are no dimensions
        for (const Loop& loop : loops_inside(stage_, cache.at)) fresh[loop.var] = Expr::integer(0);
        for (const Loop& loop : loops_read_by(stage_, cache.tensor, cache.at)) {
            const Symbol var(loop.name(), SymbolKind::loop);
            fresh[loop.var] = Expr(var);
            copy.dims.push_back({var, loop.extent, LoopKind::serial, 1});
            indices.push_back(Expr(loop.var));
        }
        for (const Expr& index : reads[0]) at_element.push_back(substitute(index, fresh));
        copy.to.storage = make_storage(cache.tensor.name() + "_tile", type, cache_shape(stage_, cache));
        for (const TileDim& dim : copy.dims) copy.to.indices.push_back(Expr(dim.var));
        sources_[cache.tensor.node()] = {copy.to.storage, indices, {}, true, true};
    } else {
        const TileBox box = read_box(stage_, cache.tensor, cache.at);
        copy.to.storage = make_storage(cache.tensor.name() + "_tile", type, box.extent);
        for (int d = 0; d < cache.tensor.rank(); ++d) {
            const Symbol var("t" + std::to_string(d), SymbolKind::loop);
            copy.dims.push_back({var, box.extent[d], copy_loop(cache, box.extent[d], d), 1});
            copy.to.indices.push_back(Expr(var));
            at_element.push_back(simplify(Expr(var) + box.min[d]));
        }
        // Where no box is known the tile is the whole extent, without what lies beside it.
        bool padded = true;
        for (int d = 0; d < cache.tensor.rank(); ++d)
            if (is_const(box.min[d], 0) && equal(box.extent[d], cache.tensor.shape()[d].expr())) padded = false;
        sources_[cache.tensor.node()] = {copy.to.storage, {}, box.min, padded};
    }
    // Elements outside of the tensor are filled, whatever the boundary says; folding boundaries keep their fold.
    Expr inside;
    for (int d = 0; d < cache.tensor.rank(); ++d)
        inside = conjunction(
            inside, conjunction(Expr::integer(0) <= at_element[d], at_element[d] < cache.tensor.shape()[d].expr()));
    copy.source = load(cache.tensor, at_element);
    copy.predicate = inside.defined() ? inside : Expr(true);
    const bool fills = found->boundary.mode == BoundaryMode::constant;
    copy.fill = cast(compute_type(cache.tensor.type()), Expr::floating(fills ? found->boundary.value : 0.0));
    tiles.push_back({copy.to.storage, cache.memory == Memory::registers ? Memory::stack : cache.memory});
    return Stmt::make(std::move(copy));
}

}  // namespace heddle
