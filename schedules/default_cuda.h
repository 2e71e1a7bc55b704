// schedules/default_cuda.h -- the untuned schedule of a pipeline on a CUDA device.
#pragma once

#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

/// Legal for any pipeline and any sizes: one thread an output element, the variables of the output fused and cut into
/// blocks of 256 threads. A scatter spreads only the variables that stand bare on its left; what is left of it runs in
/// order within a thread, so that no two threads write one element.
Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target);

}  // namespace heddle
