// codegen/emitted.h -- what the emitters of this version carry out, of all that a schedule can say.
#pragma once

#include "schedules/loop_nest.h"

namespace heddle {

/// Throws UserError naming stage and directive for a nest that prints and is legal but has no emission: the atoms other
/// than fma, and on CUDA devices roles, work decompositions, pipelines, tiles in shared memory and reductions across
/// threads.
void require_emitted(const LoopNest& nest);

}  // namespace heddle
