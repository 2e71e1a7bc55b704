// schedules/cost_model.h -- how long a schedule will take, estimated without compiling it.
#pragma once

#include <memory>

#include "dsl/pipeline.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

/// Estimates the time of a schedule without compiling it. Good for ranking the schedules of one pipeline; a search that
/// measures needs no more.
class CostModel {
public:
    virtual ~CostModel() = default;
    /// Seconds a call; infinity for a schedule that could not run. May be called by several threads at once. Throws
    /// nothing but InternalError.
    virtual double seconds(const Pipeline& pipeline, const Schedule& schedule) const = 0;
};

/// From the loop nest that a schedule makes and the figures of the target: ports, caches and threads of a host; rates,
/// occupancy, waves and transactions of a CUDA device. Knows no operators.
std::unique_ptr<CostModel> analytical_model(const Target& target);

}  // namespace heddle
