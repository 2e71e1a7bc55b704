// schedules/default_cuda.h -- the untuned schedule of a pipeline on a CUDA device.
#pragma once

#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

/// Legal for any pipeline and any sizes: by family and facts of each definition (schedules/default_cuda_family.h), each
/// tried against the checks of a nest; what none fits has one thread an output element. A scatter spreads only the
/// variables that stand bare on its left; what is left of it runs in order within a thread, so that no two threads
/// write one element.
Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target);

}  // namespace heddle
