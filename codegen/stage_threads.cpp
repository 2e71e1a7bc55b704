// codegen/stage_threads.cpp -- a stage whose loops the threads of a CUDA block take: parts combined, results written
// once.
#include "codegen/block/block_lowering.h"
#include "codegen/passes/reduce_cluster.h"
#include "codegen/passes/tile_loops.h"
#include "codegen/stage_builder.h"
#include "schedules/thread_axes.h"

namespace heddle {

std::array<std::int64_t, 3> StageBuilder::block_threads() const { return threads_of_block(nest_, stage_); }

Stmt StageBuilder::reduce_across(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
                                 const std::vector<AnyTensor>& accumulators) const {
    std::vector<Stmt> parts;
    for (const LoopKind axis : {LoopKind::thread_x, LoopKind::thread_y, LoopKind::thread_z}) {
        if (std::find(across_.begin(), across_.end(), axis) == across_.end()) continue;
        Reduce reduce;
        reduce.dims = dims;
        reduce.op = op_;
        reduce.reducer = reducer_;
        reduce.axis = axis;
        reduce.block = block_threads();
        for (const AnyTensor& accumulator : accumulators) reduce.to.push_back({accumulator, indices});
        parts.push_back(Stmt::make(std::move(reduce)));
    }
    if (std::find(across_.begin(), across_.end(), LoopKind::cluster) == across_.end()) return block(std::move(parts));
    ClusterReduction reduction;
    reduction.blocks = blocks_of_cluster(nest_, stage_);
    reduction.reduce.dims = dims;
    reduction.reduce.op = op_;
    reduction.reduce.reducer = reducer_;
    reduction.reduce.block = block_threads();
    for (const AnyTensor& accumulator : accumulators) reduction.reduce.to.push_back({accumulator, indices});
    for (const LoopKind axis : across_)
        if (is_thread_axis(axis)) reduction.combined[static_cast<std::size_t>(axis_of(axis))] = true;
    parts.push_back(reduce_cluster(reduction));
    return block(std::move(parts));
}

Stmt StageBuilder::in_first_threads(Stmt body) const {
    const bool stored =
        stage_.placement == Placement::root || (stage_.placement == Placement::at && writes_output(nest_, stage_));
    if (nest_.target.kind != TargetKind::cuda || !stored) return body;
    // Of a stage computed at a loop of another, the loops around it are that one's.
    const StageNest* around = stage_.placement == Placement::at ? nest_.find(stage_.placed_in) : nullptr;
    const auto divided_along = [&](LoopKind kind) {
        const auto takes = [&](const Loop& loop) { return loop.kind == kind && !loop.reduced; };
        if (std::any_of(stage_.loops.begin(), stage_.loops.end(), takes)) return true;
        if (!around) return false;
        const auto end = around->loops.begin() + around->position(stage_.placed_at) + 1;
        return std::any_of(around->loops.begin(), end, takes);
    };
    const auto in_first = [&](const std::string& name, std::int64_t count, LoopKind kind) {
        const Symbol index(name, SymbolKind::loop);
        body = looped({{index, Expr::integer(count), kind, 1}},
                      if_then(equals(Expr(index), Expr::integer(0)), std::move(body)));
    };
    const std::array<std::int64_t, 3> threads = block_threads();
    for (int axis = 0; axis < 3; ++axis)
        if (threads[axis] > 1 && !body.empty() && !divided_along(thread_axis(axis)))
            in_first("t" + std::string(1, "xyz"[axis]), threads[axis], thread_axis(axis));
    const std::int64_t blocks = blocks_of_cluster(nest_, stage_);
    if (blocks > 1 && !body.empty() && !divided_along(LoopKind::cluster))
        in_first("cluster_block", blocks, LoopKind::cluster);
    return body;
}

}  // namespace heddle
