// codegen/emitted.cpp -- what the emitters of this version carry out, of all that a schedule can say.
#include "codegen/emitted.h"

namespace heddle {
namespace {

// The directive of a stage that has no emission; empty when there is none.
std::string without_emission(const StageNest& stage, TargetKind target) {
    if (stage.tensorize) {
        const std::string& atom = stage.tensorize->atom;
        const bool device = target == TargetKind::cuda && !atom.ends_with("_i8") &&
                            (atom.starts_with("mma_sync") || atom.starts_with("wgmma"));
        if (!atom.starts_with("fma") && !device) return "tensorize(" + atom + ")";
    }
    if (target == TargetKind::host) return "";
    if (stage.precision.pieces > 2) return "precision(..., pieces=3)";
    if (stage.precision.promote_every > 0 && !stage.tensorize) return "precision(..., promote)";
    for (const Loop& loop : stage.loops)
        if (loop.kind == LoopKind::warp || loop.kind == LoopKind::warpgroup)
            return "bind(" + loop.name() + ", " + std::string(name_of(loop.kind)) + ")";
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
