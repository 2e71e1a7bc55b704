// schedules/cost_host.h -- the expected time of a loop nest on a CPU.
#pragma once

#include "schedules/cost_terms.h"

namespace heddle {

/// Seconds a call of the whole pipeline, copies made before included; what they come from is added to `terms`.
double host_seconds(const LoopNest& nest, CostTerms* terms = nullptr);

}  // namespace heddle
