// schedules/measurement.h -- how one schedule did: its time, or why there is none.
#pragma once

#include <string>

#include "schedules/record.h"

namespace heddle {

struct Measurement {
    TrialStatus status = TrialStatus::measured;
    std::string reason;              ///< of a failure
    double seconds = 0, spread = 0;  ///< of one call, and its interquartile range
    int repetitions = 0;
};

}  // namespace heddle
