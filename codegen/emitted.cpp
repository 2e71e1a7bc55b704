// codegen/emitted.cpp -- what the emitters of this version carry out, of all that a schedule can say.
#include "codegen/emitted.h"

#include <algorithm>

namespace heddle {
namespace {

// The directive of a stage that has no emission; empty when there is none.
std::string without_emission(const StageNest& stage, TargetKind target) {
    if (stage.tensorize && !stage.tensorize->atom.starts_with("fma")) return "tensorize(" + stage.tensorize->atom + ")";
    if (target == TargetKind::host) return "";
    if (stage.work.kind != Work::Kind::none) return "work";
    if (!stage.roles.empty()) return "specialize_warps";
    if (stage.reduce_across == "cluster") return "reduce_across(cluster)";
    if (stage.cache_out) return "cache_out";
    if (stage.precision.pieces > 1 || stage.precision.promote_every > 0) return "precision";
    const auto shared = [](const CacheIn& cache) { return cache.memory == Memory::shared || !cache.atom.empty(); };
    if (std::any_of(stage.caches.begin(), stage.caches.end(), shared)) return "cache_in(..., shared)";
    for (const Loop& loop : stage.loops) {
        if (loop.pipeline > 0) return "pipeline(" + loop.name() + ")";
        if (loop.kind == LoopKind::warp || loop.kind == LoopKind::warpgroup || loop.kind == LoopKind::cluster)
            return "bind(" + loop.name() + ", " + std::string(name_of(loop.kind)) + ")";
    }
    return "";
}

}  // namespace

void require_emitted(const LoopNest& nest) {
    for (const StageNest& stage : nest.stages)
        if (const std::string directive = without_emission(stage, nest.target.kind); !directive.empty())
            throw UserError(stage.stage.name() + ": " + directive + " is not emitted for " + nest.target.text() +
                            " by this version: the nest can be shown, not compiled; the default schedule can");
}

}  // namespace heddle
