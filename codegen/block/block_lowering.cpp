// codegen/block/block_lowering.cpp -- the frame of a block: shared memory, threads, roles.
#include "codegen/block/block_lowering.h"

#include <algorithm>

#include "codegen/build_reads.h"
#include "codegen/passes/clip_loops.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/atom.h"
#include "schedules/thread_axes.h"

namespace heddle {

CallOperand value_operand(const Expr& value) {
    CallOperand operand;
    operand.value = value;
    return operand;
}
CallOperand value_operand(std::int64_t value) { return value_operand(Expr::integer(value)); }
CallOperand address_operand(const AnyTensor& storage, std::vector<Expr> indices) {
    CallOperand operand;
    operand.place = {storage, std::move(indices)};
    operand.address = true;
    return operand;
}
CallOperand unswizzled_operand(const AnyTensor& storage, std::vector<Expr> indices) {
    CallOperand operand = address_operand(storage, std::move(indices));
    operand.unswizzled = true;
    return operand;
}
CallOperand array_operand(const AnyTensor& storage, std::vector<Expr> indices) {
    CallOperand operand;
    operand.place = {storage, std::move(indices)};
    return operand;
}
Stmt call(const std::string& function, std::vector<CallOperand> operands) {
    Call node;
    node.function = function;
    node.operands = std::move(operands);
    return Stmt::make(std::move(node));
}
Stmt if_then(const Expr& condition, Stmt then) {
    if (is_const(condition, 1) || then.empty()) return then;
    If node;
    node.condition = condition;
    node.then = std::move(then);
    return Stmt::make(std::move(node));
}

Substitution point_of(const std::vector<TileDim>& dims, const Expr& linear) {
    Substitution point;
    Expr rest = linear;
    for (std::size_t d = dims.size(); d-- > 0;) {
        point[dims[d].var] = d == 0 ? rest : simplify(rest % dims[d].extent);
        rest = simplify(rest / dims[d].extent);
    }
    return point;
}

std::int64_t points_of(const std::vector<TileDim>& dims) {
    std::int64_t points = 1;
    for (const TileDim& dim : dims) {
        const auto* extent = dim.extent.as<IntImm>();
        if (!extent) throw UserError("the loop " + dim.var.name() + " of a tile has no constant extent; split it");
        points *= extent->value;
    }
    return points;
}

BlockLowering::BlockLowering(const Team& team, const Target& target)
    : team_(team),
      target_(target),
      block_("block", SymbolKind::loop),
      thread_("thread", SymbolKind::loop),
      thread_id_(Expr(thread_)) {}

Stmt BlockLowering::run() {
    Stmt body = team_.body;
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* loop = s.as<For>()) ranges_[loop->var] = range_of_extent(loop->extent);
    });
    body = clip_products(body);
    hoist_tiles(body);
    find_products(body);
    find_rings(body);
    plan_threads(body);
    if (team_.work.kind != Work::Kind::none) body = distribute(body);
    Stmt result = in_frame(body);
    if (!blocks_.defined()) return result;
    For blocks;
    blocks.var = block_;
    blocks.min = Expr::integer(0);
    blocks.extent = blocks_;
    blocks.kind = LoopKind::block_x;
    blocks.body = std::move(result);
    return Stmt::make(std::move(blocks));
}

// Tiles in shared memory are allocated once a block, before everything else.
void BlockLowering::hoist_tiles(Stmt& body) {
    Mutator mutator;
    mutator.statement = [&](const Stmt& s) -> Stmt {
        const auto* allocate = s.as<Allocate>();
        if (!allocate || allocate->memory != Memory::shared) return s;
        tiles_.push_back({allocate->storage, allocate->layout});
        return allocate->body;
    };
    body = mutate(body, mutator);
    for_each_stmt(body, [&](const Stmt& s) {
        const auto* copy = s.as<Copy>();
        const auto* read = copy ? copy->source.as<Read>() : nullptr;
        if (!read || copy->fill.defined()) return;  // a tile that is filled
        for (const Tile& tile : tiles_)
            if (tile.storage.node() == read->tensor) {
                out_copies_.push_back(s);
                stores_boxes_ = stores_boxes_ || copy->atom.starts_with("tma") || copy->atom == "bulk";
            }
    });
}

const Layout& BlockLowering::layout_of(const AnyTensor& storage) const {
    for (const Tile& tile : tiles_)
        if (tile.storage == storage) return tile.layout;
    throw InternalError(storage.name() + " is no tile in shared memory");
}

bool BlockLowering::is_out_tile(const AnyTensor& storage) const {
    return std::any_of(out_copies_.begin(), out_copies_.end(),
                       [&](const Stmt& s) { return s.as<Copy>()->source.as<Read>()->tensor == storage.node(); });
}

void BlockLowering::find_products(const Stmt& body) {
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* mma = s.as<Mma>()) {
            const Atom* atom = find_atom(mma->atom, TargetKind::cuda);
            if (atom && (atom->issuer == "warp" || atom->issuer == "warpgroup")) plan_product(*mma);
        }
    });
}

// Loops that are bound to threads become one outermost loop an axis, so that what they share can be filled by all.
void BlockLowering::plan_threads(Stmt& body) {
    for_each_stmt(body, [&](const Stmt& s) {
        const auto* loop = s.as<For>();
        if (!loop || !is_thread_axis(loop->kind)) return;
        const auto* extent = loop->extent.as<IntImm>();
        if (!extent)
            throw UserError("the loop " + loop->var.name() + " is bound to threads and has no constant extent");
        BoundThreads& axis = bound_[axis_of(loop->kind)];
        if (axis.extent == 0) axis.var = loop->var;
        axis.extent = std::max(axis.extent, extent->value);
    });
    if (bound_[0].extent + bound_[1].extent + bound_[2].extent > 0) {
        if (!fragments_.empty() || !team_.roles.empty())
            throw UserError(
                "tensor cores and roles bring threads of their own: loops bound to threads do not go with them");
        Mutator mutator;
        mutator.statement = [&](const Stmt& s) -> Stmt {
            const auto* loop = s.as<For>();
            if (!loop || !is_thread_axis(loop->kind)) return s;
            const BoundThreads& axis = bound_[axis_of(loop->kind)];
            const bool all = is_const(loop->extent, axis.extent);
            return if_then(all ? Expr(true) : Expr(axis.var) < loop->extent,
                           substitute(loop->body, {{loop->var, Expr(axis.var)}}));
        };
        body = mutate(body, mutator);
        own_threads_ = false;
        std::int64_t threads = 1;
        thread_id_ = Expr::integer(0);  // thread_x runs fastest
        for (const BoundThreads& axis : bound_) {
            if (axis.extent == 0) continue;
            thread_id_ = thread_id_ + Expr(axis.var) * Expr::integer(threads);
            threads *= axis.extent;
            ranges_[axis.var] = range_of_extent(Expr::integer(axis.extent));
        }
        thread_id_ = simplify(thread_id_);
        threads_ = consumers_ = static_cast<int>(threads);
        return;
    }
    consumers_ = 32 * warps_m_ * warps_n_ * (warpgroups_ ? 4 : 1);
    if (fragments_.empty()) consumers_ = 256;
    for (const Role& role : team_.roles) {
        if (role.name == "producer")
            producers_ = role.registers > 0 ? (role.count * role.threads + 127) / 128 * 128 : role.count * role.threads;
        else if (fragments_.empty())
            consumers_ = role.count * role.threads;
    }
    threads_ = consumers_ + producers_;
    ranges_[thread_] = range_of_extent(Expr::integer(threads_));
}

Stmt BlockLowering::barrier(Party party) const {
    if (party == Party::consumer) return call("sync_threads", {value_operand(1), value_operand(consumers_)});
    return Stmt::make(Barrier());
}

// Barriers are made before anybody waits for them.
Stmt BlockLowering::prologue() const {
    std::vector<Stmt> makes;
    for (const auto& ring : rings_) {
        if (!ring->boxes) continue;
        const Symbol slot("slot", SymbolKind::loop);
        std::vector<Stmt> each = {call("barrier_init", {address_operand(ring->full, {Expr(slot)}), value_operand(1)})};
        if (ring->empty.defined())
            each.push_back(
                call("barrier_init", {address_operand(ring->empty, {Expr(slot)}), value_operand(consumers_ / 32)}));
        For loop;
        loop.var = slot;
        loop.min = Expr::integer(0);
        loop.extent = Expr::integer(ring->depth);
        loop.body = block(std::move(each));
        makes.push_back(Stmt::make(std::move(loop)));
    }
    if (makes.empty()) return {};
    makes.push_back(call("barrier_init_fence"));
    return block({if_then(equals(thread_id_, Expr::integer(0)), block(std::move(makes))), barrier(Party::all)});
}

// Rings, barriers and counters around the body; the counters are each thread's own.
Stmt BlockLowering::with_storage(Stmt body) const {
    const auto allocate = [&](const AnyTensor& storage, Memory memory, Layout layout, const std::string& declared) {
        Allocate node;
        node.storage = storage;
        node.memory = memory;
        node.layout = std::move(layout);
        node.declared = declared;
        node.body = body;
        body = Stmt::make(std::move(node));
    };
    for (const auto& ring : rings_)
        if (ring->boxes) {
            if (ring->empty.defined()) allocate(ring->empty, Memory::shared, {}, "Barrier");
            allocate(ring->full, Memory::shared, {}, "Barrier");
        }
    for (auto tile = tiles_.rbegin(); tile != tiles_.rend(); ++tile)
        allocate(tile->storage, Memory::shared, tile->layout, "");
    return body;
}

Stmt BlockLowering::in_frame(const Stmt& body) {
    const auto role_registers = [&](const char* name) {
        for (const Role& role : team_.roles)
            if (role.name == name) return role.registers;
        return 0;
    };
    const auto with_counters = [&](Stmt s) {
        std::vector<Stmt> start;
        for (const auto& ring : rings_)
            if (ring->boxes) start.push_back(store(ring->step, {}, Expr::integer(0, i32)));
        start.push_back(std::move(s));
        Stmt result = block(std::move(start));
        for (const auto& ring : rings_) {
            if (!ring->boxes) continue;
            Allocate node;
            node.storage = ring->step;
            node.memory = Memory::registers;
            node.declared = "int";
            node.body = std::move(result);
            result = Stmt::make(std::move(node));
        }
        return result;
    };
    const auto finished = [&](Stmt s) {
        if (!stores_boxes_) return s;
        return block({s, if_then(equals(thread_id_, Expr::integer(0)), call("tma_store_wait<0>"))});
    };
    const auto in_loop = [](Stmt s, const Symbol& var, std::int64_t extent, LoopKind kind) {
        For threads;
        threads.var = var;
        threads.min = Expr::integer(0);
        threads.extent = Expr::integer(extent);
        threads.kind = kind;
        threads.body = std::move(s);
        return Stmt::make(std::move(threads));
    };
    const auto in_threads = [&](Stmt s) {
        if (own_threads_) return in_loop(std::move(s), thread_, threads_, LoopKind::thread_x);
        for (int axis = 0; axis < 3; ++axis)
            if (bound_[axis].extent > 0)
                s = in_loop(std::move(s), bound_[axis].var, bound_[axis].extent, thread_axis(axis));
        return s;
    };
    if (producers_ == 0) {
        Stmt all = lower(body, Party::all);
        return with_storage(in_threads(block({prologue(), with_counters(finished(std::move(all)))})));
    }
    Stmt consumer = lower(body, Party::consumer);
    Stmt producer = lower(body, Party::producer);
    std::vector<Stmt> consumes, produces;
    if (const int registers = role_registers("consumer"); registers > 0)
        consumes.push_back(call("increase_registers<" + std::to_string(registers) + ">"));
    if (const int registers = role_registers("producer"); registers > 0)
        produces.push_back(call("decrease_registers<" + std::to_string(registers) + ">"));
    consumes.push_back(finished(std::move(consumer)));
    produces.push_back(if_then(equals(thread_id_, Expr::integer(consumers_)), std::move(producer)));
    return with_storage(in_threads(block({
        prologue(),
        if_then(thread_id_ < Expr::integer(consumers_), with_counters(block(std::move(consumes)))),
        if_then(Expr::integer(consumers_) <= thread_id_, with_counters(block(std::move(produces)))),
    })));
}

Stmt BlockLowering::lower_block(const std::vector<Stmt>& statements, Party party) {
    std::vector<Stmt> parts;
    for (const Stmt& s : statements) parts.push_back(lower(s, party));
    return block(std::move(parts));
}

Stmt BlockLowering::lower(const Stmt& s, Party party) {
    if (s.empty()) return s;
    if (const auto* list = s.as<Block>()) {
        // Tiles that are filled before all loops.
        if (Ring* ring = ring_at(Symbol()); ring && !list->statements.empty()) {
            const auto first = std::find_if(list->statements.begin(), list->statements.end(), [&](const Stmt& each) {
                return std::any_of(ring->copies.begin(), ring->copies.end(),
                                   [&](const Stmt& copy) { return copy.same_as(each); });
            });
            if (first != list->statements.end()) {
                const std::size_t count = ring->copies.size();
                return ring_root(*ring, {first + static_cast<std::ptrdiff_t>(count), list->statements.end()}, party);
            }
        }
        return lower_block(list->statements, party);
    }
    if (const auto* loop = s.as<For>()) {
        const bool repeats = loop->kind == LoopKind::serial || loop->kind == LoopKind::unrolled;
        serial_loops_ += repeats ? 1 : 0;
        Stmt result;
        if (Ring* ring = ring_at(loop->var)) {
            --serial_loops_;
            result = ring_loop(*loop, *ring, party);
            ++serial_loops_;
        } else {
            For copy = *loop;
            copy.pipeline = 0;
            copy.body = lower(loop->body, party);
            if (!copy.body.empty()) result = Stmt::make(std::move(copy));
        }
        serial_loops_ -= repeats ? 1 : 0;
        return result;
    }
    if (const auto* let = s.as<Let>()) {
        Let copy = *let;
        copy.body = lower(let->body, party);
        return copy.body.empty() ? Stmt() : Stmt::make(std::move(copy));
    }
    if (const auto* test = s.as<If>()) return if_then(test->condition, lower(test->then, party));
    if (const auto* allocate = s.as<Allocate>()) {
        if (party == Party::producer) return lower(allocate->body, party);
        Allocate copy = *allocate;
        if (const auto found = fragments_.find(allocate->storage.node().get()); found != fragments_.end()) {
            copy.storage = found->second.registers;
            copy.memory = Memory::registers;
        }
        copy.body = lower(allocate->body, party);
        return copy.body.empty() ? Stmt() : Stmt::make(std::move(copy));
    }
    if (party == Party::producer) return {};
    if (const auto* mma = s.as<Mma>(); mma && fragments_.count(mma->to.storage.node().get()))
        return product(*mma, true);
    if (const auto* copy = s.as<Copy>()) {
        const auto* read = copy->source.as<Read>();
        if (read && is_out_tile(AnyTensor(read->tensor))) return copy_out(*copy, party);
        for (const Tile& tile : tiles_)
            if (tile.storage == copy->to.storage)
                throw InternalError("a tile in shared memory is filled in the middle of a loop");
        return s;
    }
    if (const auto* map = s.as<Map>()) {
        const Fragment* fragment = nullptr;
        Stmt result = uses_fragment(*map, &fragment) ? map_fragments(*map)
                      : own_threads_                 ? map_by_threads(*map, party)
                                                     : s;
        if (!is_out_tile(map->to[0].storage)) return result;
        // The copy out of the last iteration has left the tile, and sees the whole of this one.
        return block(
            {stores_boxes_ ? if_then(equals(thread_id_, Expr::integer(0)), call("tma_store_wait_read<0>")) : Stmt(),
             barrier(party), result});
    }
    return s;
}

}  // namespace heddle
