// codegen/build_stage.cpp -- the statements of one stage: loops, accumulator, caches, epilogues.
#include "codegen/build_stage.h"

#include <set>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/legality.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

Expr conjunction(const Expr& a, const Expr& b) {
    if (!a.defined() || is_const(a, 1)) return b;
    if (!b.defined() || is_const(b, 1)) return a;
    return binary(BinaryOp::logical_and, a, b);
}

bool is_tile_loop(const Loop& loop) { return loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized; }

bool mentions(const Expr& e, const std::vector<Loop>& loops) {
    for (const Loop& loop : loops)
        if (uses(e, loop.var)) return true;
    return false;
}

// The row-major position of a point over the reduced variables, in the order of the contract.
Expr reduced_position(const Definition& definition) {
    Expr position = Expr::integer(0);
    for (const DomainVar& v : definition.domain)
        if (v.reduced) position = position * v.extent.expr() + Expr(v.symbol);
    return position;
}

Stmt wrap(const Loop& loop, Stmt body) {
    if (body.empty()) return body;
    For node;
    node.var = loop.var;
    node.min = Expr::integer(0);
    node.extent = loop.extent;
    node.kind = loop.kind;
    node.unroll = loop.unroll;
    node.partitioned = loop.partitioned;
    node.clipped = loop.clipped;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}

std::vector<TileDim> tile_dims(const std::vector<Loop>& loops, std::size_t first) {
    std::vector<TileDim> dims;
    for (std::size_t i = first; i < loops.size(); ++i)
        dims.push_back({loops[i].var, loops[i].extent, loops[i].kind, loops[i].unroll});
    return dims;
}

class StageBuilder {
public:
    StageBuilder(const LoopNest& nest, const StageNest& stage, ReadSources sources, const ReadSources* local)
        : nest_(nest),
          stage_(stage),
          sources_(std::move(sources)),
          local_(local),
          definition_(*stage.stage.definition) {
        plan_update();
        place_accumulator();
    }

    Stmt run() {
        std::vector<Stmt> parts;
        if (!accumulate_) parts.push_back(initialise_memory());
        parts.push_back(loops(0));
        return block(std::move(parts));
    }

private:
    struct Component {
        AnyTensor target;  // undefined: a value that is only needed while accumulating (argmax's maximum)
        Expr value;        // incoming, over domain variables
        Expr identity;
    };

    // What is accumulated: one component, or a tuple's; argmax becomes the pair (value, position).
    void plan_update() {
        op_ = definition_.op;
        reducer_ = definition_.reducer;
        if (op_ == UpdateOp::argmax) {
            op_ = UpdateOp::tuple;
            const ScalarType type = definition_.right[0].type();
            reducer_ = argmax_reducer(type);
            components_.push_back({AnyTensor(), definition_.right[0], reducer_.identity[0]});
            components_.push_back({stage_.stage.targets[0], reduced_position(definition_), reducer_.identity[1]});
            return;
        }
        for (std::size_t i = 0; i < definition_.right.size(); ++i) {
            const AnyTensor& target = stage_.stage.targets[i];
            Expr identity = op_ == UpdateOp::assign  ? Expr()
                            : op_ == UpdateOp::tuple ? reducer_.identity[i]
                                                     : identity_of(op_, target.type());
            components_.push_back({target, definition_.right[i], identity});
        }
    }

    // Writes that need not reach every element of the output once: memory is filled first, then updated in place.
    bool scatters() const { return !has_bare_left(definition_); }

    // Where the accumulator lives: as directed, else just outside the first reduced loop.
    void place_accumulator() {
        if (op_ == UpdateOp::assign || scatters()) return;
        accumulate_ = true;
        at_ = accumulator_position(stage_);
        free_ = accumulator_loops(stage_);
        outer_reduced_ = reduced_outside(stage_);
        for (std::size_t i = at_ + 1; i < stage_.loops.size(); ++i)
            if (stage_.loops[i].reduced && stage_.loops[i].kind == LoopKind::vectorized) lane_ = stage_.loops[i];
    }

    // --- values over loops -------------------------------------------------------------------------------------

    Expr over_loops(const Expr& e) const {
        Substitution values;
        for (const auto& [symbol, value] : stage_.index) values[symbol] = value;
        return substitute(e, values);
    }

    // The guards, over loops. `reads`: expressions whose loads must be protected; a guard of a free variable is left
    // out when no read depends on its loops (the accumulator's extra elements are never stored).
    Expr guards(const std::vector<Expr>* reads) const {
        Expr all;
        for (const Guard& guard : stage_.guards) {
            const DomainVar* variable = definition_.find(guard.variable);
            const bool reduced = !variable || variable->reduced;
            if (reads && !reduced) {
                bool needed = false;
                for (const Expr& e : *reads)
                    for_each_node(e, [&](const Expr& node) {
                        const auto* read = node.as<Read>();
                        if (!read || packed_storage(read->tensor)) return;
                        for (const Expr& index : read->indices)
                            for (const Symbol& symbol : symbols_of(guard.condition))
                                if (uses(index, symbol)) needed = true;
                    });
                if (!needed) continue;
            }
            all = conjunction(all, guard.condition);
        }
        return all.defined() ? all : Expr(true);
    }
    bool packed_storage(const std::shared_ptr<TensorNode>& tensor) const {
        for (const auto& [key, source] : sources_)
            if (source.in_loops && source.storage.node() == tensor) return true;
        return false;
    }
    Expr free_guards() const {
        Expr all;
        for (const Guard& guard : stage_.guards) {
            const DomainVar* variable = definition_.find(guard.variable);
            if (variable && !variable->reduced) all = conjunction(all, guard.condition);
        }
        return all.defined() ? all : Expr(true);
    }

    // Where component `i` of the definition is written: the target, or the tile that stands for it.
    Place target_place(const AnyTensor& target, const std::vector<Expr>& left) const {
        std::vector<Expr> indices;
        for (const Expr& index : left) indices.push_back(over_loops(index));
        if (local_) {
            const auto found = local_->find(target.node());
            if (found != local_->end()) {
                for (std::size_t d = 0; d < indices.size(); ++d)
                    indices[d] = simplify(indices[d] - found->second.origin[d]);
                return {found->second.storage, indices};
            }
        }
        return {target, indices};
    }
    // Writes that fall outside of the output are dropped.
    Expr inside_output() const {
        Expr all;
        if (!scatters()) return Expr(true);
        const AnyTensor target = stage_.stage.targets[0];
        Ranges ranges;
        for (const DomainVar& v : definition_.domain) ranges[v.symbol] = range_of_extent(v.extent.expr());
        for (int d = 0; d < target.rank(); ++d) {
            const Expr& index = definition_.left[d];
            for (const Expr& test : {Expr::integer(0) <= index, index < target.shape()[d].expr()})
                if (prove(test, ranges) != true) all = conjunction(all, over_loops(test));
        }
        return all.defined() ? all : Expr(true);
    }

    // --- statements --------------------------------------------------------------------------------------------

    Stmt loops(std::size_t position) {
        if (accumulate_ && static_cast<int>(position) == at_ + 1) return accumulator();
        if (position == stage_.loops.size()) return direct_update(position);
        if (!accumulate_ && tile_from(position)) return direct_update(position);
        const Loop& loop = stage_.loops[position];
        return wrap(loop, with_tiles(loop.var, [&] { return loops(position + 1); }));
    }

    bool tile_from(std::size_t position) const {
        for (std::size_t i = position; i < stage_.loops.size(); ++i)
            if (!is_tile_loop(stage_.loops[i]) || has_tiles(stage_.loops[i].var)) return false;
        return true;
    }
    bool has_tiles(const Symbol& at) const {
        for (const CacheIn& cache : stage_.caches)
            if (cache.at == at) return true;
        for (const StageNest& producer : nest_.stages)
            if (producer.placement == Placement::at && producer.placed_in == stage_.stage.name() &&
                producer.placed_at == at)
                return true;
        return false;
    }

    // The body of a loop with the tiles that are filled at its head: producers placed there, and caches.
    template <class Body>
    Stmt with_tiles(const Symbol& at, Body body) {
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

    // A tile of an input: the box that the loops inside read, or one element per combination of those loops.
    Stmt fill_cache(const CacheIn& cache, std::vector<std::pair<AnyTensor, Memory>>& tiles) {
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
        std::vector<Expr> at_element;
        if (cache.shape == CacheShape::loop_coordinates) {
            std::vector<Expr> indices;
            Substitution fresh;
            for (const Loop& loop : loops_read_by(stage_, cache.tensor, cache.at)) {
                const Symbol var(loop.name(), SymbolKind::loop);
                fresh[loop.var] = Expr(var);
                copy.dims.push_back({var, loop.extent, LoopKind::serial, 1});
                indices.push_back(Expr(loop.var));
            }
            for (const Expr& index : reads[0]) at_element.push_back(substitute(index, fresh));
            copy.to.storage =
                make_storage(cache.tensor.name() + "_tile", cache.tensor.type(), cache_shape(stage_, cache));
            for (const TileDim& dim : copy.dims) copy.to.indices.push_back(Expr(dim.var));
            sources_[cache.tensor.node()] = {copy.to.storage, indices, {}, true, true};
        } else {
            const TileBox box = read_box(stage_, cache.tensor, cache.at);
            copy.to.storage = make_storage(cache.tensor.name() + "_tile", cache.tensor.type(), box.extent);
            for (int d = 0; d < cache.tensor.rank(); ++d) {
                const Symbol var("t" + std::to_string(d), SymbolKind::loop);
                copy.dims.push_back({var, box.extent[d], LoopKind::serial, 1});
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

    // Without an accumulator: target op= value at every point.
    Stmt direct_update(std::size_t first_dim) {
        Map map;
        map.dims = tile_dims(stage_.loops, first_dim);
        map.op = op_;
        map.reducer = reducer_;
        Expr participates;
        for (const Component& component : components_) {
            const ResolvedValue resolved = resolve(component.value);
            participates = conjunction(participates, over_loops(resolved.participates));
            map.values.push_back(over_loops(resolved.value));
            map.to.push_back(target_place(component.target, definition_.left));
        }
        map.predicate = conjunction(conjunction(guards(nullptr), inside_output()), participates);
        map.streaming = stage_.streaming_stores;
        std::vector<Stmt> parts = {Stmt::make(map)};
        if (op_ == UpdateOp::assign && components_.size() == 1) {
            const std::vector<Stmt> after = epilogues(map.dims, map.values[0], map.predicate);
            if (!needs_target(components_[0].target)) parts.clear();
            parts.insert(parts.end(), after.begin(), after.end());
        }
        return block(std::move(parts));
    }

    ResolvedValue resolve(const Expr& value) const {
        return resolve_reads(value, definition_.domain, op_ == UpdateOp::add, nest_, sources_);
    }

    Stmt accumulator() {
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
    Expr start_value(const Component& component, std::size_t i) {
        Expr start = component.identity;
        for (const StageNest& init : nest_.stages) {
            if (init.placement != Placement::init || init.placed_in != stage_.stage.name()) continue;
            const Definition& definition = *init.stage.definition;
            ResolvedValue resolved = resolve_reads(definition.right[i], definition.domain, false, nest_, sources_);
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
    bool has_init() const {
        for (const StageNest& init : nest_.stages)
            if (init.placement == Placement::init && init.placed_in == stage_.stage.name()) return true;
        return false;
    }
    static bool reads_memory(const Expr& e) {
        bool reads = false;
        for_each_node(e, [&](const Expr& node) { reads = reads || node.as<Read>(); });
        return reads;
    }

    Stmt inner_loops(std::size_t position, const std::vector<AnyTensor>& accumulators,
                     const std::vector<Expr>& indices) {
        if (position == stage_.loops.size() || tile_from(position)) return update(position, accumulators, indices);
        const Loop& loop = stage_.loops[position];
        return wrap(loop, with_tiles(loop.var, [&] { return inner_loops(position + 1, accumulators, indices); }));
    }

    Stmt update(std::size_t first_dim, const std::vector<AnyTensor>& accumulators, const std::vector<Expr>& indices) {
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

    Stmt reduce_lanes(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
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

    bool needs_target(const AnyTensor& target) const { return local_ || needs_memory(nest_, target); }

    // Stages applied to the result while it is at hand: each reads the one before at the same place.
    std::vector<Stmt> epilogues(const std::vector<TileDim>& dims, Expr value, const Expr& predicate) {
        std::vector<Stmt> parts;
        std::string producer = stage_.stage.name();
        AnyTensor produced = stage_.stage.targets[0];
        bool found = true;
        while (found) {
            found = false;
            for (const StageNest& next : nest_.stages) {
                if (next.placement != Placement::epilogue || next.placed_in != producer) continue;
                const Definition& definition = *next.stage.definition;
                // The next stage sees the value as memory would hold it.
                const Expr rounded =
                    compute_type(produced.type()) == produced.type() ? value : cast(produced.type(), value);
                Expr result = resolve_reads(definition.right[0], definition.domain, false, nest_, sources_).value;
                result = rewrite(result, [&](const Expr& node) {
                    const auto* read = node.as<Read>();
                    return read && read->tensor == produced.node() ? rounded : Expr();
                });
                Substitution variables;
                for (std::size_t d = 0; d < definition.left.size(); ++d)
                    variables[definition.left[d].as<Variable>()->symbol] = over_loops(definition_.left[d]);
                result = substitute(result, variables);
                produced = next.stage.targets[0];
                producer = next.stage.name();
                value = result;
                if (needs_memory(nest_, produced)) {
                    Map map;
                    map.dims = dims;
                    map.to.push_back(target_place(produced, definition_.left));
                    map.values.push_back(value);
                    map.predicate = predicate;
                    map.streaming = next.streaming_stores;
                    parts.push_back(Stmt::make(std::move(map)));
                }
                found = true;
                break;
            }
        }
        return parts;
    }

    // Without an accumulator, memory must hold the identity (or an earlier `=`, which is a stage of its own) before.
    Stmt initialise_memory() {
        if (op_ == UpdateOp::assign) {
            if (!scatters()) return {};
        } else if (stage_.stage.index > 0) {
            return {};
        }
        std::vector<Stmt> parts;
        for (const Component& component : components_) {
            if (!component.target.defined()) continue;
            const Place place = target_place(component.target, definition_.left);
            Map fill;
            fill.predicate = Expr(true);
            std::vector<Expr> indices;
            for (const Extent& extent : place.storage.shape()) {
                const Symbol var("f" + std::to_string(fill.dims.size()), SymbolKind::loop);
                fill.dims.push_back({var, extent.expr(), LoopKind::serial, 1});
                indices.push_back(Expr(var));
            }
            fill.to.push_back({place.storage, indices});
            fill.values.push_back(component.identity.defined()
                                      ? component.identity
                                      : cast(compute_type(component.target.type()), Expr::integer(0)));
            parts.push_back(Stmt::make(std::move(fill)));
        }
        return block(std::move(parts));
    }

    const LoopNest& nest_;
    const StageNest& stage_;
    ReadSources sources_;
    const ReadSources* local_;
    const Definition& definition_;
    UpdateOp op_ = UpdateOp::assign;
    Reducer reducer_;
    std::vector<Component> components_;
    bool accumulate_ = false;
    int at_ = -1;
    std::vector<Loop> free_;           // free loops inside the accumulator
    std::vector<Loop> outer_reduced_;  // reduced loops outside of it
    Loop lane_;                        // the vectorized reduced loop, if any
};

}  // namespace

Stmt build_stage(const LoopNest& nest, const StageNest& stage, const ReadSources& sources, const ReadSources* local) {
    return StageBuilder(nest, stage, sources, local).run();
}

PackedCopy build_pack(const LoopNest& nest, const StageNest& stage, const Pack& pack) {
    const Definition& definition = *stage.stage.definition;
    PackedCopy packed;
    std::vector<Expr> shape;
    std::vector<Loop> loops;
    for (const Symbol& symbol : pack.order) {
        const Loop* loop = stage.find(symbol);
        require(loop != nullptr, "a packed copy is ordered by loops of its stage");
        loops.push_back(*loop);
        shape.push_back(loop->extent);
        packed.indices.push_back(Expr(symbol));
    }
    packed.storage = make_storage(pack.tensor.name() + "_packed", pack.tensor.type(), shape);
    Expr value;
    for (const Expr& right : definition.right)
        for_each_node(right, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            if (read && read->tensor == pack.tensor.node()) value = node;
        });
    require(value.defined(), "a packed tensor is read by its stage");
    const ResolvedValue resolved = resolve_reads(value, definition.domain, false, nest, {});
    Substitution index;
    for (const auto& [symbol, e] : stage.index) index[symbol] = e;
    Expr predicate;
    for (const Guard& guard : stage.guards) {
        // A test on other loops protects a variable that the read does not depend on.
        bool here = true;
        for (const Symbol& symbol : symbols_of(guard.condition))
            here = here && (symbol.kind() == SymbolKind::parameter || mentions(Expr(symbol), loops));
        if (here) predicate = conjunction(predicate, guard.condition);
    }
    Copy copy;
    copy.to = {packed.storage, packed.indices};
    copy.source = substitute(resolved.value, index);
    copy.predicate = predicate.defined() ? predicate : Expr(true);
    copy.fill = cast(compute_type(pack.tensor.type()), Expr::integer(0));
    std::size_t first_dim = loops.size() - 1;
    const auto* last = loops.back().extent.as<IntImm>();
    const bool vector = last && (last->value == 4 || last->value == 8 || last->value == 16 || last->value == 32);
    copy.dims.push_back({loops.back().var, loops.back().extent, vector ? LoopKind::vectorized : LoopKind::serial, 1});
    packed.body = Stmt::make(std::move(copy));
    while (first_dim-- > 0) {
        Loop loop = loops[first_dim];
        loop.kind = first_dim == 0 ? LoopKind::parallel : LoopKind::serial;
        loop.unroll = 1;
        loop.partitioned = loop.clipped = false;
        packed.body = wrap(loop, packed.body);
    }
    return packed;
}

bool needs_memory(const LoopNest& nest, const AnyTensor& tensor) {
    for (const AnyTensor& output : nest.pipeline.outputs)
        if (output == tensor) return true;
    for (const StageNest& stage : nest.stages) {
        bool epilogue_of_it = false;
        if (stage.placement == Placement::epilogue)
            for (const StageNest& producer : nest.stages)
                if (producer.stage.name() == stage.placed_in && producer.stage.targets[0] == tensor)
                    epilogue_of_it = true;
        if (epilogue_of_it) continue;
        for (const Expr& right : stage.stage.definition->right) {
            bool reads = false;
            for_each_node(right, [&](const Expr& node) {
                const auto* read = node.as<Read>();
                reads = reads || (read && read->tensor == tensor.node());
            });
            if (reads) return true;
        }
    }
    return false;
}

std::vector<std::shared_ptr<TensorNode>> storage_used(const Stmt& s) {
    std::vector<std::shared_ptr<TensorNode>> used;
    std::set<std::shared_ptr<TensorNode>> seen, inside;
    const auto add = [&](const std::shared_ptr<TensorNode>& node) {
        if (seen.insert(node).second) used.push_back(node);
    };
    for_each_stmt(s, [&](const Stmt& statement) {
        if (const auto* allocate = statement.as<Allocate>()) inside.insert(allocate->storage.node());
        if (const auto* store = statement.as<Store>()) add(store->to.storage.node());
        if (const auto* copy = statement.as<Copy>()) add(copy->to.storage.node());
        if (const auto* mma = statement.as<Mma>()) add(mma->to.storage.node());
        if (const auto* map = statement.as<Map>())
            for (const Place& place : map->to) add(place.storage.node());
        if (const auto* reduce = statement.as<Reduce>()) {
            for (const Place& place : reduce->to) add(place.storage.node());
            for (const AnyTensor& source : reduce->sources) add(source.node());
        }
    });
    for_each_expr(s, [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            if (const auto* read = node.as<Read>()) add(read->tensor);
        });
    });
    std::erase_if(used, [&](const auto& node) { return inside.count(node) > 0; });
    return used;
}

}  // namespace heddle
