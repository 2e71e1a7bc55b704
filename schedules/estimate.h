// schedules/estimate.h -- the analytical model's time of a schedule, with what it comes from.
#pragma once

#include "dsl/pipeline.h"
#include "schedules/cost_terms.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

struct Estimate {
    double seconds = 0;  ///< infinity for a schedule that could not run; then there are no terms
    CostTerms terms;
};
Estimate estimate(const Pipeline& pipeline, const Schedule& schedule, const Target& target);

}  // namespace heddle
