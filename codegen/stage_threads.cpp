// codegen/stage_threads.cpp -- a stage whose loops the threads of a CUDA block take: parts combined, results written
// once.
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
    return block(std::move(parts));
}

Stmt StageBuilder::in_first_threads(Stmt body) const {
    if (nest_.target.kind != TargetKind::cuda || stage_.placement != Placement::root) return body;
    const std::array<std::int64_t, 3> threads = block_threads();
    for (int axis = 0; axis < 3; ++axis) {
        const LoopKind kind = thread_axis(axis);
        const bool taken = std::any_of(stage_.loops.begin(), stage_.loops.end(),
                                       [&](const Loop& loop) { return loop.kind == kind && (!loop.reduced || stage_.atomic); });
        if (taken || threads[axis] == 1 || body.empty()) continue;
        const Symbol index("t" + std::string(1, "xyz"[axis]), SymbolKind::loop);
        If first;
        first.condition = equals(Expr(index), Expr::integer(0));
        first.then = std::move(body);
        body = looped({{index, Expr::integer(threads[axis]), kind, 1}}, Stmt::make(std::move(first)));
    }
    return body;
}

}  // namespace heddle
