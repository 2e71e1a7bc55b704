// schedules/legality_placement.cpp -- tiles, stages placed in others, and what a CUDA device has.
#include "schedules/legality_placement.h"

#include <fmt/core.h>

#include <algorithm>

#include "dsl/print.h"
#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/directive_support.h"
#include "schedules/flat_span.h"
#include "schedules/inlined_values.h"
#include "schedules/legality.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t largest_stack_tile = 1 << 20;
constexpr std::int64_t most_registers = 255;

std::string shape_text(const std::vector<Expr>& shape) {
    std::vector<std::string> extents;
    for (const Expr& extent : shape) extents.push_back(print(extent));
    return join(extents, " x ");
}

std::vector<Expr> output_tile(const StageNest& stage) {
    std::vector<Expr> shape;
    for (const Loop& loop : accumulates(stage) ? loops_writing(stage) : loops_inside(stage, stage.cache_out->at))
        shape.push_back(loop.extent);
    return shape;
}

std::int64_t bytes_in(const StageNest& stage, const CacheIn& cache, const std::vector<Expr>& shape, Memory memory) {
    if (cache.memory != memory) return 0;
    const Loop* at = cache.at.defined() ? stage.find(cache.at) : nullptr;
    const std::int64_t copies = at && at->pipeline > 0 ? at->pipeline : 1;
    const std::int64_t elements = product_of(shape).value_or(0);
    const auto* row = shape.empty() ? nullptr : shape.back().as<IntImm>();
    const std::int64_t padding = row && row->value > 0 ? elements / row->value * cache.pad : 0;
    return (elements + padding) * bytes_of(cache.tensor.type()) * copies;
}

// Threads that compute: all but the producer's.
std::int64_t computing_threads(const StageNest& stage) {
    std::int64_t threads = 0;
    for (const Role& role : stage.roles)
        if (role.name != "producer") threads += std::int64_t{role.count} * role.threads;
    if (threads > 0) return threads;
    threads = 1;
    for (const Loop& loop : stage.loops) {
        const std::int64_t extent = static_extent(loop).value_or(1);
        if (loop.kind == LoopKind::thread_x || loop.kind == LoopKind::thread_y || loop.kind == LoopKind::thread_z)
            threads *= extent;
        if (loop.kind == LoopKind::warp) threads *= extent * 32;
        if (loop.kind == LoopKind::warpgroup) threads *= extent * 128;
    }
    return threads;
}

}  // namespace

void check_stack(std::optional<std::int64_t> elements, ScalarType type, const std::string& what) {
    if (!elements) refuse(fmt::format("{} has no constant size", what));
    const std::int64_t bytes = *elements * bytes_of(type);
    if (bytes > largest_stack_tile)
        refuse(fmt::format("{}: {} B of a thread's stack, and at most {} are taken", what, bytes, largest_stack_tile));
}

namespace {

// A copy is made of what lies in memory.
void require_in_memory(const LoopNest& nest, const AnyTensor& tensor, const std::string& what) {
    for (const StageNest& producer : nest.stages) {
        if (producer.placement != Placement::at && producer.placement != Placement::inlined) continue;
        if (std::count(producer.stage.targets.begin(), producer.stage.targets.end(), tensor))
            refuse(fmt::format("{}: {} is {}, and never whole in memory", what, producer.stage.name(),
                               producer.placement == Placement::at
                                   ? fmt::format("computed at a loop of {}", producer.placed_in)
                                   : "inlined"));
    }
}

}  // namespace

void check_caches(const LoopNest& nest, const StageNest& stage) {
    for (const Pack& pack : stage.packs)
        require_in_memory(nest, pack.tensor, fmt::format("pack({})", pack.tensor.name()));
    for (const CacheIn& cache : stage.caches)
        require_in_memory(nest, cache.tensor, fmt::format("cache_in({})", cache.tensor.name()));
    for (const CacheIn& cache : stage.caches) {
        const std::string what = fmt::format("cache_in({})", cache.tensor.name());
        const std::vector<Expr> shape = cache_shape(stage, cache);
        if (cache.shape == CacheShape::flat_span && cache.memory == Memory::shared)
            check_span(cache.tensor, cache_box(stage, cache), stage.ranges(), cache.atom == "bulk", what);
        if (cache.memory == Memory::heap) continue;
        if (!product_of(shape))
            refuse(fmt::format("{}: a tile of {} has no constant size; heap is legal, or a loop further in", what,
                               shape_text(shape)));
        if (cache.memory == Memory::registers && nest.target.kind == TargetKind::cuda &&
            *product_of(shape) > most_registers)
            refuse(fmt::format("{}: a tile of {} = {} elements, and a thread has {} registers", what, shape_text(shape),
                               *product_of(shape), most_registers));
        if (cache.memory == Memory::stack || nest.target.kind == TargetKind::host)
            check_stack(product_of(shape), cache.tensor.type(),
                        fmt::format("{}: a tile of {}", what, shape_text(shape)));
    }
    if (stage.cache_out && stage.cache_out->atom == "bulk" && !fills_written_box(stage))
        refuse(
            fmt::format("cache_out({0}, atom=bulk): a block writes only some elements of its part of {0}, and a bulk "
                        "copy takes all of it",
                        stage.cache_out->tensor.name()));
    if (stage.cache_out && stage.cache_out->atom == "bulk")
        check_span(stage.cache_out->tensor, written_box(stage), stage.ranges(), true,
                   fmt::format("cache_out({})", stage.cache_out->tensor.name()));
    for (const Loop& loop : stage.loops) {
        if (loop.pipeline == 0) continue;
        const bool fills = std::any_of(stage.caches.begin(), stage.caches.end(),
                                       [&](const CacheIn& cache) { return cache.at == loop.var; });
        if (!fills)
            refuse(fmt::format("pipeline({}, {}): nothing is cached at {}; cache_in(..., {}) makes copies to overlap",
                               loop.name(), loop.pipeline, loop.name(), loop.name()));
    }
}

bool runs_inside(const LoopNest& nest, const StageNest& reader, const StageNest& consumer, const Symbol& loop) {
    const StageNest* inner = &reader;
    while (inner != &consumer) {
        if (inner->placement != Placement::at) return false;
        const StageNest* outer = nest.find(inner->placed_in);
        if (outer == &consumer && outer->position(inner->placed_at) < outer->position(loop)) return false;
        inner = outer;
    }
    return true;
}

namespace {

// Of an output that its consumer does not read: what it reads is there by then.
void check_beside(const LoopNest& nest, const StageNest& stage, const StageNest& consumer) {
    const bool output = std::any_of(stage.stage.targets.begin(), stage.stage.targets.end(), [&](const AnyTensor& t) {
        return std::count(nest.pipeline.outputs.begin(), nest.pipeline.outputs.end(), t) > 0;
    });
    if (!output) return;
    for (const StageNest& producer : nest.stages) {
        if (producer.placement != Placement::root && producer.placement != Placement::epilogue) continue;
        for (const AnyTensor& target : producer.stage.targets)
            if (!reads_of(*stage.stage.definition, target).empty() &&
                (producer.placement == Placement::epilogue || &producer >= &consumer))
                refuse(fmt::format("compute_at: {} reads {}, which is complete only after {}", stage.stage.name(),
                                   target.name(), consumer.stage.name()));
    }
}

}  // namespace

void check_placement(const LoopNest& nest, const StageNest& stage) {
    const std::string name = stage.stage.name();
    if (stage.placement == Placement::at) {
        const StageNest& consumer = *nest.find(stage.placed_in);
        const int at = consumer.position(stage.placed_at);
        if (consumer.placement != Placement::root && consumer.placement != Placement::at)
            refuse(fmt::format("compute_at: {} is computed at a loop of {}, which is placed in {}", name,
                               stage.placed_in, consumer.placed_in));
        for (const StageNest& reader : nest.stages)
            for (const AnyTensor& target : stage.stage.targets)
                if (!reads_of(*reader.stage.definition, target).empty() && !is_dissolved(nest, reader) &&
                    !runs_inside(nest, reader, consumer, stage.placed_at))
                    refuse(fmt::format("{} is computed at {} of {}, and {}, which reads {}, is not inside", name,
                                       stage.placed_at.name(), stage.placed_in, reader.stage.name(), target.name()));
        for (const Loop& loop : loops_inside(consumer, consumer.loops[at].var))
            for (const Expr& min : stage.region_min)
                if (uses(min, loop.var))
                    refuse(
                        fmt::format("compute_at({}, {}): what is needed of {} depends on {}, which lies inside; "
                                    "reorder {} outward",
                                    stage.placed_in, stage.placed_at.name(), name, loop.name(), loop.name()));
        check_beside(nest, stage, consumer);
        const std::string what = fmt::format("compute_at({}, {}): {} elements of {}", stage.placed_in,
                                             stage.placed_at.name(), shape_text(stage.region_extent), name);
        check_stack(product_of(stage.region_extent), stage.stage.targets[0].type(), what);
    }
    if (stage.placement == Placement::epilogue) {
        const StageNest* producer = nest.find(stage.placed_in);
        while (producer->placement == Placement::epilogue) producer = nest.find(producer->placed_in);
        const std::string from = producer->stage.name();
        if (accumulates(*producer) && !reduced_outside(*producer).empty())
            refuse(
                fmt::format("fuse_epilogue: {} of {} lies outside of the accumulator, where {} is not complete; "
                            "accumulate_in further out",
                            reduced_outside(*producer)[0].name(), from, from));
    }
}

std::int64_t shared_bytes(const StageNest& stage) {
    std::int64_t bytes = 0;
    for (const CacheIn& cache : stage.caches)
        bytes += bytes_in(stage, cache, cache_shape(stage, cache), Memory::shared);
    if (stage.cache_out) bytes += bytes_in(stage, *stage.cache_out, output_tile(stage), Memory::shared);
    return bytes;
}

void check_device(const LoopNest& nest, const StageNest& stage) {
    const std::int64_t bytes = shared_bytes(stage), limit = most_shared_bytes(nest.target.compute_capability);
    if (bytes > limit) {
        std::vector<std::string> tensors;
        for (const CacheIn& cache : stage.caches)
            if (cache.memory == Memory::shared) tensors.push_back(fmt::format("cache_in({})", cache.tensor.name()));
        if (stage.cache_out) tensors.push_back(fmt::format("cache_out({})", stage.cache_out->tensor.name()));
        refuse(fmt::format("{}: {} B of shared memory, the device allows {} without opt-in, {} with it",
                           join(tensors, ", "), bytes, shared_bytes_without_opt_in, limit));
    }
    std::int64_t threads = computing_threads(stage);
    if (threads > most_block_threads)
        refuse(fmt::format("bind: {} threads in a block of {}, and at most {} are legal", threads, stage.stage.name(),
                           most_block_threads));
    if (!stage.tensorize || !accumulates(stage)) return;
    std::vector<Expr> shape;
    for (const Loop& loop : accumulator_loops(stage))
        if (!is_bound(loop)) shape.push_back(loop.extent);
    const std::int64_t elements = product_of(shape).value_or(0);
    const std::int64_t by = stage.roles.empty() ? 1 : threads;
    if (!stage.roles.empty() && elements / by > most_registers)
        refuse(fmt::format("the accumulator of {} is {} = {} elements, {} a thread of {}; a thread has {} registers",
                           stage.stage.name(), shape_text(shape), elements, elements / by, by, most_registers));
}

}  // namespace heddle
