// codegen/emit_cuda_loops.cpp -- loops of emitted CUDA: over blocks, threads, lanes and iterations.
#include <algorithm>

#include "codegen/emit_cuda_function.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

constexpr int threads_of_parallel_loop = 256;

int axis(LoopKind kind) {
    if (kind == LoopKind::block_y || kind == LoopKind::thread_y) return 1;
    return kind == LoopKind::block_z || kind == LoopKind::thread_z ? 2 : 0;
}

bool multiplies_in_warpgroups(const Stmt& body) {
    bool found = false;
    for_each_stmt(body, [&](const Stmt& s) {
        const auto* function = s.as<Call>();
        found = found || (function && function->function.starts_with("wgmma_m"));
    });
    return found;
}

}  // namespace

// The axis of the grid for the blocks of clusters: the first that no loop is bound to.
int CudaEmitter::free_axis(const Stmt& body) {
    bool taken[3] = {};
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* loop = s.as<For>(); loop && is_block(loop->kind)) taken[axis(loop->kind)] = true;
    });
    return !taken[0] ? 0 : !taken[1] ? 1 : 2;
}

void CudaEmitter::emit_loop(const For& loop) {
    const SymbolicRange lanes = {loop.min, simplify(loop.min + loop.extent - Expr::integer(1))};
    text_.ranges[loop.var] = lanes;
    if (aligned_ && loop.kind == LoopKind::vectorized && !vector_loop(loop, text_))
        if (const std::vector<Stmt> parts = vector_parts(loop, text_); !parts.empty()) {
            for (const Stmt& part : parts) emit(part);
            text_.ranges.erase(loop.var);
            return;
        }
    const std::size_t aliases = text_.aliases();
    const std::string name = text_.unique(loop.var.name());
    text_.bind(loop.var, name);
    text_.ranges[loop.var] = lanes;
    const std::string type = text_.index_name();
    const std::string min = is_const(loop.min, 0) ? "" : text_.value(loop.min) + " + ";
    const auto body = [&](const std::string& test) {
        if (test.empty())
            emit(loop.body);
        else
            braces("if (" + test + ")", [&] { emit(loop.body); });
    };
    if (is_block(loop.kind) || is_thread_axis(loop.kind) || loop.kind == LoopKind::cluster) {
        const bool of_grid = !is_thread_axis(loop.kind);
        const int along = loop.kind == LoopKind::cluster ? cluster_axis_ : axis(loop.kind);
        if (loop.kind == LoopKind::cluster)
            kernel_.cluster[static_cast<std::size_t>(along)] = static_cast<int>(loop.extent.as<IntImm>()->value);
        Expr& extent = (of_grid ? kernel_.grid : kernel_.block)[along];
        const bool fits = is_const(extent, 1) || equal(extent, loop.extent);
        extent = is_const(extent, 1) ? loop.extent : simplify(max(extent, loop.extent));
        const std::string index = std::string(of_grid ? "blockIdx." : "threadIdx.") + "xyz"[along];
        declared({{name, min + index}}, loop, [&] { body(fits ? "" : index + " < " + text_.bound(loop.extent)); });
    } else if (loop.kind == LoopKind::parallel) {
        const std::string threads = std::to_string(threads_of_parallel_loop);
        kernel_.block[0] = Expr::integer(threads_of_parallel_loop);
        kernel_.grid[0] = simplify((loop.extent + Expr::integer(threads_of_parallel_loop - 1)) /
                                   Expr::integer(threads_of_parallel_loop));
        const std::string index = "static_cast<" + type + ">(blockIdx.x) * " + threads + " + threadIdx.x";
        declared({{name, min + index}}, loop,
                 [&] { body(name + " < " + text_.bound(simplify(loop.min + loop.extent))); });
    } else if (const auto vectors = aligned_ ? vector_loop(loop, text_) : std::nullopt) {
        emit_vectors(loop, name, *vectors);
    } else if (!emit_extremum(loop, loop.body)) {
        if (loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized)
            line("#pragma unroll");
        else if (loop.unroll > 1)
            line("#pragma unroll " + std::to_string(loop.unroll));
        else if (multiplies_in_warpgroups(loop.body))  // in line, the assembler would wait for each product
            line("#pragma unroll 1");
        const std::string end = text_.bound(simplify(loop.min + loop.extent, text_.ranges));
        const std::string step = loop.step.defined() ? name + " += " + text_.value(loop.step) : "++" + name;
        braces(
            "for (" + type + " " + name + " = " + text_.value(loop.min) + "; " + name + " < " + end + "; " + step + ")",
            [&] { declared({}, loop, [&] { body(""); }); });
    }
    text_.ranges.erase(loop.var);
    text_.forget_aliases(aliases);
}

// Several elements are loaded at once, the lanes computed one by one, several stored at once.
void CudaEmitter::emit_vectors(const For& loop, const std::string& name, const VectorLoop& vectors) {
    if (emit_filled(loop, name, vectors)) return;
    if (vectors.every.defined()) {
        VectorLoop all = vectors;
        all.every = Expr();
        const std::size_t aliases = text_.aliases();
        braces("if (" + text_.value(vectors.every) + ")", [&] { emit_vectors(loop, name, all); });
        text_.forget_aliases(aliases);
        For lanes = loop;
        lanes.kind = LoopKind::serial;
        // What chooses between two values stores one of them in each lane; tests leave lanes out.
        const bool tests = loop.body.as<If>() && !is_const(vectors.some, 1);
        return braces(tests ? "else if (" + text_.value(vectors.some) + ")" : "else", [&] {
            line("#pragma unroll");
            emit_loop(lanes);
        });
    }
    if (vectors.condition.defined())
        braces("if (" + text_.value(vectors.condition) + ")", [&] { emit_lanes(loop, name, vectors); });
    else
        emit_lanes(loop, name, vectors);
    if (!vectors.otherwise.defined()) return;
    Store fill = *vectors.body.as<Store>();
    fill.value = vectors.otherwise;
    VectorLoop filled;
    filled.body = Stmt::make(std::move(fill));
    braces("else", [&] { emit_lanes(loop, name, filled); });
}

// A copy with zeros where there is nothing: the test is around the load alone, so that no conversion waits for one load
// before the next begins.
bool CudaEmitter::emit_filled(const For& loop, const std::string& name, const VectorLoop& vectors) {
    const auto* store = loop.body.as<Store>();
    const auto* choice = store ? store->value.as<Select>() : nullptr;
    const auto* read = choice ? choice->when_true.as<Read>() : nullptr;
    if (!read || vectors.reads.size() != 1 || vectors.where[0].defined() || !is_zero(choice->when_false) ||
        (vectors.every.defined() ? vectors.condition.defined() : !vectors.condition.defined()))
        return false;
    const AnyTensor tensor(read->tensor);
    if (!text_.is_local(store->to.storage)) return false;
    VectorLoop all;
    all.body = vectors.body;
    all.reads = vectors.reads;
    all.where = {vectors.every.defined() ? vectors.every : vectors.condition};
    if (vectors.every.defined()) {
        all.some = vectors.some;
        all.range = vectors.range;
        all.first = vectors.first;
        all.end = vectors.end;
        all.lanes_where = choice->condition;
        all.lane_value = text_.element(tensor, read->indices);
    }
    emit_lanes(loop, name, all);
    return true;
}

// acc = max(acc, lane), for all lanes of a pack in the thread's registers: two at a time, by their narrow type.
bool CudaEmitter::emit_extremum(const For& loop, const Stmt& body) {
    const auto* store = body.as<Store>();
    const auto* extremum = store && store->atomic == UpdateOp::assign ? store->value.as<Binary>() : nullptr;
    if (!extremum || (extremum->op != BinaryOp::max && extremum->op != BinaryOp::min)) return false;
    const auto *acc = extremum->a.as<Read>(), *lane = extremum->b.as<Read>();
    if (!acc || !lane || !text_.knows(AnyTensor(lane->tensor)) || !is_const(loop.min, 0)) return false;
    const AnyTensor tile(lane->tensor), &to = store->to.storage;
    const auto moves = [&](const Expr& e) { return uses(e, loop.var); };
    const bool whole = text_.is_packed(tile) && equal(lane->indices.back(), Expr(loop.var)) &&
                       equal(tile.shape().back().expr(), loop.extent) &&
                       std::none_of(lane->indices.begin(), lane->indices.end() - 1, moves);
    const bool same = to == AnyTensor(acc->tensor) && to.type() == ScalarType::f32 && text_.is_local(to) &&
                      std::none_of(acc->indices.begin(), acc->indices.end(), moves) &&
                      std::equal(acc->indices.begin(), acc->indices.end(), store->to.indices.begin(),
                                 [](const Expr& a, const Expr& b) { return equal(a, b); });
    if (!whole || !same) return false;
    const std::string type(name_of(tile.type())), op = extremum->op == BinaryOp::max ? "max" : "min";
    text_.helper(type + "_to_float");
    const std::string element = text_.element(to, store->to.indices);
    text_.helper(op + "_nan_f32");
    line(element + " = " + op + "_nan(" + element + ", " + text_.helper(op + "_of_" + type) + "(" +
         text_.array(tile, {lane->indices.begin(), lane->indices.end() - 1}) + "));");
    return true;
}

// The lanes of the loop are those of a pack in the thread's registers.
bool CudaEmitter::fills_pack(const Store& store, const For& loop) const {
    const AnyTensor& to = store.to.storage;
    return text_.is_packed(to) && equal(store.to.indices.back(), Expr(loop.var)) &&
           equal(to.shape().back().expr(), loop.extent);
}

void CudaEmitter::emit_lanes(const For& loop, const std::string& name, const VectorLoop& vectors) {
    const std::string count = text_.value(loop.extent), lane = ".lanes[" + name + "]";
    const std::int64_t elements = loop.extent.as<IntImm>()->value;
    const auto address = [&](const AnyTensor& storage, const std::vector<Expr>& indices) {
        if (text_.is_swizzled(storage)) {  // within rows, by units of 16 bytes
            std::vector<Expr> start;
            for (const Expr& index : indices)
                start.push_back(simplify(substitute(index, {{loop.var, Expr::integer(0)}}), text_.ranges));
            return "&" + text_.element(storage, start);
        }
        const Expr first = substitute(text_.offset(storage, indices), {{loop.var, Expr::integer(0)}});
        const Expr offset = simplify(first, text_.ranges);
        return text_.name_of(storage) + (is_const(offset, 0) ? "" : " + " + text_.value(offset));
    };
    const std::string each_lane =
        "for (" + text_.index_name() + " " + name + " = 0; " + name + " < " + count + "; ++" + name + ")";
    if (emit_extremum(loop, vectors.body)) return;
    text_.helper("Pack");
    if (const auto* copy = vectors.body.as<Store>(); copy && vectors.reads.size() + vectors.stores.size() == 2 &&
                                                     vectors.reads.size() == 1 && !vectors.where[0].defined()) {
        const auto* read = copy->value.as<Read>();
        if (read && read->tensor->type == copy->to.storage.type() && read->tensor->type != boolean)
            return line(text_.helper("store_pack") + "(" + address(copy->to.storage, copy->to.indices) + ", " +
                        text_.helper("load_pack") + "<" + count + ">(" +
                        address(AnyTensor(read->tensor), read->indices) + "));");
    }
    std::vector<std::pair<Expr, std::string>> loaded;
    std::string pack;
    for (std::size_t i = 0; i < vectors.reads.size(); ++i) {
        const Expr& e = vectors.reads[i];
        const auto& read = *e.as<Read>();
        const AnyTensor tensor(read.tensor);
        pack = text_.unique(tensor.name() + "_pack");
        const std::string load = text_.helper("load_pack") + "<" + count + ">(" + address(tensor, read.indices) + ");";
        if (vectors.where[i].defined()) {
            const bool words = elements * bytes_of(tensor.type()) % 4 == 0;
            if (words && vectors.range && vectors.lanes_where.defined() && bytes_of(tensor.type()) <= 4) {
                const std::string type = text_.index_name();
                const auto end = [&](const Expr& e, const std::string& none) {
                    return e.defined() ? text_.value(e) : none;
                };
                line("const auto " + pack + " = " + text_.helper("load_pack_between") + "<" + count + ", " + type +
                     ">(" + end(vectors.first, "0") + ", " + end(vectors.end, count) + ", " +
                     address(tensor, read.indices) + ");");
                loaded.emplace_back(e, text_.loaded(tensor, pack + lane));
                continue;
            }
            if (words && !vectors.lanes_where.defined()) {
                line("const auto " + pack + " = " + text_.helper("load_pack_where") + "<" + count + ">(" +
                     text_.value(vectors.where[i]) + ", " + address(tensor, read.indices) + ");");
                loaded.emplace_back(e, text_.loaded(tensor, pack + lane));
                continue;
            }
            line("Pack<" + CudaText::memory_name(tensor.type()) + ", " + count + "> " + pack + " = {};");
            line("if (" + text_.value(vectors.where[i]) + ") " + pack + " = " + load);
            if (vectors.lanes_where.defined()) {
                braces(is_const(vectors.some, 1) ? "else" : "else if (" + text_.value(vectors.some) + ")", [&] {
                    line("#pragma unroll");
                    braces(each_lane, [&] {
                        line("if (" + text_.value(vectors.lanes_where) + ") " + pack + lane + " = " +
                             vectors.lane_value + ";");
                    });
                });
            }
        } else {
            line("const auto " + pack + " = " + load);
        }
        loaded.emplace_back(e, text_.loaded(tensor, pack + lane));
    }
    if (const auto* fill = vectors.body.as<Store>();
        fill && loaded.size() == 1 && fills_pack(*fill, loop) && equal(fill->value, loaded[0].first))
        return line(text_.array(fill->to.storage, {fill->to.indices.begin(), fill->to.indices.end() - 1}) + " = " +
                    pack + ";");
    for (const auto& [read, text] : loaded) text_.alias(read, text);
    std::vector<std::pair<const Store*, std::string>> packs;
    for (const Store* store : vectors.stores) {
        const AnyTensor& to = store->to.storage;
        packs.emplace_back(store, text_.unique(to.name() + "_pack"));
        line("Pack<" + CudaText::memory_name(to.type()) + ", " + count + "> " + packs.back().second + ";");
        stored_lanes_[store] = packs.back().second + lane;
    }
    line("#pragma unroll");
    braces(each_lane, [&] { declared({}, loop, [&] { emit(vectors.body); }); });
    for (const auto& [store, pack] : packs) {
        line(text_.helper("store_pack") + "(" + address(store->to.storage, store->to.indices) + ", " + pack + ");");
        stored_lanes_.erase(store);
    }
}

}  // namespace heddle
