// codegen/stage_builder.cpp -- the loops of a stage, its guards, what it writes and what follows from that.
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/legality.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

bool is_tile_loop(const Loop& loop) { return loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized; }

// The row-major position of a point over the reduced variables, in the order of the contract.
Expr reduced_position(const Definition& definition) {
    Expr position = Expr::integer(0);
    for (const DomainVar& v : definition.domain)
        if (v.reduced) position = position * v.extent.expr() + Expr(v.symbol);
    return position;
}

// The elements of storage as loops of a fill. `spread`: over the threads, on a device one a thread. Rows of whole
// vectors are written as such.
std::vector<Expr> fill_indices(const AnyTensor& storage, bool spread, const Target& target,
                               std::vector<TileDim>& dims) {
    std::vector<Expr> indices;
    if (spread && target.kind == TargetKind::cuda && storage.rank() > 0) {
        const Symbol element("element", SymbolKind::loop);
        Expr rest = Expr(element), count = Expr::integer(1);
        for (int d = storage.rank() - 1; d >= 0; --d) {
            const Expr& extent = storage.shape()[d].expr();
            indices.insert(indices.begin(), d == 0 ? rest : rest % extent);
            rest = rest / extent;
            count = count * extent;
        }
        dims.push_back({element, simplify(count), LoopKind::parallel, 1});
        return indices;
    }
    for (const Extent& extent : storage.shape()) {
        const Symbol var("f" + std::to_string(dims.size()), SymbolKind::loop);
        const LoopKind kind = spread && dims.empty() ? LoopKind::parallel : LoopKind::serial;
        const std::int64_t lanes = std::max(1, target.vector_lanes() * 4 / std::max(4, bytes_of(storage.type())));
        const bool last = indices.size() + 1 == storage.shape().size();
        if (last && target.kind == TargetKind::host && extent.is_static() && lanes > 1 && extent.value() > 0 &&
            extent.value() % lanes == 0) {
            const Symbol lane("lane", SymbolKind::loop);
            dims.push_back({var, Expr::integer(extent.value() / lanes), kind, 1});
            dims.push_back({lane, Expr::integer(lanes), LoopKind::vectorized, 1});
            indices.push_back(Expr(var) * Expr::integer(lanes) + Expr(lane));
        } else {
            dims.push_back({var, extent.expr(), kind, 1});
            indices.push_back(Expr(var));
        }
    }
    return indices;
}

}  // namespace

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
    node.pipeline = loop.pipeline;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}

std::vector<TileDim> tile_dims(const std::vector<Loop>& loops, std::size_t first) {
    std::vector<TileDim> dims;
    for (std::size_t i = first; i < loops.size(); ++i)
        dims.push_back({loops[i].var, loops[i].extent, loops[i].kind, loops[i].unroll});
    return dims;
}

StageBuilder::StageBuilder(const LoopNest& nest, const StageNest& stage, ReadSources sources, const ReadSources* local)
    : nest_(nest), stage_(stage), sources_(std::move(sources)), local_(local), definition_(*stage.stage.definition) {
    plan_update();
    place_accumulator();
    if (stage_.work.kind == Work::Kind::stream_k) plan_stream();
    if (stage_.precision.pieces > 1) plan_pieces();
}

Stmt StageBuilder::run() {
    std::vector<Stmt> parts;
    if (!accumulate_ || stage_.atomic) parts.push_back(initialise_memory());
    parts.push_back(as_team(with_tiles(Symbol(), [&] { return loops(0); })));
    return block(std::move(parts));
}

bool StageBuilder::multiplies() const {
    if (!stage_.tensorize || nest_.target.kind != TargetKind::cuda) return false;
    const Atom* atom = find_atom(stage_.tensorize->atom, TargetKind::cuda);
    return atom && (atom->issuer == "warp" || atom->issuer == "warpgroup");
}

bool StageBuilder::statement_from(std::size_t position) const {
    if (multiplies()) return static_cast<int>(position) >= statement_position(nest_, stage_);
    return position == stage_.loops.size() || tile_from(position);
}

Stmt StageBuilder::as_team(Stmt body) const {
    if (nest_.target.kind != TargetKind::cuda || body.empty()) return body;
    bool shares = stage_.cache_out && stage_.cache_out->memory == Memory::shared;
    for (const CacheIn& cache : stage_.caches) shares = shares || cache.memory == Memory::shared;
    if (!shares && !multiplies() && stage_.work.kind == Work::Kind::none && stage_.roles.empty()) return body;
    Team team;
    team.work = stage_.work;
    team.roles = stage_.roles;
    if (stage_.tensorize) {
        team.warps_m = stage_.tensorize->warps_m;
        team.warps_n = stage_.tensorize->warps_n;
    }
    team.block = block_;
    team.tile = tile_;
    team.first = first_;
    team.last = last_;
    team.body = std::move(body);
    return Stmt::make(std::move(team));
}

// What is accumulated: one component, or a tuple's; argmax becomes the pair (value, position).
void StageBuilder::plan_update() {
    op_ = definition_.op;
    reducer_ = definition_.reducer;
    if (op_ == UpdateOp::argmax) {
        op_ = UpdateOp::tuple;
        const ScalarType type = definition_.right[0].type();
        if (!reducer_.defined()) reducer_ = argmax_reducer(type);
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

// Where the accumulator lives: as directed, else just outside the first reduced loop.
void StageBuilder::place_accumulator() {
    if (!accumulates(stage_) || (scatters() && !stage_.atomic)) return;
    accumulate_ = true;
    at_ = accumulator_position(stage_);
    free_ = accumulator_loops(stage_);
    if (!stage_.atomic) outer_reduced_ = reduced_outside(stage_);
    for (std::size_t i = at_ + 1; i < stage_.loops.size(); ++i)
        if (stage_.loops[i].reduced) {
            if (stage_.loops[i].kind == LoopKind::vectorized) lane_ = stage_.loops[i];
            if (is_thread_axis(stage_.loops[i].kind) || stage_.loops[i].kind == LoopKind::cluster)
                across_.push_back(stage_.loops[i].kind);
        }
}

Expr StageBuilder::over_loops(const Expr& e) const {
    Substitution values;
    for (const auto& [symbol, value] : stage_.index) values[symbol] = value;
    return substitute(e, values);
}

// The guards, over loops. `reads`: expressions whose loads must be protected; a guard of a free variable is left
// out when no read depends on its loops (the accumulator's extra elements are never stored).
Expr StageBuilder::guards(const std::vector<Expr>* reads) const {
    Expr all;
    for (const Guard& guard : stage_.guards) {
        const DomainVar* variable = definition_.find(guard.variable);
        const bool reduced = !variable || variable->reduced;
        if (reads && !reduced) {
            bool needed = false;
            for (const Expr& e : *reads)
                for_each_node(e, [&](const Expr& node) {
                    const auto* read = node.as<Read>();
                    if (!read || packed_storage(read->tensor) || padded_registers(read->tensor)) return;
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

bool StageBuilder::packed_storage(const std::shared_ptr<TensorNode>& tensor) const {
    for (const auto& [key, source] : sources_)
        if (source.in_loops && source.storage.node() == tensor) return true;
    return false;
}

// A tile in a device's registers that holds all that the loops inside read, points past the end included.
bool StageBuilder::padded_registers(const std::shared_ptr<TensorNode>& tensor) const {
    if (nest_.target.kind != TargetKind::cuda) return false;
    for (const CacheIn& cache : stage_.caches) {
        const auto source = sources_.find(cache.tensor.node());
        if (cache.memory == Memory::registers && source != sources_.end() && source->second.padded &&
            source->second.storage.node() == tensor)
            return true;
    }
    return false;
}

Expr StageBuilder::free_guards() const {
    Expr all;
    for (const Guard& guard : stage_.guards) {
        const DomainVar* variable = definition_.find(guard.variable);
        if (variable && !variable->reduced) all = conjunction(all, guard.condition);
    }
    return all.defined() ? all : Expr(true);
}

// Where component `i` of the definition is written: the target, or the tile that stands for it.
Place StageBuilder::target_place(const AnyTensor& target, const std::vector<Expr>& left) const {
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
Expr StageBuilder::inside_output() const {
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

Stmt StageBuilder::loops(std::size_t position) {
    if (accumulate_ && static_cast<int>(position) == at_ + 1) return accumulator();
    if (position == stage_.loops.size()) return direct_update(position);
    if (!accumulate_ && tile_from(position)) return direct_update(position);
    const Loop& loop = stage_.loops[position];
    return wrap(loop, with_tiles(loop.var, [&] { return loops(position + 1); }));
}

bool StageBuilder::tile_from(std::size_t position) const {
    for (std::size_t i = position; i < stage_.loops.size(); ++i)
        if (!is_tile_loop(stage_.loops[i]) || has_tiles(nest_, stage_, stage_.loops[i].var)) return false;
    return true;
}

// Without an accumulator: target op= value at every point.
Stmt StageBuilder::direct_update(std::size_t first_dim) {
    Map map;
    map.dims = tile_dims(stage_.loops, first_dim);
    map.op = op_;
    map.reducer = reducer_;
    Expr participates;
    for (const Component& component : components_) {
        const ResolvedValue resolved = resolve(component.value);
        participates = conjunction(participates, over_loops(resolved.participates));
        map.values.push_back(with_inverses(over_loops(resolved.value)));
        map.to.push_back(target_place(component.target, definition_.left));
    }
    map.predicate = conjunction(conjunction(guards(nullptr), inside_output()), participates);
    map.streaming = stage_.streaming_stores;
    map.atomic = stage_.atomic;
    std::vector<Stmt> parts = {Stmt::make(map)};
    if (op_ == UpdateOp::assign && components_.size() == 1) {
        const std::vector<Stmt> after = epilogues(map.dims, map.values[0], map.predicate);
        if (!needs_target(components_[0].target)) parts.clear();
        parts.insert(parts.end(), after.begin(), after.end());
    }
    return in_first_threads(block(std::move(parts)));
}

// On a device a quotient by a result of the row, the same for all of its elements, is a product with its inverse: one
// more rounding, and no division an element.
Expr StageBuilder::with_inverses(const Expr& value) const {
    if (nest_.target.kind != TargetKind::cuda || op_ != UpdateOp::assign) return value;
    const auto of_row = [&](const Expr& divisor) {
        bool reads = false, same = true;
        for_each_node(divisor, [&](const Expr& node) {
            for (const Loop& loop : stage_.loops)
                if (const auto* variable = node.as<Variable>()) same = same && variable->symbol != loop.var;
            const auto* read = node.as<Read>();
            if (!read) return;
            reads = true;
            same = same && std::any_of(sources_.begin(), sources_.end(), [&](const auto& source) {
                       return source.second.storage.node() == read->tensor && !source.second.in_loops;
                   });
        });
        return reads && same;
    };
    return rewrite(value, [&](const Expr& node) -> Expr {
        const auto* quotient = node.as<Binary>();
        if (!quotient || quotient->op != BinaryOp::div || node.type() != ScalarType::f32 ||
            !of_row(simplify(quotient->b)))
            return {};
        return quotient->a * (Expr::floating(1, ScalarType::f32) / quotient->b);
    });
}

ResolvedValue StageBuilder::resolve(const Expr& value) const {
    return resolve_reads(value, definition_.domain, op_, nest_, sources_);
}

// Whole planes of an epilogue's result take the way of the stage's own, where that stays behind.
bool StageBuilder::leaves_as_planes(const AnyTensor& produced) const {
    const AnyTensor target = stage_.stage.targets[0];
    return stage_.cache_out && stage_.cache_out->atom == "bulk" && !needs_target(target) &&
           needs_memory(nest_, produced) && bytes_of(produced.type()) == bytes_of(target.type());
}

// Stages applied to the result while it is at hand: each reads the one before at the same place.
std::vector<Stmt> StageBuilder::epilogues(const std::vector<TileDim>& dims, Expr value, const Expr& predicate) {
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
            Expr result =
                resolve_reads(definition.right[0], definition.domain, UpdateOp::assign, nest_, sources_).value;
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
            if (leaves_as_planes(produced)) {
                parts.push_back(through_tile(dims, value, predicate, produced));
            } else if (needs_memory(nest_, produced)) {
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
Stmt StageBuilder::initialise_memory() {
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
        const std::vector<Expr> indices = fill_indices(place.storage, !local_, nest_.target, fill.dims);
        fill.to.push_back({place.storage, indices});
        fill.values.push_back(component.identity.defined()
                                  ? component.identity
                                  : cast(compute_type(component.target.type()), Expr::integer(0)));
        parts.push_back(Stmt::make(std::move(fill)));
    }
    return block(std::move(parts));
}

}  // namespace heddle
