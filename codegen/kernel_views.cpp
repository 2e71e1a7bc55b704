// codegen/kernel_views.cpp -- the kernel that takes buffers which a default schedule's boxes do not.
#include <algorithm>

#include "codegen/kernel_state.h"

namespace heddle {
namespace {

bool copies_boxes(const LoopNest& nest) {
    return std::any_of(nest.stages.begin(), nest.stages.end(), [](const StageNest& stage) {
        return std::any_of(stage.caches.begin(), stage.caches.end(),
                           [](const CacheIn& cache) { return cache.atom.starts_with("tma"); });
    });
}

bool are_boxes(const Buffer& buffer) {
    return buffer.contiguous() && reinterpret_cast<std::uintptr_t>(buffer.data()) % 16 == 0;
}

}  // namespace

std::shared_ptr<Kernel::State> Kernel::State::for_buffers(std::span<const Buffer> buffers, bool capturing) const {
    if (target.kind != TargetKind::cuda || target.compute_capability < 90 || report.schedule_source != "default" ||
        dynamic() || std::all_of(buffers.begin(), buffers.end(), are_boxes))
        return nullptr;
    std::lock_guard lock(mutex);
    if (of_views) return of_views;
    if (!has_boxes) {
        LoopNest nest;
        has_boxes = !apply(schedule, pipeline, target, nest) && copies_boxes(nest);
    }
    if (!*has_boxes) return nullptr;
    if (capturing)
        throw UserError("the stream is being captured, and code for these strides of " + names() +
                        " is not loaded yet: call the kernel once before the capture");
    CompileOptions options;
    options.schedule = default_schedule(pipeline, Target::cuda(80));  // of devices that have no boxes
    options.use_cache = use_cache;
    of_views = compile(pipeline, target, options).state_;
    return of_views;
}

}  // namespace heddle
