// codegen/block/block_rings.cpp -- tiles that are filled ahead of their use, in a ring of slots.
//
// Filled by threads (plain copies, cp.async), a loop of depth S runs as
//     copies of the first S - 1 steps, a group each
//     each step: wait for its group; barrier; copies of step + S - 1 into the slot that was used last; the step
// Filled by boxes (tensor memory accelerator) or spans (bulk copies), mbarriers count the bytes: `full` of a slot ends
// a phase when they are there. With roles, `empty` of a slot ends a phase when all warps that use it are done; the
// producer waits for that. A ring's step counts all its fills, over all loops around, modulo 2 * S: slot step % S,
// phase step / S.
#include <algorithm>

#include "codegen/block/tile_operand.h"
#include "codegen/build_reads.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

std::vector<Stmt> statements_of(const Stmt& body) {
    if (const auto* list = body.as<Block>()) return list->statements;
    return {body};
}

constexpr std::int64_t most_held = 24;  // registers of a thread, of all copies together

bool is_box(const Copy& copy) { return copy.atom.starts_with("tma") || copy.atom == "bulk"; }

Expr first_thread(const Expr& thread) { return equals(thread, Expr::integer(0)); }

}  // namespace

void BlockLowering::find_rings(const Stmt& body) {
    add_ring(Symbol(), body, 1);
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* loop = s.as<For>()) add_ring(loop->var, loop->body, std::max(1, loop->pipeline));
    });
}

void BlockLowering::add_ring(const Symbol& loop, const Stmt& body, int depth) {
    auto ring = std::make_unique<Ring>();
    ring->loop = loop;
    ring->depth = depth;
    for (const Stmt& s : statements_of(body)) {
        const auto* copy = s.as<Copy>();
        const auto tile = std::find_if(tiles_.begin(), tiles_.end(),
                                       [&](const Tile& each) { return copy && each.storage == copy->to.storage; });
        if (tile == tiles_.end()) break;
        ring->copies.push_back(s);
        ring->boxes = ring->boxes || is_box(*copy);
    }
    if (ring->copies.empty()) return;
    for (const Stmt& s : ring->copies) {
        const Copy& copy = *s.as<Copy>();
        if (is_box(copy) != ring->boxes)
            throw UserError(
                "the tiles filled at one loop are copied by one unit: " + copy.to.storage.name() +
                (ring->boxes ? " is copied by threads, others as boxes" : " is copied as boxes, others by threads"));
        ring->async = ring->async || (!ring->boxes && copy.atom != "ld_st" &&
                                      (vector_elements(copy, true) > 0 || elements_of_lines(copy) > 0));
    }
    const bool roles =
        std::any_of(team_.roles.begin(), team_.roles.end(), [](const Role& role) { return role.name == "producer"; });
    if (roles && !ring->boxes)
        throw UserError("specialize_warps: a producer copies boxes (atom=tma_tile, tma_im2col); " +
                        ring->copies[0].as<Copy>()->to.storage.name() + " is copied by threads");
    if (depth > 1 && !ring->boxes) ring->async = true;
    const std::string suffix = rings_.empty() ? "" : "_" + std::to_string(rings_.size());
    const std::vector<Expr> slots = {Expr::integer(depth)};
    if (ring->boxes) {
        ring->full = make_storage("full" + suffix, i64, slots);
        if (roles && loop.defined()) ring->empty = make_storage("empty" + suffix, i64, slots);
        ring->step = make_storage("step" + suffix, u8, {});
    }
    // A slot of each tile a stage; slots of swizzled tiles start where the swizzle does.
    for (const Stmt& s : ring->copies) {
        const AnyTensor tile = s.as<Copy>()->to.storage;
        Layout& layout =
            std::find_if(tiles_.begin(), tiles_.end(), [&](const Tile& each) { return each.storage == tile; })->layout;
        AnyTensor storage = tile;
        if (depth > 1) {
            std::vector<Expr> shape = slots;
            for (const Extent& extent : tile.shape()) shape.push_back(extent.expr());
            storage = make_storage(tile.name(), tile.type(), shape);
            const std::int64_t unit = (layout.swizzle.bits > 0 ? 1024 : 128) / bytes_of(tile.type());
            const std::int64_t whole = layout.block > 0 ? layout.strides.empty() ? 0 : layout.span() : layout.span();
            layout.shape.insert(layout.shape.begin(), depth);
            layout.strides.insert(layout.strides.begin(), (whole + unit - 1) / unit * unit);
            for (Tile& each : tiles_)
                if (each.storage == tile) each.storage = storage;
        }
        ring->storages[tile.node().get()] = storage;
    }
    rings_.push_back(std::move(ring));
}

BlockLowering::Ring* BlockLowering::ring_at(const Symbol& loop) {
    for (const auto& ring : rings_)
        if (ring->loop == loop) return ring.get();
    return nullptr;
}

namespace {

Expr count_of(const AnyTensor& step) { return cast(i64, load(step, {})); }

}  // namespace

Expr BlockLowering::slot_of(const Ring& ring, std::int64_t ahead) const {
    if (ring.depth == 1) return Expr::integer(0);
    return simplify((count_of(ring.step) + Expr::integer(ahead)) % Expr::integer(ring.depth));
}

Expr BlockLowering::phase_of(const Ring& ring, bool producer) const {
    const Expr round = simplify(count_of(ring.step) / Expr::integer(ring.depth));
    return producer ? simplify(Expr::integer(1) - round) : round;
}

Stmt BlockLowering::next_step(const Ring& ring) const {
    const Expr next = (count_of(ring.step) + Expr::integer(1)) % Expr::integer(2 * ring.depth);
    return store(ring.step, {}, cast(i32, next));
}

// The statement with the ring's tiles in a slot.
Stmt BlockLowering::in_slot(const Stmt& s, const Ring& ring, const Expr& slot) const {
    if (ring.depth == 1) return s;
    const auto moved = [&](const std::shared_ptr<TensorNode>& node) {
        const auto found = ring.storages.find(node.get());
        return found == ring.storages.end() ? AnyTensor() : found->second;
    };
    const auto with_slot = [&](std::vector<Expr> indices) {
        indices.insert(indices.begin(), slot);
        return indices;
    };
    Mutator mutator;
    mutator.expression = [&](const Expr& e) {
        return rewrite(e, [&](const Expr& node) -> Expr {
            const auto* read = node.as<Read>();
            const AnyTensor storage = read ? moved(read->tensor) : AnyTensor();
            return storage.defined() ? load(storage, with_slot(read->indices)) : Expr();
        });
    };
    const auto move = [&](Place& place) {
        if (!place.storage.defined()) return;
        const AnyTensor storage = moved(place.storage.node());
        if (storage.defined()) place = {storage, with_slot(place.indices)};
    };
    mutator.statement = [&](const Stmt& each) -> Stmt {
        if (const auto* copy = each.as<Copy>()) {
            Copy changed = *copy;
            move(changed.to);
            return Stmt::make(std::move(changed));
        }
        if (const auto* map = each.as<Map>()) {
            Map changed = *map;
            for (Place& place : changed.to) move(place);
            return Stmt::make(std::move(changed));
        }
        if (const auto* write = each.as<Store>()) {
            Store changed = *write;
            move(changed.to);
            return Stmt::make(std::move(changed));
        }
        if (const auto* function = each.as<Call>()) {
            Call changed = *function;
            for (CallOperand& operand : changed.operands) move(operand.place);
            move(changed.to);
            return Stmt::make(std::move(changed));
        }
        return each;
    };
    return mutate(s, mutator);
}

// The copies of one step; `at` replaces the loop's variable.
Stmt BlockLowering::fill(const Ring& ring, const Substitution& at, const Expr& slot) const {
    std::vector<Stmt> parts;
    for (const Stmt& s : ring.copies) {
        const Stmt placed = in_slot(substitute(s, at), ring, slot);
        const Copy& copy = *placed.as<Copy>();
        parts.push_back(ring.boxes ? copy_boxes(copy, address_operand(ring.full, {slot}))
                                   : copy_by_threads(copy, thread_id_, threads_, ring.async));
    }
    return block(std::move(parts));
}

Stmt BlockLowering::ring_loop(const For& loop, Ring& ring, Party party) {
    std::vector<Stmt> statements = statements_of(loop.body);
    const Stmt rest = block({statements.begin() + static_cast<std::ptrdiff_t>(ring.copies.size()), statements.end()});
    if (party == Party::producer) return produced(loop, ring, rest);
    if (party == Party::consumer) return consumed(loop, ring, rest);
    return ring.boxes ? filled_by_boxes(loop, ring, rest) : filled_by_threads(loop, ring, rest);
}

Stmt BlockLowering::ring_root(Ring& ring, const std::vector<Stmt>& rest, Party party) {
    const Stmt body = lower_block(rest, party);
    const Expr slot = Expr::integer(0);
    if (!ring.boxes)
        return block({fill(ring, {}, slot),
                      ring.async ? block({call("copy_async_commit"), call("copy_async_wait<0>")}) : Stmt(),
                      warpgroups_ ? call("async_proxy_fence") : Stmt(), barrier(party), body});
    const Stmt filling =
        block({call("barrier_expect", {address_operand(ring.full, {slot}), value_operand(bytes_of_boxes(ring))}),
               fill(ring, {}, slot)});
    const Stmt waiting = call("barrier_wait", {address_operand(ring.full, {slot}), value_operand(0)});
    if (party == Party::producer) return block({filling, body});
    if (party == Party::consumer) return block({waiting, body});
    return block({if_then(first_thread(thread_id_), filling), waiting, body});
}

Stmt BlockLowering::filled_by_threads(const For& loop, Ring& ring, const Stmt& rest) {
    const Stmt commit = call("copy_async_commit");
    const Stmt seen = warpgroups_ ? call("async_proxy_fence") : Stmt();  // what threads wrote, wgmma reads
    const bool repeated = serial_loops_ > 0;
    ++serial_loops_;
    const Stmt lowered = lower(rest, Party::all);
    --serial_loops_;
    For steps = loop;
    steps.pipeline = 0;
    if (ring.depth == 1) {
        const bool once = is_block(loop.kind) && !repeated;
        steps.body = block({once ? Stmt() : barrier(Party::all), fill(ring, {}, Expr::integer(0)),
                            ring.async ? block({commit, call("copy_async_wait<0>")}) : Stmt(), seen,
                            barrier(Party::all), lowered});
        return Stmt::make(std::move(steps));
    }
    const std::int64_t ahead = ring.depth - 1;
    const Expr depth = Expr::integer(ring.depth), step = simplify(Expr(loop.var) - loop.min);
    const Expr end = simplify(loop.min + loop.extent);
    For first;
    first.var = Symbol("ahead", SymbolKind::loop);
    first.min = Expr::integer(0);
    first.extent = Expr::integer(ahead);
    first.kind = LoopKind::unrolled;
    const Expr early = simplify(loop.min + Expr(first.var)), later = simplify(Expr(loop.var) + Expr::integer(ahead));
    first.body = block({if_then(simplify(early < end), fill(ring, {{loop.var, early}}, Expr(first.var))), commit});
    // Elements that are copied one by one stay in registers while the step multiplies.
    const Expr later_slot = simplify((step + Expr::integer(ahead)) % depth);
    std::vector<Stmt> fetches, puts;
    std::vector<AnyTensor> held;
    std::int64_t registers = 0;
    Ring others;
    others.loop = ring.loop;
    others.depth = ring.depth;
    others.async = ring.async;
    others.storages = ring.storages;
    for (const Stmt& s : ring.copies) {
        const Stmt placed = in_slot(substitute(s, {{loop.var, later}}), ring, later_slot);
        const Copy& copy = *placed.as<Copy>();
        const std::int64_t rounds = (points_of(copy.dims) + threads_ - 1) / threads_;
        if (vector_elements(copy, ring.async) > 0 || elements_of_lines(copy) > 0 || !copies_16_bits(copy) ||
            registers + rounds > most_held) {
            others.copies.push_back(s);
            continue;
        }
        registers += rounds;
        held.push_back(make_storage(copy.to.storage.name() + "_held", i32, {Expr::integer(rounds)}));
        fetches.push_back(fetch_16_bits(copy, held.back(), Expr::integer(0), thread_id_, threads_));
        puts.push_back(put_16_bits(copy, held.back(), Expr::integer(0), thread_id_, threads_));
    }
    fetches.insert(fetches.begin(), fill(others, {{loop.var, later}}, later_slot));
    steps.body = block({call("copy_async_wait<" + std::to_string(ahead - 1) + ">"), seen, barrier(Party::all),
                        in_registers(held, "unsigned",
                                     block({if_then(later < end, block(std::move(fetches))), commit,
                                            in_slot(lowered, ring, simplify(step % depth)),
                                            puts.empty() ? Stmt() : if_then(later < end, block(std::move(puts)))}))});
    return block({repeated ? barrier(Party::all) : Stmt(), Stmt::make(std::move(first)), Stmt::make(std::move(steps)),
                  call("copy_async_wait<0>")});
}

Stmt BlockLowering::filled_by_boxes(const For& loop, Ring& ring, const Stmt& rest) {
    const std::int64_t ahead = ring.depth - 1;
    const Expr end = simplify(loop.min + loop.extent);
    ++serial_loops_;
    const Stmt lowered = in_slot(lower(rest, Party::all), ring, slot_of(ring));
    --serial_loops_;
    const auto filling = [&](const Expr& at, const Expr& slot) {
        return block({call("barrier_expect", {address_operand(ring.full, {slot}), value_operand(bytes_of_boxes(ring))}),
                      fill(ring, {{loop.var, at}}, slot)});
    };
    const Stmt waiting =
        call("barrier_wait", {address_operand(ring.full, {slot_of(ring)}), value_operand(phase_of(ring, false))});
    For steps = loop;
    steps.pipeline = 0;
    if (ahead == 0) {
        const bool once = is_block(loop.kind) && serial_loops_ == 0;
        steps.body = block({once ? Stmt() : barrier(Party::all),
                            if_then(first_thread(thread_id_), filling(Expr(loop.var), Expr::integer(0))), waiting,
                            lowered, next_step(ring)});
        return Stmt::make(std::move(steps));
    }
    For first;
    first.var = Symbol("ahead", SymbolKind::loop);
    first.min = Expr::integer(0);
    first.extent = Expr::integer(ahead);
    const Expr early = simplify(loop.min + Expr(first.var)), later = simplify(Expr(loop.var) + Expr::integer(ahead));
    ranges_[first.var] = range_of_extent(first.extent);
    const Expr early_slot = simplify((count_of(ring.step) + Expr(first.var)) % Expr::integer(ring.depth));
    first.body = if_then(simplify(early < end), filling(early, early_slot));
    steps.body =
        block({waiting, barrier(Party::all),
               if_then(conjunction(first_thread(thread_id_), later < end), filling(later, slot_of(ring, ahead))),
               lowered, next_step(ring)});
    return block({barrier(Party::all), if_then(first_thread(thread_id_), Stmt::make(std::move(first))),
                  Stmt::make(std::move(steps))});
}

Stmt BlockLowering::produced(const For& loop, Ring& ring, const Stmt& rest) {
    For steps = loop;
    steps.pipeline = 0;
    const Expr slot = slot_of(ring);
    steps.body =
        block({call("barrier_wait", {address_operand(ring.empty, {slot}), value_operand(phase_of(ring, true))}),
               call("barrier_expect", {address_operand(ring.full, {slot}), value_operand(bytes_of_boxes(ring))}),
               fill(ring, {}, slot), next_step(ring), lower(rest, Party::producer)});
    return Stmt::make(std::move(steps));
}

// Warps arrive at `empty` once their products have read the slot. Where the step is one product of warpgroups, it is
// let run while the next begins: the slot before is the one that is free.
Stmt BlockLowering::consumed(const For& loop, Ring& ring, const Stmt& rest) {
    For steps = loop;
    steps.pipeline = 0;
    const Expr slot = slot_of(ring);
    const Stmt waiting =
        call("barrier_wait", {address_operand(ring.full, {slot}), value_operand(phase_of(ring, false))});
    const Expr first_lane = equals(thread_id_ % Expr::integer(32), Expr::integer(0));
    const auto release = [&](const Expr& of) {
        return if_then(first_lane, call("barrier_arrive", {address_operand(ring.empty, {of})}));
    };
    const auto* mma = rest.as<Mma>();
    ++serial_loops_;
    if (mma && warpgroups_ && ring.depth > 1 && mma->pieces == 1 && !is_const(loop.extent, 1)) {
        const Expr before = slot_of(ring, ring.depth - 1);
        steps.body = block({waiting, in_slot(product(*mma, false), ring, slot), call("wgmma_wait<1>"),
                            if_then(loop.min < Expr(loop.var), release(before)), next_step(ring)});
        --serial_loops_;
        const Expr any = simplify(Expr::integer(0) < loop.extent);
        return block({Stmt::make(std::move(steps)), call("wgmma_wait<0>"), if_then(any, release(before))});
    }
    steps.body = block({waiting, in_slot(lower(rest, Party::consumer), ring, slot), call("__syncwarp"), release(slot),
                        next_step(ring)});
    --serial_loops_;
    return Stmt::make(std::move(steps));
}

}  // namespace heddle
