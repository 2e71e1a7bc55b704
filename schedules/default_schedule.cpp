// schedules/default_schedule.cpp -- the schedule of a pipeline that nobody has tuned.
#include "schedules/default_cuda.h"
#include "schedules/schedule.h"
#include "schedules/target.h"
#include "schedules/tuning_space.h"

namespace heddle {

Schedule default_schedule(const Pipeline& pipeline, const Target& target) {
    if (target.kind == TargetKind::cuda) return default_cuda_schedule(pipeline, target);
    const TuningSpace space = tuning_space(pipeline, target);
    return space.schedule(space.preferred);
}

}  // namespace heddle
