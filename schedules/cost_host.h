// schedules/cost_host.h -- the expected time of a loop nest on a CPU.
#pragma once

#include "schedules/nest_access.h"

namespace heddle {

/// Seconds a call of the whole pipeline, copies made before included.
double host_seconds(const LoopNest& nest);

}  // namespace heddle
