// schedules/legality_scatter.cpp -- checks on stages whose updates meet in memory or were sorted by element.
#include "schedules/legality_scatter.h"

#include <fmt/core.h>

#include "schedules/directive_support.h"
#include "schedules/legality.h"

namespace heddle {
namespace {

void check_atomic(const LoopNest& nest, const StageNest& stage) {
    if (stage.placement != Placement::root)
        refuse(fmt::format("atomic(): {} is computed at a loop of {}, in a tile of its own; compute_root() first",
                           stage.stage.name(), stage.placed_in));
    const int at = accumulates(stage) ? accumulator_position(stage) : static_cast<int>(stage.loops.size());
    for (int i = 0; i < static_cast<int>(stage.loops.size()); ++i) {
        const Loop& loop = stage.loops[i];
        if (loop.kind == LoopKind::vectorized)
            refuse(
                fmt::format("vectorize({}): an atomic update is of one element; parallel, bound and unrolled loops "
                            "are legal in {}",
                            loop.name(), stage.stage.name()));
        if (is_bound(loop) && i > at)
            refuse(
                fmt::format("accumulate_in: {} is bound, and lies inside of the accumulator of {}, of which each "
                            "thread has its own; place it further in",
                            loop.name(), stage.stage.name()));
    }
    for (const auto& [symbol, value] : stage.index)
        for_each_node(value, [&](const Expr& node) {
            if (const auto* shrunk = node.as<Binary>(); shrunk && shrunk->op == BinaryOp::min)
                refuse(
                    fmt::format("tail=shrink computes points of {} twice, and atomic updates would add them twice; "
                                "guard or peel are legal",
                                stage.stage.name()));
        });
    for (const StageNest& other : nest.stages) {
        if (other.placed_in != stage.stage.name()) continue;
        if (other.placement == Placement::init)
            refuse(
                fmt::format("atomic(): {} starts from {} in its accumulator, and atomic updates start from what "
                            "memory holds: give the sum a tensor of its own",
                            stage.stage.name(), other.stage.name()));
        if (other.placement == Placement::epilogue)
            refuse(
                fmt::format("fuse_epilogue: {} reads {} where it is complete, and atomic updates complete it after "
                            "the last of them; compute_root() is legal",
                            other.stage.name(), stage.stage.name()));
    }
    if (stage.cache_out || stage.tensorize || stage.split_reduction > 0 || !stage.reduce_across.empty() ||
        stage.work.kind != Work::Kind::none)
        refuse(
            fmt::format("atomic(): {} adds to memory from wherever it is; cache_out, tensorize, work, reduce_across "
                        "and split_reduction make its results whole first",
                        stage.stage.name()));
}

void check_sorted(const StageNest& stage) {
    const Segments& segments = *stage.segments;
    const std::string& points = segments.loop.name();
    if (stage.placement != Placement::root)
        refuse(fmt::format("sort_points(): {} is computed at a loop of {}; compute_root() first", stage.stage.name(),
                           stage.placed_in));
    const Loop* loop = stage.find(segments.loop);
    if (!loop || loop->kind != LoopKind::serial || loop->unroll > 1 || loop->clipped || loop->partitioned)
        refuse(fmt::format("{} runs over the points of one element, as many as the data say: it stays one serial loop",
                           points));
    const int at = stage.position(segments.loop);
    for (std::size_t i = static_cast<std::size_t>(at) + 1; i < stage.loops.size(); ++i)
        if (uses(loop->extent, stage.loops[i].var))
            refuse(fmt::format("{} lies outside of {}, which says of which element the points are: reorder it inward",
                               points, stage.loops[i].name()));
    if (accumulator_position(stage) >= at)
        refuse(
            fmt::format("accumulate_in: the accumulator of {} lies inside of {}, which has no iterations where an "
                        "element has no points; place it further out",
                        stage.stage.name(), points));
    if (!stage.packs.empty() || !stage.caches.empty() || stage.cache_out)
        refuse(
            fmt::format("{} reads what its sorted points say: copies of tensors (pack, cache_in, cache_out) do not "
                        "follow them",
                        stage.stage.name()));
    if (stage.split_reduction > 0 || stage.reduce_across == "blocks" || stage.work.kind != Work::Kind::none)
        refuse(fmt::format("{} has as many points an element as the data say: they are not divided over blocks",
                           stage.stage.name()));
}

}  // namespace

void check_scatter(const LoopNest& nest, const StageNest& stage) {
    if (stage.atomic) check_atomic(nest, stage);
    if (stage.segments) check_sorted(stage);
}

}  // namespace heddle
