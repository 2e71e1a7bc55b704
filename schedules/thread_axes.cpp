// schedules/thread_axes.cpp -- loops bound to the threads of a CUDA block or the blocks of a cluster, and what
// reductions across them need.
#include "schedules/thread_axes.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "runtime/cuda_limits.h"
#include "schedules/directive_support.h"
#include "schedules/legality.h"

namespace heddle {
namespace {

const StageNest& root_of(const LoopNest& nest, const StageNest& stage) {
    const StageNest* root = &stage;
    while (root->placement != Placement::root && root->placement != Placement::inlined)
        root = nest.find(root->placed_in);
    return *root;
}

bool reduces_across(const StageNest& stage) {
    return std::any_of(stage.loops.begin(), stage.loops.end(),
                       [](const Loop& loop) { return loop.reduced && is_thread_axis(loop.kind); });
}

// Parts of a reduction are combined where its accumulator ends.
void check_accumulated(const StageNest& stage, const Loop& loop) {
    const std::string name = stage.stage.name();
    const auto at = static_cast<std::size_t>(accumulator_position(stage)) + 1;
    if (static_cast<std::size_t>(stage.position(loop.var)) < at)
        refuse(
            fmt::format("reduce_across({}): {} lies outside of the accumulator of {}, where each thread has one of its "
                        "own; accumulate_in further out",
                        stage.reduce_across, loop.name(), name));
    if (!reduced_outside(stage).empty())
        refuse(
            fmt::format("reduce_across({}): {} of {} lies outside of the accumulator, which is combined once; "
                        "accumulate_in further out",
                        stage.reduce_across, reduced_outside(stage)[0].name(), name));
}

// Threads meet at a reduction: all of the block's take the same way there.
void check_group(const LoopNest& nest, const StageNest& stage, const Loop& loop) {
    const std::string name = stage.stage.name();
    check_accumulated(stage, loop);
    const std::int64_t threads = needed_extent(loop, "reduce_across");
    if (stage.reduce_across == "warps" && (threads > 32 || (threads & (threads - 1)) != 0 || axis_of(loop.kind) != 0))
        refuse(
            fmt::format("reduce_across(warps): {} has {} iterations on {}; in a warp 2, 4, 8, 16 or 32 neighbours of "
                        "thread_x combine, reduce_across(threads) takes any number",
                        loop.name(), threads, name_of(loop.kind)));
    for (const StageNest* other : stages_of_kernel(nest, stage))
        for (const Loop& bound : other->loops) {
            if (!is_thread_axis(bound.kind)) continue;
            const std::int64_t all = threads_of_block(nest, stage)[axis_of(bound.kind)];
            if (static_extent(bound).value_or(all) != all)
                refuse(
                    fmt::format("reduce_across({}) of {}: {} of {} has {} iterations on {} and the block has {} "
                                "threads there; all loops bound to it must have as many",
                                stage.reduce_across, name, bound.name(), other->stage.name(), *static_extent(bound),
                                name_of(bound.kind), all));
            if (bound.partitioned)
                refuse(fmt::format("reduce_across({}) of {}: {} of {} is partitioned, and its threads would not meet",
                                   stage.reduce_across, name, bound.name(), other->stage.name()));
        }
}

// The blocks of a cluster lie along an axis of the grid of their own, and all come to its barriers.
void check_cluster(const LoopNest& nest, const StageNest& stage) {
    const std::int64_t blocks = blocks_of_cluster(nest, stage);
    const std::string name = stage.stage.name();
    std::set<LoopKind> axes;
    for (const StageNest* other : stages_of_kernel(nest, stage)) {
        if (other->work.kind != Work::Kind::none)
            refuse(fmt::format("work: blocks of {} are handed their tiles, and a loop of {} is bound to cluster",
                               other->stage.name(), name));
        for (const Loop& loop : other->loops) {
            if (is_block(loop.kind)) axes.insert(loop.kind);
            if (loop.kind != LoopKind::cluster) continue;
            if (static_extent(loop).value_or(blocks) != blocks)
                refuse(
                    fmt::format("bind({}, cluster): {} has {} iterations and another loop of the kernel has {} there; "
                                "all loops bound to it must have as many",
                                loop.name(), other->stage.name(), *static_extent(loop), blocks));
            if (loop.partitioned)
                refuse(fmt::format("bind({}, cluster): {} is partitioned, and the blocks would not meet", loop.name(),
                                   loop.name()));
        }
    }
    if (axes.size() == 3)
        refuse(
            fmt::format("bind: block_x, block_y and block_z are all bound in {}; the blocks of a cluster lie along "
                        "one of them: fuse two of the loops",
                        name));
}

// A thread axis has one loop on the way to a statement.
void check_nested(const LoopNest& nest, const StageNest& stage) {
    if (stage.placement != Placement::at) return;
    const StageNest& consumer = *nest.find(stage.placed_in);
    for (int i = 0; i <= consumer.position(stage.placed_at); ++i)
        for (const Loop& loop : stage.loops)
            if (is_bound(loop) && loop.kind == consumer.loops[i].kind)
                refuse(fmt::format("bind({}, {}): {} is computed at {} of {}, inside {}, which is bound to it already",
                                   loop.name(), name_of(loop.kind), stage.stage.name(), stage.placed_at.name(),
                                   stage.placed_in, consumer.loops[i].name()));
    for (const Loop& loop : stage.loops)
        if (is_bound(loop) && !loop.reduced)
            refuse(fmt::format(
                "bind({}, {}): {} is computed at {} of {}, where each thread has a tile of its own; loops "
                "of elements are not divided there, reduced ones can be",
                loop.name(), name_of(loop.kind), stage.stage.name(), stage.placed_at.name(), stage.placed_in));
}

// A reduction divided over blocks: parts of its outermost reduced loop, a block each.
void check_divided(const StageNest& stage) {
    const std::string name = stage.stage.name();
    const std::string what = stage.split_reduction > 0 ? fmt::format("split_reduction({})", stage.split_reduction)
                                                       : std::string("reduce_across(blocks)");
    if (stage.placement != Placement::root)
        refuse(fmt::format("{}: {} is computed at a loop of {}; a stage that is divided has a nest of its own", what,
                           name, stage.placed_in));
    if (!accumulates(stage) || stage.stage.definition->op == UpdateOp::argmax)
        refuse(fmt::format("{}: {} has no partial results that memory could hold", what, name));
    const Loop& loop = *std::find_if(stage.loops.begin(), stage.loops.end(), [](const Loop& l) { return l.reduced; });
    if (loop.kind != LoopKind::serial || loop.clipped || loop.partitioned || loop.pipeline > 0)
        refuse(
            fmt::format("{}: {}, the outermost reduced loop of {}, is {} already; split it and leave its outer part "
                        "as it is",
                        what, loop.name(), name,
                        loop.kind != LoopKind::serial ? name_of(loop.kind)
                        : loop.clipped                ? "clipped"
                        : loop.partitioned            ? "partitioned"
                                                      : "pipelined"));
    if (const std::optional<std::int64_t> extent = static_extent(loop); extent && *extent < stage.split_reduction)
        refuse(fmt::format("{}: {}, the outermost reduced loop of {}, has {} iterations", what, loop.name(), name,
                           *extent));
    if (!stage.packs.empty())
        refuse(
            fmt::format("{}: pack({}) is in the order of loops that are divided", what, stage.packs[0].tensor.name()));
    int grid = 0;
    for (const Loop& each : stage.loops)
        grid += each.kind == LoopKind::block_x || each.kind == LoopKind::block_y || each.kind == LoopKind::block_z;
    if (grid == 3)
        refuse(fmt::format("{}: block_x, block_y and block_z are all bound; one is needed for the parts", what));
    if (stage.split_reduction == 0 && needed_extent(loop, "reduce_across") > 65535)
        refuse(fmt::format("{}: {} has {} iterations, and at most 65535 parts are taken", what, loop.name(),
                           *static_extent(loop)));
}

void check_occupancy(const LoopNest& nest, const StageNest& stage) {
    if (stage.placement != Placement::root)
        refuse(fmt::format("occupancy({}): {} is computed at a loop of {}, which has the kernel", stage.occupancy,
                           stage.stage.name(), stage.placed_in));
    const auto [x, y, z] = threads_of_block(nest, stage);
    if (x * y * z * stage.occupancy > most_resident_threads)
        refuse(fmt::format("occupancy({}): {} blocks of {} threads are more than the {} that a multiprocessor holds",
                           stage.occupancy, stage.occupancy, x * y * z, most_resident_threads));
}

}  // namespace

bool is_thread_axis(LoopKind kind) {
    return kind == LoopKind::thread_x || kind == LoopKind::thread_y || kind == LoopKind::thread_z;
}
int axis_of(LoopKind kind) { return static_cast<int>(kind) - static_cast<int>(LoopKind::thread_x); }
LoopKind thread_axis(int axis) { return static_cast<LoopKind>(static_cast<int>(LoopKind::thread_x) + axis); }

std::vector<const StageNest*> stages_of_kernel(const LoopNest& nest, const StageNest& stage) {
    const StageNest& root = root_of(nest, stage);
    std::vector<const StageNest*> stages;
    for (const StageNest& other : nest.stages)
        if ((other.placement == Placement::root || other.placement == Placement::at) && &root_of(nest, other) == &root)
            stages.push_back(&other);
    return stages;
}

std::array<std::int64_t, 3> threads_of_block(const LoopNest& nest, const StageNest& stage) {
    std::array<std::int64_t, 3> threads = {1, 1, 1};
    for (const StageNest* each : stages_of_kernel(nest, stage))
        for (const Loop& loop : each->loops) {
            if (!is_thread_axis(loop.kind)) continue;
            std::int64_t& here = threads[axis_of(loop.kind)];
            here = std::max(here, static_extent(loop).value_or(1));
        }
    return threads;
}

std::int64_t blocks_of_cluster(const LoopNest& nest, const StageNest& stage) {
    std::int64_t blocks = 1;
    for (const StageNest* each : stages_of_kernel(nest, stage))
        for (const Loop& loop : each->loops)
            if (loop.kind == LoopKind::cluster) blocks = std::max(blocks, static_extent(loop).value_or(1));
    return blocks;
}

void check_threads(const LoopNest& nest, const StageNest& stage) {
    const bool across_cluster = stage.reduce_across == "cluster";
    const bool across_threads = stage.reduce_across == "threads" || stage.reduce_across == "warps";
    const std::string target = stage.stage.targets[0].name();
    if (stage.occupancy > 0) check_occupancy(nest, stage);
    bool clustered = false, parts_in_blocks = false;
    for (const Loop& loop : stage.loops) {
        if (loop.kind != LoopKind::cluster) continue;
        clustered = true;
        if (!loop.reduced) continue;
        parts_in_blocks = true;
        if (!across_cluster)
            refuse(
                fmt::format("{} is reduced and bound to cluster: its blocks hold parts of {} that nothing combines; "
                            "reduce_across(cluster) does",
                            loop.name(), target));
        check_accumulated(stage, loop);
    }
    if (clustered) check_cluster(nest, stage);
    if (across_cluster && !parts_in_blocks)
        refuse(
            fmt::format("reduce_across(cluster): no reduced loop of {} is bound to cluster; split one and bind the "
                        "outer part",
                        stage.stage.name()));
    for (const Loop& loop : stage.loops) {
        if (!loop.reduced || !is_thread_axis(loop.kind) || stage.atomic) continue;
        if (!across_threads && !across_cluster)
            refuse(
                fmt::format("{} is reduced and bound to {}: its threads hold parts of {} that nothing combines; "
                            "reduce_across(threads) does",
                            loop.name(), name_of(loop.kind), target));
        check_group(nest, stage, loop);
    }
    if (across_threads && !reduces_across(stage))
        refuse(
            fmt::format("reduce_across({}): no reduced loop of {} is bound to threads; split one and bind the inner "
                        "part to thread_x",
                        stage.reduce_across, stage.stage.name()));
    check_nested(nest, stage);
    if (stage.split_reduction > 0 || stage.reduce_across == "blocks") check_divided(stage);
    const std::array<std::int64_t, 3> threads = threads_of_block(nest, stage);
    const std::int64_t all = threads[0] * threads[1] * threads[2];
    if (all > 1024)
        refuse(fmt::format("bind: {} threads in a block of {}, and at most 1024 are legal", all, stage.stage.name()));
}

}  // namespace heddle
